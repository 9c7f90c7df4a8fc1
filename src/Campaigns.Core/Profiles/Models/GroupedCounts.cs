using System.Runtime.InteropServices;

namespace Campaigns.Core.Profiles.Models;

/// <summary>
/// Counts by 64-bit key, at most <see cref="Limit"/> keys: beyond it the keys with the least hashes stay, with all their
/// counts. A key among the whole's least is among the least of every part, so that merging is exact with and without the
/// limit, whatever the parts and their order. Not for concurrent use.
/// </summary>
internal sealed class GroupedCounts(int limit)
{
    private readonly Dictionary<ulong, long> counts = [];

    /// <summary>As read from bytes, until something is added: a part that is only merged into another needs no dictionary of its own.</summary>
    private (ulong[] Keys, long[] Counts)? asRead;
    private ulong highestHash = ulong.MaxValue;

    public int Limit => limit;

    /// <summary>Keys kept.</summary>
    public int Count
    {
        get
        {
            Unpack();
            Trim();
            return counts.Count;
        }
    }

    /// <summary>Everything counted, kept or not.</summary>
    public long Total { get; private set; }

    public void Add(ulong key, long count)
    {
        Unpack();
        Total += count;
        Keep(key, count);
        if (counts.Count > limit + (limit / 4))
        {
            Trim();
        }
    }

    public void Merge(GroupedCounts other)
    {
        Unpack();
        Total += other.Total;
        highestHash = Math.Min(highestHash, other.highestHash);
        if (other.asRead is var (keys, values))
        {
            for (var i = 0; i < keys.Length; i++)
            {
                Keep(keys[i], values[i]);
            }
        }

        foreach (var (key, count) in other.counts)
        {
            Keep(key, count);
        }

        Trim();
    }

    /// <summary>The keys kept, ascending, with their counts: the same for every order of additions.</summary>
    public (ulong[] Keys, long[] Counts) Sorted()
    {
        Unpack();
        Trim();
        var (keys, values) = (new ulong[counts.Count], new long[counts.Count]);
        counts.Keys.CopyTo(keys, 0);
        counts.Values.CopyTo(values, 0);
        Array.Sort(keys, values);
        return (keys, values);
    }

    /// <summary>Total, highest hash, number of keys, then (distance to the last key, count) each: variable-length integers.</summary>
    public byte[] ToBytes()
    {
        var (keys, values) = Sorted();
        var bytes = new System.Buffers.ArrayBufferWriter<byte>(64 + (keys.Length * 5));
        Write(bytes, (ulong)Total);
        Write(bytes, highestHash);
        Write(bytes, (ulong)keys.Length);
        var last = 0UL;
        for (var i = 0; i < keys.Length; i++)
        {
            Write(bytes, keys[i] - last);
            Write(bytes, (ulong)values[i]);
            last = keys[i];
        }

        return bytes.WrittenSpan.ToArray();
    }

    public static GroupedCounts FromBytes(ReadOnlySpan<byte> bytes, int limit)
    {
        var read = new GroupedCounts(limit);
        if (bytes.IsEmpty)
        {
            return read;
        }

        read.Total = (long)Read(ref bytes);
        read.highestHash = Read(ref bytes);
        var (count, key) = ((int)Read(ref bytes), 0UL);
        var (keys, values) = (new ulong[count], new long[count]);
        for (var i = 0; i < count; i++)
        {
            key += Read(ref bytes);
            (keys[i], values[i]) = (key, (long)Read(ref bytes));
        }

        read.asRead = (keys, values);
        return read;
    }

    /// <summary>A bijection that scatters keys: the finalizer of SplitMix64 (Steele, Lea and Flood 2014).</summary>
    public static ulong Hash(ulong key)
    {
        key = (key ^ (key >> 30)) * 0xBF58476D1CE4E5B9;
        key = (key ^ (key >> 27)) * 0x94D049BB133111EB;
        return key ^ (key >> 31);
    }

    private void Unpack()
    {
        if (asRead is var (keys, values))
        {
            asRead = null;
            counts.EnsureCapacity(keys.Length);
            for (var i = 0; i < keys.Length; i++)
            {
                counts[keys[i]] = values[i];
            }
        }
    }

    private void Keep(ulong key, long count)
    {
        if (highestHash == ulong.MaxValue || Hash(key) <= highestHash)
        {
            CollectionsMarshal.GetValueRefOrAddDefault(counts, key, out _) += count;
        }
    }

    private void Trim()
    {
        if (counts.Count <= limit && highestHash == ulong.MaxValue)
        {
            return;
        }

        var hashes = new ulong[counts.Count];
        var at = 0;
        foreach (var key in counts.Keys)
        {
            hashes[at++] = Hash(key);
        }

        if (hashes.Length > limit)
        {
            Array.Sort(hashes);
            highestHash = Math.Min(highestHash, hashes[limit - 1]);
        }

        foreach (var key in counts.Keys)
        {
            if (Hash(key) > highestHash)
            {
                counts.Remove(key);
            }
        }
    }

    private static void Write(System.Buffers.ArrayBufferWriter<byte> bytes, ulong value)
    {
        var span = bytes.GetSpan(10);
        var length = 0;
        for (; value >= 0x80; value >>= 7)
        {
            span[length++] = (byte)(value | 0x80);
        }

        span[length++] = (byte)value;
        bytes.Advance(length);
    }

    private static ulong Read(ref ReadOnlySpan<byte> bytes)
    {
        var (value, shift, length) = (0UL, 0, 0);
        while (bytes[length] >= 0x80)
        {
            value |= (bytes[length++] & 0x7FUL) << shift;
            shift += 7;
        }

        value |= (ulong)bytes[length++] << shift;
        bytes = bytes[length..];
        return value;
    }
}
