using Campaigns.Core.Profiles;
using Campaigns.Core.Storage;
using MemoryPack;

namespace Campaigns.Core.Planning.Constraints;

/// <summary>Customers who pass the gates and can draw the same variants.</summary>
/// <param name="Segment">Segment.</param>
/// <param name="Eligible">Ids of the variants that reach them, in the campaign's order, joined by "|".</param>
/// <param name="Customers">How many.</param>
/// <param name="SendCostMicros">What one message of each variant to each of them would cost, summed, micro-units of the major unit.</param>
[MemoryPackable]
public sealed partial record AudienceClass(string Segment, string Eligible, long Customers, long[] SendCostMicros);

/// <summary>What a segment's customers bought so far: all that is known of their buying before a first run has closed. Integers only.</summary>
/// <param name="Segment">Segment.</param>
/// <param name="Customers">Customers who pass the gates.</param>
/// <param name="WindowOrders">Orders in a window before the run that is as long as the outcome window.</param>
/// <param name="PaceE6">Σ orders per outcome window since the first order, in millionths.</param>
/// <param name="Orders">Orders ever.</param>
/// <param name="SpendMinor">Spending ever, minor units.</param>
[MemoryPackable]
public readonly partial record struct SegmentPast(string Segment, long Customers, long WindowOrders, long PaceE6, long Orders, long SpendMinor)
{
    /// <summary>Orders per customer to be expected in the window: the higher of recent and usual pace, as budgets are to hold.</summary>
    [MemoryPackIgnore]
    public double OrdersPerCustomer => Customers == 0 ? 0 : Math.Max(WindowOrders, PaceE6 / 1e6) / Customers;

    /// <summary>Mean spending per order, minor units.</summary>
    [MemoryPackIgnore]
    public double BasketMinor => Orders == 0 ? 0 : (double)SpendMinor / Orders;
}

/// <summary>The audience by what it can draw: summary of each bucket of stage "weigh". Sums of integers: the same for any number of buckets.</summary>
[MemoryPackable]
public sealed partial record AudienceWeights : IStoredRow
{
    /// <inheritdoc/>
    public static byte Version => 1;

    /// <summary>Classes, by segment and eligibility.</summary>
    public AudienceClass[] Classes { get; init; } = [];

    /// <summary>By segment.</summary>
    public SegmentPast[] Past { get; init; } = [];
}

/// <summary>Adds up <see cref="AudienceWeights"/>.</summary>
internal sealed class AudienceWeightsTally
{
    private readonly Dictionary<(string Segment, string Eligible), AudienceClass> classes = [];
    private readonly Dictionary<string, SegmentPast> past = new(StringComparer.Ordinal);

    /// <summary>Counts a member who passes the gates.</summary>
    public void Add(RunFrame frame, AudienceMember member, IReadOnlyList<ReachableTreatment> reachable, PurchaseHistory? history)
    {
        Add(new AudienceClass(
            member.Segment,
            string.Join('|', reachable.Select(r => r.Treatment.Id)),
            1,
            [.. reachable.Select(r => SendCost.Micros(r.Treatment, r.Channel, frame.Inputs))]));
        Add(PastOf(member.Segment, history, frame.AsOf, frame.Inputs.Campaign.OutcomeWindowDays));
    }

    /// <summary>Adds a bucket's.</summary>
    public void Add(AudienceWeights weights)
    {
        Array.ForEach(weights.Classes, Add);
        Array.ForEach(weights.Past, Add);
    }

    /// <summary>The sum; <paramref name="read"/> of <paramref name="buckets"/> buckets were read, and the rest is taken to be like them.</summary>
    public AudienceWeights ToWeights(int read = 1, int buckets = 1) => new()
    {
        Classes = [.. classes.Values.OrderBy(c => c.Segment, StringComparer.Ordinal).ThenBy(c => c.Eligible, StringComparer.Ordinal)
            .Select(c => c with { Customers = c.Customers * buckets / read, SendCostMicros = Array.ConvertAll(c.SendCostMicros, s => s * buckets / read) })],
        Past = [.. past.Values.OrderBy(p => p.Segment, StringComparer.Ordinal)],
    };

    private static SegmentPast PastOf(string segment, PurchaseHistory? history, DateTimeOffset now, int windowDays)
    {
        if (history is null || history.Orders <= 0)
        {
            return new SegmentPast(segment, 1, 0, 0, 0, 0);
        }

        // Whoever ordered first within the window is no regular yet: one window at least.
        var days = Math.Max((now - history.FirstOrderAt).TotalDays, windowDays);
        var since = now.AddDays(-windowDays);
        return new SegmentPast(
            segment, 1, history.RecentOrders.Count(o => o.At >= since && o.At < now), (long)Math.Round(history.Orders * windowDays * 1e6 / days), history.Orders, history.SpendMinor);
    }

    private void Add(AudienceClass more)
    {
        var key = (more.Segment, more.Eligible);
        classes[key] = classes.TryGetValue(key, out var sum)
            ? sum with { Customers = sum.Customers + more.Customers, SendCostMicros = [.. sum.SendCostMicros.Zip(more.SendCostMicros, (a, b) => a + b)] }
            : more;
    }

    private void Add(SegmentPast more)
    {
        var sum = past.GetValueOrDefault(more.Segment);
        past[more.Segment] = new SegmentPast(
            more.Segment, sum.Customers + more.Customers, sum.WindowOrders + more.WindowOrders, sum.PaceE6 + more.PaceE6, sum.Orders + more.Orders, sum.SpendMinor + more.SpendMinor);
    }
}
