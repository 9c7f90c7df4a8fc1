using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace Campaigns.Core.Ingest.Spill;

/// <summary>Some records of one bucket in memory, on their way into a run. See <see cref="SpillWriter"/> for the format.</summary>
/// <param name="limit">Bytes at which it is handed over; its array grows no further than that and one entry.</param>
internal sealed class SpillChunk(int limit)
{
    private readonly List<Entry> entries = [];
    private byte[] buffer = new byte[16 * 1024];

    /// <summary>Bytes gathered.</summary>
    public int Bytes { get; private set; }

    /// <summary>Adds an entry (as <see cref="SpillEntry"/> encodes it, from the customer's hash on).</summary>
    public void Add(ReadOnlySpan<byte> entry)
    {
        if (Bytes + entry.Length > buffer.Length)
        {
            Array.Resize(ref buffer, Math.Max(Bytes + entry.Length, Math.Min(buffer.Length * 2, limit + (16 * 1024))));
        }

        entry.CopyTo(buffer.AsSpan(Bytes));
        entries.Add(new Entry(BinaryPrimitives.ReadUInt64BigEndian(entry), BinaryPrimitives.ReadUInt64BigEndian(entry[8..]), Bytes, entry.Length));
        Bytes += entry.Length;
    }

    /// <summary>Empties it for reuse.</summary>
    public void Clear()
    {
        entries.Clear();
        Bytes = 0;
    }

    /// <summary>Sorts by customer, kind and order id, keeping the order in which equals were added.</summary>
    public void Sort()
    {
        var bytes = buffer;
        CollectionsMarshal.AsSpan(entries).Sort((a, b) =>
        {
            if (a.High != b.High)
            {
                return a.High < b.High ? -1 : 1;
            }

            if (a.Low != b.Low)
            {
                return a.Low < b.Low ? -1 : 1;
            }

            var order = SpillEntry.Compare(bytes.AsSpan(a.Offset, a.Length), bytes.AsSpan(b.Offset, b.Length));
            return order != 0 ? order : a.Offset.CompareTo(b.Offset);
        });
    }

    /// <summary>Writes the entries as a run.</summary>
    public async ValueTask WriteAsync(Stream stream, CancellationToken cancellation)
    {
        var block = new byte[64 * 1024];
        var at = 0;
        for (var i = 0; i < entries.Count; i++)
        {
            var entry = entries[i];
            if (at + 4 + entry.Length > block.Length)
            {
                await stream.WriteAsync(block.AsMemory(0, at), cancellation);
                at = 0;
                if (4 + entry.Length > block.Length)
                {
                    block = new byte[4 + entry.Length];
                }
            }

            BinaryPrimitives.WriteInt32LittleEndian(block.AsSpan(at), entry.Length);
            buffer.AsSpan(entry.Offset, entry.Length).CopyTo(block.AsSpan(at + 4));
            at += 4 + entry.Length;
        }

        await stream.WriteAsync(block.AsMemory(0, at), cancellation);
    }

    private readonly record struct Entry(ulong High, ulong Low, int Offset, int Length);
}
