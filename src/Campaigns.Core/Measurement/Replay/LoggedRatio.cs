using MathNet.Numerics.Distributions;

namespace Campaigns.Core.Measurement.Replay;

/// <summary>Do the counts of the treatments fit the logged probabilities?</summary>
/// <param name="P">p-value in [0, 1]; null where it cannot be had.</param>
/// <param name="Method">"pearson": χ² of the counts against Σπ; "weighted": see <see cref="Of"/>; null without p.</param>
/// <param name="Reason">Why there is no p, or null.</param>
public sealed record LoggedRatio(double? P, string? Method, string? Reason)
{
    /// <summary>Probabilities count as constant, and as summing to 1, up to their rounding in a file: .3333 three times is .9999.</summary>
    private const double Rounding = 0.002;

    /// <summary>Below the threshold at which no figure of the log can be believed.</summary>
    public bool IsAlert => P < SampleRatio.AlertBelow;

    /// <summary>
    /// Pearson's χ² needs every treatment's probability on every row, and a row names its own alone. Where each treatment's
    /// is constant over the log, or within each combination of context values, and they sum to 1, they are all known.
    /// Otherwise: E[1{own treatment is a} ÷ propensity] is 1 on every row that could draw a, and 0 on others, so Σ 1/propensity over
    /// the rows of a treatment exceeds the number of rows by chance only; p is the smallest one-sided normal p-value times
    /// the treatments (Bonferroni). When a treatment loses rows, the others become too many, so losses show as well.
    /// </summary>
    public static LoggedRatio Of(LoggedDecisions log)
    {
        if (log.Treatments.Count < 2)
        {
            return new LoggedRatio(null, null, "The log has one treatment: there is no ratio to check.");
        }

        return (Expected(log, perCell: false) ?? Expected(log, perCell: true)) is { } expected
            ? new LoggedRatio(SampleRatio.PValue([.. Counts(log).Zip(expected)]), "pearson", null)
            : new LoggedRatio(Weighted(log), "weighted", null);
    }

    private static long[] Counts(LoggedDecisions log)
    {
        var counts = new long[log.Treatments.Count];
        foreach (var arm in log.Treatment)
        {
            counts[arm]++;
        }

        return counts;
    }

    /// <summary>Σπ by treatment over all rows, or null where it is not known.</summary>
    private static double[]? Expected(LoggedDecisions log, bool perCell)
    {
        var (strata, arms) = (perCell ? log.Cells.Count : 1, log.Treatments.Count);
        var (share, rows) = (new double[strata * arms], new long[strata]);
        for (var row = 0; row < log.Count; row++)
        {
            var stratum = perCell ? log.Cell[row] : 0;
            rows[stratum]++;
            ref var known = ref share[(stratum * arms) + log.Treatment[row]];
            if (known != 0 && Math.Abs(known - log.Propensity[row]) > Rounding * known)
            {
                return null;
            }

            known = known == 0 ? log.Propensity[row] : known;
        }

        var expected = new double[arms];
        for (var stratum = 0; stratum < strata; stratum++)
        {
            var own = share.AsSpan(stratum * arms, arms);
            var sum = 0.0;
            foreach (var one in own)
            {
                sum += one;
            }

            if (Math.Abs(sum - 1) > Rounding)
            {
                return null;
            }

            for (var arm = 0; arm < arms; arm++)
            {
                expected[arm] += rows[stratum] * own[arm] / sum;
            }
        }

        return expected;
    }

    private static double Weighted(LoggedDecisions log)
    {
        var (sums, variances) = (new double[log.Treatments.Count], new double[log.Treatments.Count]);
        for (var row = 0; row < log.Count; row++)
        {
            var propensity = log.Propensity[row];
            sums[log.Treatment[row]] += 1 / propensity;
            variances[log.Treatment[row]] += (1 - propensity) / (propensity * propensity);
        }

        var smallest = 1.0;
        for (var arm = 0; arm < sums.Length; arm++)
        {
            var excess = sums[arm] - log.Count;
            smallest = Math.Min(smallest, variances[arm] > 0 ? Normal.CDF(0, 1, -excess / Math.Sqrt(variances[arm])) : excess > 0.5 ? 0 : 1);
        }

        return Math.Min(1, smallest * sums.Length);
    }
}
