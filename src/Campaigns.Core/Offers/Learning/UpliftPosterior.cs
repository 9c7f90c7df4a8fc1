using Campaigns.Core.Primitives;

namespace Campaigns.Core.Offers.Learning;

/// <summary>
/// Differences by cell and arm under Δ(cell, arm) = m(arm) + u(cell, arm), m ~ N(0, ω²), u ~ N(0, τ²), with half-normal priors
/// on ω and τ integrated over a grid. A point estimate of τ would often be 0 for few cells, and then every cell would be
/// believed to be alike for no reason. Gelman (2006), Bayesian Analysis 1, 515–534; Gelman and others (2013), Bayesian Data
/// Analysis, ch. 5. Given (ω, τ) everything is normal and in closed form.
/// </summary>
internal sealed class UpliftPosterior
{
    /// <summary>
    /// Points of the grid as multiples of the prior's scale, with the lengths of their intervals in its logarithm's stead: from a
    /// twentieth, which is alike for all purposes, to three scales, beyond which the prior leaves .3 %.
    /// </summary>
    private static readonly double[] Multiples = [0.05, 0.15, 0.3, 0.5, 0.75, 1, 1.35, 1.8, 2.4, 3];

    private readonly int arms;
    private readonly Contrasts[] cells;
    private readonly List<Point> grid = [];

    /// <summary>One (ω, τ) with what is normal given it.</summary>
    private sealed record Point(double Tau, SmallCholesky M, double[] MeanM, SmallCholesky[] Cells)
    {
        public double Weight { get; set; }
    }

    /// <param name="cells">Likelihood by cell.</param>
    /// <param name="arms">Arms, ≥ 1.</param>
    /// <param name="omegaScale">Scale of the half-normal prior on ω, &gt; 0, in the figure's unit.</param>
    /// <param name="tauScale">Scale of the half-normal prior on τ, &gt; 0.</param>
    public UpliftPosterior(Contrasts[] cells, int arms, double omegaScale, double tauScale)
    {
        (this.arms, this.cells) = (arms, cells);
        var logs = new List<double>();
        for (var t = 0; t < Multiples.Length; t++)
        {
            var tau = Multiples[t] * tauScale;
            var (factors, information, linear, constant) = GivenTau(tau);
            for (var o = 0; o < Multiples.Length; o++)
            {
                var omega = Multiples[o] * omegaScale;
                var q = (double[])information.Clone();
                for (var a = 0; a < arms; a++)
                {
                    q[(a * arms) + a] += 1 / (omega * omega);
                }

                var factor = new SmallCholesky(q, arms);
                var mean = (double[])linear.Clone();
                factor.Solve(mean);
                var quadratic = 0.0;
                for (var a = 0; a < arms; a++)
                {
                    quadratic += mean[a] * linear[a];
                }

                grid.Add(new Point(tau, factor, mean, factors));
                logs.Add(constant + (0.5 * quadratic) - (0.5 * factor.LogDeterminant) - (arms * Math.Log(omega)) + LogPrior(t) + LogPrior(o));
            }
        }

        var top = logs.Max();
        var sum = logs.Sum(l => Math.Exp(l - top));
        for (var i = 0; i < grid.Count; i++)
        {
            grid[i].Weight = Math.Exp(logs[i] - top) / sum;
        }
    }

    /// <summary>Half-normal density at a grid point times the length that the point stands for.</summary>
    private static double LogPrior(int point)
    {
        var below = point == 0 ? 0 : (Multiples[point - 1] + Multiples[point]) / 2;
        var above = point == Multiples.Length - 1 ? Multiples[point] + ((Multiples[point] - Multiples[point - 1]) / 2) : (Multiples[point] + Multiples[point + 1]) / 2;
        return (-0.5 * Multiples[point] * Multiples[point]) + Math.Log(above - below);
    }

    /// <summary>
    /// Cell differences integrated out given τ: with K = J + I/τ², a cell says of m that its information is I/τ² − K⁻¹/τ⁴ and
    /// its vector K⁻¹h/τ².
    /// </summary>
    private (SmallCholesky[] Factors, double[] Information, double[] Linear, double Constant) GivenTau(double tau)
    {
        var precision = 1 / (tau * tau);
        var (information, linear, constant) = (new double[arms * arms], new double[arms], 0.0);
        var factors = new SmallCholesky[cells.Length];
        var column = new double[arms];
        for (var c = 0; c < cells.Length; c++)
        {
            var k = (double[])cells[c].J.Clone();
            for (var a = 0; a < arms; a++)
            {
                k[(a * arms) + a] += precision;
            }

            var factor = factors[c] = new SmallCholesky(k, arms);
            for (var a = 0; a < arms; a++)
            {
                Array.Clear(column);
                column[a] = 1;
                factor.Solve(column);
                for (var b = 0; b < arms; b++)
                {
                    information[(b * arms) + a] += (a == b ? precision : 0) - (precision * precision * column[b]);
                }
            }

            cells[c].H.CopyTo(column, 0);
            factor.Solve(column);
            for (var a = 0; a < arms; a++)
            {
                linear[a] += precision * column[a];
                constant += 0.5 * cells[c].H[a] * column[a];
            }

            constant += (-0.5 * factor.LogDeterminant) - (arms * Math.Log(tau));
        }

        return (factors, information, linear, constant);
    }

    /// <summary>Posterior mean of every cell's differences, cells × arms.</summary>
    public double[][] Means()
    {
        var means = Array.ConvertAll(cells, _ => new double[arms]);
        var given = new double[arms];
        foreach (var point in grid)
        {
            for (var c = 0; c < cells.Length; c++)
            {
                for (var a = 0; a < arms; a++)
                {
                    given[a] = cells[c].H[a] + (point.MeanM[a] / (point.Tau * point.Tau));
                }

                point.Cells[c].Solve(given);
                for (var a = 0; a < arms; a++)
                {
                    means[c][a] += point.Weight * given[a];
                }
            }
        }

        return means;
    }

    /// <summary>Writes joint draw number <paramref name="index"/> of <paramref name="count"/> for all cells: cells × arms. Grid points get draws in proportion to their weight.</summary>
    public void Draw(int index, int count, ref RandomStream chance, double[][] draws)
    {
        var point = At((index + 0.5) / count);
        Span<double> m = stackalloc double[arms];
        for (var a = 0; a < arms; a++)
        {
            m[a] = chance.Normal();
        }

        point.M.SolveTransposed(m);
        Span<double> noise = stackalloc double[arms];
        for (var c = 0; c < cells.Length; c++)
        {
            var mean = draws[c].AsSpan(0, arms);
            for (var a = 0; a < arms; a++)
            {
                mean[a] = cells[c].H[a] + ((point.MeanM[a] + m[a]) / (point.Tau * point.Tau));
                noise[a] = chance.Normal();
            }

            point.Cells[c].Solve(mean);
            point.Cells[c].SolveTransposed(noise);
            for (var a = 0; a < arms; a++)
            {
                mean[a] += noise[a];
            }
        }
    }

    private Point At(double quantile)
    {
        var sum = 0.0;
        foreach (var point in grid)
        {
            sum += point.Weight;
            if (sum >= quantile)
            {
                return point;
            }
        }

        return grid[^1];
    }
}
