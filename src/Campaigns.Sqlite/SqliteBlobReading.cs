namespace Campaigns.Sqlite;

/// <summary>Reads a blob chunk by chunk; memory holds one chunk.</summary>
internal sealed class SqliteBlobReading(Readers readers, string name, long blob, long bytes) : Stream
{
    private byte[] chunk = [];
    private int length;
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
        if (used == length && given < bytes)
        {
            (chunk, length) = await readers.ReadAsync(
                (name, blob, next, chunk), static (connection, a) => Chunk(connection, a.name, a.blob, a.next, a.chunk), cancellationToken);
            next++;
            used = 0;
        }

        var taken = Math.Min(buffer.Length, length - used);
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

    /// <summary>Reads a chunk into the array, or into a larger one: an array of 1 MiB per chunk would have the large heap collected all the time.</summary>
    private static (byte[] Chunk, int Length) Chunk(Connection connection, string name, long blob, int seq, byte[] into)
    {
        using var rows = connection["SELECT content FROM chunks WHERE blob = ?1 AND seq = ?2"].Bind(1, blob).Bind(2, seq).Use();
        if (!rows.Step())
        {
            throw new IOException($"Blob {name} was replaced or deleted while it was read. Read it again.");
        }

        var content = rows.Bytes(0);
        into = into.Length >= content.Length ? into : new byte[content.Length];
        content.CopyTo(into);
        return (into, content.Length);
    }
}
