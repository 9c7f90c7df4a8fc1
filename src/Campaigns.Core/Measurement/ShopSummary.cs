using Campaigns.Core.Ingest;
using Campaigns.Core.Profiles;
using Campaigns.Core.Segments;
using MemoryPack;

namespace Campaigns.Core.Measurement;

/// <summary>Figures of the shop, whatever campaigns do: by segment and by day. From the purchase histories; integers only.</summary>
[MemoryPackable]
public sealed partial record ShopSummary
{
    /// <summary>Days for which a customer counts as active after an order, and over which conversion looks back.</summary>
    public const int ActiveDays = 30;

    /// <summary>Days over which a segment's revenue and average basket look back.</summary>
    public const int RevenueDays = 365;

    /// <summary>Days in the series, the newest being the day of measurement: a year and a month to compare with.</summary>
    public const int SeriesDays = 400;

    /// <summary>Name under which all customers stand, whatever their segment.</summary>
    public const string Everyone = "";

    /// <summary>Business time of the measurement.</summary>
    public required DateTimeOffset AsOf { get; init; }

    /// <summary>Days of the churn horizon.</summary>
    public required int ChurnDays { get; init; }

    /// <summary>By segment in ordinal order; <see cref="Everyone"/> first.</summary>
    public SegmentSums[] Segments { get; init; } = [];

    /// <summary>Churn by the segment at the time t that churn looks from; <see cref="Everyone"/> first.</summary>
    public ChurnSums[] Churn { get; init; } = [];

    /// <summary>Day number of the first day of the series.</summary>
    [MemoryPackIgnore]
    public int FirstDay => DateOnly.FromDateTime(AsOf.UtcDateTime).DayNumber - SeriesDays + 1;

    /// <summary>The series, day by day.</summary>
    public DaySums[] Days { get; init; } = [];

    /// <summary>Customers with more orders than their history keeps: the oldest are missing from the series.</summary>
    public long Truncated { get; init; }
}

/// <summary>Sums over a segment's customers.</summary>
/// <param name="Segment">Primary segment now.</param>
/// <param name="Customers">Customers with at least one net order.</param>
/// <param name="Active">Of these, with an order in the last <see cref="ShopSummary.ActiveDays"/> days.</param>
/// <param name="Orders">Net orders in the last <see cref="ShopSummary.RevenueDays"/> days.</param>
/// <param name="RevenueMinor">Their revenue.</param>
[MemoryPackable]
public readonly partial record struct SegmentSums(string Segment, long Customers, long Active, long Orders, long RevenueMinor);

/// <summary>Churn counts. <paramref name="Base"/> bought in the H days before t; <paramref name="Churned"/> of these bought nothing in the H days after.</summary>
[MemoryPackable]
public readonly partial record struct ChurnSums(string Segment, long Base, long Churned);

/// <summary>Sums of a UTC day.</summary>
/// <param name="Orders">Net orders.</param>
/// <param name="RevenueMinor">Their revenue.</param>
/// <param name="Buyers">Customers who ordered.</param>
/// <param name="Customers">Customers whose first order is of this day or earlier.</param>
/// <param name="Active">Customers with an order on this day or the 29 before.</param>
/// <param name="ChurnBase">Customers with an order on the H days before this day.</param>
/// <param name="Churned">Of these, without one on this day and the H − 1 after.</param>
[MemoryPackable]
public readonly partial record struct DaySums(long Orders, long RevenueMinor, long Buyers, long Customers, long Active, long ChurnBase, long Churned);

/// <summary>Adds up a <see cref="ShopSummary"/>. Memory is flat; a customer costs time in proportion to the orders kept.</summary>
public sealed class ShopTally(DateTimeOffset asOf, int churnDays, IReadOnlyList<string>? segmentOrder = null)
{
    private const int Size = ShopSummary.SeriesDays;
    private readonly int firstDay = DateOnly.FromDateTime(asOf.UtcDateTime).DayNumber - Size + 1;
    private readonly Dictionary<string, SegmentSums> segments = new(StringComparer.Ordinal);
    private readonly Dictionary<string, ChurnSums> churn = new(StringComparer.Ordinal);
    private readonly long[] orders = new long[Size];
    private readonly long[] revenue = new long[Size];
    private readonly long[] buyers = new long[Size];

    // Steps: what begins on a day minus what ended the day before, so that a span of days costs two additions.
    private readonly long[] customers = new long[Size + 1];
    private readonly long[] active = new long[Size + 1];
    private readonly long[] churnBase = new long[Size + 1];
    private readonly long[] churned = new long[Size + 1];
    private long truncated;

    /// <summary>Adds a customer; <paramref name="membership"/> is null where no recompute has seen the customer.</summary>
    public void Add(PurchaseHistory history, MembershipRow? membership)
    {
        if (history.Orders == 0 || history.FirstOrderAt > asOf)
        {
            return;
        }

        truncated += history.Orders > history.RecentOrders.Length ? 1 : 0;
        var (isActive, count, sum) = (0, 0L, 0L);
        foreach (var order in history.RecentOrders)
        {
            isActive |= order.At > asOf.AddDays(-ShopSummary.ActiveDays) && order.At <= asOf ? 1 : 0;
            if (order.At > asOf.AddDays(-ShopSummary.RevenueDays) && order.At <= asOf)
            {
                count++;
                sum += order.AmountMinor;
            }
        }

        Add(new SegmentSums(ShopSummary.Everyone, 1, isActive, count, sum));
        if (membership is not null)
        {
            Add(new SegmentSums(membership.Primary, 1, isActive, count, sum));
        }

        AddChurn(history, membership);
        AddDays(history);
    }

    /// <summary>Adds what erased customers bought: to the orders, the revenue and the buyers of each day, since nothing else is known of them.</summary>
    public void Add(ErasedDays erased)
    {
        foreach (var day in erased.Days)
        {
            if (day.Day - firstDay is >= 0 and < Size and var index)
            {
                orders[index] += day.Orders;
                revenue[index] += day.RevenueMinor;
                buyers[index] += day.Buyers;
            }
        }
    }

    /// <summary>Adds another summary with the same time and horizon.</summary>
    public void Add(ShopSummary other)
    {
        Array.ForEach(other.Segments, Add);
        Array.ForEach(other.Churn, Add);
        truncated += other.Truncated;
        for (var i = 0; i < other.Days.Length; i++)
        {
            var day = other.Days[i];
            orders[i] += day.Orders;
            revenue[i] += day.RevenueMinor;
            buyers[i] += day.Buyers;
            Span(customers, i, i, day.Customers);
            Span(active, i, i, day.Active);
            Span(churnBase, i, i, day.ChurnBase);
            Span(churned, i, i, day.Churned);
        }
    }

    /// <summary>The summary.</summary>
    public ShopSummary ToSummary()
    {
        var days = new DaySums[Size];
        var (known, activeNow, counts, gone) = (0L, 0L, 0L, 0L);
        for (var i = 0; i < Size; i++)
        {
            days[i] = new DaySums(
                orders[i], revenue[i], buyers[i], known += customers[i], activeNow += active[i], counts += churnBase[i], gone += churned[i]);
        }

        return new ShopSummary
        {
            AsOf = asOf,
            ChurnDays = churnDays,
            Segments = [.. segments.Values.OrderBy(s => s.Segment, StringComparer.Ordinal)],
            Churn = [.. churn.Values.OrderBy(s => s.Segment, StringComparer.Ordinal)],
            Days = days,
            Truncated = truncated,
        };
    }

    private void AddChurn(PurchaseHistory history, MembershipRow? membership)
    {
        var t = asOf.AddDays(-churnDays);
        var (counts, gone) = Churn.Of(history, t, churnDays);
        if (counts)
        {
            Add(new ChurnSums(ShopSummary.Everyone, 1, gone ? 1 : 0));
            if (Churn.SegmentAt(membership, t, segmentOrder ?? []) is { } segment)
            {
                Add(new ChurnSums(segment, 1, gone ? 1 : 0));
            }
        }
    }

    private void AddDays(PurchaseHistory history)
    {
        var today = Size - 1;
        Span(customers, Index(history.FirstOrderAt), today, 1);
        var recent = history.RecentOrders;
        for (var i = 0; i < recent.Length && recent[i].At <= asOf; i++)
        {
            var day = Index(recent[i].At);
            if (day >= 0)
            {
                orders[day]++;
                revenue[day] += recent[i].AmountMinor;
            }

            // The next day with an order; beyond the series where there is none.
            var next = i + 1 < recent.Length && recent[i + 1].At <= asOf ? Index(recent[i + 1].At) : int.MaxValue;
            if (next == day)
            {
                continue;
            }

            if (day >= 0)
            {
                buyers[day]++;
            }

            Span(active, day, Math.Min(day + ShopSummary.ActiveDays - 1, next - 1), 1);
            Span(churnBase, day + 1, Math.Min(day + churnDays, next), 1);
            // Known only where all H days have passed: up to today − H.
            Span(churned, day + 1, Math.Min(Math.Min(day + churnDays, next == int.MaxValue ? next : next - churnDays), today - churnDays), 1);
        }
    }

    private int Index(DateTimeOffset at) => DateOnly.FromDateTime(at.UtcDateTime).DayNumber - firstDay;

    /// <summary>Adds to the days from … to, as far as they are in the series.</summary>
    private static void Span(long[] steps, int from, int to, long amount)
    {
        from = Math.Max(from, 0);
        to = Math.Min(to, Size - 1);
        if (from <= to)
        {
            steps[from] += amount;
            steps[to + 1] -= amount;
        }
    }

    private void Add(SegmentSums s)
    {
        var sum = segments.GetValueOrDefault(s.Segment);
        segments[s.Segment] = new(s.Segment, sum.Customers + s.Customers, sum.Active + s.Active, sum.Orders + s.Orders, sum.RevenueMinor + s.RevenueMinor);
    }

    private void Add(ChurnSums s)
    {
        var sum = churn.GetValueOrDefault(s.Segment);
        churn[s.Segment] = new(s.Segment, sum.Base + s.Base, sum.Churned + s.Churned);
    }
}
