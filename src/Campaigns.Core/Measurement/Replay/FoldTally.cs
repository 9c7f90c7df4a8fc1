namespace Campaigns.Core.Measurement.Replay;

/// <summary>
/// Counts and sums by fold × combination × treatment: all that outcome models and learning need of the rows.
/// The fold of a row is its zero-based index modulo the folds.
/// </summary>
internal sealed class FoldTally
{
    private readonly Cell[] sums;
    private readonly Cell[] totals;
    private readonly Cell[] armSums;
    private readonly Cell[] armTotals;

    public FoldTally(LoggedDecisions log, int folds)
    {
        (Folds, Cells, Arms) = (folds, log.Cells.Count, log.Treatments.Count);
        (sums, totals) = (new Cell[folds * Cells * Arms], new Cell[Cells * Arms]);
        (armSums, armTotals) = (new Cell[folds * Arms], new Cell[Arms]);
        for (var (row, fold) = (0, 0); row < log.Count; row++, fold = fold + 1 == folds ? 0 : fold + 1)
        {
            var one = new Cell(1, log.Reward[row], 1 / log.Propensity[row], log.Reward[row] / log.Propensity[row]);
            Add(ref sums[(((fold * Cells) + log.Cell[row]) * Arms) + log.Treatment[row]], one);
        }

        for (var i = 0; i < sums.Length; i++)
        {
            var (fold, place, arm) = (i / (Cells * Arms), i % (Cells * Arms), i % Arms);
            Add(ref totals[place], sums[i]);
            Add(ref armSums[(fold * Arms) + arm], sums[i]);
            Add(ref armTotals[arm], sums[i]);
        }
    }

    public int Folds { get; }

    public int Cells { get; }

    public int Arms { get; }

    /// <summary>Of one fold.</summary>
    public Cell Of(int fold, int cell, int arm) => sums[(((fold * Cells) + cell) * Arms) + arm];

    /// <summary>Of all folds but one or two; −1 leaves none out.</summary>
    public Cell Without(int fold, int other, int cell, int arm)
    {
        var left = totals[(cell * Arms) + arm];
        left = fold < 0 ? left : left - Of(fold, cell, arm);
        return other < 0 || other == fold ? left : left - Of(other, cell, arm);
    }

    /// <summary>The same over all combinations.</summary>
    public Cell ArmWithout(int fold, int other, int arm)
    {
        var left = armTotals[arm];
        left = fold < 0 ? left : left - armSums[(fold * Arms) + arm];
        return other < 0 || other == fold ? left : left - armSums[(other * Arms) + arm];
    }

    private static void Add(ref Cell sum, Cell more) =>
        sum = new Cell(sum.Count + more.Count, sum.Reward + more.Reward, sum.Weight + more.Weight, sum.WeightedReward + more.WeightedReward);

    /// <summary>Rows, Σ reward, Σ 1/propensity, Σ reward/propensity.</summary>
    internal readonly record struct Cell(long Count, double Reward, double Weight, double WeightedReward)
    {
        public static Cell operator -(Cell a, Cell b) =>
            a.Count == b.Count ? default : new(a.Count - b.Count, a.Reward - b.Reward, a.Weight - b.Weight, a.WeightedReward - b.WeightedReward);
    }
}
