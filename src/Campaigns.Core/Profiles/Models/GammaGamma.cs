using Campaigns.Core.Storage;
using MemoryPack;
using static MathNet.Numerics.SpecialFunctions;

namespace Campaigns.Core.Profiles.Models;

/// <summary>
/// Gamma-Gamma model of spend per order (Fader and Hardie 2013, "The Gamma-Gamma Model of Monetary Value"): a customer's
/// orders are Gamma(p, ν) around a mean of its own, and ν is Gamma(q, v) over customers. Spend and number of orders are taken
/// to be independent. All parameters are &gt; 0, and the fit keeps q &gt; 1 so that the mean over customers, p·v/(q − 1), exists.
/// v is in the currency's unit that the fit was asked for.
/// </summary>
[MemoryPackable]
public sealed partial record GammaGamma(double P, double Q, double V) : IStoredRow
{
    /// <inheritdoc/>
    public static byte Version => 1;

    /// <summary>As reports call it.</summary>
    [MemoryPackIgnore]
    public string Name => "gamma-gamma";

    /// <summary>Mean spend per order over all customers.</summary>
    [MemoryPackIgnore]
    public double MeanSpend => ExpectedSpend(0, 0);

    /// <summary>
    /// The parameters of greatest likelihood. A summary without anybody gives parameters that mean nothing, not converged.
    /// </summary>
    /// <param name="summary">Repeat orders, in the literature: each customer's first order left out.</param>
    /// <param name="minorPerUnit">Minor units in the unit that v and spends are to be in: 100 for pounds, 1 for pence.</param>
    public static Fitted<GammaGamma> Fit(SpendSummary summary, double minorPerUnit = 100) => GammaGammaFit.Fit(summary, minorPerUnit);

    /// <summary>
    /// Mean spend of the customer's orders to come: between the customer's own mean and that of all, nearer to its own the more
    /// orders there were (equation (5) of Fader and Hardie 2013). Of all, where there is no order or no spend yet.
    /// </summary>
    /// <param name="orders">Orders behind the mean, ≥ 0, counted as those of the fit were.</param>
    /// <param name="meanSpend">Their mean, in the unit of v.</param>
    public double ExpectedSpend(int orders, double meanSpend)
    {
        var x = orders > 0 && meanSpend > 0 && double.IsFinite(meanSpend) ? (double)orders : 0;
        return P * (V + (x > 0 ? x * meanSpend : 0)) / ((P * x) + Math.Max(Q - 1, 1e-9));
    }

    /// <summary>The logarithm of the density of a customer's mean spend over <paramref name="orders"/> ≥ 1 orders (equation (1a)).</summary>
    public double LogLikelihood(int orders, double meanSpend)
    {
        var shape = P * orders;
        return GammaLn(shape + Q) - GammaLn(shape) - GammaLn(Q) + (Q * Math.Log(V))
            + ((shape - 1) * Math.Log(meanSpend)) + (shape * Math.Log(orders))
            - ((shape + Q) * Math.Log((orders * meanSpend) + V));
    }
}
