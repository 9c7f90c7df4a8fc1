namespace Campaigns.Core.Measurement.Replay;

/// <summary>
/// What a treatment is expected to bring in a combination of context values: the mean of the rows that had it there, shrunk
/// towards the treatment's mean as if <see cref="PriorRows"/> further rows had brought just that. Without context columns
/// that is the treatment's mean. A bad model costs precision, never the truth: the doubly robust estimate corrects it by
/// the weighted residuals of rows that the model has not seen.
/// </summary>
internal static class OutcomeModel
{
    /// <summary>Weight of the treatment's mean, in rows. Conversions of a few per cent say little below a hundred rows.</summary>
    public const double PriorRows = 100;

    /// <summary>Expected rewards by combination × treatment, fitted on all folds but those; −1 leaves none out.</summary>
    public static double[] Fit(FoldTally tally, int without, int andWithout = -1)
    {
        var means = new double[tally.Arms];
        var (rows, sum) = (0L, 0.0);
        for (var arm = 0; arm < tally.Arms; arm++)
        {
            var all = tally.ArmWithout(without, andWithout, arm);
            means[arm] = all.Count > 0 ? all.Reward / all.Count : double.NaN;
            (rows, sum) = (rows + all.Count, sum + all.Reward);
        }

        var model = new double[tally.Cells * tally.Arms];
        for (var place = 0; place < model.Length; place++)
        {
            var (cell, arm) = (place / tally.Arms, place % tally.Arms);
            var own = tally.Without(without, andWithout, cell, arm);
            // A treatment that the other folds never had: what any row brings is the best guess.
            var mean = !double.IsNaN(means[arm]) ? means[arm] : rows > 0 ? sum / rows : 0;
            model[place] = (own.Reward + (PriorRows * mean)) / (own.Count + PriorRows);
        }

        return model;
    }
}
