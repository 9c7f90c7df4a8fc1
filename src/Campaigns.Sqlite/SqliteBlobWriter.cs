using Campaigns.Core.Storage;

namespace Campaigns.Sqlite;

/// <summary>Writes a blob chunk by chunk; memory holds two chunks.</summary>
internal sealed class SqliteBlobWriter : ChunkedBlobWriter
{
    /// <summary>Bytes of a chunk: large enough to make rows cheap, small enough to hold in memory for many blobs at once.</summary>
    public const int ChunkBytes = 1 << 20;

    /// <summary>Weight of a chunk among the writer's commands.</summary>
    private const int ChunkWeight = 4 * 1024;

    private readonly Writer writer;
    private readonly TimeProvider time;
    private readonly string name;
    private long blob;
    private int chunks;
    private long bytes;

    public SqliteBlobWriter(Writer writer, TimeProvider time, string name)
        : base(ChunkBytes)
    {
        this.writer = writer;
        this.time = time;
        this.name = name;
    }

    protected override async ValueTask DropAsync()
    {
        if (blob != 0)
        {
            await writer.WriteAsync(1, transaction =>
            {
                transaction["DELETE FROM chunks WHERE blob = ?1"].Bind(1, blob).Run();
                return transaction["DELETE FROM uploads WHERE blob = ?1"].Bind(1, blob).Run();
            }, CancellationToken.None);
        }
    }

    protected override async ValueTask WriteChunkAsync(ReadOnlyMemory<byte> content, CancellationToken cancellation)
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

    protected override async ValueTask PublishAsync()
    {
        var now = time.GetUtcNow().ToUnixTimeMilliseconds();
        await writer.WriteAsync(1, transaction =>
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
