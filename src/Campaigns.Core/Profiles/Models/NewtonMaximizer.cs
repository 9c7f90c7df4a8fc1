namespace Campaigns.Core.Profiles.Models;

/// <summary>A function's value at a point, with its gradient written into the second span.</summary>
internal delegate double Objective(ReadOnlySpan<double> point, Span<double> gradient);

/// <summary>Where a climb ended, and the curvature that it last worked with; null where a variable stood at its bound.</summary>
internal sealed record Maximum(double[] Point, double Value, bool Converged, int Iterations, double[,]? Curvature);

/// <summary>
/// Newton's method with Levenberg–Marquardt damping for a smooth function of a few variables: the curvature from
/// differences of the exact gradient, and kept while it serves, because it costs as many evaluations as there are variables.
/// Variables stay within ± a bound; one that is pushed against its bound stands still.
/// Deterministic: the same function and start give the same bits.
/// </summary>
internal static class NewtonMaximizer
{
    /// <summary>Fits of the literature's data sets take around ten.</summary>
    private const int MaxIterations = 100;

    /// <summary>Largest change of a variable in one step: a factor of e² for logarithms of parameters.</summary>
    private const double MaxStep = 2;

    /// <summary>Step of the differences: their error and that of rounding are then about the same.</summary>
    private const double Difference = 1e-5;

    /// <summary>A step that shrinks the gradient by this factor or more shows that the curvature still serves for the next one.</summary>
    private const double Shrinking = 4;

    /// <summary>
    /// Climbs the log-likelihood of parameters that are all positive, in their logarithms, per customer.
    /// </summary>
    /// <param name="logLikelihood">Of the parameters themselves, with its derivatives with respect to them; a sum over customers.</param>
    /// <param name="customers">How many the sum is over.</param>
    /// <param name="scale">What each parameter is a multiple of.</param>
    /// <param name="starts">Logarithms of those multiples; the best of the ends is returned.</param>
    /// <param name="bound">Those logarithms stay in −bound … bound.</param>
    /// <param name="tolerance">Of the derivatives with respect to the logarithms, per customer.</param>
    /// <param name="curvature">Of a sample of the same customers, from its own climb: spares that of all of them; or null.</param>
    public static Maximum ClimbLogarithms(
        Objective logLikelihood, double customers, double[] scale, double[][] starts, double bound, double tolerance, double[,]? curvature = null)
    {
        var many = Math.Max(customers, 1);
        var parameters = new double[scale.Length];
        Maximum? best = null;
        foreach (var start in starts)
        {
            var reached = Climb(
                (point, gradient) =>
                {
                    for (var i = 0; i < scale.Length; i++)
                    {
                        parameters[i] = scale[i] * Math.Exp(point[i]);
                    }

                    var value = logLikelihood(parameters, gradient);
                    for (var i = 0; i < scale.Length; i++)
                    {
                        gradient[i] *= parameters[i] / many;
                    }

                    return value / many;
                },
                start,
                bound,
                tolerance,
                curvature);
            best = best is null || reached.Value > best.Value + 1e-9 ? reached : best;
        }

        return best!;
    }

    /// <param name="objective">Scaled to order 1 (a mean, not a sum): the tolerance is absolute.</param>
    /// <param name="start">Where to begin; not changed.</param>
    /// <param name="bound">Variables stay in −bound … bound.</param>
    /// <param name="tolerance">Of each component of the gradient.</param>
    /// <param name="curvature">A guess to begin with, of all variables, or null.</param>
    public static Maximum Climb(Objective objective, double[] start, double bound, double tolerance, double[,]? curvature = null)
    {
        var count = start.Length;
        var point = Array.ConvertAll(start, v => Math.Clamp(v, -bound, bound));
        var (gradient, next, nextGradient) = (new double[count], new double[count], new double[count]);
        var value = objective(point, gradient);
        var damping = 1e-3;
        int[] curved = curvature is null ? [] : [.. Enumerable.Range(0, count)];
        for (var iteration = 0; iteration < MaxIterations; iteration++)
        {
            var free = Free(point, gradient, bound);
            if (free.All(i => Math.Abs(gradient[i]) <= tolerance))
            {
                return new Maximum(point, value, free.Length == count, iteration, curved.Length == count ? curvature : null);
            }

            var kept = curvature is not null && free.AsSpan().SequenceEqual(curved);
            if (!kept)
            {
                (curvature, curved) = (Curvature(objective, point, gradient, free, bound), free);
            }

            var climbed = false;
            // One try with a curvature from elsewhere: if that does not climb, it is worked out here before steps are shortened.
            for (var tries = 0; damping < 1e12 && !climbed && (tries == 0 || !kept); damping *= climbed || kept ? 1 : 8, tries++)
            {
                var step = Step(curvature!, free, gradient, damping);
                if (step is null)
                {
                    continue;
                }

                point.CopyTo(next, 0);
                for (var i = 0; i < free.Length; i++)
                {
                    next[free[i]] = Math.Clamp(point[free[i]] + step[i], -bound, bound);
                }

                var reached = objective(next, nextGradient);
                climbed = reached > value || (reached >= value - (1e-14 * Math.Abs(value)) && Norm(nextGradient) < Norm(gradient));
                value = climbed ? reached : value;
            }

            if (!climbed && kept)
            {
                curvature = null;
                continue;
            }

            if (!climbed)
            {
                // No direction climbs any more: rounding, unless the gradient is far from 0.
                return new Maximum(point, value, free.Length == count && free.All(i => Math.Abs(gradient[i]) <= 1000 * tolerance), iteration, null);
            }

            damping = Math.Max(damping / 30, 1e-9);
            curvature = Norm(nextGradient) * Shrinking <= Norm(gradient) ? curvature : null;
            (point, next, gradient, nextGradient) = (next, point, nextGradient, gradient);
        }

        return new Maximum(point, value, Converged: false, MaxIterations, null);
    }

    private static double Norm(double[] gradient) => gradient.Max(Math.Abs);

    private static int[] Free(double[] point, double[] gradient, double bound) =>
        [.. Enumerable.Range(0, point.Length).Where(i => !(point[i] >= bound && gradient[i] > 0) && !(point[i] <= -bound && gradient[i] < 0))];

    /// <summary>Minus the second derivatives among the free variables, made symmetric.</summary>
    private static double[,] Curvature(Objective objective, double[] point, double[] gradient, int[] free, double bound)
    {
        var curvature = new double[free.Length, free.Length];
        var (moved, there) = (new double[point.Length], new double[point.Length]);
        for (var i = 0; i < free.Length; i++)
        {
            point.CopyTo(moved, 0);
            var step = point[free[i]] + Difference > bound ? -Difference : Difference;
            moved[free[i]] += step;
            objective(moved, there);
            for (var j = 0; j < free.Length; j++)
            {
                var second = (gradient[free[j]] - there[free[j]]) / step / 2;
                curvature[i, j] += second;
                curvature[j, i] += second;
            }
        }

        return curvature;
    }

    /// <summary>Solves (curvature + damping) · step = gradient by Cholesky; null where that matrix is not positive definite.</summary>
    private static double[]? Step(double[,] curvature, int[] free, double[] gradient, double damping)
    {
        var count = free.Length;
        var lower = new double[count, count];
        var step = new double[count];
        for (var i = 0; i < count; i++)
        {
            for (var j = 0; j <= i; j++)
            {
                var sum = curvature[i, j] + (i == j ? damping * (Math.Abs(curvature[i, i]) + 1e-6) : 0);
                for (var k = 0; k < j; k++)
                {
                    sum -= lower[i, k] * lower[j, k];
                }

                if (i == j && !(sum > 1e-14))
                {
                    return null;
                }

                lower[i, j] = i == j ? Math.Sqrt(sum) : sum / lower[j, j];
            }

            step[i] = gradient[free[i]];
            for (var k = 0; k < i; k++)
            {
                step[i] -= lower[i, k] * step[k];
            }

            step[i] /= lower[i, i];
        }

        for (var i = count - 1; i >= 0; i--)
        {
            for (var k = i + 1; k < count; k++)
            {
                step[i] -= lower[k, i] * step[k];
            }

            step[i] /= lower[i, i];
        }

        var largest = step.Max(Math.Abs);
        return largest > MaxStep ? Array.ConvertAll(step, s => s * MaxStep / largest) : step;
    }
}
