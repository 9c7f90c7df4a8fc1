using System.Globalization;

namespace Campaigns.Core.Measurement;

/// <summary>Makes the rows of KPI tables out of summaries.</summary>
public static class KpiTable
{
    /// <summary>Churn whose time has not passed.</summary>
    public const string NotKnownYet = "not known yet";

    /// <summary>Churn where no customer ordered in the days before.</summary>
    public const string NobodyBefore = "nobody bought before";

    /// <summary>The grouping of a query's text, or null where it is none.</summary>
    public static KpiGrouping? ParseGrouping(string? by) =>
        // By name only: the enumeration's own parser takes numbers and lists as well.
        Enum.GetNames<KpiGrouping>().FirstOrDefault(n => n.Equals(by, StringComparison.OrdinalIgnoreCase)) is { } name ? Enum.Parse<KpiGrouping>(name) : null;

    /// <summary>The rows.</summary>
    public static IReadOnlyList<KpiRow> Rows(KpiReport report, KpiGrouping by)
    {
        var rows = new List<KpiRow>();
        var cells = report.Runs.SelectMany(run => run.Cells.Select(cell => (Run: run, Cell: cell)));
        foreach (var group in cells.GroupBy(c => GroupOf(c.Run, c.Cell.Key, by)).OrderBy(g => g.Key))
        {
            rows.Add(CampaignRow(report, group.Key, [.. group], by));
        }

        rows.AddRange(by switch { KpiGrouping.Segment => ShopSegments(report), KpiGrouping.Day => ShopDays(report), _ => [] });
        return rows;
    }

    private readonly record struct Group(string Campaign, string Segment, string Treatment, string Offer, string Channel, int Day) : IComparable<Group>
    {
        public int CompareTo(Group other)
        {
            var order = string.CompareOrdinal(Campaign, other.Campaign);
            order = order != 0 ? order : string.CompareOrdinal(Segment, other.Segment);
            order = order != 0 ? order : string.CompareOrdinal(Treatment, other.Treatment);
            order = order != 0 ? order : string.CompareOrdinal(Offer, other.Offer);
            order = order != 0 ? order : string.CompareOrdinal(Channel, other.Channel);
            return order != 0 ? order : Day.CompareTo(other.Day);
        }
    }

    private static Group GroupOf(RunSummary run, CellKey key, KpiGrouping by) => by switch
    {
        KpiGrouping.Segment => new Group(run.Campaign, key.Segment, "", "", "", 0),
        KpiGrouping.Offer => new Group(run.Campaign, "", key.Treatment, key.Offer, "", 0),
        KpiGrouping.Channel => new Group(run.Campaign, "", "", "", key.Channel.ToString().ToLowerInvariant(), 0),
        KpiGrouping.Day => new Group(run.Campaign, "", "", "", "", key.Day),
        _ => new Group(run.Campaign, "", "", "", "", 0),
    };

    private static KpiRow CampaignRow(KpiReport report, Group group, List<(RunSummary Run, KeyedCell Cell)> cells, KpiGrouping by)
    {
        var comparison = new Comparison(cells);
        var (treated, heldOut) = (comparison.Total.Treated, comparison.Total.HeldOut);
        var runs = cells.Select(c => c.Run).DistinctBy(r => r.Run, StringComparer.Ordinal).ToList();
        var row = new KpiRow
        {
            Scope = "campaign",
            Campaign = group.Campaign,
            CampaignName = runs[^1].CampaignName,
            Segment = Text(group.Segment),
            Treatment = Text(group.Treatment),
            Offer = Text(group.Offer),
            Channel = Text(group.Channel),
            Day = by == KpiGrouping.Day ? DateOnly.FromDayNumber(group.Day) : null,
            Customers = treated.Customers + heldOut.Customers,
            Treated = treated.Customers,
            HeldOut = heldOut.Customers,
            Sent = treated.Sent,
            Skipped = Skipped(treated, runs, group, by),
            Conversion = Share(treated.Converters, treated.Customers),
            ConversionHeldOut = Share(heldOut.Converters, heldOut.Customers),
            AverageBasketMinor = Share((double)treated.Revenue.Sum, treated.Orders),
            AverageBasketHeldOutMinor = Share((double)heldOut.Revenue.Sum, heldOut.Orders),
            Orders = treated.Orders,
            RevenueMinor = (long)treated.Revenue.Sum,
            RevenueHeldOutMinor = (long)heldOut.Revenue.Sum,
            CostMinor = (double)treated.Cost.Sum / comparison.MicrosPerMinor,
            SendCostMinor = (double)treated.SendCostMicros / comparison.MicrosPerMinor,
            CreditedOrders = treated.CreditedOrders,
            CreditedRevenueMinor = treated.CreditedMinor,
            SampleRatioPValue = by == KpiGrouping.Campaign ? SampleRatioOf(runs) : null,
            WindowClosed = comparison.Closed,
        };
        return WithEffects(WithChurn(row, treated, heldOut), comparison, report.Currency);
    }

    private static KpiRow WithChurn(KpiRow row, Cell treated, Cell heldOut)
    {
        if (treated.ChurnPending + heldOut.ChurnPending > 0)
        {
            return row with { ChurnNote = NotKnownYet };
        }

        var (own, other) = (Share(treated.Churned, treated.ChurnBase), Share(heldOut.Churned, heldOut.ChurnBase));
        return row with { Churn = own, ChurnHeldOut = other, ChurnDifference = own - other, ChurnNote = own is null || other is null ? NobodyBefore : null };
    }

    private static KpiRow WithEffects(KpiRow row, Comparison comparison, string currency)
    {
        var (primary, uncapped) = (comparison.Headline(), comparison.Uncapped());
        var figure = comparison.MarginKnown ? "profit" : "revenue";
        var roi = comparison.Return();
        var adjusted = comparison.Adjusted();
        var after = comparison.After();
        return row with
        {
            Roi = roi?.Value,
            RoiLow = roi?.Interval?.Low,
            RoiHigh = roi?.Interval?.High,
            RoiNote = !comparison.MarginKnown ? "margin unknown" : roi?.Value is null ? "undefined" : primary.Verdict is Measurement.Verdict.TooSmall or Measurement.Verdict.TooEarly or Measurement.Verdict.NotMeasured ? "too small" : null,
            Figure = figure,
            IncrementalPer1000Minor = primary.Per1000,
            IntervalLowMinor = primary.Interval?.Low,
            IntervalHighMinor = primary.Interval?.High,
            IntervalKind = primary.Kind == Measurement.IntervalKind.FixedTime ? "fixed-time" : "always-valid",
            MinimumDetectableMinor = primary.MinimumDetectable,
            Verdict = Verdicts.Name(primary.Verdict),
            Explanation = Verdicts.Describe(primary, currency, figure),
            CapRemovesShare = comparison.CapRemoves(),
            UncappedPer1000Minor = uncapped.Per1000,
            UncappedLowMinor = uncapped.Interval?.Low,
            UncappedHighMinor = uncapped.Interval?.High,
            AdjustedPer1000Minor = adjusted?.Per1000,
            AdjustedLowMinor = adjusted?.Interval?.Low,
            AdjustedHighMinor = adjusted?.Interval?.High,
            AdjustmentGain = adjusted?.Gain,
            AfterPer1000Minor = after?.Per1000,
            AfterLowMinor = after?.Interval?.Low,
            AfterHighMinor = after?.Interval?.High,
            IncrementalRevenuePer1000Minor = comparison.Revenue().Per1000,
            IncrementalBuyersPer1000 = comparison.Conversion().Per1000,
        };
    }

    private static SortedDictionary<string, long> Skipped(Cell treated, List<RunSummary> runs, Group group, KpiGrouping by)
    {
        var skipped = new SortedDictionary<string, long>(StringComparer.Ordinal);
        foreach (var reason in treated.Reasons)
        {
            skipped[reason.Name] = reason.Count;
        }

        // Who took no part in the draw has a segment, but neither an offer nor a channel.
        foreach (var left in runs.SelectMany(r => r.NotAssigned))
        {
            if (by == KpiGrouping.Campaign || (by == KpiGrouping.Segment && string.Equals(left.Segment, group.Segment, StringComparison.Ordinal)))
            {
                skipped[left.Reason] = skipped.GetValueOrDefault(left.Reason) + left.Customers;
            }
        }

        return skipped;
    }

    private static double? SampleRatioOf(List<RunSummary> runs) => SampleRatio.PValue(
        [.. runs.SelectMany(r => r.Draws).GroupBy(d => d.Treatment, StringComparer.Ordinal)
            .Select(g => (g.Sum(d => d.Observed), g.Sum(d => d.ExpectedPartsPerMillion) / 1e6))]);

    /// <summary>The shop by segment of today; all customers first. Churn by the segment at the time it looks from.</summary>
    internal static List<KpiRow> ShopSegments(KpiReport report)
    {
        var shop = report.Shop;
        var segments = shop.Segments.Length > 0 ? shop.Segments : [new SegmentSums(ShopSummary.Everyone, 0, 0, 0, 0)];
        return [.. segments.Select(s =>
        {
            var churn = Array.Find(shop.Churn, c => string.Equals(c.Segment, s.Segment, StringComparison.Ordinal));
            return new KpiRow
            {
                Scope = "shop",
                Segment = Text(s.Segment),
                Customers = s.Customers,
                Active = s.Active,
                Conversion = Share(s.Active, s.Customers),
                Orders = s.Orders,
                RevenueMinor = s.RevenueMinor,
                AverageBasketMinor = Share(s.RevenueMinor, s.Orders),
                Churn = Share(churn.Churned, churn.Base),
                ChurnNote = churn.Base == 0 ? NotKnownYet : null,
            };
        })];
    }

    private static IEnumerable<KpiRow> ShopDays(KpiReport report)
    {
        var shop = report.Shop;
        var lastKnown = shop.Days.Length - 1 - shop.ChurnDays;
        for (var i = 0; i < shop.Days.Length; i++)
        {
            var day = shop.Days[i];
            if (day.Customers == 0)
            {
                continue; // Before the shop's first order.
            }

            yield return new KpiRow
            {
                Scope = "shop",
                Day = DateOnly.FromDayNumber(shop.FirstDay + i),
                Customers = day.Customers,
                Active = day.Active,
                Conversion = Share(day.Active, day.Customers),
                Orders = day.Orders,
                RevenueMinor = day.RevenueMinor,
                AverageBasketMinor = Share(day.RevenueMinor, day.Orders),
                Churn = i <= lastKnown ? Share(day.Churned, day.ChurnBase) : null,
                ChurnNote = i > lastKnown ? NotKnownYet : day.ChurnBase == 0 ? NobodyBefore : null,
            };
        }
    }

    private static string? Text(string text) => text.Length == 0 ? null : text;

    private static double? Share(double part, long whole) => whole == 0 ? null : part / whole;

    /// <summary>The reasons as text: "no consent: 12; suppressed: 3".</summary>
    internal static string Text(IReadOnlyDictionary<string, long> counts) =>
        string.Join("; ", counts.Select(c => string.Create(CultureInfo.InvariantCulture, $"{c.Key}: {c.Value}")));
}
