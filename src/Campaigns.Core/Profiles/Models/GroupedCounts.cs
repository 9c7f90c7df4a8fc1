namespace Campaigns.Core.Profiles.Models;

/// <summary>
/// Counts by 64-bit key, at most <see cref="Limit"/> keys: beyond it the keys with the least hashes stay, with all their
/// counts. A key among the whole's least is among the least of every part, so that merging is exact with and without the
/// limit, whatever the parts and their order. Keys are kept sorted, and new ones gathered and sorted many at a time: a hash
/// table of this size misses the processor's caches at every customer. Not for concurrent use.
/// </summary>
internal sealed class GroupedCounts(int limit)
{
    /// <summary>New keys that are gathered before they are sorted in: half a megabyte.</summary>
    private const int Gathered = 1 << 16;

    private ulong[] keys = [];
    private long[] counts = [];
    private int used;
    private ulong[] newKeys = [];
    private long[] newCounts = [];
    private int newUsed;
    private ulong highestHash = ulong.MaxValue;

    public int Limit => limit;

    /// <summary>Keys kept.</summary>
    public int Count
    {
        get
        {
            Settle();
            return used;
        }
    }

    /// <summary>Everything counted, kept or not.</summary>
    public long Total { get; private set; }

    public void Add(ulong key, long count)
    {
        Total += count;
        if (highestHash != ulong.MaxValue && Hash(key) > highestHash)
        {
            return;
        }

        if (newUsed == newKeys.Length)
        {
            if (newUsed == Gathered)
            {
                Settle();
            }
            else
            {
                Array.Resize(ref newKeys, Math.Max(64, 2 * newUsed));
                Array.Resize(ref newCounts, newKeys.Length);
            }
        }

        (newKeys[newUsed], newCounts[newUsed]) = (key, count);
        newUsed++;
    }

    public void Merge(GroupedCounts other)
    {
        Settle();
        other.Settle();
        Total += other.Total;
        highestHash = Math.Min(highestHash, other.highestHash);
        MergeSorted(other.keys, other.counts, other.used);
        Trim();
    }

    /// <summary>The keys kept, ascending, with their counts: the same for every order of additions.</summary>
    public (ulong[] Keys, long[] Counts) Sorted()
    {
        Settle();
        return (keys[..used], counts[..used]);
    }

    /// <summary>Total, highest hash, number of keys, then (distance to the last key, count) each: variable-length integers.</summary>
    public byte[] ToBytes()
    {
        Settle();
        var bytes = new System.Buffers.ArrayBufferWriter<byte>(64 + (used * 5));
        Write(bytes, (ulong)Total);
        Write(bytes, highestHash);
        Write(bytes, (ulong)used);
        var last = 0UL;
        for (var i = 0; i < used; i++)
        {
            Write(bytes, keys[i] - last);
            Write(bytes, (ulong)counts[i]);
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
        read.used = (int)Read(ref bytes);
        (read.keys, read.counts) = (new ulong[read.used], new long[read.used]);
        var key = 0UL;
        for (var i = 0; i < read.used; i++)
        {
            key += Read(ref bytes);
            (read.keys[i], read.counts[i]) = (key, (long)Read(ref bytes));
        }

        return read;
    }

    /// <summary>A bijection that scatters keys: the finalizer of SplitMix64 (Steele, Lea and Flood 2014).</summary>
    public static ulong Hash(ulong key)
    {
        key = (key ^ (key >> 30)) * 0xBF58476D1CE4E5B9;
        key = (key ^ (key >> 27)) * 0x94D049BB133111EB;
        return key ^ (key >> 31);
    }

    /// <summary>Sorts the new keys in. Afterwards, and until something is added, threads may read side by side.</summary>
    public void Settle()
    {
        if (newUsed == 0)
        {
            return;
        }

        if (newCounts.AsSpan(0, newUsed).ContainsAnyExcept(1))
        {
            Array.Sort(newKeys, newCounts, 0, newUsed);
        }
        else
        {
            Array.Sort(newKeys, 0, newUsed); // One at a time is the rule, and keys alone sort faster.
        }

        MergeSorted(newKeys, newCounts, newUsed);
        newUsed = 0;
        Trim();
    }

    /// <summary>Adds ascending keys, equal ones together.</summary>
    private void MergeSorted(ulong[] more, long[] moreCounts, int moreUsed)
    {
        var (merged, mergedCounts) = (new ulong[used + moreUsed], new long[used + moreUsed]);
        var (mine, theirs, at) = (0, 0, -1);
        while (mine < used || theirs < moreUsed)
        {
            var own = theirs == moreUsed || (mine < used && keys[mine] <= more[theirs]);
            var (key, count) = own ? (keys[mine], counts[mine]) : (more[theirs], moreCounts[theirs]);
            (mine, theirs) = own ? (mine + 1, theirs) : (mine, theirs + 1);
            if (at >= 0 && merged[at] == key)
            {
                mergedCounts[at] += count;
                continue;
            }

            at++;
            (merged[at], mergedCounts[at]) = (key, count);
        }

        (keys, counts, used) = (merged, mergedCounts, at + 1);
    }

    private void Trim()
    {
        if (used > limit)
        {
            highestHash = Math.Min(highestHash, LimitHash());
        }

        if (highestHash == ulong.MaxValue)
        {
            return;
        }

        var kept = 0;
        for (var i = 0; i < used; i++)
        {
            if (Hash(keys[i]) <= highestHash)
            {
                (keys[kept], counts[kept]) = (keys[i], counts[i]);
                kept++;
            }
        }

        used = kept;
    }

    /// <summary>The hash at place <see cref="Limit"/> in ascending order: by counts of the first 16 bits, then among the few that share them.</summary>
    private ulong LimitHash()
    {
        var tallies = new int[1 << 16];
        for (var i = 0; i < used; i++)
        {
            tallies[Hash(keys[i]) >> 48]++;
        }

        var (bin, below) = (0, 0);
        while (below + tallies[bin] < limit)
        {
            below += tallies[bin++];
        }

        var near = new List<ulong>(tallies[bin]);
        for (var i = 0; i < used; i++)
        {
            if (Hash(keys[i]) is var hash && (int)(hash >> 48) == bin)
            {
                near.Add(hash);
            }
        }

        near.Sort();
        return near[limit - below - 1];
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
