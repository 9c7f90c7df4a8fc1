using MathNet.Numerics.Distributions;

namespace Campaigns.Core.Measurement;

/// <summary>What return needs of one stratum: margins before discount of both arms, the treated arm's costs, and their products.</summary>
/// <param name="TreatedMargin">Margin before discount of treated customers, micro-units.</param>
/// <param name="HeldOutMargin">The same of held-out customers.</param>
/// <param name="TreatedCost">Redeemed discounts, benefits and send cost of treated customers, micro-units.</param>
/// <param name="MarginTimesCost">Σ margin × cost over treated customers.</param>
public readonly record struct ReturnStratum(Sums TreatedMargin, Sums HeldOutMargin, Sums TreatedCost, Int128 MarginTimesCost);

/// <summary>
/// Return on investment = (incremental margin before discount − redeemed discounts − send cost) ÷ (redeemed discounts + send
/// cost). The discounts are those redeemed by all treated customers, also by those who would have bought anyway.
/// </summary>
/// <param name="Value">The ratio; 0 = the campaign earned its cost back, −1 = all of it was lost.</param>
/// <param name="Interval">95 % interval by Fieller's theorem; null where the cost or the spread is too uncertain for a bounded one.</param>
public sealed record ReturnOnInvestment(double Value, Interval? Interval)
{
    /// <summary>
    /// Null = undefined: nothing was spent, or no stratum has two customers in both arms. Incremental margin = Σ over strata
    /// of (mean treated − mean held out) × treated customers. Fieller (1954), J. R. Stat. Soc. B 16, 175–185.
    /// </summary>
    public static ReturnOnInvestment? Of(IReadOnlyList<ReturnStratum> strata)
    {
        var (margin, cost, marginVariance, costVariance, covariance, heldOutVariance) = (0.0, 0.0, 0.0, 0.0, 0.0, 0.0);
        foreach (var s in strata.Where(s => s.TreatedMargin.Count >= 2 && s.HeldOutMargin.Count >= 2))
        {
            var n = (double)s.TreatedMargin.Count;
            var heldOut = n * n * s.HeldOutMargin.Variance / s.HeldOutMargin.Count;
            margin += n * (s.TreatedMargin.Mean - s.HeldOutMargin.Mean);
            cost += (double)s.TreatedCost.Sum;
            marginVariance += (n * s.TreatedMargin.Variance) + heldOut;
            heldOutVariance += heldOut;
            costVariance += n * s.TreatedCost.Variance;
            covariance += n * Sums.Covariance(s.TreatedMargin.Count, s.TreatedMargin.Sum, s.TreatedCost.Sum, s.MarginTimesCost);
        }

        if (cost <= 0)
        {
            return null;
        }

        var known = heldOutVariance > 0 && marginVariance > heldOutVariance;
        return new((margin / cost) - 1, known ? Fieller(margin, cost, marginVariance, costVariance, covariance) : null);
    }

    /// <summary>The ratios r with (a − r·b)² ≤ z²(Var a − 2r·Cov + r²·Var b), minus 1; null where they are unbounded.</summary>
    private static Interval? Fieller(double a, double b, double varianceA, double varianceB, double covariance)
    {
        var z = Normal.InvCDF(0, 1, 1 - ((1 - Lift.Confidence) / 2));
        var square = (b * b) - (z * z * varianceB);
        var middle = (a * b) - (z * z * covariance);
        var constant = (a * a) - (z * z * varianceA);
        var discriminant = (middle * middle) - (square * constant);
        return square > 0 && discriminant >= 0
            ? new Interval(((middle - Math.Sqrt(discriminant)) / square) - 1, ((middle + Math.Sqrt(discriminant)) / square) - 1)
            : null;
    }
}
