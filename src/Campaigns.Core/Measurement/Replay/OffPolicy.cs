using System.Globalization;

namespace Campaigns.Core.Measurement.Replay;

/// <summary>
/// The value of a policy on decisions that another one made. Each row counts with its own propensity, so that propensities
/// may change over the log; only those of drawn treatments are needed. Formulas and sources: <c>docs/optimizer.md</c>.
/// </summary>
public sealed class OffPolicy
{
    /// <summary>Effective rows below which nothing is said: a mean of fewer has no trustworthy standard error.</summary>
    public const double MinimumEffectiveRows = 100;

    /// <summary>Effective rows as a share of the log below which nothing is said: few rows then speak for all.</summary>
    public const double MinimumEffectiveShare = 0.01;

    /// <summary>Standard errors below 1 at which the mean weight shows that the log could not draw what the policy wants.</summary>
    private const double MissingWeight = 5;

    /// <summary>Share of decisions for treatments never drawn in their combination that is no accident, if weights are missing too.</summary>
    private const double MissingShare = 0.01;

    private readonly LoggedDecisions log;
    private readonly double[][] models;

    /// <param name="log">Decisions with what counts as reward.</param>
    /// <param name="folds">Folds of the cross-fitting, 2 … 100.</param>
    public OffPolicy(LoggedDecisions log, int folds)
        : this(log, new FoldTally(log, folds))
    {
    }

    internal OffPolicy(LoggedDecisions log, FoldTally tally, bool crossFitted = true)
    {
        (this.log, Tally) = (log, tally);
        models = crossFitted ? [.. Enumerable.Range(0, tally.Folds).Select(fold => OutcomeModel.Fit(tally, fold))] : [OutcomeModel.Fit(tally, -1)];
    }

    internal FoldTally Tally { get; }

    /// <summary>Values the policy.</summary>
    public PolicyValue Value(ReplayPolicy policy)
    {
        var (weighted, weights, doubly) = (default(Spread), default(Spread), default(Spread));
        var (sum, squares, largest) = (0.0, 0.0, 0.0);
        var expected = Expected(policy);
        for (var (row, fold) = (0, 0); row < log.Count; row++, fold = Next(fold))
        {
            var weight = Weight(policy, fold, row);
            (sum, squares, largest) = (sum + weight, squares + (weight * weight), Math.Max(largest, weight));
            weighted.Add(weight * log.Reward[row]);
            weights.Add(weight);
            doubly.Add(Score(expected, fold, row, weight));
        }

        var effective = squares > 0 ? sum * sum / squares : 0;
        return new PolicyValue(weighted.ToEstimate(), SelfNormalised(policy, weighted.Mean, weights.Mean), doubly.ToEstimate(), effective, largest, weights.ToEstimate(), Refusal(policy, effective, weights.ToEstimate()));
    }

    /// <summary>What the policy brings more than the other per row, doubly robust and paired row by row: what both would do alike cancels out.</summary>
    public Estimate Difference(ReplayPolicy policy, ReplayPolicy other)
    {
        var (expected, otherExpected) = (Expected(policy), Expected(other));
        var difference = default(Spread);
        for (var (row, fold) = (0, 0); row < log.Count; row++, fold = Next(fold))
        {
            var weight = Weight(policy, fold, row);
            var otherWeight = Weight(other, fold, row);
            difference.Add(Score(expected, fold, row, weight) - Score(otherExpected, fold, row, otherWeight));
        }

        return difference.ToEstimate();
    }

    /// <summary>π(own treatment | x) ÷ propensity.</summary>
    private double Weight(ReplayPolicy policy, int fold, int row) => policy.Shares(fold, log.Cell[row])[log.Treatment[row]] / log.Propensity[row];

    private int Next(int fold) => fold + 1 == Tally.Folds ? 0 : fold + 1;

    private int ModelOf(int fold) => models.Length == 1 ? 0 : fold;

    /// <summary>Σ π(a | x) q(a, x) + w (r − q(own treatment, x)).</summary>
    private double Score(double[] expected, int fold, int row, double weight)
    {
        var cell = log.Cell[row];
        var own = weight == 0 ? 0 : weight * (log.Reward[row] - models[ModelOf(fold)][(cell * Tally.Arms) + log.Treatment[row]]);
        return expected[(fold * Tally.Cells) + cell] + own;
    }

    /// <summary>Σ π(a | x) q(a, x) by fold × combination.</summary>
    private double[] Expected(ReplayPolicy policy)
    {
        var expected = new double[Tally.Folds * Tally.Cells];
        for (var i = 0; i < expected.Length; i++)
        {
            var (fold, cell) = (i / Tally.Cells, i % Tally.Cells);
            var shares = policy.Shares(fold, cell);
            for (var arm = 0; arm < shares.Length; arm++)
            {
                expected[i] += shares[arm] * models[ModelOf(fold)][(cell * Tally.Arms) + arm];
            }
        }

        return expected;
    }

    private Estimate SelfNormalised(ReplayPolicy policy, double weightedMean, double weightMean)
    {
        if (weightMean == 0)
        {
            return default;
        }

        var (ratio, squares) = (weightedMean / weightMean, 0.0);
        for (var (row, fold) = (0, 0); row < log.Count; row++, fold = Next(fold))
        {
            var residual = Weight(policy, fold, row) * (log.Reward[row] - ratio);
            squares += residual * residual;
        }

        return new Estimate(ratio, Math.Sqrt(squares) / (weightMean * log.Count));
    }

    private string? Refusal(ReplayPolicy policy, double effective, Estimate weights)
    {
        string Sentence(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
        if (effective < MinimumEffectiveRows)
        {
            return Sentence($"The log says too little about this policy: its {log.Count:N0} rows are worth {effective:N0} of equal weight for it, and {MinimumEffectiveRows:N0} are needed. Collect more decisions that it would have made too.");
        }

        if (effective < MinimumEffectiveShare * log.Count)
        {
            return Sentence($"The log says too little about this policy: {effective:N0} effective rows are {effective / log.Count:P2} of {log.Count:N0}, and {MinimumEffectiveShare:P0} are needed. The log seldom did what the policy would do.");
        }

        var never = NeverDrawn(policy);
        return never > MissingShare && weights.Value < 1 - (MissingWeight * weights.StandardError)
            ? Sentence($"For {never:P0} of the rows the policy wants a treatment that the log never tried in such a place, and the weights average {weights.Value:0.00} where 1 is due: what that treatment brings there is not known.")
            : null;
    }

    /// <summary>Share of the policy's decisions for treatments that no row of the same combination had.</summary>
    private double NeverDrawn(ReplayPolicy policy)
    {
        var never = 0.0;
        for (var cell = 0; cell < Tally.Cells; cell++)
        {
            for (var arm = 0; arm < Tally.Arms; arm++)
            {
                if (Tally.Without(-1, -1, cell, arm).Count == 0)
                {
                    for (var fold = 0; fold < Tally.Folds; fold++)
                    {
                        never += policy.Shares(fold, cell)[arm] * RowsOf(fold, cell);
                    }
                }
            }
        }

        return never / log.Count;
    }

    private long RowsOf(int fold, int cell)
    {
        var rows = 0L;
        for (var arm = 0; arm < Tally.Arms; arm++)
        {
            rows += Tally.Of(fold, cell, arm).Count;
        }

        return rows;
    }
}
