namespace Campaigns.Sqlite;

/// <summary>Reads a blob chunk by chunk; memory holds one chunk.</summary>
internal sealed class SqliteBlobReading(Readers readers, string name, long blob, long bytes) : Stream
{
    private byte[] chunk = [];
    private int used;
    private int next;
    private long given;

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => bytes;

    public override long Position { get => given; set => throw new NotSupportedException(); }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (used == chunk.Length && given < bytes)
        {
            chunk = await readers.ReadAsync((name, blob, next), static (connection, a) => Chunk(connection, a.name, a.blob, a.next), cancellationToken);
            next++;
            used = 0;
        }

        var taken = Math.Min(buffer.Length, chunk.Length - used);
        chunk.AsMemory(used, taken).CopyTo(buffer);
        used += taken;
        given += taken;
        return taken;
    }

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override int Read(byte[] buffer, int offset, int count) =>
        ReadAsync(buffer.AsMemory(offset, count), CancellationToken.None).AsTask().GetAwaiter().GetResult();

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    private static byte[] Chunk(Connection connection, string name, long blob, int seq)
    {
        using var rows = connection["SELECT content FROM chunks WHERE blob = ?1 AND seq = ?2"].Bind(1, blob).Bind(2, seq).Use();
        return rows.Step()
            ? rows.Bytes(0).ToArray()
            : throw new IOException($"Blob {name} was replaced or deleted while it was read. Read it again.");
    }
}
