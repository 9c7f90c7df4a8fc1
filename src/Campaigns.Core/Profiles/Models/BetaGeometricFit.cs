namespace Campaigns.Core.Profiles.Models;

/// <summary>
/// Maximum likelihood of BG/NBD and MBG/NBD over groups of equal histories, with exact gradients. What depends on x alone is
/// summed by the number of customers with more than i repeat orders, logarithms are taken once per day of age: a group costs
/// one exponential and one logarithm.
/// </summary>
internal sealed class BetaGeometricFit
{
    /// <summary>Distinct histories that the starting points are tried on; the best of them then climbs on all.</summary>
    private const int SampleGroups = 8_000;

    /// <summary>Logarithms of parameters stay in ± this, in units of the mean age for α: 10⁻⁶ … 10⁶ are as good as 0 and ∞.</summary>
    private const double Bound = 14;

    private readonly HistoryGroups groups;
    private readonly bool dropsAtStart;
    private readonly double daysPerUnit;
    private readonly double customers;
    private readonly double[] above;
    private readonly double[] logs;
    private readonly double[] inverses;

    public BetaGeometricFit(HistoryGroups groups, double daysPerUnit, bool dropsAtStart)
    {
        (this.groups, this.daysPerUnit, this.dropsAtStart) = (groups, daysPerUnit, dropsAtStart);
        customers = groups.TotalWeight();
        above = groups.MoreRepeatOrdersThan();
        (logs, inverses) = (new double[groups.MaxAgeDays() + 1], new double[groups.MaxAgeDays() + 1]);
    }

    public static Fitted<T> Fit<T>(HistoryGroups histories, double daysPerUnit, bool dropsAtStart, Func<double, double, double, double, T> model)
    {
        var all = new BetaGeometricFit(histories, daysPerUnit, dropsAtStart);
        var sample = histories.Sample(SampleGroups);
        var few = ReferenceEquals(sample, histories) ? all : new BetaGeometricFit(sample, daysPerUnit, dropsAtStart);
        var unit = histories.MeanAgeDays() / daysPerUnit;
        double[] scale = [1, unit, 1, 1];
        var begin = NewtonMaximizer.ClimbLogarithms(few.LogLikelihood, few.customers, scale, Starts, Bound, 1e-5);
        var maximum = NewtonMaximizer.ClimbLogarithms(all.LogLikelihood, all.customers, scale, [begin.Point], Bound, 1e-8, begin.Curvature);
        var at = Array.ConvertAll(maximum.Point, Math.Exp);
        return new Fitted<T>(
            model(at[0], at[1] * unit, at[2], at[3]), maximum.Value * all.customers, histories.Customers, maximum.Converged && histories.Count > 0, begin.Iterations + maximum.Iterations);
    }

    /// <summary>Logarithms of r, α over the mean age, a and b: many who order seldom; steady customers who leave late or early.</summary>
    private static double[][] Starts =>
    [
        [-1.4, -2, 0, 1],
        [0, -0.5, 0, 1],
        [0, -1, -2, 1],
    ];

    /// <summary>The sum of the groups' log-likelihoods, and its derivatives with respect to r, α, a and b.</summary>
    public double LogLikelihood(ReadOnlySpan<double> parameters, Span<double> gradient)
    {
        var (r, alpha, a, b) = (parameters[0], parameters[1], parameters[2], parameters[3]);
        gradient.Clear();
        var sum = ByOrders(r, alpha, a, b, gradient);
        for (var day = 0; day < logs.Length; day++)
        {
            var at = alpha + (day / daysPerUnit);
            (logs[day], inverses[day]) = (Math.Log(at), 1 / at);
        }

        var (xs, recencies, ages, weights) = (groups.RepeatOrders, groups.RecencyDays, groups.AgeDays, groups.Weight);
        var (lastSurvived, logOdds) = (-1, double.NegativeInfinity);
        double bySlopeR = 0, bySlopeAlpha = 0, byLeft = 0, byLeftB = 0;
        for (var i = 0; i < xs.Length; i++)
        {
            var (x, age, weight) = (xs[i], ages[i], weights[i]);
            var (survived, shape) = (dropsAtStart ? x + 1 : x, r + x);
            var value = -shape * logs[age];
            if (survived != lastSurvived)
            {
                // Groups are ordered by x.
                (lastSurvived, logOdds) = (survived, survived == 0 ? double.NegativeInfinity : Math.Log(a / (b + survived - 1)));
            }

            if (survived == 0)
            {
                sum += weight * value;
                bySlopeR -= weight * logs[age];
                bySlopeAlpha -= weight * shape * inverses[age];
                continue;
            }

            var silence = logs[age] - logs[recencies[i]];
            var odds = logOdds + (shape * silence);
            var power = Math.Exp(-Math.Abs(odds));
            sum += weight * (value + Math.Max(odds, 0) + Math.Log(1 + power));
            var left = weight * (odds > 0 ? 1 : power) / (1 + power);
            bySlopeR += (left * silence) - (weight * logs[age]);
            bySlopeAlpha += shape * ((left * (inverses[age] - inverses[recencies[i]])) - (weight * inverses[age]));
            byLeft += left;
            byLeftB += left / (b + survived - 1);
        }

        gradient[0] += bySlopeR;
        gradient[1] += bySlopeAlpha;
        gradient[2] += byLeft / a;
        gradient[3] -= byLeftB;
        return sum;
    }

    /// <summary>What depends on x alone: Γ(r+x)/Γ(r) · α^r · B(a, b+n)/B(a, b).</summary>
    private double ByOrders(double r, double alpha, double a, double b, Span<double> gradient)
    {
        var sum = customers * r * Math.Log(alpha);
        gradient[0] += customers * Math.Log(alpha);
        gradient[1] += customers * r / alpha;
        for (var i = 0; i < above.Length; i++)
        {
            sum += above[i] * Math.Log(r + i);
            gradient[0] += above[i] / (r + i);
        }

        var chances = dropsAtStart ? above.Length + 1 : above.Length;
        for (var i = 0; i < chances; i++)
        {
            var survivors = !dropsAtStart ? above[i] : i == 0 ? customers : above[i - 1];
            sum += survivors * Math.Log((b + i) / (a + b + i));
            gradient[2] -= survivors / (a + b + i);
            gradient[3] += survivors * a / ((b + i) * (a + b + i));
        }

        return sum;
    }
}
