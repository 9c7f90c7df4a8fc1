namespace Campaigns.Core.Measurement;

/// <summary>What rows of a KPI table are about.</summary>
public enum KpiGrouping
{
    /// <summary>A row per campaign.</summary>
    Campaign,

    /// <summary>A row per campaign and segment, then the shop's segments.</summary>
    Segment,

    /// <summary>A row per campaign, variant and offer.</summary>
    Offer,

    /// <summary>A row per campaign and channel.</summary>
    Channel,

    /// <summary>A row per campaign and day of assignment, then the shop's days.</summary>
    Day,
}

/// <summary>The latest measurement: every run, frozen or open, and the shop. Pages and the API read nothing else.</summary>
/// <param name="AsOf">Business time of the measurement.</param>
/// <param name="Currency">ISO 4217 currency of all amounts.</param>
/// <param name="Runs">Runs by campaign and occurrence.</param>
/// <param name="Shop">The shop's own figures.</param>
public sealed record KpiReport(DateTimeOffset AsOf, string Currency, IReadOnlyList<RunSummary> Runs, ShopSummary Shop)
{
    /// <summary>The rows of a table, campaigns first, in a fixed order.</summary>
    public IReadOnlyList<KpiRow> Rows(KpiGrouping by) => KpiTable.Rows(this, by);

    /// <summary>The row of a campaign, or null where it has no run yet.</summary>
    public KpiRow? Campaign(string campaign) => Rows(KpiGrouping.Campaign).FirstOrDefault(r => string.Equals(r.Campaign, campaign, StringComparison.Ordinal));

    /// <summary>The row of all customers of the shop.</summary>
    public KpiRow Everyone() => KpiTable.ShopSegments(this)[0];
}

/// <summary>
/// One row of a KPI table: what JSON, CSV and pages show. Amounts in minor units of the report's currency; shares in [0, 1].
/// Formulas: docs/measures.md.
/// </summary>
public sealed record KpiRow
{
    /// <summary>"campaign": assigned customers, measured against the control group; "shop": all customers, whatever caused it.</summary>
    public required string Scope { get; init; }

    /// <summary>Campaign id, or null for the shop.</summary>
    public string? Campaign { get; init; }

    /// <summary>Campaign name.</summary>
    public string? CampaignName { get; init; }

    /// <summary>Segment; null where the row is not about one.</summary>
    public string? Segment { get; init; }

    /// <summary>Message variant.</summary>
    public string? Treatment { get; init; }

    /// <summary>Offer.</summary>
    public string? Offer { get; init; }

    /// <summary>Channel.</summary>
    public string? Channel { get; init; }

    /// <summary>UTC day: of assignment, or of the orders for the shop.</summary>
    public DateOnly? Day { get; init; }

    /// <summary>Customers assigned, both arms; for the shop, customers with an order.</summary>
    public long Customers { get; init; }

    /// <summary>Of these, assigned to a message.</summary>
    public long Treated { get; init; }

    /// <summary>Of these, in the control group.</summary>
    public long HeldOut { get; init; }

    /// <summary>Messages that went out or may have.</summary>
    public long Sent { get; init; }

    /// <summary>Customers not sent to, by reason: left out before the draw, and skipped or refused after it.</summary>
    public IReadOnlyDictionary<string, long> Skipped { get; init; } = new Dictionary<string, long>(StringComparer.Ordinal);

    /// <summary>For the shop, customers with an order in the last 30 days.</summary>
    public long? Active { get; init; }

    /// <summary>Share of treated customers with an order in the window; for the shop, active customers ÷ customers.</summary>
    public double? Conversion { get; init; }

    /// <summary>Share of held-out customers with an order in the window.</summary>
    public double? ConversionHeldOut { get; init; }

    /// <summary>Churn of treated customers, or of the shop; null while not known.</summary>
    public double? Churn { get; init; }

    /// <summary>Churn of held-out customers.</summary>
    public double? ChurnHeldOut { get; init; }

    /// <summary>Churn of treated minus held-out customers.</summary>
    public double? ChurnDifference { get; init; }

    /// <summary>Why churn is null: "not known yet" or "nobody bought before"; else null.</summary>
    public string? ChurnNote { get; init; }

    /// <summary>Revenue ÷ orders of treated customers, or of the shop.</summary>
    public double? AverageBasketMinor { get; init; }

    /// <summary>Revenue ÷ orders of held-out customers.</summary>
    public double? AverageBasketHeldOutMinor { get; init; }

    /// <summary>Net orders of treated customers in the window, or of the shop.</summary>
    public long Orders { get; init; }

    /// <summary>Net revenue of treated customers in the window, or of the shop.</summary>
    public long RevenueMinor { get; init; }

    /// <summary>Net revenue of held-out customers in the window.</summary>
    public long RevenueHeldOutMinor { get; init; }

    /// <summary>Discounts and benefits redeemed by treated customers, plus sending.</summary>
    public double CostMinor { get; init; }

    /// <summary>Of these, sending.</summary>
    public double SendCostMinor { get; init; }

    /// <summary>Return on investment; null = undefined (no cost, no control group) or margins unknown.</summary>
    public double? Roi { get; init; }

    /// <summary>Lower end of its 95 % interval.</summary>
    public double? RoiLow { get; init; }

    /// <summary>Upper end of its 95 % interval.</summary>
    public double? RoiHigh { get; init; }

    /// <summary>Why no return on investment should be shown to people: it is undefined, or the groups are too small; null where it may be.</summary>
    public string? RoiNote { get; init; }

    /// <summary>The return on investment to show: null where <see cref="RoiNote"/> stands instead.</summary>
    [System.Text.Json.Serialization.JsonIgnore]
    public double? RoiShown => RoiNote is null ? Roi : null;

    /// <summary>What the primary figure is: "profit", or "revenue" where margins are unknown; null for the shop.</summary>
    public string? Figure { get; init; }

    /// <summary>The primary figure: incremental profit (or revenue) per 1,000 assigned, on each customer's spending up to the run's cap.</summary>
    public double? IncrementalPer1000Minor { get; init; }

    /// <summary>Lower end of the headline interval.</summary>
    public double? IntervalLowMinor { get; init; }

    /// <summary>Upper end of the headline interval.</summary>
    public double? IntervalHighMinor { get; init; }

    /// <summary>"fixed-time" (window closed) or "always-valid" (window open).</summary>
    public string? IntervalKind { get; init; }

    /// <summary>The smallest effect per 1,000 that this size could have shown.</summary>
    public double? MinimumDetectableMinor { get; init; }

    /// <summary>"proven gain", "proven loss", "not proven", "too small to measure", "not measured" (promised to everyone) or, while a window is open, "too early".</summary>
    public string? Verdict { get; init; }

    /// <summary>The verdict in a sentence.</summary>
    public string? Explanation { get; init; }

    /// <summary>Share of all revenue that the cap leaves out of the primary figure, in [0, 1].</summary>
    public double? CapRemovesShare { get; init; }

    /// <summary>The primary figure on all spending: no verdict rests on it.</summary>
    public double? UncappedPer1000Minor { get; init; }

    /// <summary>Lower end of its interval, of the headline's kind.</summary>
    public double? UncappedLowMinor { get; init; }

    /// <summary>Upper end of its interval.</summary>
    public double? UncappedHighMinor { get; init; }

    /// <summary>The primary figure with earlier spending taken into account (CUPED).</summary>
    public double? AdjustedPer1000Minor { get; init; }

    /// <summary>Lower end of its interval, of the headline's kind.</summary>
    public double? AdjustedLowMinor { get; init; }

    /// <summary>Upper end of its interval.</summary>
    public double? AdjustedHighMinor { get; init; }

    /// <summary>Share of the variance that this removed, in [0, 1).</summary>
    public double? AdjustmentGain { get; init; }

    /// <summary>Incremental revenue per 1,000 in the 30 days after the window: below zero where orders were only pulled forward. Null until they are over.</summary>
    public double? AfterPer1000Minor { get; init; }

    /// <summary>Lower end of its 95 % interval.</summary>
    public double? AfterLowMinor { get; init; }

    /// <summary>Upper end of its 95 % interval.</summary>
    public double? AfterHighMinor { get; init; }

    /// <summary>Incremental revenue per 1,000 assigned.</summary>
    public double? IncrementalRevenuePer1000Minor { get; init; }

    /// <summary>Additional buyers per 1,000 assigned.</summary>
    public double? IncrementalBuyersPer1000 { get; init; }

    /// <summary>Orders credited to messages: what came before them, not what caused them.</summary>
    public long CreditedOrders { get; init; }

    /// <summary>Revenue credited to messages: not causal.</summary>
    public long CreditedRevenueMinor { get; init; }

    /// <summary>p-value of the assigned counts under the logged probabilities; below .001 nothing here can be believed.</summary>
    public double? SampleRatioPValue { get; init; }

    /// <summary>All outcome windows are over; null for the shop.</summary>
    public bool? WindowClosed { get; init; }
}
