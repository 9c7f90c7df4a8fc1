using System.Buffers;
using System.Text;

namespace Campaigns.Core.Storage;

/// <summary>
/// The rows of one page, copied into memory that the next page uses again: a scan of a million rows then leaves nothing to
/// collect. Rows are valid until the buffer is filled anew. Not for several threads.
/// </summary>
public sealed class RowBuffer : IDisposable
{
    private const int LeastBytes = 64 * 1024;

    private byte[] bytes = ArrayPool<byte>.Shared.Rent(LeastBytes);
    private Slot[] slots = new Slot[128];
    private int used;

    /// <summary>Rows in it.</summary>
    public int Count { get; private set; }

    /// <summary>The row at this place, 0 … <see cref="Count"/> − 1.</summary>
    public BufferedRow this[int index] => new(bytes, slots[index]);

    /// <summary>Forgets all rows.</summary>
    public void Clear() => (Count, used) = (0, 0);

    /// <summary>Adds a row after the others: its key and ETag in ASCII.</summary>
    public void Add(ReadOnlySpan<byte> key, ReadOnlySpan<byte> etag, ReadOnlySpan<byte> payload)
    {
        var slot = new Slot(used, key.Length, etag.Length, payload.Length);
        var end = used + key.Length + etag.Length + payload.Length;
        if (end > bytes.Length)
        {
            Grow(end);
        }

        key.CopyTo(bytes.AsSpan(used));
        etag.CopyTo(bytes.AsSpan(used + key.Length));
        payload.CopyTo(bytes.AsSpan(used + key.Length + etag.Length));
        used = end;
        if (Count == slots.Length)
        {
            Array.Resize(ref slots, 2 * Count);
        }

        slots[Count++] = slot;
    }

    /// <summary>Adds a row after the others.</summary>
    public void Add(Row row) => Add(Encoding.ASCII.GetBytes(row.Key), Encoding.ASCII.GetBytes(row.ETag), row.Payload.Span);

    /// <summary>Gives its memory back. Rows are no longer valid.</summary>
    public void Dispose()
    {
        Clear();
        ArrayPool<byte>.Shared.Return(bytes);
        bytes = [];
    }

    private void Grow(int least)
    {
        var larger = ArrayPool<byte>.Shared.Rent(Math.Max(least, 2 * bytes.Length));
        bytes.AsSpan(0, used).CopyTo(larger);
        ArrayPool<byte>.Shared.Return(bytes);
        bytes = larger;
    }

    /// <summary>Where a row stands: key, ETag and payload follow each other.</summary>
    internal readonly record struct Slot(int Start, int Key, int ETag, int Payload);
}

/// <summary>A row within a <see cref="RowBuffer"/>: valid until the buffer is filled anew.</summary>
public readonly struct BufferedRow
{
    private readonly byte[] bytes;
    private readonly RowBuffer.Slot slot;

    internal BufferedRow(byte[] bytes, RowBuffer.Slot slot) => (this.bytes, this.slot) = (bytes, slot);

    /// <summary>Key in ASCII.</summary>
    public ReadOnlySpan<byte> Key => bytes.AsSpan(slot.Start, slot.Key);

    /// <summary>The same row in memory of its own, valid for ever.</summary>
    public BufferedRow Copy() =>
        new(bytes.AsSpan(slot.Start, slot.Key + slot.ETag + slot.Payload).ToArray(), slot with { Start = 0 });

    /// <summary>ETag, made on asking.</summary>
    public string ETag => Encoding.ASCII.GetString(bytes, slot.Start + slot.Key, slot.ETag);

    /// <summary>Payload.</summary>
    public ReadOnlyMemory<byte> Payload => bytes.AsMemory(slot.Start + slot.Key + slot.ETag, slot.Payload);
}
