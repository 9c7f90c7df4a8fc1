using Campaigns.Core.Offers.Learning;
using Campaigns.Core.Planning;
using Campaigns.Core.Primitives;
using MemoryPack;

namespace Campaigns.Core.Measurement;

/// <summary>What a cell is about. Segment, variant, offer and channel are those of the assignment; for the control group those it would have got.</summary>
/// <param name="Segment">Primary segment at assignment.</param>
/// <param name="Treatment">Message variant.</param>
/// <param name="Offer">Its offer.</param>
/// <param name="Channel">Channel.</param>
/// <param name="HeldOut">Control group.</param>
/// <param name="Day">UTC day of assignment, as <see cref="DateOnly.DayNumber"/>.</param>
/// <param name="Eligible">The variants that the customer could have drawn, joined by "|": within run, segment and these, everybody had the same probabilities.</param>
/// <param name="NothingPartsPerMillion">Their probability of nothing.</param>
[MemoryPackable]
public readonly partial record struct CellKey(string Segment, string Treatment, string Offer, Channel Channel, bool HeldOut, int Day, string Eligible, int NothingPartsPerMillion) : IComparable<CellKey>
{
    /// <inheritdoc/>
    public int CompareTo(CellKey other)
    {
        var order = string.CompareOrdinal(Segment, other.Segment);
        order = order != 0 ? order : string.CompareOrdinal(Treatment, other.Treatment);
        order = order != 0 ? order : string.CompareOrdinal(Offer, other.Offer);
        order = order != 0 ? order : Channel.CompareTo(other.Channel);
        order = order != 0 ? order : HeldOut.CompareTo(other.HeldOut);
        order = order != 0 ? order : Day.CompareTo(other.Day);
        order = order != 0 ? order : string.CompareOrdinal(Eligible, other.Eligible);
        return order != 0 ? order : NothingPartsPerMillion.CompareTo(other.NothingPartsPerMillion);
    }

    /// <summary>The customer could have drawn the variant.</summary>
    public bool EligibleFor(string treatment) => ("|" + Eligible + "|").Contains("|" + treatment + "|", StringComparison.Ordinal);
}

/// <summary>How often a name came.</summary>
[MemoryPackable]
public readonly partial record struct Counted(string Name, long Count);

/// <summary>
/// Sums over the customers of a cell: integers only, so that cells of buckets add up to the same bits in any order. Amounts
/// in minor units; what holds send costs in micro-units (10⁻⁶ of the major unit).
/// </summary>
[MemoryPackable]
public sealed partial record Cell
{
    /// <summary>Customers assigned.</summary>
    public long Customers { get; init; }

    /// <summary>Messages that went out or may have.</summary>
    public long Sent { get; init; }

    /// <summary>Customers with a net order in the window.</summary>
    public long Converters { get; init; }

    /// <summary>Net orders in the window.</summary>
    public long Orders { get; init; }

    /// <summary>Margin before discount.</summary>
    public long MarginMinor { get; init; }

    /// <summary>All discounts.</summary>
    public long DiscountMinor { get; init; }

    /// <summary>Discounts and benefits redeemed through the offer.</summary>
    public long RedeemedMinor { get; init; }

    /// <summary>Of these, benefits.</summary>
    public long BenefitMinor { get; init; }

    /// <summary>What sending cost, micro-units.</summary>
    public long SendCostMicros { get; init; }

    /// <summary>Orders credited to the message: not causal.</summary>
    public long CreditedOrders { get; init; }

    /// <summary>Their revenue: not causal.</summary>
    public long CreditedMinor { get; init; }

    /// <summary>Revenue in the equally long window before.</summary>
    public long PriorMinor { get; init; }

    /// <summary>Valued events other than orders.</summary>
    public long Events { get; init; }

    /// <summary>Customers with an order in the H days before assignment, where H days have passed since.</summary>
    public long ChurnBase { get; init; }

    /// <summary>Of these, without any in the H days after.</summary>
    public long Churned { get; init; }

    /// <summary>Customers whose H days have not passed yet.</summary>
    public long ChurnPending { get; init; }

    /// <summary>Revenue after discounts.</summary>
    public Sums Revenue { get; init; }

    /// <summary>Margin − all discounts − benefits − send cost, micro-units.</summary>
    public Sums Profit { get; init; }

    /// <summary>Margin before discount, micro-units.</summary>
    public Sums Margin { get; init; }

    /// <summary>Redeemed + send cost, micro-units.</summary>
    public Sums Cost { get; init; }

    /// <summary>Σ margin × cost.</summary>
    public Int128 MarginTimesCost { get; init; }

    /// <summary>Profit on spending up to the run's cap, less send cost, micro-units: the headline.</summary>
    public Sums CappedProfit { get; init; }

    /// <summary>Revenue up to the run's cap, minor units: the headline where margins are unknown.</summary>
    public Sums CappedRevenue { get; init; }

    /// <summary>Revenue in the equally long window before, up to the cap, minor units.</summary>
    public Sums Prior { get; init; }

    /// <summary>Σ capped profit × capped prior revenue.</summary>
    public Int128 CappedProfitTimesPrior { get; init; }

    /// <summary>Σ capped revenue × capped prior revenue.</summary>
    public Int128 CappedRevenueTimesPrior { get; init; }

    /// <summary>Revenue in the days after the window, up to the cap, minor units.</summary>
    public Sums After { get; init; }

    /// <summary>What the policy learns from: conversions and their spending before discounts, up to the cap.</summary>
    public ArmTotals Learnt { get; init; }

    /// <summary>States of the sending records, by name.</summary>
    public Counted[] States { get; init; } = [];

    /// <summary>Reasons why messages were skipped or refused, by reason.</summary>
    public Counted[] Reasons { get; init; } = [];

    /// <summary>The cell of one customer.</summary>
    /// <param name="row">Assignment.</param>
    /// <param name="outcome">Outcome.</param>
    /// <param name="microsPerMinor">Micro-units in one minor unit: 10⁶ ÷ minor units per major unit, a whole number.</param>
    /// <param name="capMinor">What of a customer's spending counts in the headline, minor units; null = all of it.</param>
    /// <param name="churn">Whether the customer counts for churn and churned; null = not known yet.</param>
    public static Cell Of(AssignmentRow row, Outcome outcome, long microsPerMinor, long? capMinor, (bool Counts, bool Churned)? churn)
    {
        var margin = (Int128)outcome.MarginBeforeDiscountMinor * microsPerMinor;
        var cost = ((Int128)outcome.RedeemedMinor * microsPerMinor) + row.SendCostMicros;
        var profit = margin - ((Int128)(outcome.DiscountMinor + outcome.BenefitMinor) * microsPerMinor) - row.SendCostMicros;
        var cap = capMinor ?? long.MaxValue;
        var (revenueUpToCap, prior) = (Math.Min(outcome.RevenueMinor, cap), Math.Min(outcome.PriorMinor, cap));
        // Profit scales with the share of the spending that counts; sending costs the same whatever is spent.
        var cappedProfit = outcome.RevenueMinor <= cap ? profit : ((profit + row.SendCostMicros) * revenueUpToCap / outcome.RevenueMinor) - row.SendCostMicros;
        return new Cell
        {
            Customers = 1,
            Sent = row.WasSent ? 1 : 0,
            Converters = outcome.Orders > 0 ? 1 : 0,
            Orders = outcome.Orders,
            MarginMinor = outcome.MarginBeforeDiscountMinor,
            DiscountMinor = outcome.DiscountMinor,
            RedeemedMinor = outcome.RedeemedMinor,
            BenefitMinor = outcome.BenefitMinor,
            SendCostMicros = row.SendCostMicros,
            CreditedOrders = outcome.CreditedOrders,
            CreditedMinor = outcome.CreditedMinor,
            PriorMinor = outcome.PriorMinor,
            Events = outcome.Events,
            ChurnBase = churn is { Counts: true } ? 1 : 0,
            Churned = churn is { Churned: true } ? 1 : 0,
            ChurnPending = churn is null ? 1 : 0,
            Revenue = default(Sums).With(outcome.RevenueMinor),
            Profit = default(Sums).With(profit),
            Margin = default(Sums).With(margin),
            Cost = default(Sums).With(cost),
            MarginTimesCost = margin * cost,
            CappedProfit = default(Sums).With(cappedProfit),
            CappedRevenue = default(Sums).With(revenueUpToCap),
            Prior = default(Sums).With(prior),
            CappedProfitTimesPrior = cappedProfit * prior,
            CappedRevenueTimesPrior = (Int128)revenueUpToCap * prior,
            After = default(Sums).With(Math.Min(outcome.AfterMinor, cap)),
            Learnt = default(ArmTotals).With(outcome.Orders > 0 ? Math.Min(outcome.RevenueMinor + outcome.DiscountMinor, cap) : 0) with
            {
                Unsubscribes = row.UnsubscribedAt is null ? 0 : 1,
                Complaints = row.State == SendState.Complained ? 1 : 0,
            },
            States = [new Counted(row.State.ToString(), 1)],
            Reasons = row.State is SendState.Skipped or SendState.Rejected ? [new Counted(row.Reason ?? "no reason given", 1)] : [],
        };
    }

    /// <summary>Both cells' sums.</summary>
    public static Cell operator +(Cell a, Cell b) => new()
    {
        Customers = a.Customers + b.Customers,
        Sent = a.Sent + b.Sent,
        Converters = a.Converters + b.Converters,
        Orders = a.Orders + b.Orders,
        MarginMinor = a.MarginMinor + b.MarginMinor,
        DiscountMinor = a.DiscountMinor + b.DiscountMinor,
        RedeemedMinor = a.RedeemedMinor + b.RedeemedMinor,
        BenefitMinor = a.BenefitMinor + b.BenefitMinor,
        SendCostMicros = a.SendCostMicros + b.SendCostMicros,
        CreditedOrders = a.CreditedOrders + b.CreditedOrders,
        CreditedMinor = a.CreditedMinor + b.CreditedMinor,
        PriorMinor = a.PriorMinor + b.PriorMinor,
        Events = a.Events + b.Events,
        ChurnBase = a.ChurnBase + b.ChurnBase,
        Churned = a.Churned + b.Churned,
        ChurnPending = a.ChurnPending + b.ChurnPending,
        Revenue = a.Revenue + b.Revenue,
        Profit = a.Profit + b.Profit,
        Margin = a.Margin + b.Margin,
        Cost = a.Cost + b.Cost,
        MarginTimesCost = a.MarginTimesCost + b.MarginTimesCost,
        CappedProfit = a.CappedProfit + b.CappedProfit,
        CappedRevenue = a.CappedRevenue + b.CappedRevenue,
        Prior = a.Prior + b.Prior,
        CappedProfitTimesPrior = a.CappedProfitTimesPrior + b.CappedProfitTimesPrior,
        CappedRevenueTimesPrior = a.CappedRevenueTimesPrior + b.CappedRevenueTimesPrior,
        After = a.After + b.After,
        Learnt = a.Learnt + b.Learnt,
        States = Merge(a.States, b.States),
        Reasons = Merge(a.Reasons, b.Reasons),
    };

    /// <summary>Counts by name, in ordinal order of the names.</summary>
    private static Counted[] Merge(Counted[] a, Counted[] b)
    {
        if (a.Length == 0 || b.Length == 0)
        {
            return a.Length == 0 ? b : a;
        }

        if (a.Length == 1 && b.Length == 1 && string.Equals(a[0].Name, b[0].Name, StringComparison.Ordinal))
        {
            return [new Counted(a[0].Name, a[0].Count + b[0].Count)];
        }

        return [.. a.Concat(b).GroupBy(c => c.Name, StringComparer.Ordinal)
            .Select(g => new Counted(g.Key, g.Sum(c => c.Count)))
            .OrderBy(c => c.Name, StringComparer.Ordinal)];
    }
}
