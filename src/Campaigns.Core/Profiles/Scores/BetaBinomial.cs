using MemoryPack;

namespace Campaigns.Core.Profiles.Scores;

/// <summary>
/// The discount shares of a workspace's customers: each has a share of its own, Beta(α, β) distributed; of n lines, k are
/// discounted. With the fit a customer's share is shrunk towards the workspace's mean, the more the fewer its lines
/// (empirical Bayes; Efron and Morris 1975; Skellam 1948 for the distribution).
/// </summary>
/// <param name="Alpha">α &gt; 0.</param>
/// <param name="Beta">β &gt; 0.</param>
/// <param name="LogLikelihood">Sum over customers, without the binomial coefficients, which do not depend on α and β.</param>
/// <param name="Customers">Customers with a line.</param>
/// <param name="Converged">
/// The gradient vanished. False where α + β ran into a bound: customers who are all alike, or who buy always or never at a discount.
/// </param>
/// <param name="Threshold">Shrunk share from which a customer is price-sensitive, in (0, 1].</param>
[MemoryPackable]
public sealed partial record BetaBinomial(double Alpha, double Beta, double LogLikelihood, long Customers, bool Converged, double Threshold)
{
    /// <summary>Mean share of the workspace's customers, in (0, 1).</summary>
    [MemoryPackIgnore]
    public double Mean => Alpha / (Alpha + Beta);

    /// <summary>The customer's share after shrinkage, in (0, 1): (α + k) ÷ (α + β + n), the posterior mean.</summary>
    public double Shrunk(double k, double n) => (Alpha + k) / (Alpha + Beta + n);

    /// <summary>
    /// Fits α and β, and sets the threshold: the ratio × mean within the settings' limits, but never below the shrunk share of
    /// who bought two lines, both discounted: one line of one proves nothing in any workspace. Null where no customer has a
    /// line, or all lines or none were discounted: then there is nothing to tell customers apart by.
    /// </summary>
    public static BetaBinomial? Fit(DiscountCounts counts, ModelSettings settings)
    {
        if (BetaBinomialFit.Fit(counts) is not { } fit)
        {
            return null;
        }

        var wanted = Math.Clamp(settings.PriceSensitiveRatio * fit.Mean, settings.LeastPriceSensitiveShare, settings.MostPriceSensitiveShare);
        return fit with { Threshold = Math.Max(wanted, fit.Shrunk(2, 2)) };
    }
}
