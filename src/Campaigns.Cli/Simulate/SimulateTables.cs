using System.Globalization;
using Campaigns.Simulation.Offers;
using Spectre.Console;

namespace Campaigns.Cli.Simulate;

/// <summary>The outcome for people.</summary>
internal static class SimulateTables
{
    public static void Print(List<OfferTrial> trials, List<Goal> goals, bool effects)
    {
        Say.Line($"{trials[0].Seeds} markets{(effects ? "" : " in which no message changes anything")}, {trials[0].Rounds} rounds, 10 % held out, 2 % for each offer; expected profit, as the generator knows it");
        var table = new Table { Border = TableBorder.Rounded };
        table.AddColumn("Customers per round");
        foreach (var trial in trials)
        {
            table.AddColumn(new TableColumn(trial.Customers.ToString("N0", CultureInfo.InvariantCulture)).RightAligned());
        }

        Row(table, trials, goals, "Regret ÷ that of equal shares", "regretShare", t => t.RegretShare[^1], Ratio);
        Row(table, trials, goals, "Markets in which that is below .5", "belowHalf", t => t.BelowHalf, Percent);
        Row(table, trials, goals, "Last 5 rounds over best single: median", "lateMedian", t => t.LateMedian, Signed);
        Row(table, trials, goals, "  5th percentile", "lateLow", t => t.LateLow, Signed);
        Row(table, trials, goals, "All rounds against nobody: together", "", t => t.NobodyTotal, Signed);
        Row(table, trials, goals, "  median", "", t => t.NobodyMedian, Signed);
        Row(table, trials, goals, "  5th percentile", "nobodyLow", t => t.NobodyLow, Signed);
        Row(table, trials, goals, "Segment × offer called a gain at the end", "", t => t.GainShare, Percent);
        Row(table, trials, goals, "  markets with any", "", t => t.AnyGain, Percent);
        Row(table, trials, goals, "Segment × offer blocked at the end", "", t => t.BlockedShare, Percent);
        Row(table, trials, goals, "  though it earns something", "", t => t.FalselyBlocked, Percent);
        AnsiConsole.Write(table);
        foreach (var goal in goals.Where(g => !g.Met))
        {
            Say.Line($"[red]Missed[/] at {goal.Customers:N0}: {goal.Figure} is {goal.Value:0.000}; the goal is {(goal.AtMost ? "≤" : "≥")} {goal.Bound:0.00}");
        }
    }

    public static void Print(StoredTrial stored) => Say.Line(
        $"{stored.Markets} markets with {stored.Customers:N0} customers also went through the real steps and storage, {stored.Rounds} rounds: {stored.Decisions:N0} decisions, {stored.Different:N0} of them otherwise than the pure core decides");

    /// <summary>A goal stands below its figure: beside it, three sizes would not fit into 80 columns.</summary>
    private static void Row(Table table, List<OfferTrial> trials, List<Goal> goals, string name, string figure, Func<OfferTrial, double> value, Func<double, string> show) =>
        table.AddRow([Markup.Escape(name), .. trials.Select(t =>
        {
            var goal = goals.Find(g => g.Customers == t.Customers && g.Figure == figure);
            return show(value(t)) + (goal is null ? "" : $"\n[grey]{(goal.AtMost ? "≤" : "≥")} {show(goal.Bound)}[/]");
        })]);

    private static string Ratio(double value) => value.ToString("0.000", CultureInfo.InvariantCulture);

    private static string Percent(double value) => value.ToString("0.0 %", CultureInfo.InvariantCulture);

    private static string Signed(double value) => value.ToString("+0.0 %;−0.0 %", CultureInfo.InvariantCulture);
}
