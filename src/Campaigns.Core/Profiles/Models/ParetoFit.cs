namespace Campaigns.Core.Profiles.Models;

/// <summary>Maximum likelihood of Pareto/NBD over groups of equal histories, with exact gradients: one quadrature per group gives all.</summary>
internal sealed class ParetoFit
{
    /// <summary>Distinct histories that the fit sees: about a second of processor time. s and β, the worst held, may then be 10 or 20 % off.</summary>
    public const int MaxGroups = 20_000;

    /// <summary>Distinct histories that the starting points are tried on; the best of them then climbs on the others.</summary>
    private const int SampleGroups = 1_000;

    /// <summary>As in <see cref="BetaGeometricFit"/>; less, since an α and a β ever further apart cost ever more panels.</summary>
    private const double Bound = 12;

    private readonly HistoryGroups groups;
    private readonly double daysPerUnit;
    private readonly double customers;
    private readonly double[] above;

    public ParetoFit(HistoryGroups groups, double daysPerUnit)
    {
        (this.groups, this.daysPerUnit) = (groups, daysPerUnit);
        customers = groups.TotalWeight();
        above = groups.MoreRepeatOrdersThan();
    }

    public static Fitted<ParetoNbd> Fit(HistoryGroups everyone, double daysPerUnit)
    {
        var histories = everyone.Sample(MaxGroups);
        var all = new ParetoFit(histories, daysPerUnit);
        var sample = histories.Sample(SampleGroups);
        var few = ReferenceEquals(sample, histories) ? all : new ParetoFit(sample, daysPerUnit);
        var unit = histories.MeanAgeDays() / daysPerUnit;
        double[] scale = [1, unit, 1, unit];
        var begin = NewtonMaximizer.ClimbLogarithms(few.LogLikelihood, few.customers, scale, Starts, Bound, 1e-5);
        var maximum = NewtonMaximizer.ClimbLogarithms(all.LogLikelihood, all.customers, scale, [begin.Point], Bound, 1e-8, begin.Curvature);
        var at = Array.ConvertAll(maximum.Point, Math.Exp);
        // Of everyone, so that it compares with the other models' even where the climb saw a sample.
        double[] parameters = [at[0], at[1] * unit, at[2], at[3] * unit];
        var value = ReferenceEquals(histories, everyone)
            ? maximum.Value * all.customers
            : new ParetoFit(everyone, daysPerUnit).LogLikelihood(parameters, new double[4]);
        return new Fitted<ParetoNbd>(
            new ParetoNbd(parameters[0], parameters[1], parameters[2], parameters[3]), value, everyone.Customers, maximum.Converged && histories.Count > 0, begin.Iterations + maximum.Iterations);
    }

    /// <summary>Logarithms of r, α over the mean age, s, and β over the mean age.</summary>
    private static double[][] Starts =>
    [
        [-0.7, -1, -0.7, -1],
        [0, -0.5, 0, 1],
    ];

    /// <summary>The sum of the groups' log-likelihoods, and its derivatives with respect to r, α, s and β.</summary>
    public double LogLikelihood(ReadOnlySpan<double> parameters, Span<double> gradient)
    {
        var (r, alpha, s, beta) = (parameters[0], parameters[1], parameters[2], parameters[3]);
        gradient.Clear();
        var (sum, logAlpha, logBeta, logS) = (0.0, Math.Log(alpha), Math.Log(beta), Math.Log(s));
        for (var i = 0; i < above.Length; i++)
        {
            sum += above[i] * Math.Log(r + i);
            gradient[0] += above[i] / (r + i);
        }

        Span<double> means = stackalloc double[4];
        for (var i = 0; i < groups.Count; i++)
        {
            var (shape, weight) = (r + groups.RepeatOrders[i], groups.Weight[i]);
            var (recency, age) = (groups.RecencyDays[i] / daysPerUnit, groups.AgeDays[i] / daysPerUnit);
            var logLeft = logS + PowerIntegral.Log(alpha, beta, shape, s + 1, recency, age, means);
            var (logAgeAlpha, logAgeBeta) = (Math.Log(alpha + age), Math.Log(beta + age));
            var logActive = -(shape * logAgeAlpha) - (s * logAgeBeta);
            var power = Math.Exp(-Math.Abs(logLeft - logActive));
            sum += weight * (Math.Max(logLeft, logActive) + Math.Log(1 + power));
            var left = (logLeft > logActive ? 1 : power) / (1 + power);
            var active = 1 - left;
            gradient[0] -= weight * ((left * means[0]) + (active * logAgeAlpha));
            gradient[1] -= weight * shape * ((left * means[2]) + (active / (alpha + age)));
            gradient[2] += weight * ((left * ((1 / s) - means[1])) - (active * logAgeBeta));
            gradient[3] -= weight * ((left * (s + 1) * means[3]) + (active * s / (beta + age)));
        }

        gradient[0] += customers * logAlpha;
        gradient[1] += customers * r / alpha;
        gradient[2] += customers * logBeta;
        gradient[3] += customers * s / beta;
        return sum + (customers * ((r * logAlpha) + (s * logBeta)));
    }
}
