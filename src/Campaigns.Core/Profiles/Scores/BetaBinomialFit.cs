namespace Campaigns.Core.Profiles.Scores;

/// <summary>
/// Maximum likelihood of the Beta-Binomial. With A(j), B(j), C(j) the customers with more than j discounted, full-price and
/// all lines, the log-likelihood is Σ A(j) ln(α + j) + B(j) ln(β + j) − C(j) ln(α + β + j): it costs the longest history, not
/// the customers. Newton in ln α and ln β, with gradient steps where the surface is not concave.
/// </summary>
internal static class BetaBinomialFit
{
    /// <summary>α and β stay within these: at 10⁻⁴ everybody buys always or never at a discount, at 10⁶ everybody is alike.</summary>
    private const double Least = 1e-4;
    private const double Most = 1e6;

    /// <summary>Newton needs about ten; a flat ridge (everybody alike) is left after so many.</summary>
    private const int MaxIterations = 200;

    /// <summary>Gradient per customer at which the fit has converged.</summary>
    private const double Tolerance = 1e-10;

    public static BetaBinomial? Fit(DiscountCounts counts)
    {
        var (a, b, c) = (Tails(counts.Discounted), Tails(counts.Full), Tails(counts.Lines));
        if (c.Length == 0 || a.Length == 0 || b.Length == 0)
        {
            return null;
        }

        var customers = c[0];
        var start = a.Sum() / c.Sum();
        var (u, v) = (Math.Log(2 * start), Math.Log(2 * (1 - start)));
        var value = Value(u, v, a, b, c);
        for (var i = 1; i <= MaxIterations; i++)
        {
            var (du, dv) = Step(u, v, a, b, c, out var gradient);
            if (gradient <= Tolerance * customers)
            {
                return new BetaBinomial(Math.Exp(u), Math.Exp(v), value, (long)customers, true, 1);
            }

            if (Search(ref u, ref v, ref value, du, dv, a, b, c))
            {
                continue;
            }

            break;
        }

        Step(u, v, a, b, c, out var last);
        return new BetaBinomial(Math.Exp(u), Math.Exp(v), value, (long)customers, last <= 1e-6 * customers, 1);
    }

    /// <summary>Without the binomial coefficients.</summary>
    internal static double LogLikelihood(DiscountCounts counts, double alpha, double beta) =>
        Value(Math.Log(alpha), Math.Log(beta), Tails(counts.Discounted), Tails(counts.Full), Tails(counts.Lines));

    /// <summary>Customers with more than j, for j = 0, 1, …</summary>
    private static double[] Tails(long[] counts)
    {
        var tails = new double[Math.Max(0, counts.Length - 1)];
        var above = 0L;
        for (var j = tails.Length; j > 0; j--)
        {
            above += counts[j];
            tails[j - 1] = above;
        }

        return tails;
    }

    private static double Value(double u, double v, double[] a, double[] b, double[] c)
    {
        var (alpha, beta) = (Math.Exp(u), Math.Exp(v));
        return Logs(a, alpha) + Logs(b, beta) - Logs(c, alpha + beta);
    }

    private static double Logs(double[] tails, double start)
    {
        var sum = 0.0;
        for (var j = 0; j < tails.Length; j++)
        {
            sum += tails[j] * Math.Log(start + j);
        }

        return sum;
    }

    private static (double First, double Second) Derivatives(double[] tails, double start)
    {
        var (first, second) = (0.0, 0.0);
        for (var j = 0; j < tails.Length; j++)
        {
            var inverse = 1 / (start + j);
            first += tails[j] * inverse;
            second -= tails[j] * inverse * inverse;
        }

        return (first, second);
    }

    /// <summary>The Newton step in (ln α, ln β), or the gradient where Newton would not ascend.</summary>
    private static (double U, double V) Step(double u, double v, double[] a, double[] b, double[] c, out double gradient)
    {
        var (alpha, beta) = (Math.Exp(u), Math.Exp(v));
        var (fa, fb, fc) = (Derivatives(a, alpha), Derivatives(b, beta), Derivatives(c, alpha + beta));
        var (gu, gv) = (alpha * (fa.First - fc.First), beta * (fb.First - fc.First));
        gradient = Math.Max(Math.Abs(gu), Math.Abs(gv));
        var huu = (alpha * alpha * (fa.Second - fc.Second)) + gu;
        var hvv = (beta * beta * (fb.Second - fc.Second)) + gv;
        var huv = -alpha * beta * fc.Second;
        var determinant = (huu * hvv) - (huv * huv);
        if (huu < 0 && determinant > 0)
        {
            return Limited(((huv * gv) - (hvv * gu)) / determinant, ((huv * gu) - (huu * gv)) / determinant);
        }

        var scale = 1 / Math.Max(gradient, double.Epsilon);
        return (gu * scale, gv * scale);
    }

    /// <summary>At most a factor of e³ at a time.</summary>
    private static (double U, double V) Limited(double du, double dv)
    {
        var scale = Math.Min(1, 3 / Math.Max(Math.Abs(du), Math.Abs(dv)));
        return (du * scale, dv * scale);
    }

    private static bool Search(ref double u, ref double v, ref double value, double du, double dv, double[] a, double[] b, double[] c)
    {
        var (low, high) = (Math.Log(Least), Math.Log(Most));
        for (var step = 1.0; step > 1e-10; step /= 2)
        {
            var (nextU, nextV) = (Math.Clamp(u + (step * du), low, high), Math.Clamp(v + (step * dv), low, high));
            var next = Value(nextU, nextV, a, b, c);
            if (next > value)
            {
                (u, v, value) = (nextU, nextV, next);
                return true;
            }
        }

        return false;
    }
}
