namespace Campaigns.Core.Measurement.Replay;

/// <summary>
/// The best treatment per combination of context values: the one with the greatest doubly robust score there, whose outcome
/// model is shrunk towards the treatment's mean. It is learned once on all rows, to be used, and once without each fold, to
/// be valued: choosing the best of many small cells looks good on the rows that it was chosen by, and only there.
/// </summary>
public sealed class LearnedPolicy
{
    /// <summary>Rows that a treatment needs in a combination to be chosen there; where none has them, the best one overall is.</summary>
    public const int MinimumRows = 10;

    private LearnedPolicy(IReadOnlyList<int> choices, ReplayPolicy crossFitted, ReplayPolicy inSample, OffPolicy inSampleEstimator) =>
        (Choices, CrossFitted, InSample, this.inSampleEstimator) = (choices, crossFitted, inSample, inSampleEstimator);

    private readonly OffPolicy inSampleEstimator;

    /// <summary>Treatment by combination, learned on all rows: the policy to use.</summary>
    public IReadOnlyList<int> Choices { get; }

    /// <summary>Each fold decided by what the others taught: the policy to value.</summary>
    public ReplayPolicy CrossFitted { get; }

    /// <summary>The policy learned on all rows.</summary>
    public ReplayPolicy InSample { get; }

    /// <summary>Value of <see cref="InSample"/> on the very rows that it was learned from, the outcome model as well: too high by construction, to be shown only beside the cross-fitted one.</summary>
    public Estimate InSampleValue => inSampleEstimator.Value(InSample).DoublyRobust;

    /// <summary>What the policy seems to bring more than the simple one on the rows that it was learned from.</summary>
    public Estimate InSampleGain(ReplayPolicy simple) => inSampleEstimator.Difference(InSample, simple);

    /// <summary>Learns from the log, with the folds of the estimator. <paramref name="possible"/> as in <see cref="ReplayPolicy.ForEveryone"/>.</summary>
    public static LearnedPolicy Of(LoggedDecisions log, OffPolicy estimator, Func<int, int, bool>? possible = null)
    {
        var tally = estimator.Tally;
        var name = "best by " + string.Join(", ", log.Columns);
        var all = Learn(tally, -1, possible);
        var crossFitted = ReplayPolicy.ByFold(log, name, [.. Enumerable.Range(0, tally.Folds).Select(fold => Learn(tally, fold, possible))]);
        return new LearnedPolicy(all, crossFitted, ReplayPolicy.ByFold(log, name, [all]), new OffPolicy(log, tally, crossFitted: false));
    }

    /// <summary>The treatment by combination, from all folds but that one. Ties go to the first treatment.</summary>
    private static int[] Learn(FoldTally tally, int without, Func<int, int, bool>? possible)
    {
        var scores = Scores(tally, without);
        var overall = new double[tally.Arms];
        for (var place = 0; place < scores.Length; place++)
        {
            overall[place % tally.Arms] += scores[place];
        }

        var choices = new int[tally.Cells];
        for (var cell = 0; cell < tally.Cells; cell++)
        {
            var own = scores.AsSpan(cell * tally.Arms, tally.Arms);
            choices[cell] = Best(own, tally, without, cell);
            choices[cell] = choices[cell] >= 0 ? choices[cell] : BestOverall(overall, cell, possible);
        }

        return choices;
    }

    /// <summary>The best one over all combinations that this one's customers can get.</summary>
    private static int BestOverall(double[] scores, int cell, Func<int, int, bool>? possible)
    {
        var best = -1;
        for (var arm = 0; arm < scores.Length; arm++)
        {
            best = possible?.Invoke(cell, arm) != false && (best < 0 || scores[arm] > scores[best]) ? arm : best;
        }

        return Math.Max(0, best);
    }

    private static int Best(ReadOnlySpan<double> scores, FoldTally tally, int without, int cell)
    {
        var best = -1;
        for (var arm = 0; arm < scores.Length; arm++)
        {
            if (tally.Without(without, -1, cell, arm).Count >= MinimumRows && (best < 0 || scores[arm] > scores[best]))
            {
                best = arm;
            }
        }

        return best;
    }

    /// <summary>
    /// Sum of the doubly robust scores of a combination's rows, by combination × treatment. A row is scored by the model of
    /// the folds that are neither its own nor left out. As the model is one number per place, Σ (q + 1{own}(r − q)/p) over a
    /// fold is rows·q + Σ r/p − q·Σ 1/p: the tallies suffice.
    /// </summary>
    private static double[] Scores(FoldTally tally, int without)
    {
        var scores = new double[tally.Cells * tally.Arms];
        for (var fold = 0; fold < tally.Folds; fold++)
        {
            if (fold == without)
            {
                continue;
            }

            var model = OutcomeModel.Fit(tally, without, fold);
            for (var cell = 0; cell < tally.Cells; cell++)
            {
                var rows = 0L;
                for (var arm = 0; arm < tally.Arms; arm++)
                {
                    rows += tally.Of(fold, cell, arm).Count;
                }

                for (var arm = 0; arm < tally.Arms; arm++)
                {
                    var (own, expected) = (tally.Of(fold, cell, arm), model[(cell * tally.Arms) + arm]);
                    scores[(cell * tally.Arms) + arm] += (rows * expected) + own.WeightedReward - (expected * own.Weight);
                }
            }
        }

        return scores;
    }
}
