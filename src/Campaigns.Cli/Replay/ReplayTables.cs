using System.Globalization;
using Campaigns.Core.Measurement;
using Campaigns.Core.Measurement.Replay;
using Spectre.Console;

namespace Campaigns.Cli.Replay;

/// <summary>The outcome for people: what to do first, then what it rests on, details last.</summary>
internal static class ReplayTables
{
    public static void Print(ReplayOptions options, PolicyReplay replay)
    {
        var advice = ReplayAdvice.On(replay);
        Say.Line($"{Path.GetFileName(options.Decisions)}: {replay.Log.Count:N0} decisions; policy: {replay.Policy.Name}");
        Say.Line($"{advice.Sentence}");
        if (replay.Value.Refusal is { } reason)
        {
            Say.Line($"[yellow]Refused:[/] {reason}");
        }

        Arms(replay);
        if (replay.Value.Refusal is null)
        {
            Comparisons(replay);
        }

        if (replay.Learned is { } learned)
        {
            Learned(replay, learned, advice);
        }

        Details(replay);
        if (options.Json is { } path)
        {
            Say.Line($"Written: {path}");
        }
    }

    private static void Arms(PolicyReplay replay)
    {
        var table = Plain("Treatment", "Decisions", "Mean", "Standard error");
        foreach (var arm in replay.Arms)
        {
            table.AddRow(Markup.Escape(arm.Treatment), arm.Count.ToString("N0", CultureInfo.InvariantCulture), Number(arm.Mean), arm.Count < 2 ? "" : Number(arm.StandardError));
        }

        AnsiConsole.Write(table);
    }

    private static void Comparisons(PolicyReplay replay)
    {
        var table = Plain("The policy against", "Difference", "95 % from", "to", "Credible");
        foreach (var c in replay.Comparisons.Where(static c => !c.Same))
        {
            table.AddRow(Markup.Escape(c.Against.Name), Number(c.Difference.Value), Number(c.Difference.Low), Number(c.Difference.High), c.IsCredible ? "yes" : "no");
        }

        AnsiConsole.Write(table);
    }

    private static void Learned(PolicyReplay replay, LearnedPolicy learned, ReplayAdvice advice)
    {
        var table = Plain([.. replay.Log.Columns, "Best treatment"]);
        foreach (var (cell, choice) in replay.Log.Cells.Zip(learned.Choices))
        {
            table.AddRow([.. cell.Select(Markup.Escape), Markup.Escape(replay.Log.Treatments[choice])]);
        }

        AnsiConsole.Write(table);
        if (replay.Value.Refusal is null && advice.Best is { } best)
        {
            Say.Line($"Gain over {best.Against.Name} in sample, on the rows that it was learned from: {Number(learned.InSampleGain(best.Against).Value)}. Out of sample: {Number(best.Difference.Value)}.");
        }
    }

    private static void Details(PolicyReplay replay)
    {
        Say.Line($"Details");
        var value = replay.Value;
        if (value.Refusal is null)
        {
            var table = Plain("Value per decision", "Estimate", "Standard error", "95 % from", "to");
            foreach (var (name, estimate) in new[] { ("Inverse propensity (IPS)", value.Ips), ("Self-normalised (SNIPS)", value.Snips), ("Doubly robust (DR)", value.DoublyRobust) })
            {
                table.AddRow(name, Number(estimate.Value), Number(estimate.StandardError), Number(estimate.Low), Number(estimate.High));
            }

            AnsiConsole.Write(table);
        }

        Say.Line($"Effective sample size {value.EffectiveSampleSize:N0}, largest weight {Number(value.LargestWeight)}, {replay.Folds} folds.");
        Say.Line($"Counts against logged probabilities: {(replay.SampleRatio.P is { } p ? string.Create(CultureInfo.InvariantCulture, $"p = {p:0.#########} ({replay.SampleRatio.Method}; alert below {SampleRatio.AlertBelow})") : replay.SampleRatio.Reason)}");
    }

    private static string Number(double value) => value.ToString("#,0.#####", CultureInfo.InvariantCulture);

    private static Table Plain(params string[] columns)
    {
        var table = new Table { Border = TableBorder.Simple };
        for (var i = 0; i < columns.Length; i++)
        {
            var column = new TableColumn(Markup.Escape(columns[i]));
            table.AddColumn(i == 0 ? column : column.RightAligned());
        }

        return table;
    }
}
