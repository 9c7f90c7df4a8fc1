using System.Globalization;
using Campaigns.Core.Measurement;
using Spectre.Console;

namespace Campaigns.Cli.Demo;

/// <summary>Prints the demo's report as tables for people.</summary>
internal static class DemoPrinter
{
    public static void Print(DemoReport report)
    {
        AnsiConsole.WriteLine();
        PrintImports(report);
        PrintSegments(report);
        Print("Campaigns", report, [.. report.Campaigns.Select(c => (c.Row, c.Row.CampaignName ?? c.Row.Campaign ?? ""))]);
        PrintLift(report);
        Print("By segment", report, [.. report.BySegment.Select(r => (r, r.Scope == "shop" ? $"shop: {r.Segment ?? "all"}" : $"{r.CampaignName}: {r.Segment}"))]);
        AnsiConsole.MarkupLineInterpolated(CultureInfo.InvariantCulture, $"Took {report.Seconds:0.0} s; the app's peak memory was {report.PeakMemoryMegabytes:0} MB.");
    }

    private static void PrintImports(DemoReport report)
    {
        foreach (var import in report.Imports)
        {
            if (import.TryGetProperty("sentence", out var sentence))
            {
                AnsiConsole.MarkupLineInterpolated($"{sentence.GetString()}");
            }
        }
    }

    private static void PrintSegments(DemoReport report)
    {
        var segments = string.Join(", ", report.Segments.Select(s => string.Create(CultureInfo.InvariantCulture, $"{s.Key} {s.Value:N0}")));
        AnsiConsole.MarkupLineInterpolated(CultureInfo.InvariantCulture, $"Segments on {report.LaunchedAt:yyyy-MM-dd}: {segments}.");
        AnsiConsole.WriteLine();
    }

    private static void Print(string title, DemoReport report, IReadOnlyList<(KpiRow Row, string Name)> rows)
    {
        var table = new Table().Title(title).Border(TableBorder.Simple);
        foreach (var column in new[] { "", "Customers", "Sent", "Control group", "Skipped", "Conversion", "Churn", "Average order", "Revenue", "Cost", "ROI" })
        {
            table.AddColumn(new TableColumn(column) { Alignment = column.Length == 0 || column == "Skipped" ? Justify.Left : Justify.Right });
        }

        foreach (var (row, name) in rows)
        {
            var shop = row.Scope == "shop";
            table.AddRow(
                Markup.Escape(name),
                Count(row.Customers),
                shop ? "" : Count(row.Sent),
                shop ? "" : Count(row.HeldOut),
                Markup.Escape(string.Join("\n", row.Skipped.OrderByDescending(s => s.Value).Select(s => string.Create(CultureInfo.InvariantCulture, $"{s.Value:N0} {s.Key}")))),
                Pair(row.Conversion, row.ConversionHeldOut),
                row.Churn is null ? Markup.Escape(row.ChurnNote ?? "—") : Pair(row.Churn, row.ChurnHeldOut),
                report.Amount(row.AverageBasketMinor),
                report.Amount(row.RevenueMinor),
                shop ? "" : report.Amount(row.CostMinor),
                shop ? "" : row.Roi is { } roi ? Percent(roi) : "undefined");
        }

        AnsiConsole.Write(table);
    }

    private static void PrintLift(DemoReport report)
    {
        var table = new Table().Title("Extra because of us, per 1,000 customers assigned, against the control group").Border(TableBorder.Simple);
        foreach (var column in new[] { "", "Figure", "Measured", "95 % interval", "Smallest effect this size could show", "True", "Interval contains it", "Verdict" })
        {
            table.AddColumn(new TableColumn(column));
        }

        foreach (var campaign in report.Campaigns)
        {
            var row = campaign.Row;
            table.AddRow(
                Markup.Escape(row.CampaignName ?? row.Campaign ?? ""),
                row.Figure ?? "—",
                report.Amount(row.IncrementalPer1000Minor),
                row.IntervalLowMinor is null ? "—" : $"{report.Amount(row.IntervalLowMinor)} to {report.Amount(row.IntervalHighMinor)}\n({row.IntervalKind})",
                report.Amount(row.MinimumDetectableMinor),
                report.Amount(campaign.TruePer1000Minor),
                campaign.IntervalContainsTruth switch { true => "yes", false => "no", null => "—" },
                Markup.Escape(row.Verdict ?? "—"));
        }

        AnsiConsole.Write(table);
        AnsiConsole.MarkupLineInterpolated($"{report.TruthNote}");
        foreach (var campaign in report.Campaigns.Where(c => c.Row.Explanation is not null))
        {
            AnsiConsole.MarkupLineInterpolated($"[bold]{campaign.Row.CampaignName ?? campaign.Row.Campaign ?? ""}:[/] {campaign.Row.Explanation!}");
        }

        AnsiConsole.WriteLine();
    }

    private static string Count(long count) => count.ToString("N0", CultureInfo.InvariantCulture);

    private static string Percent(double share) => (100 * share).ToString("0.0", CultureInfo.InvariantCulture) + " %";

    /// <summary>Treated, and below it the control group.</summary>
    private static string Pair(double? share, double? heldOut) =>
        share is { } value ? Percent(value) + (heldOut is { } control ? $"\n({Percent(control)} control)" : "") : "—";
}
