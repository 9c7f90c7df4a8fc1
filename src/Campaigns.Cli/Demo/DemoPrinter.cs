using System.Globalization;
using Campaigns.Core.Measurement;
using Spectre.Console;

namespace Campaigns.Cli.Demo;

/// <summary>Prints the demo's report as tables that fit a terminal of 80 columns.</summary>
internal static class DemoPrinter
{
    public static void Print(DemoReport report)
    {
        AnsiConsole.WriteLine();
        foreach (var import in report.Imports)
        {
            Say.Line($"{import}");
        }

        var segments = string.Join(", ", report.Segments.Select(s => string.Create(CultureInfo.InvariantCulture, $"{s.Key} {s.Value:N0}")));
        Say.Line($"Segments on {report.LaunchedAt:yyyy-MM-dd}: {segments}.");
        PrintCampaigns(report);
        Say.Line($"{report.TruthNote}");
        foreach (var campaign in report.Campaigns.Where(c => c.Row.Explanation is not null))
        {
            Say.Line($"[bold]{Name(campaign.Row)}:[/] {campaign.Row.Explanation!}");
        }

        PrintShop(report);
        Say.Line($"Took {report.Seconds:0.0} s; the app's peak memory was {report.PeakMemoryMegabytes:0} MB.");
    }

    /// <summary>A column per campaign and segment, a row per figure.</summary>
    private static void PrintCampaigns(DemoReport report)
    {
        var table = new Table().Title("Campaigns").Border(TableBorder.Horizontal);
        table.AddColumn(new TableColumn(""));
        var columns = report.BySegment.Where(r => r.Scope == "campaign").Select(r => (Row: r, Campaign: report.Campaigns.First(c => c.Row.Campaign == r.Campaign))).ToList();
        foreach (var (row, _) in columns)
        {
            table.AddColumn(new TableColumn(Markup.Escape(Name(row))) { Alignment = Justify.Right });
        }

        void Row(string name, Func<KpiRow, DemoCampaign, string> figure) =>
            table.AddRow([name, .. columns.Select(c => Markup.Escape(figure(c.Row, c.Campaign)))]);

        Row("segment", (r, _) => r.Segment ?? "all");
        Row("customers", (r, _) => Count(r.Customers));
        Row("  sent", (r, _) => Count(r.Sent));
        Row("  control group", (r, _) => Count(r.HeldOut));
        foreach (var reason in columns.SelectMany(c => c.Row.Skipped.Keys).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal).ToList())
        {
            Row("  skipped: " + reason, (r, _) => Count(r.Skipped.GetValueOrDefault(reason)));
        }

        Row("conversion", (r, _) => Percent(r.Conversion));
        Row("  control group", (r, _) => Percent(r.ConversionHeldOut));
        Row("churn", (r, _) => r.Churn is null ? r.ChurnNote ?? "—" : Percent(r.Churn));
        Row("  control group", (r, _) => r.ChurnHeldOut is null ? "—" : Percent(r.ChurnHeldOut));
        Row("average order", (r, _) => report.Amount(r.AverageBasketMinor));
        Row("revenue", (r, _) => report.Amount(r.RevenueMinor));
        Row("cost", (r, _) => report.Amount(r.CostMinor));
        Row("ROI", (r, _) => r.RoiNote ?? Percent(r.RoiShown));
        Row("  95 % from", (r, _) => r.RoiNote is null ? Percent(r.RoiLow) : "—");
        Row("  to", (r, _) => r.RoiNote is null ? Percent(r.RoiHigh) : "—");
        table.AddEmptyRow();
        Row("extra because of us,", (r, _) => r.Figure ?? "—");
        Row("per 1,000 customers", (r, _) => report.Amount(r.IncrementalPer1000Minor));
        Row("  95 % from", (r, _) => report.Amount(r.IntervalLowMinor));
        Row("  to", (r, _) => report.Amount(r.IntervalHighMinor));
        Row("  interval", (r, _) => r.IntervalKind ?? "—");
        Row("  could have shown", (r, _) => report.Amount(r.MinimumDetectableMinor));
        Row("  verdict", (r, _) => r.Verdict ?? "—");
        Row("on all spending", (r, _) => report.Amount(r.UncappedPer1000Minor));
        Row("  95 % from", (r, _) => report.Amount(r.UncappedLowMinor));
        Row("  to", (r, _) => report.Amount(r.UncappedHighMinor));
        Row("  true", (_, c) => report.Amount(c.TruePer1000Minor));
        Row("  interval has it", (_, c) => c.IntervalContainsTruth switch { true => "yes", false => "no", null => "—" });
        AnsiConsole.Write(table);
    }

    private static void PrintShop(DemoReport report)
    {
        var table = new Table().Title("The shop, whatever caused it").Border(TableBorder.Horizontal);
        foreach (var column in new[] { "Segment", "Customers", "Conversion", "Churn", "Average order", "Revenue" })
        {
            table.AddColumn(new TableColumn(column) { Alignment = column == "Segment" ? Justify.Left : Justify.Right });
        }

        foreach (var row in report.BySegment.Where(r => r.Scope == "shop"))
        {
            table.AddRow(
                Markup.Escape(row.Segment ?? "all"),
                Count(row.Customers),
                Percent(row.Conversion),
                row.Churn is null ? Markup.Escape(row.ChurnNote ?? "—") : Percent(row.Churn),
                report.Amount(row.AverageBasketMinor),
                report.Amount(row.RevenueMinor));
        }

        AnsiConsole.Write(table);
    }

    private static string Name(KpiRow row) => row.CampaignName ?? row.Campaign ?? "";

    private static string Count(long count) => count.ToString("N0", CultureInfo.InvariantCulture);

    private static string Percent(double? share) => share is { } value ? (100 * value).ToString("0.0", CultureInfo.InvariantCulture) + " %" : "—";
}
