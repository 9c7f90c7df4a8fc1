namespace Campaigns.Core.Measurement.Replay;

/// <summary>
/// A policy on a log: the probability of each treatment in each combination of context values. A learned policy has one
/// table per fold, learned on the other folds, so that no row is valued by a choice that it had a say in.
/// </summary>
public sealed class ReplayPolicy
{
    private readonly double[][] tables;
    private readonly int width;

    private ReplayPolicy(string name, int arms, double[][] tables) => (Name, width, this.tables) = (name, arms, tables);

    /// <summary>What it is called in tables and sentences.</summary>
    public string Name { get; }

    /// <summary>The single treatment that everyone gets, or null.</summary>
    public int? Everyone { get; private init; }

    /// <summary>One treatment for everyone; "none" is called "nobody".</summary>
    /// <param name="log">Log.</param>
    /// <param name="treatment">Treatment.</param>
    /// <param name="possible">Whether a combination's customers can get a treatment; who cannot is left alone. Null = all can.</param>
    public static ReplayPolicy ForEveryone(LoggedDecisions log, int treatment, Func<int, int, bool>? possible = null)
    {
        var arms = log.Treatments.Count;
        var table = new double[log.Cells.Count * arms];
        for (var cell = 0; cell < log.Cells.Count; cell++)
        {
            var own = log.Nobody >= 0 && possible?.Invoke(cell, treatment) == false ? log.Nobody : treatment;
            table[(cell * arms) + own] = 1;
        }

        return new ReplayPolicy(treatment == log.Nobody ? PolicyComparison.Nobody : log.Treatments[treatment], arms, [table]) { Everyone = treatment };
    }

    /// <summary>Probabilities by combination; each combination's lie in [0, 1] and sum to 1.</summary>
    public static ReplayPolicy ByCell(LoggedDecisions log, string name, Func<int, IReadOnlyList<double>> shares) =>
        new(name, log.Treatments.Count, [[.. Enumerable.Range(0, log.Cells.Count).SelectMany(shares)]]);

    /// <summary>A treatment by fold and combination.</summary>
    internal static ReplayPolicy ByFold(LoggedDecisions log, string name, IReadOnlyList<int[]> choices)
    {
        var arms = log.Treatments.Count;
        return new ReplayPolicy(name, arms, [.. choices.Select(choice =>
        {
            var table = new double[choice.Length * arms];
            for (var cell = 0; cell < choice.Length; cell++)
            {
                table[(cell * arms) + choice[cell]] = 1;
            }

            return table;
        })]);
    }

    /// <summary>Probabilities of the treatments in a combination, for a row of the fold.</summary>
    public ReadOnlySpan<double> Shares(int fold, int cell) => tables[tables.Length == 1 ? 0 : fold].AsSpan(cell * width, width);
}
