using Campaigns.Core.Measurement.Replay;
using CsCheck;

namespace Campaigns.Core.Tests.Measurement.Replay;

public sealed class OffPolicyTests
{
    private const int Folds = 5;

    private static readonly Gen<List<(string Treatment, double Propensity, double Reward, string Context)>> Rows =
        Gen.Select(Gen.Int[1, 1_000_000], Gen.Int[300, 900]).Select(static (seed, rows) => Logs.Drawn(seed, rows));

    [Fact]
    public void A_policy_equal_to_the_logging_policy_is_valued_at_the_mean_reward() => Rows.Sample(rows =>
    {
        // Constant probabilities per segment, so that a policy can state them.
        var log = Logs.Of(rows.Select(static r => r with { Propensity = r.Context == "loyal" ? 0.5 : r.Treatment == "perk" ? 0.2 : 0.8 }));
        var policy = ReplayPolicy.ByCell(log, "logging", cell => log.Cells[cell][0] == "loyal" ? [0.5, 0.5] : [0.8, 0.2]);
        var value = new OffPolicy(log, Folds).Value(policy);
        var mean = rows.Average(static r => r.Reward);

        Near(mean, value.Ips.Value);
        Near(mean, value.Snips.Value);
        Near(log.Count, value.EffectiveSampleSize);
        Near(1, value.LargestWeight);
        Assert.InRange(value.DoublyRobust.Value - mean, -1, 1);
    }, iter: 50);

    [Fact]
    public void Names_of_treatments_change_nothing_but_names() => Rows.Sample(rows =>
    {
        var log = Logs.Of(rows);
        var renamed = Logs.Of(rows.Select(static r => r with { Treatment = r.Treatment == "perk" ? "none" : "zzz" }));
        var (one, other) = (PolicyReplay.Of(log, ReplayPolicy.ForEveryone(log, 1), Folds), PolicyReplay.Of(renamed, ReplayPolicy.ForEveryone(renamed, 0), Folds));

        Near(one.Value.DoublyRobust.Value, other.Value.DoublyRobust.Value);
        Near(one.Value.Snips.StandardError, other.Value.Snips.StandardError);
        Assert.Equal(one.Value.Refusal, other.Value.Refusal);
        Assert.Equal(one.Arms[1].Mean, other.Arms[0].Mean);
    }, iter: 50);

    [Fact]
    public void Rows_in_another_order_with_the_same_folds_give_the_same() => Rows.Sample(rows =>
    {
        var whole = rows.Take(rows.Count / Folds * Folds).ToList();
        var turned = whole.Chunk(Folds).Reverse().SelectMany(static c => c).ToList();
        var (log, other) = (Logs.Of(whole), Logs.Of(turned));
        var (one, two) = (PolicyReplay.Learn(log, Folds), PolicyReplay.Learn(other, Folds));

        Assert.Equal(one.Learned!.Choices, two.Learned!.Choices);
        Near(one.Value.DoublyRobust.Value, two.Value.DoublyRobust.Value);
        Near(one.Value.DoublyRobust.StandardError, two.Value.DoublyRobust.StandardError);
    }, iter: 50);

    [Fact]
    public void A_shift_of_all_rewards_shifts_the_self_normalised_and_the_robust_value_by_as_much() => Rows.Sample(rows =>
    {
        var (log, shifted) = (Logs.Of(rows), Logs.Of(rows.Select(static r => r with { Reward = r.Reward + 10 })));
        var (one, two) = (new OffPolicy(log, Folds).Value(ReplayPolicy.ForEveryone(log, 1)), new OffPolicy(shifted, Folds).Value(ReplayPolicy.ForEveryone(shifted, 1)));

        Near(one.Snips.Value + 10, two.Snips.Value);
        Near(one.Snips.StandardError, two.Snips.StandardError);
        Near(one.DoublyRobust.Value + 10, two.DoublyRobust.Value);
        Near(one.DoublyRobust.StandardError, two.DoublyRobust.StandardError);
    }, iter: 50);

    [Fact]
    public void Intervals_cover_the_true_value_in_about_95_of_100_logs_though_probabilities_change()
    {
        const int logs = 600;
        // Everyone: .4 × (2 + 1) + .6 × 1. The rule: loyal alone, where the perk brings 1: the same value.
        const double truth = (0.4 * 3) + 0.6;
        var (robust, normalised, plain) = (0, 0, 0);
        for (var seed = 1; seed <= logs; seed++)
        {
            var log = Logs.Of(Logs.Drawn(seed, 600));
            var value = new OffPolicy(log, Folds).Value(ReplayPolicy.ForEveryone(log, 1));
            robust += Covers(value.DoublyRobust, truth);
            normalised += Covers(value.Snips, truth);
            plain += Covers(value.Ips, truth);
        }

        // 95 % ± 3.4 standard errors of 600 replications.
        Assert.All([robust, normalised, plain], covered => Assert.InRange((double)covered / logs, 0.92, 0.98));
    }

    [Fact]
    public void The_log_must_say_enough_about_the_policy()
    {
        static LoggedDecisions Log(int treated, int others) => Logs.Of(
            Enumerable.Range(0, treated + others).Select(i => (i < treated ? "perk" : "none", i < treated ? (double)treated / (treated + others) : (double)others / (treated + others), i % 3.0, "all")));
        static string? Refusal(LoggedDecisions log) => new OffPolicy(log, Folds).Value(ReplayPolicy.ForEveryone(log, 1)).Refusal;

        Assert.Null(Refusal(Log(100, 900)));
        Assert.Contains("are worth 99 of equal weight", Refusal(Log(99, 901)), StringComparison.Ordinal);
        Assert.Null(Refusal(Log(150, 14_850)));
        Assert.Contains("effective rows are 0.99", Refusal(Log(149, 14_901)), StringComparison.Ordinal);
    }

    [Fact]
    public void What_the_log_never_tried_in_a_place_is_refused()
    {
        var log = Logs.Of(Logs.Drawn(1, 4000).Where(static r => r.Context == "loyal" || r.Treatment == "none").Select(static r => r.Context == "other" ? r with { Propensity = 1 } : r));

        Assert.Contains("never tried", new OffPolicy(log, Folds).Value(ReplayPolicy.ForEveryone(log, 1)).Refusal, StringComparison.Ordinal);
    }

    private static int Covers(Estimate estimate, double truth) => estimate.Low <= truth && truth <= estimate.High ? 1 : 0;

    private static void Near(double expected, double value) => Assert.InRange(value - expected, -1e-9 * (1 + Math.Abs(expected)), 1e-9 * (1 + Math.Abs(expected)));
}
