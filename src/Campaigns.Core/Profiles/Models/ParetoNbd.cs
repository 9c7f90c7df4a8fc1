using Campaigns.Core.Storage;
using MemoryPack;
using static MathNet.Numerics.SpecialFunctions;

namespace Campaigns.Core.Profiles.Models;

/// <summary>
/// Pareto / negative binomial model (Schmittlein, Morrison and Colombo 1987; formulas as in Fader and Hardie 2005, "A Note on
/// Deriving the Pareto/NBD Model and Related Expressions"): orders come at a Poisson rate that is Gamma(r, α) over customers,
/// and a customer leaves at any moment at a rate that is Gamma(s, β). All parameters are &gt; 0.
/// </summary>
[MemoryPackable]
public sealed partial record ParetoNbd(double R, double Alpha, double S, double Beta) : IPurchaseModel, IStoredRow
{
    /// <inheritdoc/>
    public static byte Version => 1;

    /// <inheritdoc/>
    [MemoryPackIgnore]
    public string Name => "pareto-nbd";

    /// <inheritdoc cref="BgNbd.Fit(RepeatSummary, double)"/>
    /// <remarks>Each distinct history costs a quadrature: the fit sees a weighted sample of them beyond <see cref="ParetoFit.MaxGroups"/>.</remarks>
    public static Fitted<ParetoNbd> Fit(RepeatSummary summary, double daysPerUnit) => Fit(summary.Histories(), daysPerUnit);

    /// <inheritdoc cref="BgNbd.Fit(RepeatSummary, double)"/>
    internal static Fitted<ParetoNbd> Fit(HistoryGroups histories, double daysPerUnit) => ParetoFit.Fit(histories, daysPerUnit);

    /// <inheritdoc/>
    public double LogLikelihood(RepeatHistory history)
    {
        var h = history.Possible();
        var logLeft = LogLeft(h);
        var logActive = LogActive(h);
        var larger = Math.Max(logLeft, logActive);
        return GammaLn(R + h.RepeatOrders) - GammaLn(R) + (R * Math.Log(Alpha)) + (S * Math.Log(Beta))
            + larger + MoreMath.Log1P(Math.Exp(-Math.Abs(logLeft - logActive)));
    }

    /// <inheritdoc/>
    public double ProbabilityActive(RepeatHistory history)
    {
        var h = history.Possible();
        return 1 / (1 + Math.Exp(LogLeft(h) - LogActive(h)));
    }

    /// <inheritdoc/>
    public double ExpectedOrders(RepeatHistory history, double horizon)
    {
        if (!(horizon > 0))
        {
            return 0;
        }

        // (1 − ((β+T)/(β+T+t))^(s−1))/(s − 1) as (1 − e^−z)/z times the logarithm: s = 1 is no exception.
        var h = history.Possible();
        var log = MoreMath.Log1P(horizon / (Beta + h.Age));
        return ProbabilityActive(h) * (R + h.RepeatOrders) * ((Beta + h.Age) / (Alpha + h.Age)) * log * MoreMath.MeanDecay((S - 1) * log);
    }

    /// <inheritdoc/>
    public double ProbabilityOfOrder(RepeatHistory history, double horizon)
    {
        if (!(horizon > 0))
        {
            return 0;
        }

        // ∫ over 0 … t of (density of the next order at u) × (still active at u), for a customer active at T.
        var h = history.Possible();
        var (alpha, beta, shape) = (Alpha + h.Age, Beta + h.Age, R + h.RepeatOrders);
        var log = PowerIntegral.Log(alpha, beta, shape + 1, S, 0, horizon)
            + Math.Log(shape) + (shape * Math.Log(alpha)) + (S * Math.Log(beta));
        return ProbabilityActive(h) * Math.Min(1, Math.Exp(log));
    }

    private double LogActive(RepeatHistory h) =>
        -((R + h.RepeatOrders) * Math.Log(Alpha + h.Age)) - (S * Math.Log(Beta + h.Age));

    /// <summary>Left at some τ in t_x … T: s ∫ (α+τ)^−(r+x) (β+τ)^−(s+1) dτ.</summary>
    private double LogLeft(RepeatHistory h) =>
        Math.Log(S) + PowerIntegral.Log(Alpha, Beta, R + h.RepeatOrders, S + 1, h.Recency, h.Age);
}
