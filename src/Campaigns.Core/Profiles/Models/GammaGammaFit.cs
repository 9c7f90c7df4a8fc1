using static MathNet.Numerics.SpecialFunctions;

namespace Campaigns.Core.Profiles.Models;

/// <summary>Maximum likelihood of Gamma-Gamma over groups of (orders, total), with exact gradients.</summary>
internal sealed class GammaGammaFit
{
    /// <summary>Logarithms of p, q − 1 and v over the mean spend stay in ± this: 6·10⁻⁶ … 160,000 are as good as 0 and ∞.</summary>
    private const double Bound = 12;

    /// <summary>Groups that the starting points are tried on; the best of them then climbs on all.</summary>
    private const int SampleGroups = 8_000;

    private readonly int[] orders;
    private readonly double[] totals;
    private readonly double[] weights;
    private readonly double customers;
    private readonly double constant;
    private readonly double logs;

    /// <param name="summary">Whom to sum over.</param>
    /// <param name="minorPerUnit">Minor units in the unit of v.</param>
    public GammaGammaFit(SpendSummary summary, double minorPerUnit)
        : this(summary.Groups(), minorPerUnit)
    {
    }

    private GammaGammaFit((int[] Orders, double[] Totals, double[] Weights) groups, double minorPerUnit)
    {
        (orders, totals, weights) = groups;
        for (var i = 0; i < orders.Length; i++)
        {
            totals[i] /= minorPerUnit;
            customers += weights[i];
            // (px − 1) ln m + px ln x = px ln(total) − ln m: the first part is linear in p.
            logs += weights[i] * orders[i] * Math.Log(totals[i]);
            constant -= weights[i] * Math.Log(totals[i] / orders[i]);
            MeanSpend += weights[i] * totals[i] / orders[i];
        }

        MeanSpend = customers > 0 ? MeanSpend / customers : 1;
    }

    /// <summary>Mean over customers of their mean spend, in the unit of v.</summary>
    public double MeanSpend { get; }

    public static Fitted<GammaGamma> Fit(SpendSummary summary, double minorPerUnit)
    {
        var fit = new GammaGammaFit(summary, minorPerUnit);
        var few = fit.Sample(SampleGroups);
        var begin = Climb(few, fit.MeanSpend, Starts, 1e-5, null);
        var best = Climb(fit, fit.MeanSpend, [begin.Point], 1e-8, begin.Curvature);
        var at = Array.ConvertAll(best.Point, Math.Exp);
        return new Fitted<GammaGamma>(
            new GammaGamma(at[0], 1 + at[1], at[2] * fit.MeanSpend), best.Value * summary.Customers, summary.Customers, best.Converged && fit.orders.Length > 0, begin.Iterations + best.Iterations);
    }

    private static Maximum Climb(GammaGammaFit fit, double meanSpend, double[][] starts, double tolerance, double[,]? curvature) =>
        NewtonMaximizer.ClimbLogarithms(
            (parameters, gradient) => fit.LogLikelihood(parameters[0], 1 + parameters[1], parameters[2], gradient),
            fit.customers,
            [1, 1, meanSpend],
            starts,
            Bound,
            tolerance,
            curvature);

    /// <summary>About so many of the groups, as <see cref="HistoryGroups.Sample"/> chooses them.</summary>
    private GammaGammaFit Sample(int most)
    {
        if (orders.Length <= most)
        {
            return this;
        }

        var (kept, weight) = (new List<int>(most + (most / 8)), new List<double>(most + (most / 8)));
        for (var i = 0; i < orders.Length; i++)
        {
            var chance = Math.Min(1, weights[i] * most / customers);
            var key = GroupedCounts.Hash(BitConverter.DoubleToUInt64Bits(totals[i]) ^ ((ulong)orders[i] << 48));
            if ((key >> 11) * (1.0 / (1UL << 53)) < chance)
            {
                kept.Add(i);
                weight.Add(weights[i] / chance);
            }
        }

        return new GammaGammaFit(([.. kept.Select(i => orders[i])], [.. kept.Select(i => totals[i])], [.. weight]), 1);
    }

    private static double[][] Starts => [[1, 1, -0.5], [3, 0, -2], [-0.5, 2, 2]];

    /// <summary>The sum of the groups' log-likelihoods, and its derivatives with respect to p, q and v.</summary>
    public double LogLikelihood(double p, double q, double v, Span<double> gradient)
    {
        var (logV, gammaQ, slopeQ) = (Math.Log(v), GammaLn(q), DiGamma(q));
        var sum = constant + (p * logs) + (customers * ((q * logV) - gammaQ));
        double byP = logs, byQ = customers * (logV - slopeQ), byV = customers * q / v;
        var (last, ratio, slopeShape, slopeBoth) = (0, 0.0, 0.0, 0.0);
        for (var i = 0; i < orders.Length; i++)
        {
            var shape = p * orders[i];
            if (orders[i] != last)
            {
                // Groups are ordered by the number of orders.
                last = orders[i];
                ratio = GammaLn(shape + q) - GammaLn(shape);
                (slopeShape, slopeBoth) = (DiGamma(shape), DiGamma(shape + q));
            }

            var logSum = Math.Log(totals[i] + v);
            sum += weights[i] * (ratio - ((shape + q) * logSum));
            byP += weights[i] * orders[i] * (slopeBoth - slopeShape - logSum);
            byQ += weights[i] * (slopeBoth - logSum);
            byV -= weights[i] * (shape + q) / (totals[i] + v);
        }

        (gradient[0], gradient[1], gradient[2]) = (byP, byQ, byV);
        return sum;
    }
}
