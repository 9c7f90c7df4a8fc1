using System.Buffers.Binary;
using System.Runtime.InteropServices;
using Campaigns.Core.Primitives;
using Campaigns.Core.Storage;

namespace Campaigns.Core.Ingest.Spill;

/// <summary>
/// Sorts one bucket's records by customer, kind and order id, keeping the order of the source among equals: gathers a chunk
/// in memory and writes it as a sorted run, one blob each. Memory is the chunk, whatever the size of the import.
/// <code>
/// run    = entry*
/// entry  = length of the rest (4 bytes, little endian), hash of the customer (16), kind (1), length of the order id (2), order id (UTF-8), body
/// </code>
/// </summary>
internal sealed class SpillWriter(IBlobStore blobs, string prefix, int chunkBytes)
{
    private readonly List<Entry> entries = [];
    private byte[] buffer = new byte[16 * 1024];
    private int used;

    /// <summary>Runs written so far.</summary>
    public int Runs { get; private set; }

    /// <summary>Records so far.</summary>
    public long Records { get; private set; }

    /// <summary>Name of the blob of a run.</summary>
    public static string RunName(string prefix, int run) => prefix + run.ToString("0000", System.Globalization.CultureInfo.InvariantCulture);

    /// <summary>Adds an entry (as <see cref="SpillEntry"/> encodes it, from the customer's hash on).</summary>
    public ValueTask AddAsync(ReadOnlySpan<byte> entry, CancellationToken cancellation)
    {
        if (used + entry.Length > buffer.Length)
        {
            Array.Resize(ref buffer, Math.Max(used + entry.Length, Math.Min(buffer.Length * 2, chunkBytes + (64 * 1024))));
        }

        entry.CopyTo(buffer.AsSpan(used));
        entries.Add(new Entry(BinaryPrimitives.ReadUInt64BigEndian(entry), BinaryPrimitives.ReadUInt64BigEndian(entry[8..]), used, entry.Length));
        used += entry.Length;
        Records++;
        return used >= chunkBytes ? FlushAsync(cancellation) : ValueTask.CompletedTask;
    }

    /// <summary>Writes what is gathered as a run.</summary>
    public async ValueTask FlushAsync(CancellationToken cancellation)
    {
        if (used == 0)
        {
            return;
        }

        Sort();
        await using var blob = await blobs.CreateAsync(RunName(prefix, Runs), cancellation);
        await WriteAsync(blob.Stream, cancellation);
        blob.Complete();
        Runs++;
        entries.Clear();
        used = 0;
    }

    private void Sort()
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

    private async ValueTask WriteAsync(Stream stream, CancellationToken cancellation)
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
