using Campaigns.Core.Jobs;

namespace Campaigns.Core.Measurement.Replay;

/// <summary>
/// Decisions as they were logged, by column: which treatment each row drew, with which probability, and what it brought.
/// A row knows the probability of its own treatment alone; those of the others need not be known for any estimate here.
/// Treatments are ordered "none" first, then by name; combinations of context values by value (ordinal): the order of
/// rows decides their folds and nothing else.
/// </summary>
public sealed class LoggedDecisions
{
    private readonly int[] treatment;
    private readonly int[] cell;
    private readonly double[] propensity;
    private readonly double[] reward;

    internal LoggedDecisions(IReadOnlyList<string> treatments, IReadOnlyList<string> columns, IReadOnlyList<IReadOnlyList<string>> cells, int[] treatment, int[] cell, double[] propensity, double[] reward)
    {
        (Treatments, Columns, Cells) = (treatments, columns, cells);
        (this.treatment, this.cell, this.propensity, this.reward) = (treatment, cell, propensity, reward);
    }

    /// <summary>Rows.</summary>
    public int Count => treatment.Length;

    /// <summary>Names of the treatments that occur.</summary>
    public IReadOnlyList<string> Treatments { get; }

    /// <summary>Context columns that were read.</summary>
    public IReadOnlyList<string> Columns { get; }

    /// <summary>Combinations of their values that occur, a value per column; one empty combination where there are no columns.</summary>
    public IReadOnlyList<IReadOnlyList<string>> Cells { get; }

    /// <summary>Index in <see cref="Treatments"/> of each row's treatment.</summary>
    public ReadOnlySpan<int> Treatment => treatment;

    /// <summary>Index in <see cref="Cells"/> of each row's combination.</summary>
    public ReadOnlySpan<int> Cell => cell;

    /// <summary>Probability in (0, 1] with which each row drew its treatment.</summary>
    public ReadOnlySpan<double> Propensity => propensity;

    /// <summary>What each row brought, in the reward's unit.</summary>
    public ReadOnlySpan<double> Reward => reward;

    /// <summary>Index of "none", or −1 where nobody was left alone.</summary>
    public int Nobody => Treatments.Count > 0 && Treatments[0] == ReplayLimits.None ? 0 : -1;

    /// <summary>The treatment's index. Throws <see cref="JobFailedException"/> naming the log's treatments where it is none of them.</summary>
    public int IndexOf(string name, string where)
    {
        for (var i = 0; i < Treatments.Count; i++)
        {
            if (Treatments[i] == name)
            {
                return i;
            }
        }

        throw new JobFailedException($"{where} names the treatment \"{name}\", which no row of the log has; the log has {string.Join(", ", Treatments)}.");
    }

    /// <summary>The log itself. Throws <see cref="JobFailedException"/> where it cannot be valued with so many folds.</summary>
    public LoggedDecisions CheckedFor(int folds)
    {
        if (Treatments.Contains(PolicyComparison.Nobody))
        {
            throw new JobFailedException($"A treatment is called \"{PolicyComparison.Nobody}\": write \"{ReplayLimits.None}\" for no message, or another name.");
        }

        return (long)folds * Cells.Count * Treatments.Count <= ReplayLimits.Tallies
            ? this
            : throw new JobFailedException(FormattableString.Invariant($"{folds} folds × {Cells.Count:N0} combinations × {Treatments.Count} treatments are too many: choose fewer folds, or columns with fewer values."));
    }

    /// <summary>The same rows with what counts as reward: reward × margin − cost of the row's treatment.</summary>
    /// <param name="margin">Share of the reward that is earned, in (0, 1].</param>
    /// <param name="costs">Cost of one row of a treatment, in the reward's unit, ≥ 0; 0 where it is not named.</param>
    public LoggedDecisions Net(double margin, IReadOnlyDictionary<string, double> costs)
    {
        var cost = new double[Treatments.Count];
        foreach (var (name, amount) in costs)
        {
            cost[IndexOf(name, "--cost")] = amount;
        }

        var net = new double[Count];
        for (var i = 0; i < net.Length; i++)
        {
            net[i] = (reward[i] * margin) - cost[treatment[i]];
        }

        return new LoggedDecisions(Treatments, Columns, Cells, treatment, cell, propensity, net);
    }
}
