using System.Globalization;
using Campaigns.Core.Ingest;
using Campaigns.Core.Primitives;
using Spectre.Console;

namespace Campaigns.Cli.Score;

/// <summary>The outcome for people: who is in which segment, what the models say, what to know about the figures.</summary>
internal static class ScoreTables
{
    public static void Print(Scored scored)
    {
        var revenue = scored.File.Currency == OrderFile.NoCurrency
            ? scored.Major(scored.RevenueMinor).ToString("N2", CultureInfo.InvariantCulture)
            : new Money(scored.RevenueMinor, scored.File.Currency).ToString();
        Say.Line($"{Path.GetFileName(scored.Options.Orders)} ({scored.File.Format}): {scored.Customers:N0} customers, {scored.Orders:N0} orders, revenue {revenue}, as of {scored.AsOf:yyyy-MM-dd}");
        Segments(scored);
        Rfm(scored);
        Models(scored);
        foreach (var warning in scored.Warnings())
        {
            Say.Line($"[yellow]![/] {warning}");
        }
    }

    /// <summary>Names the files that were written.</summary>
    public static void PrintFiles(ScoreOptions options)
    {
        foreach (var path in new[] { options.Json, options.Out })
        {
            if (path is not null)
            {
                Say.Line($"Written: {path}");
            }
        }
    }

    private static void Segments(Scored scored)
    {
        var table = Plain("Segment", "Customers", "Share", "First of its segments");
        foreach (var (segment, customers, primary) in scored.Segments)
        {
            table.AddRow(Markup.Escape(segment.Name), Count(customers), Share(customers, scored.Customers), Count(primary));
        }

        table.AddRow("(none)", Count(scored.Unsegmented), Share(scored.Unsegmented, scored.Customers), "");
        AnsiConsole.Write(table);
    }

    private static void Rfm(Scored scored)
    {
        var table = Plain("Recency and frequency", "Customers", "Share");
        foreach (var (name, customers) in scored.RfmNames)
        {
            table.AddRow(Markup.Escape(name), Count(customers), Share(customers, scored.Customers));
        }

        AnsiConsole.Write(table);
    }

    private static void Models(Scored scored)
    {
        var model = scored.Model;
        if (model.Discounts is { } discounts)
        {
            Say.Line($"Price-sensitive: {scored.PriceSensitive:N0} customers buy {discounts.Threshold:P0} or more of their lines at a discount; the mean customer buys {discounts.Mean:P0}.");
        }

        if (!model.IsFitted)
        {
            return;
        }

        Say.Line($"Customers are ranked by {model.Risk.Chosen}, which told best who would order again.");
        if (scored.Holdout is not { } holdout)
        {
            return;
        }

        Say.Line($"From {holdout.From:yyyy-MM-dd} to {holdout.To:yyyy-MM-dd}, {holdout.Customers:N0} customers ordered on {holdout.ActualOrders:N0} days. Predicted from what was known before:");
        var table = Plain("Model", "Predicted", "Predicted ÷ actual", "Ranking (AUC)");
        foreach (var (name, predicted) in holdout.PredictedOrders)
        {
            var auc = model.Risk.Candidates.FirstOrDefault(c => c.Name == name + ".order")?.OuterAuc;
            var ratio = holdout.ActualOrders == 0 ? "" : (predicted / holdout.ActualOrders).ToString("0.00", CultureInfo.InvariantCulture);
            table.AddRow(Markup.Escape(name), predicted.ToString("N0", CultureInfo.InvariantCulture), ratio, auc?.ToString("0.000", CultureInfo.InvariantCulture) ?? "");
        }

        AnsiConsole.Write(table);
        var chosen = model.Risk.Candidates.FirstOrDefault(c => c.Name == model.Risk.Chosen)?.OuterAuc;
        if (chosen is { } best)
        {
            Say.Line($"The chosen ranking, {model.Risk.Chosen}, has an AUC of {best:0.000}: of a customer who ordered and one who did not, it puts the first one ahead that often.");
        }
    }

    private static Table Plain(params string[] columns)
    {
        var table = new Table { Border = TableBorder.Simple };
        for (var i = 0; i < columns.Length; i++)
        {
            var column = new TableColumn(columns[i]);
            table.AddColumn(i == 0 ? column : column.RightAligned());
        }

        return table;
    }

    private static string Count(long customers) => customers.ToString("N0", CultureInfo.InvariantCulture);

    private static string Share(long part, long whole) => whole == 0 ? "" : ((double)part / whole).ToString("P1", CultureInfo.InvariantCulture);
}
