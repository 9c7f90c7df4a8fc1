namespace Campaigns.Core.Measurement;

/// <summary>A figure and what the same customers spent before assignment, of one arm: sums of both and of their products.</summary>
public readonly record struct WithPrior(Sums Figure, Sums Prior, Int128 Products)
{
    /// <summary>Variance of figure − θ·prior, ÷ customers, in parts: of the figure, of the prior, and their covariance.</summary>
    internal (double Figure, double Prior, double Covariance) VarianceOfMeans() => Figure.Count < 2 ? default : (
        Figure.Variance / Figure.Count,
        Prior.Variance / Figure.Count,
        Sums.Covariance(Figure.Count, Figure.Sum, Prior.Sum, Products) / Figure.Count);
}

/// <summary>A lift with earlier spending taken into account.</summary>
/// <param name="Estimate">Difference and standard error after the adjustment, in the figure's unit.</param>
/// <param name="Gain">Share of the variance that the adjustment removed, in [0, 1); 0 where earlier spending says nothing.</param>
public sealed record AdjustedEstimate(Estimate Estimate, double Gain);

/// <summary>
/// Earlier spending explains part of the chance differences between arms; subtracting θ·(difference of earlier spending)
/// removes it without changing what is estimated, because assignment cannot influence the past. CUPED: Deng, Xu, Kohavi and
/// Walker (2013), "Improving the sensitivity of online controlled experiments by utilizing pre-experiment data", WSDM. θ is
/// the one that makes the stratified variance least: Σ w²(cov/n + cov/n) ÷ Σ w²(var prior/n + var prior/n).
/// </summary>
public static class PriorAdjustment
{
    /// <summary>The adjusted lift; null where <see cref="Lift.Difference"/> has none, or nobody spent anything before.</summary>
    public static AdjustedEstimate? Of(IReadOnlyList<(WithPrior Treated, WithPrior HeldOut)> strata)
    {
        var plain = Lift.Difference([.. strata.Select(s => new Stratum(s.Treated.Figure, s.HeldOut.Figure))]);
        if (plain is not { HasSpread: true })
        {
            return null;
        }

        var (prior, figure, covariance, priorDifference) = (0.0, 0.0, 0.0, 0.0);
        foreach (var (treated, heldOut) in strata.Where(s => s.Treated.Figure.Count >= 2 && s.HeldOut.Figure.Count >= 2))
        {
            var weight = (double)(treated.Figure.Count + heldOut.Figure.Count) / plain.Customers;
            var (a, b) = (treated.VarianceOfMeans(), heldOut.VarianceOfMeans());
            figure += weight * weight * (a.Figure + b.Figure);
            prior += weight * weight * (a.Prior + b.Prior);
            covariance += weight * weight * (a.Covariance + b.Covariance);
            priorDifference += weight * (treated.Prior.Mean - heldOut.Prior.Mean);
        }

        if (prior <= 0)
        {
            return null;
        }

        var theta = covariance / prior;
        var variance = Math.Max(0, figure - (covariance * theta));
        return new AdjustedEstimate(
            plain with { Difference = plain.Difference - (theta * priorDifference), StandardError = Math.Sqrt(variance) },
            1 - (variance / figure));
    }
}
