namespace Campaigns.Core.Storage;

/// <summary>
/// What a <see cref="BlobWriter"/> of either adapter gives its caller: collects what is written into chunks of one size,
/// the last one shorter, and hands each on; memory holds one.
/// </summary>
/// <param name="chunkBytes">Bytes of a chunk.</param>
/// <param name="writeChunk">Takes a chunk, which it may use until it returns.</param>
public sealed class ChunkStream(int chunkBytes, Func<ReadOnlyMemory<byte>, CancellationToken, ValueTask> writeChunk) : Stream
{
    private byte[]? chunk;
    private int filled;
    private bool closed;

    /// <summary>A write failed: the content has a gap.</summary>
    public bool Failed { get; private set; }

    public override bool CanRead => false;

    public override bool CanSeek => false;

    public override bool CanWrite => !closed;

    public override long Length => throw new NotSupportedException();

    public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

    public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        ObjectDisposedException.ThrowIf(closed, this);
        while (!buffer.IsEmpty)
        {
            chunk ??= new byte[chunkBytes];
            var taken = Math.Min(buffer.Length, chunk.Length - filled);
            buffer[..taken].CopyTo(chunk.AsMemory(filled));
            filled += taken;
            buffer = buffer[taken..];
            if (filled == chunk.Length)
            {
                await WriteChunkAsync(cancellationToken);
            }
        }
    }

    public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        WriteAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

    public override void Write(ReadOnlySpan<byte> buffer)
    {
        ObjectDisposedException.ThrowIf(closed, this);
        while (!buffer.IsEmpty)
        {
            chunk ??= new byte[chunkBytes];
            var taken = Math.Min(buffer.Length, chunk.Length - filled);
            buffer[..taken].CopyTo(chunk.AsSpan(filled));
            filled += taken;
            buffer = buffer[taken..];
            if (filled == chunk.Length)
            {
                // Compressing streams write synchronously when they are closed; the storage's own thread does the work.
                WriteChunkAsync(CancellationToken.None).AsTask().GetAwaiter().GetResult();
            }
        }
    }

    /// <summary>Writes the last, shorter chunk.</summary>
    public async ValueTask FinishAsync()
    {
        if (filled > 0)
        {
            await WriteChunkAsync(CancellationToken.None);
        }
    }

    /// <summary>Nothing: only whole chunks are written before the end.</summary>
    public override void Flush()
    {
    }

    public override Task FlushAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    /// <summary>Closing the stream ends the writing, not the blob: that is for its writer.</summary>
    protected override void Dispose(bool disposing)
    {
        closed = true;
        base.Dispose(disposing);
    }

    private async ValueTask WriteChunkAsync(CancellationToken cancellation)
    {
        try
        {
            await writeChunk(chunk.AsMemory(0, filled), cancellation);
            filled = 0;
        }
        catch
        {
            Failed = true;
            throw;
        }
    }
}
