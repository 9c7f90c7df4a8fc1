using Campaigns.Core.Storage;

namespace Campaigns.Sqlite;

/// <summary>Writes a blob chunk by chunk; memory holds one chunk.</summary>
internal sealed class SqliteBlobWriter : BlobWriter
{
    /// <summary>Bytes of a chunk: large enough to make rows cheap, small enough to hold in memory for many blobs at once.</summary>
    public const int ChunkBytes = 1 << 20;

    /// <summary>Weight of a chunk among the writer's commands.</summary>
    private const int ChunkWeight = 4 * 1024;

    private readonly Writer writer;
    private readonly TimeProvider time;
    private readonly string name;
    private readonly ChunkStream stream;
    private long blob;
    private int chunks;
    private long bytes;
    private bool complete;
    private bool disposed;

    public SqliteBlobWriter(Writer writer, TimeProvider time, string name)
    {
        this.writer = writer;
        this.time = time;
        this.name = name;
        stream = new ChunkStream(ChunkBytes, WriteChunkAsync);
    }

    public override Stream Stream => stream;

    public override void Complete() => complete = true;

    public override async ValueTask DisposeAsync()
    {
        if (disposed)
        {
            return;
        }

        disposed = true;
        if (complete && !stream.Failed)
        {
            await stream.FinishAsync();
            await PublishAsync();
        }
        else if (blob != 0)
        {
            await writer.WriteAsync(1, transaction =>
            {
                transaction["DELETE FROM chunks WHERE blob = ?1"].Bind(1, blob).Run();
                return transaction["DELETE FROM uploads WHERE blob = ?1"].Bind(1, blob).Run();
            }, CancellationToken.None);
        }

        stream.Close();
    }

    private async ValueTask WriteChunkAsync(ReadOnlyMemory<byte> content, CancellationToken cancellation)
    {
        var now = time.GetUtcNow().ToUnixTimeMilliseconds();
        blob = await writer.WriteAsync(ChunkWeight, transaction =>
        {
            var id = blob;
            if (id == 0)
            {
                id = transaction.TakeNumbers(1);
                transaction["INSERT INTO uploads (blob, touched) VALUES (?1, ?2)"].Bind(1, id).Bind(2, now).Run();
            }
            else if (transaction["UPDATE uploads SET touched = ?2 WHERE blob = ?1"].Bind(1, id).Bind(2, now).Run() == 0)
            {
                throw Swept();
            }

            transaction["INSERT INTO chunks (blob, seq, content) VALUES (?1, ?2, ?3)"].Bind(1, id).Bind(2, chunks).Bind(3, content.Span).Run();
            return id;
        }, cancellation);
        chunks++;
        bytes += content.Length;
    }

    private ValueTask<bool> PublishAsync()
    {
        var now = time.GetUtcNow().ToUnixTimeMilliseconds();
        return writer.WriteAsync(1, transaction =>
        {
            // An empty blob has no chunks, and no upload to find.
            if (blob != 0 && transaction["DELETE FROM uploads WHERE blob = ?1"].Bind(1, blob).Run() == 0)
            {
                throw Swept();
            }

            SqliteBlobs.Remove(transaction, name);
            transaction["INSERT INTO blobs (name, blob, bytes, written) VALUES (?1, ?2, ?3, ?4)"].Bind(1, name).Bind(2, blob).Bind(3, bytes).Bind(4, now).Run();
            return true;
        }, CancellationToken.None);
    }

    private InvalidOperationException Swept() => new($"The writer of blob {name} paused for hours, and what it had written was removed. Write it anew.");
}

/// <summary>Collects what is written into chunks.</summary>
internal sealed class ChunkStream(int chunkBytes, Func<ReadOnlyMemory<byte>, CancellationToken, ValueTask> writeChunk) : Stream
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
