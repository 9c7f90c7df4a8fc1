using Campaigns.Core.Storage;
using MemoryPack;

namespace Campaigns.Core.Profiles;

/// <summary>
/// Recency, frequency and monetary value in quintiles (Hughes, <i>Strategic Database Marketing</i>, 1994), 5 = best. The
/// cut points come from <see cref="RfmSurvey"/> over all customers, so a score says where a customer stands among them.
/// </summary>
public static class Rfm
{
    /// <summary>The scores, or null for a customer without a net order. <paramref name="asOf"/> is business time; orders after it count as today's.</summary>
    public static RfmScore? Score(PurchaseHistory history, RfmCuts cuts, DateTimeOffset asOf) =>
        history.Orders == 0
            ? null
            : new RfmScore(
                6 - Quintile(RecencyDays(history, asOf), cuts.RecencyDays),
                Quintile(history.Orders, cuts.Orders),
                Quintile(history.SpendMinor, cuts.SpendMinor));

    /// <summary>Whole days since the last net order, ≥ 0.</summary>
    public static int RecencyDays(PurchaseHistory history, DateTimeOffset asOf) =>
        Math.Max(0, (int)Math.Floor((asOf - history.LastOrderAt).TotalDays));

    /// <summary>1 + the number of cuts that the value exceeds.</summary>
    private static int Quintile(long value, long[] cuts)
    {
        var quintile = 1;
        foreach (var cut in cuts)
        {
            quintile += value > cut ? 1 : 0;
        }

        return quintile;
    }
}

/// <summary>Scores 1 … 5, 5 = best: bought recently, often, for much.</summary>
public readonly record struct RfmScore(int Recency, int Frequency, int Monetary)
{
    /// <summary>As marketers write it: "R5 F4 M3".</summary>
    public override string ToString() => string.Create(System.Globalization.CultureInfo.InvariantCulture, $"R{Recency} F{Frequency} M{Monetary}");
}

/// <summary>
/// Four cut points for each measure: the 20th, 40th, 60th and 80th percentile (nearest rank: the least value with at
/// least that share of customers at or below it). Empty arrays where there are no customers.
/// </summary>
[MemoryPackable]
public sealed partial record RfmCuts : IStoredRow
{
    /// <inheritdoc/>
    public static byte Version => 1;

    /// <summary>Whole days since the last order.</summary>
    public long[] RecencyDays { get; init; } = [];

    /// <summary>Net orders.</summary>
    public long[] Orders { get; init; } = [];

    /// <summary>Net spend in minor units, to the upper edge of a bin of 1 %.</summary>
    public long[] SpendMinor { get; init; } = [];
}

/// <summary>
/// Counts of customers by recency, frequency and monetary value: exact integers, so that surveys of buckets merge to the
/// same whatever the number of buckets. Only customers with a net order count.
/// </summary>
[MemoryPackable]
public sealed partial class RfmSurvey : IStoredRow
{
    /// <inheritdoc/>
    public static byte Version => 1;

    /// <summary>Customers by whole days since the last order.</summary>
    public SortedDictionary<int, long> RecencyDays { get; init; } = [];

    /// <summary>Customers by net orders.</summary>
    public SortedDictionary<int, long> Orders { get; init; } = [];

    /// <summary>Customers by bin of net spend: see <see cref="OnePercentBins"/>.</summary>
    public SortedDictionary<int, long> SpendBins { get; init; } = [];

    /// <summary>Counts one customer.</summary>
    public void Add(PurchaseHistory history, DateTimeOffset asOf)
    {
        if (history.Orders == 0)
        {
            return;
        }

        Count(RecencyDays, Rfm.RecencyDays(history, asOf), 1);
        Count(Orders, history.Orders, 1);
        Count(SpendBins, OnePercentBins.Of(history.SpendMinor), 1);
    }

    /// <summary>Adds another survey's counts.</summary>
    public void Merge(RfmSurvey other)
    {
        AddAll(RecencyDays, other.RecencyDays);
        AddAll(Orders, other.Orders);
        AddAll(SpendBins, other.SpendBins);
    }

    /// <summary>The cut points of the customers counted.</summary>
    public RfmCuts Cuts() => new()
    {
        RecencyDays = Quintiles(RecencyDays, v => v),
        Orders = Quintiles(Orders, v => v),
        SpendMinor = Quintiles(SpendBins, OnePercentBins.Upper),
    };

    /// <summary>Median net spend in minor units, to the upper edge of its bin; 0 without customers.</summary>
    public long MedianSpendMinor()
    {
        var total = SpendBins.Values.Sum();
        var below = 0L;
        foreach (var (bin, count) in SpendBins)
        {
            below += count;
            if (below * 2 >= total)
            {
                return OnePercentBins.Upper(bin);
            }
        }

        return 0;
    }

    private static long[] Quintiles(SortedDictionary<int, long> counts, Func<int, long> value)
    {
        var total = 0L;
        foreach (var count in counts.Values)
        {
            total += count;
        }

        if (total == 0)
        {
            return [];
        }

        var cuts = new long[4];
        var (below, next) = (0L, 0);
        foreach (var (bin, count) in counts)
        {
            below += count;
            while (next < cuts.Length && below * 5 >= total * (next + 1))
            {
                cuts[next++] = value(bin);
            }
        }

        return cuts;
    }

    private static void AddAll(SortedDictionary<int, long> counts, SortedDictionary<int, long> others)
    {
        foreach (var (value, count) in others)
        {
            Count(counts, value, count);
        }
    }

    private static void Count(SortedDictionary<int, long> counts, int value, long count) =>
        counts[value] = counts.GetValueOrDefault(value) + count;
}
