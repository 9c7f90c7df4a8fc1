using Campaigns.Core.Storage;
using MemoryPack;

namespace Campaigns.Core.Profiles;

/// <summary>
/// Recency, frequency and monetary value in bins, five unless set otherwise (Hughes, <i>Strategic Database Marketing</i>,
/// 1994); the highest score is the best. The cut points come from <see cref="RfmSurvey"/> over all customers, so a score
/// says where a customer stands among them. Customers of equal recency or spend score the same; ties of frequency, where
/// whole fifths of a shop have one order each, are ranked by ascending customer id (ordinal).
/// </summary>
public static class Rfm
{
    /// <summary>
    /// The scores, or null for a customer without a net order (in the window, where there is one).
    /// <paramref name="asOf"/> is business time; orders after it count as today's.
    /// </summary>
    public static RfmScore? Score(PurchaseHistory history, RfmCuts cuts, DateTimeOffset asOf) =>
        Measure(history, asOf, cuts.WindowDays) is not { } measured
            ? null
            : new RfmScore(
                cuts.RecencyDays.Length + 2 - Bin(measured.RecencyDays, cuts.RecencyDays),
                FrequencyBin(measured.Orders, history.CustomerId, cuts),
                Bin(measured.SpendMinor, cuts.SpendMinor));

    /// <summary>
    /// What is scored: over the whole history, or over the orders of the last <paramref name="windowDays"/> days. Null without
    /// such an order. Orders of a window are counted among the <see cref="PurchaseHistory.RecentOrderLimit"/> that are kept.
    /// </summary>
    public static RfmMeasures? Measure(PurchaseHistory history, DateTimeOffset asOf, int? windowDays)
    {
        if (history.Orders == 0)
        {
            return null;
        }

        if (windowDays is not { } days)
        {
            return new RfmMeasures(RecencyDays(history, asOf), history.Orders, history.SpendMinor);
        }

        var from = asOf.AddDays(-days);
        var (orders, spend) = (0, 0L);
        for (var i = history.RecentOrders.Length - 1; i >= 0 && history.RecentOrders[i].At > from; i--)
        {
            orders++;
            spend += history.RecentOrders[i].AmountMinor;
        }

        return orders == 0 ? null : new RfmMeasures(RecencyDays(history, asOf), orders, spend);
    }

    /// <summary>Whole days since the last net order, ≥ 0.</summary>
    public static int RecencyDays(PurchaseHistory history, DateTimeOffset asOf) =>
        Math.Max(0, (int)Math.Floor((asOf - history.LastOrderAt).TotalDays));

    /// <summary>1 + the number of cuts that the value exceeds.</summary>
    internal static int Bin(long value, long[] cuts)
    {
        var bin = 1;
        foreach (var cut in cuts)
        {
            bin += value > cut ? 1 : 0;
        }

        return bin;
    }

    private static int FrequencyBin(int orders, string id, RfmCuts cuts)
    {
        var bin = 1;
        for (var i = 0; i < cuts.Orders.Length; i++)
        {
            var cut = cuts.Orders[i];
            var beyond = orders > cut || (orders == cut && i < cuts.OrderTies.Length && cuts.OrderTies[i] is { } last && string.CompareOrdinal(id, last) > 0);
            bin += beyond ? 1 : 0;
        }

        return bin;
    }
}

/// <summary>What RFM scores: whole days since the last order, orders, and spend in minor units.</summary>
public readonly record struct RfmMeasures(int RecencyDays, int Orders, long SpendMinor);

/// <summary>Scores 1 … number of bins, the highest is best: bought recently, often, for much.</summary>
public readonly record struct RfmScore(int Recency, int Frequency, int Monetary)
{
    /// <summary>As marketers write it: "R5 F4 M3".</summary>
    public override string ToString() => string.Create(System.Globalization.CultureInfo.InvariantCulture, $"R{Recency} F{Frequency} M{Monetary}");
}

/// <summary>
/// The cut points of each measure, one fewer than bins. By default percentiles (nearest rank: the least value with at least
/// that share of customers at or below it), for five bins the 20th, 40th, 60th and 80th. Empty where there are no customers.
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

    /// <summary>
    /// Where a cut of <see cref="Orders"/> falls among customers with equally many orders: the last customer id below the cut.
    /// Null, or missing: all of them are below.
    /// </summary>
    public string?[] OrderTies { get; init; } = [];

    /// <summary>Days back from the as-of time whose orders count, or null for all.</summary>
    public int? WindowDays { get; init; }
}
