using System.Buffers;

namespace Campaigns.Core.Storage;

/// <summary>
/// What a <see cref="ChunkedBlobWriter"/> gives its caller: collects what is written into chunks of one size,
/// the last one shorter, and hands each on while the next fills; memory holds two. What fails shows at the next chunk or at the end.
/// </summary>
/// <param name="chunkBytes">Bytes of a chunk.</param>
/// <param name="writeChunk">Takes a chunk, which it may use until it returns; called again only after that.</param>
public sealed class ChunkStream(int chunkBytes, Func<ReadOnlyMemory<byte>, CancellationToken, ValueTask> writeChunk) : Stream
{
    private byte[]? chunk;
    private byte[]? spare;
    private Task underWay = Task.CompletedTask;
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
            chunk ??= ArrayPool<byte>.Shared.Rent(chunkBytes);
            var taken = Math.Min(buffer.Length, chunkBytes - filled);
            buffer[..taken].CopyTo(chunk.AsMemory(filled));
            filled += taken;
            buffer = buffer[taken..];
            if (filled == chunkBytes)
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
            chunk ??= ArrayPool<byte>.Shared.Rent(chunkBytes);
            var taken = Math.Min(buffer.Length, chunkBytes - filled);
            buffer[..taken].CopyTo(chunk.AsSpan(filled));
            filled += taken;
            buffer = buffer[taken..];
            if (filled == chunkBytes)
            {
                // Compressing streams write synchronously when they are closed; the storage's own thread does the work.
                WriteChunkAsync(CancellationToken.None).AsTask().GetAwaiter().GetResult();
            }
        }
    }

    /// <summary>Writes the last, shorter chunk, and waits until all are written.</summary>
    public async ValueTask FinishAsync()
    {
        if (filled > 0)
        {
            await WriteChunkAsync(CancellationToken.None);
        }

        await LastAsync();
    }

    /// <summary>Waits until nothing is under way, whatever became of it.</summary>
    public async ValueTask SettleAsync() => await underWay.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);

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
        if (!closed && underWay.IsCompleted)
        {
            Return(chunk);
            Return(spare);
        }

        closed = true;
        base.Dispose(disposing);
    }

    private static void Return(byte[]? array)
    {
        if (array is not null)
        {
            ArrayPool<byte>.Shared.Return(array);
        }
    }

    private async ValueTask WriteChunkAsync(CancellationToken cancellation)
    {
        await LastAsync();
        underWay = writeChunk(chunk.AsMemory(0, filled), cancellation).AsTask();
        (chunk, spare, filled) = (spare, chunk, 0);
    }

    private async ValueTask LastAsync()
    {
        try
        {
            await underWay;
        }
        catch
        {
            Failed = true;
            throw;
        }
    }
}
