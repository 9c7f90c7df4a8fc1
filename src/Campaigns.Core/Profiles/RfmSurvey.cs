using Campaigns.Core.Primitives;
using Campaigns.Core.Storage;
using MemoryPack;

namespace Campaigns.Core.Profiles;

/// <summary>
/// Counts of customers by recency, frequency and monetary value: exact integers, so that surveys of buckets merge to the
/// same whatever the number of buckets. Only customers with a net order (in the window) count.
/// </summary>
[MemoryPackable]
public sealed partial class RfmSurvey : IStoredRow
{
    /// <summary>Ids are sampled of customers with at most this many orders: more often, ties are too few to move a fifth.</summary>
    public const int MostTiedOrders = 16;

    /// <summary>
    /// Ids kept per number of orders: exact below that many customers; above, a cut falls among them with a standard error of
    /// at most 0.8 % of them, in half a megabyte of ids.
    /// </summary>
    public const int TiedIdLimit = 4_096;

    /// <inheritdoc/>
    public static byte Version => 1;

    /// <summary>Customers by whole days since the last order.</summary>
    public SortedDictionary<int, long> RecencyDays { get; init; } = [];

    /// <summary>Customers by net orders.</summary>
    public SortedDictionary<int, long> Orders { get; init; } = [];

    /// <summary>Customers by bin of net spend: see <see cref="OnePercentBins"/>.</summary>
    public SortedDictionary<int, long> SpendBins { get; init; } = [];

    /// <summary>Customer ids by net orders, up to <see cref="MostTiedOrders"/>: where a cut falls among the tied.</summary>
    public SortedDictionary<int, BottomSample<TiedId>> Tied { get; init; } = [];

    /// <summary>Counts one customer, over its last <paramref name="windowDays"/> days where given.</summary>
    public void Add(PurchaseHistory history, DateTimeOffset asOf, int? windowDays = null)
    {
        if (Rfm.Measure(history, asOf, windowDays) is not { } measured)
        {
            return;
        }

        Count(RecencyDays, measured.RecencyDays, 1);
        Count(Orders, measured.Orders, 1);
        Count(SpendBins, OnePercentBins.Of(measured.SpendMinor), 1);
        if (measured.Orders <= MostTiedOrders)
        {
            TiedWith(measured.Orders).Add(new TiedId(StableHash.Of("tie", history.CustomerId), history.CustomerId));
        }
    }

    /// <summary>Adds another survey's counts.</summary>
    public void Merge(RfmSurvey other)
    {
        AddAll(RecencyDays, other.RecencyDays);
        AddAll(Orders, other.Orders);
        AddAll(SpendBins, other.SpendBins);
        foreach (var (orders, ids) in other.Tied)
        {
            TiedWith(orders).Merge(ids);
        }
    }

    /// <summary>The cut points of the customers counted, in quintiles.</summary>
    public RfmCuts Cuts() => Cuts(new RfmSettings());

    /// <summary>The cut points of the customers counted. The window must be the one they were counted with.</summary>
    public RfmCuts Cuts(RfmSettings settings)
    {
        var orders = settings.OrderCuts ?? Quantiles(Orders, settings.Bins, v => v);
        return new RfmCuts
        {
            RecencyDays = settings.RecencyCutsDays ?? Quantiles(RecencyDays, settings.Bins, v => v),
            Orders = orders,
            SpendMinor = settings.SpendCutsMinor ?? Quantiles(SpendBins, settings.Bins, OnePercentBins.Upper),
            OrderTies = settings.OrderCuts is null ? Ties(orders) : [],
            WindowDays = settings.WindowDays,
        };
    }

    /// <summary>Median net spend in minor units, to the upper edge of its bin; 0 without customers.</summary>
    public long MedianSpendMinor() => SpendBins.Count == 0 ? 0 : Quantiles(SpendBins, 2, OnePercentBins.Upper)[0];

    /// <summary>The rank that cut <paramref name="i"/> (1 …) of so many bins has among <paramref name="total"/>: nearest rank.</summary>
    internal static long Rank(long total, int bins, int i) => (long)((((Int128)total * i) + bins - 1) / bins);

    private static long[] Quantiles(SortedDictionary<int, long> counts, int bins, Func<int, long> value)
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

        var cuts = new long[bins - 1];
        var (below, next) = (0L, 0);
        foreach (var (bin, count) in counts)
        {
            below += count;
            while (next < cuts.Length && below >= Rank(total, bins, next + 1))
            {
                cuts[next++] = value(bin);
            }
        }

        return cuts;
    }

    /// <summary>For each cut the id at which it splits the customers with equally many orders, or null where it does not.</summary>
    private string?[] Ties(long[] cuts)
    {
        var total = 0L;
        foreach (var count in Orders.Values)
        {
            total += count;
        }

        var ties = new string?[cuts.Length];
        for (var i = 0; i < cuts.Length; i++)
        {
            var below = 0L;
            foreach (var (orders, count) in Orders)
            {
                below += orders < cuts[i] ? count : 0;
            }

            var tied = Orders[(int)cuts[i]];
            var place = Rank(total, cuts.Length + 1, i + 1) - below; // 1 … tied
            if (place < tied && Tied.TryGetValue((int)cuts[i], out var sample))
            {
                ties[i] = IdAt(sample.Items, place, tied);
            }
        }

        return ties;
    }

    private static string IdAt(TiedId[] sample, long place, long tied)
    {
        var ids = Array.ConvertAll(sample, s => s.CustomerId);
        Array.Sort(ids, string.CompareOrdinal);
        // All of them are in the sample, or the sample stands for them in proportion.
        var index = ids.Length == tied ? place : (long)((((Int128)place * ids.Length) + (tied / 2)) / tied);
        return ids[Math.Clamp(index - 1, 0, ids.Length - 1)];
    }

    private BottomSample<TiedId> TiedWith(int orders)
    {
        if (!Tied.TryGetValue(orders, out var sample))
        {
            Tied[orders] = sample = new BottomSample<TiedId>(TiedIdLimit, []);
        }

        return sample;
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

/// <summary>A sampled customer id.</summary>
[MemoryPackable]
public readonly partial record struct TiedId(ulong Hash, string CustomerId) : ISampled, IComparable<TiedId>
{
    /// <inheritdoc/>
    public int CompareTo(TiedId other) => string.CompareOrdinal(CustomerId, other.CustomerId);
}
