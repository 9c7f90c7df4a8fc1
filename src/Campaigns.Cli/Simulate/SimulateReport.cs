using System.Text.Json;
using Campaigns.Simulation.Offers;

namespace Campaigns.Cli.Simulate;

/// <summary>One goal, and what was reached.</summary>
/// <param name="Customers">Customers per round.</param>
/// <param name="Figure">Name of the figure, as in the report.</param>
/// <param name="Bound">What it must reach.</param>
/// <param name="AtMost">True where it must stay at or below the bound.</param>
/// <param name="Value">What it is.</param>
internal sealed record Goal(int Customers, string Figure, double Bound, bool AtMost, double Value)
{
    /// <summary>Reached.</summary>
    public bool Met => AtMost ? Value <= Bound : Value >= Bound;
}

/// <summary>The figures with their goals, as JSON. Shares are fractions: .38 is 38 %.</summary>
internal static class SimulateReport
{
    /// <summary>Rounds for which goals are set.</summary>
    public const int GoalRounds = 20;

    private static readonly JsonSerializerOptions Format = new(JsonSerializerDefaults.Web) { WriteIndented = true };

    /// <summary>The goals of this size; none for other sizes or rounds.</summary>
    public static IEnumerable<Goal> Goals(OfferTrial trial)
    {
        (double Regret, double? Below, double? Median, double? Low)? goals = trial.Rounds != GoalRounds ? null : trial.Customers switch
        {
            2_000 => (0.45, null, null, null),
            5_000 => (0.38, 0.85, -0.03, -0.07),
            20_000 => (0.28, null, -0.02, -0.04),
            _ => null,
        };
        if (goals is not { } goal)
        {
            yield break;
        }

        yield return new Goal(trial.Customers, "regretShare", goal.Regret, true, trial.RegretShare[^1]);
        if (goal.Below is { } below)
        {
            yield return new Goal(trial.Customers, "belowHalf", below, false, trial.BelowHalf);
        }

        if (goal is { Median: { } median, Low: { } low })
        {
            yield return new Goal(trial.Customers, "lateMedian", median, false, trial.LateMedian);
            yield return new Goal(trial.Customers, "lateLow", low, false, trial.LateLow);
            yield return new Goal(trial.Customers, "nobodyLow", -0.07, false, trial.NobodyLow);
        }
    }

    public static async Task WriteAsync(string path, List<OfferTrial> trials, StoredTrial stored, List<Goal> goals, bool effects, string plot, CancellationToken cancellation)
    {
        await using var file = File.Create(path);
        await JsonSerializer.SerializeAsync(file, new { effects, trials, stored, goals, plot }, Format, cancellation);
    }
}
