namespace Campaigns.Core.Measurement.Replay;

/// <summary>Count, mean and standard error of what counts as reward over a treatment's rows.</summary>
public readonly record struct LoggedArm(string Treatment, long Count, double Mean, double StandardError);

/// <summary>Everything that a replay of one policy has to say. The same for a file and for stored runs.</summary>
public sealed record PolicyReplay
{
    public required LoggedDecisions Log { get; init; }

    public required int Folds { get; init; }

    public required ReplayPolicy Policy { get; init; }

    /// <summary>By treatment, in the log's order.</summary>
    public required IReadOnlyList<LoggedArm> Arms { get; init; }

    public required LoggedRatio SampleRatio { get; init; }

    public required PolicyValue Value { get; init; }

    /// <summary>Against each simple policy; empty where the policy's value is refused.</summary>
    public required IReadOnlyList<PolicyComparison> Comparisons { get; init; }

    /// <summary>Where the policy was learned from the log, else null.</summary>
    public LearnedPolicy? Learned { get; init; }

    /// <summary>Values a policy on the log. <paramref name="possible"/> as in <see cref="ReplayPolicy.ForEveryone"/>.</summary>
    public static PolicyReplay Of(LoggedDecisions log, ReplayPolicy policy, int folds, Func<int, int, bool>? possible = null) =>
        Of(log, new OffPolicy(log, folds), policy, null, possible);

    /// <summary>Learns the best treatment per combination of the log's context values, and values that. <paramref name="possible"/> as in <see cref="ReplayPolicy.ForEveryone"/>.</summary>
    public static PolicyReplay Learn(LoggedDecisions log, int folds, Func<int, int, bool>? possible = null)
    {
        var estimator = new OffPolicy(log, folds);
        var learned = LearnedPolicy.Of(log, estimator, possible);
        return Of(log, estimator, learned.CrossFitted, learned, possible);
    }

    private static PolicyReplay Of(LoggedDecisions log, OffPolicy estimator, ReplayPolicy policy, LearnedPolicy? learned, Func<int, int, bool>? possible = null)
    {
        var value = estimator.Value(policy);
        return new PolicyReplay
        {
            Log = log,
            Folds = estimator.Tally.Folds,
            Policy = policy,
            Arms = ArmsOf(log),
            SampleRatio = LoggedRatio.Of(log),
            Value = value,
            Comparisons = value.Refusal is null ? PolicyComparison.Of(log, estimator, policy, possible) : [],
            Learned = learned,
        };
    }

    private static IReadOnlyList<LoggedArm> ArmsOf(LoggedDecisions log)
    {
        var spreads = new Spread[log.Treatments.Count];
        for (var row = 0; row < log.Count; row++)
        {
            spreads[log.Treatment[row]].Add(log.Reward[row]);
        }

        return [.. spreads.Select((s, i) => new LoggedArm(log.Treatments[i], s.Count, s.Mean, s.StandardError))];
    }
}
