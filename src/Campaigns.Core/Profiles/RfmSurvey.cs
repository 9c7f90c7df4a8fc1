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

    private readonly IntHistogram recencyDays;
    private readonly IntHistogram orders;
    private readonly IntHistogram spendBins;

    /// <summary>Nobody yet.</summary>
    public RfmSurvey()
        : this([], [], [], [])
    {
    }

    /// <summary>With the counts that the properties gave.</summary>
    [MemoryPackConstructor]
    public RfmSurvey(long[] recencyDays, long[] orders, long[] spendBins, SortedDictionary<int, BottomSample<TiedId>> tied)
    {
        (this.recencyDays, this.orders, this.spendBins) = (new IntHistogram(recencyDays), new IntHistogram(orders), new IntHistogram(spendBins));
        Tied = tied;
    }

    /// <inheritdoc/>
    public static byte Version => 2;

    /// <summary>Customers by whole days since the last order.</summary>
    public long[] RecencyDays => recencyDays.ToArray();

    /// <summary>Customers by net orders.</summary>
    public long[] Orders => orders.ToArray();

    /// <summary>Customers by bin of net spend: see <see cref="OnePercentBins"/>.</summary>
    public long[] SpendBins => spendBins.ToArray();

    /// <summary>Customer ids by net orders, up to <see cref="MostTiedOrders"/>: where a cut falls among the tied.</summary>
    public SortedDictionary<int, BottomSample<TiedId>> Tied { get; }

    /// <summary>Counts one customer, over its last <paramref name="windowDays"/> days where given.</summary>
    public void Add(PurchaseHistory history, DateTimeOffset asOf, int? windowDays = null)
    {
        if (Rfm.Measure(history, asOf, windowDays) is not { } measured)
        {
            return;
        }

        recencyDays.Add(measured.RecencyDays);
        orders.Add(measured.Orders);
        spendBins.Add(OnePercentBins.Of(measured.SpendMinor));
        if (measured.Orders <= MostTiedOrders)
        {
            TiedWith(measured.Orders).Add(new TiedId(StableHash.Of("tie", history.CustomerId), history.CustomerId));
        }
    }

    /// <summary>Adds another survey's counts.</summary>
    public void Merge(RfmSurvey other)
    {
        recencyDays.Merge(other.RecencyDays);
        orders.Merge(other.Orders);
        spendBins.Merge(other.SpendBins);
        foreach (var (tied, ids) in other.Tied)
        {
            TiedWith(tied).Merge(ids);
        }
    }

    /// <summary>Makes the survey of one of so many buckets smaller, without changing what merging them gives.</summary>
    public void TrimAsPart(int buckets)
    {
        var counts = Orders;
        foreach (var (tied, ids) in Tied)
        {
            ids.TrimAsPart(buckets, counts[tied]);
        }
    }

    /// <summary>The cut points of the customers counted, in quintiles.</summary>
    public RfmCuts Cuts() => Cuts(new RfmSettings());

    /// <summary>The cut points of the customers counted. The window must be the one they were counted with.</summary>
    public RfmCuts Cuts(RfmSettings settings)
    {
        var byOrders = Cuts(Orders, settings.Bins);
        return new RfmCuts
        {
            RecencyDays = settings.RecencyCutsDays ?? Array.ConvertAll(Cuts(RecencyDays, settings.Bins), c => (long)c.Value),
            Orders = settings.OrderCuts ?? Array.ConvertAll(byOrders, c => (long)c.Value),
            SpendMinor = settings.SpendCutsMinor ?? Array.ConvertAll(Cuts(SpendBins, settings.Bins), c => OnePercentBins.Upper(c.Value)),
            OrderTies = settings.OrderCuts is null ? Array.ConvertAll(byOrders, Tie) : [],
            WindowDays = settings.WindowDays,
        };
    }

    /// <summary>Median net spend in minor units, to the upper edge of its bin; 0 without customers.</summary>
    public long MedianSpendMinor() => Cuts(SpendBins, 2) is [var median] ? OnePercentBins.Upper(median.Value) : 0;

    /// <summary>
    /// For each cut its value (nearest rank: cut i of b bins stands at rank ⌈n·i/b⌉ of n), its place (1 …) among those with that
    /// value, and how many those are. Empty where nothing was counted.
    /// </summary>
    internal static (int Value, long Place, long Tied)[] Cuts(long[] counts, int bins)
    {
        var total = 0L;
        foreach (var count in counts)
        {
            total += count;
        }

        var cuts = new (int, long, long)[total == 0 ? 0 : bins - 1];
        var (below, next) = (0L, 0);
        for (var value = 0; value < counts.Length; value++)
        {
            for (; next < cuts.Length && Rank(total, bins, next + 1) <= below + counts[value]; next++)
            {
                cuts[next] = (value, Rank(total, bins, next + 1) - below, counts[value]);
            }

            below += counts[value];
        }

        return cuts;
    }

    private static long Rank(long total, int bins, int i) => (long)((((Int128)total * i) + bins - 1) / bins);

    /// <summary>The id at which the cut splits the customers with equally many orders, or null where it does not.</summary>
    private string? Tie((int Value, long Place, long Tied) cut) =>
        cut.Place < cut.Tied && Tied.TryGetValue(cut.Value, out var sample) ? IdAt(sample.Items, cut.Place, cut.Tied) : null;

    private static string IdAt(TiedId[] sample, long place, long tied)
    {
        var ids = Array.ConvertAll(sample, s => s.CustomerId);
        Array.Sort(ids, string.CompareOrdinal);
        // All of them are in the sample, or the sample stands for them in proportion.
        var index = ids.Length == tied ? place : (long)((((Int128)place * ids.Length) + (tied / 2)) / tied);
        return ids[Math.Clamp(index - 1, 0, ids.Length - 1)];
    }

    private BottomSample<TiedId> TiedWith(int sameOrders)
    {
        if (!Tied.TryGetValue(sameOrders, out var sample))
        {
            Tied[sameOrders] = sample = new BottomSample<TiedId>(TiedIdLimit, []);
        }

        return sample;
    }
}

/// <summary>A sampled customer id.</summary>
[MemoryPackable]
public readonly partial record struct TiedId(ulong Hash, string CustomerId) : ISampled, IComparable<TiedId>
{
    /// <inheritdoc/>
    public int CompareTo(TiedId other) => string.CompareOrdinal(CustomerId, other.CustomerId);
}
