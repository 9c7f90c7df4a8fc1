using MathNet.Numerics.Distributions;

namespace Campaigns.Core.Planning.Forecast;

/// <summary>Customers of one comparison by arm, ≥ 0. Recurring runs are several comparisons of one test.</summary>
public readonly record struct ArmSizes(double Treated, double HeldOut)
{
    /// <summary>Both arms have customers.</summary>
    public bool IsComparison => Treated > 0 && HeldOut > 0;
}

/// <summary>
/// What a comparison of this size can tell, before it is made. Significance 5 %, two-sided; an effect counts as detectable where it
/// is found 4 times of 5. Several comparisons are weighted by their precision, as one stratified test. Pure.
/// </summary>
public static class Power
{
    /// <summary>Chance of finding an effect that is there: the usual 80 % (Cohen 1988, <i>Statistical Power Analysis</i>).</summary>
    public const double Usual = 0.8;

    /// <summary>Fewest buyers of the smaller arm for a verdict: below, the mean's distribution is visibly skewed. Measurement asks for as many.</summary>
    public const int MinBuyers = 50;

    /// <summary>Two-sided significance.</summary>
    private const double Significance = 0.05;

    /// <summary>Halvings until a rise is known to 2⁻⁵⁰, far below any customer's worth.</summary>
    private const int Halvings = 50;

    /// <summary>
    /// The rise of a share is found with at least this power: d ≥ z₁₋α⸝₂ √(p̄q̄(1/n₁ + 1/n₀)) + z_power √(p₁q₁/n₁ + p₀q₀/n₀), p₁ = p₀ + d,
    /// p̄ their mean weighted by customers. Fleiss, Levin and Paik (2003), <i>Statistical Methods for Rates and Proportions</i>, ch. 4;
    /// with equal arms the formula of R's power.prop.test.
    /// </summary>
    /// <param name="baseShare">p₀ in [0, 1].</param>
    /// <param name="rise">d in [0, 1 − p₀].</param>
    /// <param name="tests">The comparisons; those without two arms count nothing.</param>
    /// <param name="power">In (0.5, 1).</param>
    public static bool Shows(double baseShare, double rise, IReadOnlyList<ArmSizes> tests, double power = Usual)
    {
        var (p0, p1) = (baseShare, baseShare + rise);
        var (under, with) = (0.0, 0.0);
        foreach (var (n1, n0) in tests.Where(t => t.IsComparison))
        {
            var mean = ((n1 * p1) + (n0 * p0)) / (n1 + n0);
            under += Inverse(mean * (1 - mean) * ((1 / n1) + (1 / n0)));
            with += Inverse((p1 * (1 - p1) / n1) + (p0 * (1 - p0) / n0));
        }

        return rise > 0 && under > 0 && rise >= (Z(1 - (Significance / 2)) / Math.Sqrt(under)) + (Z(power) / Math.Sqrt(with));
    }

    /// <summary>
    /// The smallest rise that <see cref="Shows"/>, or null where not even everybody's buying would show. The right side there is
    /// concave in d and the left linear, so that they cross once: every larger rise shows as well.
    /// </summary>
    public static double? DetectableRise(double baseShare, IReadOnlyList<ArmSizes> tests, double power = Usual)
    {
        var (low, high) = (0.0, 1 - baseShare);
        if (!Shows(baseShare, high, tests, power))
        {
            return null;
        }

        for (var i = 0; i < Halvings; i++)
        {
            var middle = (low + high) / 2;
            (low, high) = Shows(baseShare, middle, tests, power) ? (low, middle) : (middle, high);
        }

        return high;
    }

    /// <summary>
    /// The smallest difference of means that is found: (z₁₋α⸝₂ + z_power) √(σ₁²/n₁ + σ₀²/n₀); null without a comparison. Rosner (2015),
    /// <i>Fundamentals of Biostatistics</i>, ch. 8; Bloom (1995), "Minimum detectable effects", <i>Evaluation Review</i> 19, 547–556.
    /// </summary>
    /// <param name="variance1">σ₁² of the treated, ≥ 0.</param>
    /// <param name="variance0">σ₀² of the held-out, ≥ 0.</param>
    /// <param name="tests">The comparisons.</param>
    /// <param name="power">In (0.5, 1).</param>
    public static double? DetectableMean(double variance1, double variance0, IReadOnlyList<ArmSizes> tests, double power = Usual)
    {
        var precision = tests.Where(t => t.IsComparison).Sum(t => Inverse((variance1 / t.Treated) + (variance0 / t.HeldOut)));
        return precision > 0 ? (Z(1 - (Significance / 2)) + Z(power)) / Math.Sqrt(precision) : null;
    }

    private static double Inverse(double variance) => variance > 0 ? 1 / variance : double.PositiveInfinity;

    private static double Z(double share) => Normal.InvCDF(0, 1, share);
}
