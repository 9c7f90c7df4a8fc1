using static MathNet.Numerics.SpecialFunctions;

namespace Campaigns.Core.Profiles.Models;

/// <summary>
/// What BG/NBD and MBG/NBD have in common. They differ in the number n of chances to leave that a customer of x repeat
/// orders has survived if still active: x in BG/NBD, x + 1 in MBG/NBD. With that,
/// <code>
/// L = Γ(r+x)/Γ(r) · α^r · B(a, b+n)/B(a, b) · (α+T)^−(r+x) · (1 + odds)
/// odds (left : active) = a/(b+n−1) · ((α+T)/(α+t_x))^(r+x), 0 where n = 0
/// </code>
/// which is equation (6) of Fader, Hardie and Lee (2005) and its counterpart in Batislam, Denizel and Filiztekin (2007).
/// Histories are expected to be possible ones (<see cref="RepeatHistory.Possible"/>).
/// </summary>
internal readonly struct BetaGeometric(double r, double alpha, double a, double b, bool dropsAtStart)
{
    /// <summary>The series of the expected orders gives way to a quadrature beyond so many terms.</summary>
    private const int MaxTerms = 2000;

    /// <summary>Below it the first term of the series would underflow.</summary>
    private const double LeastLogTerm = -600;

    public double LogLikelihood(RepeatHistory history)
    {
        var (x, n) = (history.RepeatOrders, Survived(history.RepeatOrders));
        return GammaLn(r + x) - GammaLn(r) + (r * Math.Log(alpha))
            + GammaLn(a + b) - GammaLn(b) + GammaLn(b + n) - GammaLn(a + b + n)
            - ((r + x) * Math.Log(alpha + history.Age))
            + SoftPlus(LogOdds(history));
    }

    public double ProbabilityActive(RepeatHistory history) => 1 / (1 + Math.Exp(LogOdds(history)));

    /// <summary>An active customer leaves only after ordering: the next order comes at the rate's posterior, Gamma(r+x, α+T).</summary>
    public double ProbabilityOfOrder(RepeatHistory history, double horizon) =>
        horizon > 0
            ? ProbabilityActive(history) * -MoreMath.ExpM1(-(r + history.RepeatOrders) * MoreMath.Log1P(horizon / (alpha + history.Age)))
            : 0;

    public double ExpectedOrders(RepeatHistory history, double horizon) =>
        ProbabilityActive(history) * OrdersIfActive(history.RepeatOrders, history.Age, horizon);

    /// <summary>
    /// Orders expected of a customer who is active: Σ P(N ≥ j) · B(a, b+n+j−1)/B(a, b+n) over j ≥ 1, where N is the negative
    /// binomial number of orders of one who would never leave. All terms are positive, and a = 1 is no exception; the closed
    /// form (equation (10) of Fader, Hardie and Lee 2005, with ₂F₁) is a difference divided by a − 1.
    /// </summary>
    public double OrdersIfActive(int repeatOrders, double age, double horizon)
    {
        if (!(horizon > 0))
        {
            return 0;
        }

        var (shape, survivals) = (r + repeatOrders, b + Survived(repeatOrders));
        var scaled = horizon / (alpha + age);
        var share = scaled / (1 + scaled);
        var logTerm = -shape * MoreMath.Log1P(scaled);
        var mean = shape * scaled;
        if (logTerm < LeastLogTerm || mean + (8 * Math.Sqrt(mean * (1 + scaled))) + (36 * (1 + scaled)) > MaxTerms)
        {
            return MoreMath.MeanLifetimeOrders(shape, scaled, a, survivals);
        }

        // term = P(N = i), orders = Σ over j ≤ i of the chance to survive j − 1 orders.
        var (sum, term, orders, survival) = (0.0, Math.Exp(logTerm), 0.0, 1.0);
        for (var i = 0; i < 2 * MaxTerms; i++)
        {
            term *= share * (shape + i) / (i + 1);
            orders += survival;
            survival *= (survivals + i) / (a + survivals + i);
            var gain = term * orders;
            sum += gain;
            if (i > mean && gain <= sum * 1e-15 * (1 - share))
            {
                break;
            }
        }

        return Math.Min(sum, mean);
    }

    private int Survived(int repeatOrders) => dropsAtStart ? repeatOrders + 1 : repeatOrders;

    /// <summary>Logarithm of the odds of having left; −∞ where that cannot be.</summary>
    private double LogOdds(RepeatHistory history)
    {
        var n = Survived(history.RepeatOrders);
        return n == 0
            ? double.NegativeInfinity
            : Math.Log(a / (b + n - 1)) + ((r + history.RepeatOrders) * MoreMath.Log1P((history.Age - history.Recency) / (alpha + history.Recency)));
    }

    /// <summary>ln(1 + e^z) without overflow.</summary>
    private static double SoftPlus(double z) => z > 0 ? z + MoreMath.Log1P(Math.Exp(-z)) : MoreMath.Log1P(Math.Exp(z));
}
