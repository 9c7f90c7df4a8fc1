using MathNet.Numerics.Distributions;

namespace Campaigns.Core.Measurement;

/// <summary>Customers who were assigned alike (same run, same segments): what they did by arm. Probabilities of arms may differ between strata, not within.</summary>
public readonly record struct Stratum(Sums Treated, Sums HeldOut)
{
    /// <summary>Customers of both arms.</summary>
    public long Customers => Treated.Count + HeldOut.Count;
}

/// <summary>A closed interval, <paramref name="Low"/> ≤ <paramref name="High"/>, in the figure's unit.</summary>
public readonly record struct Interval(double Low, double High)
{
    /// <summary>The value lies within.</summary>
    public bool Contains(double value) => Low <= value && value <= High;

    /// <summary>Both ends times a factor ≥ 0.</summary>
    public Interval Times(double factor) => new(Low * factor, High * factor);
}

/// <summary>What being assigned to the treated arm changed per customer, in the figure's unit.</summary>
/// <param name="Difference">Treated minus held out, weighted over strata by assigned customers.</param>
/// <param name="StandardError">Its standard error, &gt; 0 where an interval can be given, else 0.</param>
/// <param name="DegreesOfFreedom">Of Student's distribution for the fixed-time interval.</param>
/// <param name="Customers">Assigned customers that the estimate rests on.</param>
/// <param name="LeftOut">Assigned customers of strata that have fewer than two customers in an arm: nothing can be compared there.</param>
public sealed record Estimate(double Difference, double StandardError, double DegreesOfFreedom, long Customers, long LeftOut)
{
    /// <summary>Some spread was seen in both arms, so that the error of the difference is known at all.</summary>
    public bool HasSpread => StandardError > 0;
}

/// <summary>
/// Differences of means by assignment (intention to treat): every customer counts in the arm that was drawn, whatever
/// happened later. Sources: Welch (1947), Biometrika 34, 28–35, and Satterthwaite (1946), Biometrics Bulletin 2, 110–114,
/// for unequal variances; Imbens and Rubin (2015), Causal Inference, ch. 9, for stratified experiments. See docs/measures.md.
/// </summary>
public static class Lift
{
    /// <summary>Confidence of all intervals.</summary>
    public const double Confidence = 0.95;

    /// <summary>Power at which the smallest detectable effect is stated.</summary>
    public const double Power = 0.8;

    private const double Alpha = 1 - Confidence;

    /// <summary>
    /// Σ w(mean treated − mean held out) with w = the stratum's share of assigned customers; variance Σ w²(s²/n + s²/n).
    /// Null where no stratum has two customers in both arms. Where an arm shows no spread at all its variance is not known
    /// (nobody bought), so the standard error is given as 0, and no interval follows.
    /// </summary>
    public static Estimate? Difference(IReadOnlyList<Stratum> strata)
    {
        var usable = strata.Where(s => s.Treated.Count >= 2 && s.HeldOut.Count >= 2).ToList();
        var customers = usable.Sum(s => s.Customers);
        if (customers == 0)
        {
            return null;
        }

        var (difference, treated, heldOut, spread) = (0.0, 0.0, 0.0, 0.0);
        foreach (var stratum in usable)
        {
            var weight = (double)stratum.Customers / customers;
            difference += weight * (stratum.Treated.Mean - stratum.HeldOut.Mean);
            treated += Part(stratum.Treated, weight, ref spread);
            heldOut += Part(stratum.HeldOut, weight, ref spread);
        }

        var variance = treated + heldOut;
        var known = treated > 0 && heldOut > 0;
        return new Estimate(
            difference,
            known ? Math.Sqrt(variance) : 0,
            known ? variance * variance / spread : 0,
            customers,
            strata.Sum(s => s.Customers) - customers);
    }

    private static double Part(Sums arm, double weight, ref double spread)
    {
        var part = weight * weight * arm.Variance / arm.Count;
        spread += part * part / (arm.Count - 1);
        return part;
    }

    /// <summary>
    /// The 95 % interval for one look that was planned beforehand (the closed window): difference ± t·SE with Welch's and
    /// Satterthwaite's degrees of freedom. Null without spread. Looking daily and stopping at will breaks its promise: see
    /// <see cref="AlwaysValid"/>.
    /// </summary>
    public static Interval? FixedTime(Estimate estimate) =>
        estimate.HasSpread
            ? Around(estimate.Difference, estimate.StandardError * StudentT.InvCDF(0, 1, estimate.DegreesOfFreedom, 1 - (Alpha / 2)))
            : null;

    /// <summary>
    /// The 95 % interval that holds at every look at once: asymptotic confidence sequence of Waudby-Smith, Arbour, Sinha,
    /// Kennedy and Ramdas, "Time-uniform central limit theory and asymptotic confidence sequences", Annals of Statistics
    /// 52 (2024), theorem 2.2 (normal mixture), with σ²/t = SE². Half-width SE·√(2(x+1)/x · ln(√(x+1)/α)), x = t·ρ².
    /// ρ is tuned (there, eq. for the optimal ρ with a known horizon) so that the interval is narrowest at the planned
    /// information: ρ² = (−2 ln α + ln(−2 ln α + 1)) / planned.
    /// </summary>
    /// <param name="estimate">The estimate now.</param>
    /// <param name="information">Information gathered so far, &gt; 0: customers, each counted by the share of its window that has passed.</param>
    /// <param name="planned">Information that was expected when the first run was assigned, &gt; 0.</param>
    public static Interval? AlwaysValid(Estimate estimate, double information, double planned)
    {
        if (!estimate.HasSpread || information <= 0 || planned <= 0)
        {
            return null;
        }

        var x = information * RhoSquared(planned);
        return Around(estimate.Difference, estimate.StandardError * Math.Sqrt(2 * (x + 1) / x * Math.Log(Math.Sqrt(x + 1) / Alpha)));
    }

    /// <summary>ρ² of the normal mixture for the planned information. About 7.94 / planned at 95 %.</summary>
    internal static double RhoSquared(double planned) => ((-2 * Math.Log(Alpha)) + Math.Log((-2 * Math.Log(Alpha)) + 1)) / planned;

    /// <summary>
    /// The smallest true effect that a two-sided test at 5 % would have shown with 80 % power: (z₀.₉₇₅ + z₀.₈)·SE ≈ 2.8·SE.
    /// Null without spread. Bloom (1995), Evaluation Review 19, 547–556.
    /// </summary>
    public static double? MinimumDetectable(Estimate estimate) =>
        estimate.HasSpread ? (Normal.InvCDF(0, 1, 1 - (Alpha / 2)) + Normal.InvCDF(0, 1, Power)) * estimate.StandardError : null;

    private static Interval Around(double centre, double half) => new(centre - half, centre + half);
}
