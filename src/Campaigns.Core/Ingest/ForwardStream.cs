namespace Campaigns.Core.Ingest;

/// <summary>Reads a stream forwards only: what was peeked of it before, then the rest; and tells how far it is. Disposes the stream.</summary>
/// <param name="inner">The rest.</param>
/// <param name="start">What was read of it already and comes first.</param>
/// <param name="seen">Told the bytes of every read, those of <paramref name="start"/> included.</param>
public sealed class ForwardStream(Stream inner, byte[]? start = null, Action<int>? seen = null) : Stream
{
    private readonly byte[] start = start ?? [];
    private int at;

    /// <inheritdoc/>
    public override bool CanRead => true;

    /// <inheritdoc/>
    public override bool CanSeek => false;

    /// <inheritdoc/>
    public override bool CanWrite => false;

    /// <inheritdoc/>
    public override long Length => throw new NotSupportedException();

    /// <inheritdoc/>
    public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

    /// <inheritdoc/>
    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    /// <inheritdoc/>
    public override int Read(Span<byte> buffer) => Seen(at < start.Length ? FromStart(buffer) : inner.Read(buffer));

    /// <inheritdoc/>
    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
        Seen(at < start.Length ? FromStart(buffer.Span) : await inner.ReadAsync(buffer, cancellationToken));

    /// <inheritdoc/>
    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    /// <inheritdoc/>
    public override void Flush()
    {
    }

    /// <inheritdoc/>
    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    /// <inheritdoc/>
    public override void SetLength(long value) => throw new NotSupportedException();

    /// <inheritdoc/>
    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            inner.Dispose();
        }

        base.Dispose(disposing);
    }

    private int Seen(int read)
    {
        seen?.Invoke(read);
        return read;
    }

    private int FromStart(Span<byte> buffer)
    {
        var count = Math.Min(buffer.Length, start.Length - at);
        start.AsSpan(at, count).CopyTo(buffer);
        at += count;
        return count;
    }
}
