using System.Globalization;
using Campaigns.Core.Primitives;
using Campaigns.Core.Profiles;
using Campaigns.Core.Profiles.Scores;
using Campaigns.Core.Segments.Rules;

namespace Campaigns.Core.Segments;

/// <summary>Why a customer is in a segment, in words with the actual values.</summary>
public readonly record struct MembershipReason(string Segment, string Reason);

/// <summary>
/// The rules of the fixed segments: pure functions of a customer's history, the shop's parameters and the time. A customer
/// is in at most one of lost, at-risk and new; loyal and price-sensitive may come on top; regular is who is in no other.
/// See docs/segments.md.
/// </summary>
public static class Classification
{
    /// <summary>Order days from which a customer's own mean gap counts: two gaps; one alone is an anecdote.</summary>
    public const int OwnRhythmOrderDays = 3;

    /// <summary>At risk is who is silent for longer than this many own gaps.</summary>
    public const double AtRiskGaps = 2;

    /// <summary>Gaps that the shop needs before its percentiles count; below, the 95th would rest on one or two of them.</summary>
    public const int LeastShopGaps = 20;

    /// <summary>Order days without which nobody is loyal, whatever the shop's percentiles say.</summary>
    public const int LoyalOrderDays = 3;

    /// <summary>Scores of recency, frequency and spend from which they are high: the best two fifths.</summary>
    public const int HighScore = 4;

    /// <summary>Lines without which nobody is price-sensitive: below, the customer's share says less than the shop's.</summary>
    public const int PriceEvidenceLines = 4;

    /// <summary>Order days without which nobody is price-sensitive: one visit during a sale is no habit.</summary>
    public const int PriceEvidenceOrderDays = 2;

    /// <summary>Lines at the shop's share that are added to the customer's own (a Beta prior of this weight): shrinks small samples.</summary>
    public const double PriorLines = 4;

    /// <summary>Price-sensitive buyers buy cheap this many times as often as the shop at large …</summary>
    public const double PriceSensitiveRatio = 1.5;

    /// <summary>… at least half of the time …</summary>
    public const double LeastCheapShare = 0.5;

    /// <summary>… and where nearly all is discounted, nearly always.</summary>
    public const double MostCheapShare = 0.95;

    /// <summary>The customer's segments; empty where there is no net order.</summary>
    public static SegmentSet Classify(PurchaseHistory history, SegmentParameters parameters, DateTimeOffset asOf)
    {
        if (history.Orders == 0)
        {
            return default;
        }

        var silence = SilenceDays(history, asOf);
        var atRisk = silence > AtRiskLimitDays(history, parameters);
        var set = default(SegmentSet);
        if (atRisk)
        {
            set = With(set, silence > parameters.Gap95Days ? SegmentNames.Lost : SegmentNames.AtRisk);
        }
        else if (history.OrderDays <= 1)
        {
            set = With(set, SegmentNames.New);
        }

        if (IsLoyal(history, parameters, asOf))
        {
            set = With(set, SegmentNames.Loyal);
        }

        if (IsPriceSensitive(history, parameters))
        {
            set = With(set, SegmentNames.PriceSensitive);
        }

        return set.IsEmpty ? With(set, SegmentNames.Regular) : set;
    }

    private static SegmentSet With(SegmentSet set, string segment) => set.With(RetailScheme.Scheme.IndexOf(segment));

    /// <summary>The reason for every membership, by priority; empty where the customer is in no segment.</summary>
    public static IReadOnlyList<MembershipReason> Explain(PurchaseHistory history, SegmentParameters parameters, DateTimeOffset asOf)
    {
        var reasons = new List<MembershipReason>(2);
        foreach (var segment in RetailScheme.Scheme.IdsOf(Classify(history, parameters, asOf)))
        {
            reasons.Add(new MembershipReason(segment, Reason(segment, history, parameters, asOf)));
        }

        return reasons;
    }

    /// <summary>Days of silence beyond which the customer is at risk: twice the own mean gap, else the shop's 80th percentile of gaps.</summary>
    public static double AtRiskLimitDays(PurchaseHistory history, SegmentParameters parameters) =>
        OwnGapDays(history) is { } gap ? AtRiskGaps * gap : parameters.Gap80Days;

    /// <summary>Cheap lines and judged lines of the customer: by discount where discounts are known, else by the usual price of the last products bought.</summary>
    public static CheapLines CheapLinesOf(PurchaseHistory history, SegmentParameters parameters) =>
        CheapLines.Of(history, parameters.DiscountsKnown, parameters.DiscountsKnown ? null : parameters.UsualPriceE4);

    private static double? OwnGapDays(PurchaseHistory history) => history.OrderDays >= OwnRhythmOrderDays ? history.MeanGapDays : null;

    private static double SilenceDays(PurchaseHistory history, DateTimeOffset asOf) => Math.Max(0, history.DaysSinceLastOrder(asOf) ?? 0);

    private static bool IsLoyal(PurchaseHistory history, SegmentParameters parameters, DateTimeOffset asOf) =>
        history.OrderDays >= LoyalOrderDays
        && Rfm.Score(history, parameters.Rfm, asOf) is { Recency: >= HighScore, Frequency: >= HighScore, Monetary: >= HighScore };

    private static bool IsPriceSensitive(PurchaseHistory history, SegmentParameters parameters)
    {
        if (history.OrderDays < PriceEvidenceOrderDays)
        {
            return false;
        }

        var (cheap, judged) = CheapLinesOf(history, parameters);
        return judged >= PriceEvidenceLines
            && (cheap + (PriorLines * parameters.CheapShare)) / (judged + PriorLines) >= parameters.PriceSensitiveShare;
    }

    private static string Reason(string segment, PurchaseHistory history, SegmentParameters parameters, DateTimeOffset asOf)
    {
        var days = Days(SilenceDays(history, asOf));
        switch (segment)
        {
            case SegmentNames.Lost:
                return Text($"lost: {days} since the last order, {Rhythm(history, parameters)}; in this shop 95 % of repeat orders come within {Days(parameters.Gap95Days)}; leaves by ordering");
            case SegmentNames.AtRisk:
                return Text($"at risk: {days} since the last order, {Rhythm(history, parameters)}; leaves by ordering");
            case SegmentNames.New:
                return Text($"new: first ordered {days} ago; leaves by ordering again, or is at risk after {Days(parameters.Gap80Days)} of silence");
            case SegmentNames.Loyal:
                // Score 4 begins above the third cut; for recency, where less is better, at or below the second.
                var cuts = parameters.Rfm;
                return Text($"loyal: {history.Orders} orders (high: {HighOrders(cuts)}), {Spend(history.SpendMinor, parameters)} spent (high: more than {Spend(cuts.SpendMinor[2], parameters)}), {days} since the last order (recent: {Days(cuts.RecencyDays[1])} or less)");
            case SegmentNames.PriceSensitive:
                var (cheap, judged) = CheapLinesOf(history, parameters);
                var how = parameters.DiscountsKnown ? "at a discount" : "at 90 % of the usual price or less";
                return Text($"price-sensitive: {cheap} of {judged} lines bought {how}, in the whole shop {Percent(parameters.CheapShare)}; counts from {Percent(parameters.PriceSensitiveShare)} with enough lines");
            default:
                return Text($"regular: {Count(history.Orders, "order")}, {days} since the last one; at risk after {Days(AtRiskLimitDays(history, parameters))} of silence");
        }
    }

    /// <summary>Where the cut falls among customers with equally many orders, some of them are beyond it.</summary>
    private static string HighOrders(RfmCuts cuts) =>
        cuts.OrderTies.Length > 2 && cuts.OrderTies[2] is not null ? Text($"{cuts.Orders[2]} or more") : Text($"more than {cuts.Orders[2]}");

    private static string Rhythm(PurchaseHistory history, SegmentParameters parameters) =>
        OwnGapDays(history) is { } gap
            ? Text($"usual gap {gap:0}")
            : Text($"too few orders for a rhythm of its own, and in this shop 80 % of repeat orders come within {Days(parameters.Gap80Days)}");

    private static string Days(double days) => Count((long)days, "day");

    private static string Count(long count, string noun) => Text($"{count:N0} {noun}{(count == 1 ? "" : "s")}");

    private static string Percent(double share) => Text($"{share * 100:0} %");

    private static string Spend(long minor, SegmentParameters parameters) => new Money(minor, parameters.Currency).ToWholeString();

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
