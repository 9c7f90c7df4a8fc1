using static MathNet.Numerics.SpecialFunctions;

namespace Campaigns.Core.Profiles.Models;

/// <summary>Functions that neither the runtime nor MathNet has, or has too inaccurately.</summary>
internal static class MoreMath
{
    /// <summary>ln(1 + x) for x &gt; −1, accurate for small x (Kahan; Goldberg 1991, theorem 4).</summary>
    public static double Log1P(double x)
    {
        var sum = 1 + x;
        return sum == 1 || double.IsPositiveInfinity(sum) ? Math.Log(sum) + (sum == 1 ? x : 0) : Math.Log(sum) * (x / (sum - 1));
    }

    /// <summary>e^x − 1, accurate for small x (Kahan).</summary>
    public static double ExpM1(double x)
    {
        var power = Math.Exp(x);
        return power == 1 ? x : power - 1 == -1 || double.IsPositiveInfinity(power) ? power - 1 : (power - 1) * (x / Math.Log(power));
    }

    /// <summary>(1 − e^−x)/x, 1 at 0.</summary>
    public static double MeanDecay(double x) => Math.Abs(x) < 1e-300 ? 1 : -ExpM1(-x) / x;

    /// <summary>
    /// ∫ (1 − (1 + p·scaled)^−shape)/p · Beta(p; a, survivals) dp over (0, 1): the orders expected of an active customer of the
    /// beta-geometric models, by the double-exponential rule with p = 1/(1 + exp(−π sinh u)) (Takahasi and Mori 1974), which
    /// does not mind a singularity at either end.
    /// </summary>
    public static double MeanLifetimeOrders(double shape, double scaled, double a, double survivals)
    {
        var logBeta = GammaLn(a) + GammaLn(survivals) - GammaLn(a + survivals);
        var peak = Math.Asinh(Math.Log(a / survivals) / Math.PI);
        var width = Math.Sqrt((1 / a) + (1 / survivals)) / (Math.PI * Math.Cosh(peak));
        var step = Math.Max(Math.Min(1.0 / 32, width / 2), 1e-3);
        var sum = 0.0;
        var end = (int)(14 / step);
        for (var i = -end; i <= end; i++)
        {
            var u = i * step;
            var y = Math.PI * Math.Sinh(u);
            var logP = y > 0 ? -Log1P(Math.Exp(-y)) : y - Log1P(Math.Exp(y));
            var density = Math.Exp((a * logP) + (survivals * (logP - y)) - logBeta) * Math.PI * Math.Cosh(u);
            if (density > 0)
            {
                var p = Math.Exp(logP);
                sum += density * (p < 1e-280 ? shape * scaled : -ExpM1(-shape * Log1P(p * scaled)) / p);
            }
        }

        return Math.Min(sum * step, shape * scaled);
    }
}
