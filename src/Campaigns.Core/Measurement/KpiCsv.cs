using System.Globalization;

namespace Campaigns.Core.Measurement;

/// <summary>
/// KPI rows as CSV (RFC 4180): a heading line, CRLF, quotes where needed, numbers with a point. Text that a spreadsheet would
/// take for a formula gets an apostrophe in front.
/// </summary>
public static class KpiCsv
{
    private static readonly (string Name, Func<KpiRow, object?> Value)[] Columns =
    [
        ("scope", r => r.Scope), ("campaign", r => r.Campaign), ("campaignName", r => r.CampaignName), ("segment", r => r.Segment),
        ("treatment", r => r.Treatment), ("offer", r => r.Offer), ("channel", r => r.Channel), ("day", r => r.Day),
        ("customers", r => r.Customers), ("treated", r => r.Treated), ("heldOut", r => r.HeldOut), ("sent", r => r.Sent),
        ("skipped", r => KpiTable.Text(r.Skipped)), ("active", r => r.Active),
        ("conversion", r => r.Conversion), ("conversionHeldOut", r => r.ConversionHeldOut),
        ("churn", r => r.Churn), ("churnHeldOut", r => r.ChurnHeldOut), ("churnDifference", r => r.ChurnDifference), ("churnNote", r => r.ChurnNote),
        ("averageBasketMinor", r => r.AverageBasketMinor), ("averageBasketHeldOutMinor", r => r.AverageBasketHeldOutMinor),
        ("orders", r => r.Orders), ("revenueMinor", r => r.RevenueMinor), ("revenueHeldOutMinor", r => r.RevenueHeldOutMinor),
        ("costMinor", r => r.CostMinor), ("sendCostMinor", r => r.SendCostMinor),
        ("roi", r => r.Roi), ("roiLow", r => r.RoiLow), ("roiHigh", r => r.RoiHigh), ("roiNote", r => r.RoiNote),
        ("figure", r => r.Figure), ("incrementalPer1000Minor", r => r.IncrementalPer1000Minor),
        ("intervalLowMinor", r => r.IntervalLowMinor), ("intervalHighMinor", r => r.IntervalHighMinor), ("intervalKind", r => r.IntervalKind),
        ("minimumDetectableMinor", r => r.MinimumDetectableMinor), ("verdict", r => r.Verdict), ("explanation", r => r.Explanation),
        ("capRemovesShare", r => r.CapRemovesShare),
        ("uncappedPer1000Minor", r => r.UncappedPer1000Minor), ("uncappedLowMinor", r => r.UncappedLowMinor), ("uncappedHighMinor", r => r.UncappedHighMinor),
        ("adjustedPer1000Minor", r => r.AdjustedPer1000Minor), ("adjustedLowMinor", r => r.AdjustedLowMinor), ("adjustedHighMinor", r => r.AdjustedHighMinor),
        ("adjustmentGain", r => r.AdjustmentGain),
        ("afterPer1000Minor", r => r.AfterPer1000Minor), ("afterLowMinor", r => r.AfterLowMinor), ("afterHighMinor", r => r.AfterHighMinor),
        ("incrementalRevenuePer1000Minor", r => r.IncrementalRevenuePer1000Minor), ("incrementalBuyersPer1000", r => r.IncrementalBuyersPer1000),
        ("creditedOrders", r => r.CreditedOrders), ("creditedRevenueMinor", r => r.CreditedRevenueMinor),
        ("sampleRatioPValue", r => r.SampleRatioPValue), ("windowClosed", r => r.WindowClosed),
    ];

    /// <summary>Writes heading and rows.</summary>
    public static void Write(IEnumerable<KpiRow> rows, TextWriter writer)
    {
        writer.Write(string.Join(',', Columns.Select(c => c.Name)) + "\r\n");
        foreach (var row in rows)
        {
            writer.Write(string.Join(',', Columns.Select(c => Cell(c.Value(row)))) + "\r\n");
        }
    }

    private static string Cell(object? value) => value switch
    {
        null => "",
        string text => Quote(text.Length > 0 && text[0] is '=' or '+' or '-' or '@' or '\t' or '\r' ? "'" + text : text),
        bool flag => flag ? "true" : "false",
        DateOnly day => day.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture),
        IFormattable number => number.ToString(null, CultureInfo.InvariantCulture),
        _ => Quote(value.ToString() ?? ""),
    };

    private static string Quote(string text) =>
        text.AsSpan().IndexOfAny(",\"\r\n") < 0 ? text : "\"" + text.Replace("\"", "\"\"", StringComparison.Ordinal) + "\"";
}
