using MemoryPack;

namespace Campaigns.Core.Profiles;

/// <summary>Something sampled by a hash that does not depend on anything else: equal for every spread over buckets.</summary>
public interface ISampled
{
    /// <summary>Hash that decides whether it is kept: uniform over 64 bits.</summary>
    ulong Hash { get; }
}

/// <summary>
/// The items with the smallest hashes: a random sample of fixed size that merges exactly, since the smallest of all are
/// among the smallest of each part (bottom-k sampling; Cohen and Kaplan 2007). Not for several threads.
/// </summary>
[MemoryPackable]
public sealed partial class BottomSample<T>
    where T : ISampled, IComparable<T>
{
    private readonly List<T> kept;

    /// <summary>A sample of at most <paramref name="limit"/> items, starting with some.</summary>
    public BottomSample(int limit, T[] items)
    {
        Limit = limit;
        kept = [.. items];
        Shrink();
    }

    /// <summary>The most items kept, ≥ 1.</summary>
    public int Limit { get; }

    /// <summary>The sample by hash, then by the item's own order.</summary>
    public T[] Items
    {
        get
        {
            Shrink();
            return [.. kept];
        }
    }

    /// <summary>The largest hash that may still be kept.</summary>
    [MemoryPackIgnore]
    [System.Text.Json.Serialization.JsonIgnore]
    public ulong Bound { get; private set; } = ulong.MaxValue;

    /// <summary>Offers an item.</summary>
    public void Add(T item)
    {
        if (item.Hash > Bound)
        {
            return;
        }

        kept.Add(item);
        if (kept.Count >= 2 * Limit)
        {
            Shrink();
        }
    }

    /// <summary>Offers another sample's items.</summary>
    public void Merge(BottomSample<T> other)
    {
        foreach (var item in other.kept)
        {
            Add(item);
        }
    }

    /// <summary>
    /// Forgets what cannot be among the least of the whole, of which this is one of <paramref name="parts"/> equal parts by hash
    /// with <paramref name="offered"/> items offered: what lies above three times the hash at which the whole will be cut. A
    /// part would have to hold three times its share for that to be wrong, which chance does not do to thousands of items. As
    /// more are offered the bound only falls, so that it may be applied at any time.
    /// </summary>
    public void TrimAsPart(int parts, long offered)
    {
        const double Safety = 3;
        var share = Safety * Limit / ((double)offered * parts);
        // Below so many items per part chance has more play, and there is little to win.
        if (parts > 1 && share < 1 && offered >= LeastPart)
        {
            Bound = Math.Min(Bound, (ulong)(share * ulong.MaxValue));
            kept.RemoveAll(item => item.Hash > Bound);
        }
    }

    /// <summary>Parts with fewer items offered are not trimmed.</summary>
    private const int LeastPart = 1_000;

    private void Shrink()
    {
        kept.Sort(static (a, b) => a.Hash != b.Hash ? a.Hash.CompareTo(b.Hash) : a.CompareTo(b));
        if (kept.Count >= Limit)
        {
            kept.RemoveRange(Limit, kept.Count - Limit);
            Bound = kept[^1].Hash;
        }
    }
}
