using System.Runtime.Intrinsics;

namespace Campaigns.Core.Profiles.Models;

/// <summary>
/// ∫ (α+τ)^−k (β+τ)^−m dτ over low … high, the one integral of the Pareto/NBD model. The literature writes it as a difference
/// of two ₂F₁, which cancels for long silences and overflows for many orders. The integrand is positive and, in
/// v = ln(min(α, β) + τ), smooth with its nearest singularity at distance π: panels of Gauss–Legendre.
/// </summary>
internal static class PowerIntegral
{
    /// <summary>What has decayed by so many powers of e no longer counts.</summary>
    private const double Decay = 45;

    /// <summary>A panel's length in v, and the powers of e that the integrand may decay within it: 16 nodes give 11 digits.</summary>
    private const double PanelLength = 2;
    private const double PanelDecay = 15;

    private static readonly (double[] Nodes, double[] Weights) Rule = GaussLegendre.Of(16);

    /// <summary>The nodes eight at a time: exponentials and logarithms of eight numbers cost about as much as of one.</summary>
    private static readonly Vector512<double>[] Nodes = [Vector512.Create(Rule.Nodes, 0), Vector512.Create(Rule.Nodes, 8)];

    private static readonly Vector512<double>[] Weights = [Vector512.Create(Rule.Weights, 0), Vector512.Create(Rule.Weights, 8)];

    /// <summary>The integral's logarithm; −∞ for an empty range.</summary>
    public static double Log(double alpha, double beta, double k, double m, double low, double high)
    {
        Span<double> means = stackalloc double[4];
        return Log(alpha, beta, k, m, low, high, means);
    }

    /// <summary>
    /// The integral's logarithm, and the means, under the integrand as a density, of ln(α+τ), ln(β+τ), 1/(α+τ) and 1/(β+τ): the derivatives of the logarithm
    /// with respect to −k and −m, and to α and β when multiplied by −k and −m. No means where the range is empty.
    /// </summary>
    public static double Log(double alpha, double beta, double k, double m, double low, double high, Span<double> means)
    {
        means.Clear();
        if (!(high > low))
        {
            return double.NegativeInfinity;
        }

        var least = Math.Min(alpha, beta);
        // Beyond this τ the first factor alone has decayed. Its logarithm bounds how often a panel is needed.
        var reach = Math.Min(high, low + ((alpha + low) * MoreMath.ExpM1(Math.Min(Decay / k, 700))));
        var (logAlpha, logBeta) = (Math.Log(alpha + low), Math.Log(beta + low));
        var (alphaLength, betaLength) = (MoreMath.Log1P((reach - low) / (alpha + low)), MoreMath.Log1P((reach - low) / (beta + low)));
        var (from, length) = alpha < beta ? (logAlpha, alphaLength) : (logBeta, betaLength);
        var decay = (k * alphaLength) + (m * betaLength);
        var panels = Math.Max(1, (int)Math.Ceiling(Math.Max(length / PanelLength, decay / PanelDecay)));
        var top = -(k * logAlpha) - (m * logBeta) + from;
        var half = length / panels / 2;
        var (other, ofSmaller, ofLarger) = (Math.Abs(alpha - beta), alpha < beta ? k : m, alpha < beta ? m : k);
        Vector512<double> sum = default, logSmaller = default, logLarger = default, inverseSmaller = default, inverseLarger = default;
        for (var panel = 0; panel < panels; panel++)
        {
            var middle = Vector512.Create(from + (((2 * panel) + 1) * half));
            for (var i = 0; i < Nodes.Length; i++)
            {
                var v = middle + (half * Nodes[i]);
                var smaller = Vector512.Exp(v);
                var larger = smaller + Vector512.Create(other);
                var log = Vector512.Log(larger);
                var mass = Weights[i] * Vector512.Exp(((1 - ofSmaller) * v) - (ofLarger * log) - Vector512.Create(top));
                sum += mass;
                logSmaller += mass * v;
                logLarger += mass * log;
                inverseSmaller += mass / smaller;
                inverseLarger += mass / larger;
            }
        }

        var total = Vector512.Sum(sum);
        var (first, second) = alpha < beta ? (0, 1) : (1, 0);
        (means[first], means[second]) = (Vector512.Sum(logSmaller) / total, Vector512.Sum(logLarger) / total);
        (means[2 + first], means[2 + second]) = (Vector512.Sum(inverseSmaller) / total, Vector512.Sum(inverseLarger) / total);
        return top + Math.Log(total * half);
    }
}

/// <summary>Nodes and weights of Gauss–Legendre quadrature on −1 … 1.</summary>
internal static class GaussLegendre
{
    /// <summary>Newton's method on the Legendre polynomial, from Chebyshev's guess.</summary>
    public static (double[] Nodes, double[] Weights) Of(int order)
    {
        var (nodes, weights) = (new double[order], new double[order]);
        for (var i = 0; i < order; i++)
        {
            var x = Math.Cos(Math.PI * (i + 0.75) / (order + 0.5));
            var slope = 1.0;
            for (var step = 0; step < 20; step++)
            {
                var (before, value) = (1.0, x);
                for (var n = 2; n <= order; n++)
                {
                    (before, value) = (value, ((((2 * n) - 1) * x * value) - ((n - 1) * before)) / n);
                }

                slope = order * ((x * value) - before) / ((x * x) - 1);
                x -= value / slope;
            }

            (nodes[i], weights[i]) = (x, 2 / ((1 - (x * x)) * slope * slope));
        }

        return (nodes, weights);
    }
}
