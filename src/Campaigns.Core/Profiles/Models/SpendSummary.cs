using MemoryPack;

namespace Campaigns.Core.Profiles.Models;

/// <summary>
/// Customers counted by (number of orders, their total in minor units): what Gamma-Gamma is fitted on. Merging the
/// summaries of buckets gives that of the whole exactly, in any order. Not for concurrent use.
/// </summary>
[MemoryPackable]
public sealed partial class SpendSummary
{
    /// <summary>Groups kept: a standard error of the three parameters of about 1 %, some 4 MiB. Beyond it a sample by stable hash stands for all.</summary>
    public const int MaxGroups = 1 << 17;

    /// <summary>More orders count as this many, with the mean kept; 20 bits of the key.</summary>
    public const int MaxOrders = (1 << 20) - 1;

    /// <summary>A larger total counts as this one: 175 billion of a currency with hundredths; 44 bits of the key.</summary>
    public const long MaxTotalMinor = (1L << 44) - 1;

    private readonly GroupedCounts groups;

    /// <summary>Nobody yet.</summary>
    public SpendSummary()
        : this([])
    {
    }

    /// <summary>What <see cref="Packed"/> gave.</summary>
    [MemoryPackConstructor]
    public SpendSummary(byte[] packed) => groups = GroupedCounts.FromBytes(packed, MaxGroups);

    /// <summary>The groups, packed: equal summaries have equal bytes.</summary>
    public byte[] Packed => groups.ToBytes();

    /// <summary>Customers counted.</summary>
    [MemoryPackIgnore]
    public long Customers => groups.Total;

    /// <summary>
    /// Counts customers who spent <paramref name="totalMinor"/> in <paramref name="orders"/> orders. The literature counts
    /// repeat orders alone: the first order of a customer is left out of both. Nothing is counted without orders or where
    /// the total is not above 0, which no Gamma distribution can give; returns whether it was counted.
    /// </summary>
    public bool Add(int orders, long totalMinor, long count = 1)
    {
        if (orders <= 0 || totalMinor <= 0)
        {
            return false;
        }

        if (orders > MaxOrders)
        {
            totalMinor = Math.Max(1, (long)((Int128)totalMinor * MaxOrders / orders));
            orders = MaxOrders;
        }

        groups.Add(((ulong)orders << 44) | (ulong)Math.Min(totalMinor, MaxTotalMinor), count);
        return true;
    }

    /// <summary>Adds the customers of another part.</summary>
    public void Merge(SpendSummary other) => groups.Merge(other.groups);

    /// <summary>The groups by (orders, total) ascending; weights add up to all customers.</summary>
    internal (int[] Orders, double[] TotalMinor, double[] Weight) Groups()
    {
        var (keys, counts) = groups.Sorted();
        var kept = counts.Sum();
        var factor = kept > 0 ? (double)groups.Total / kept : 1;
        return (
            Array.ConvertAll(keys, key => (int)(key >> 44)),
            Array.ConvertAll(keys, key => (double)(key & MaxTotalMinor)),
            Array.ConvertAll(counts, count => count * factor));
    }
}
