using Campaigns.Core.Offers.Learning;
using Campaigns.Core.Primitives;

namespace Campaigns.Core.Tests.Offers.Learning;

public class UpliftPosteriorTests
{
    /// <summary>Two cells and one arm: differences d with standard errors s, and the prior's scales.</summary>
    private static readonly double[] Differences = [1.2, -0.3];
    private static readonly double[] Errors = [0.6, 0.4];
    private const double OmegaScale = 1;
    private const double TauScale = 0.5;

    [Fact]
    public void Contrasts_of_one_arm_are_its_difference_with_both_variances()
    {
        var contrasts = new Contrasts(1);
        contrasts.Add([0.02, 0.05], [1 / 0.04, 1 / 0.09]);

        Assert.Equal(1 / (0.04 + 0.09), contrasts.J[0], 9);
        Assert.Equal(0.03 / (0.04 + 0.09), contrasts.H[0], 9);
    }

    [Fact]
    public void Means_and_draws_agree_with_integration_by_brute_force()
    {
        var cells = Differences.Select((d, c) =>
        {
            var contrasts = new Contrasts(1);
            // Nothing is known exactly: the difference alone carries the error.
            contrasts.Add([0, d], [1e12, 1 / (Errors[c] * Errors[c])]);
            return contrasts;
        }).ToArray();
        var posterior = new UpliftPosterior(cells, 1, OmegaScale, TauScale);
        var (mean, square) = BruteForce();
        var (sum, squares) = (0.0, 0.0);
        var chance = new RandomStream(3);
        const int Count = 40_000;
        double[][] draws = [new double[1], new double[1]];
        for (var i = 0; i < Count; i++)
        {
            posterior.Draw(i, Count, ref chance, draws);
            (sum, squares) = (sum + draws[0][0], squares + (draws[0][0] * draws[0][0]));
        }

        // The grid of ten by ten points against one of 200 by 200: within a fiftieth of the standard deviation.
        Assert.Equal(mean, posterior.Means()[0][0], 0.02);
        Assert.Equal(mean, sum / Count, 0.02);
        Assert.Equal(square - (mean * mean), (squares / Count) - (sum / Count * sum / Count), 0.02);
    }

    /// <summary>E[Δ₁] and E[Δ₁²] by a sum over ω and τ and, within, over m: given τ and m cells are independent.</summary>
    private static (double Mean, double Square) BruteForce()
    {
        var (weights, means, squares) = (0.0, 0.0, 0.0);
        for (var o = 0; o < 80; o++)
        {
            var omega = (o + 0.5) * 4 * OmegaScale / 80;
            for (var t = 0; t < 80; t++)
            {
                var tau = (t + 0.5) * 4 * TauScale / 80;
                var prior = Math.Exp((-0.5 * omega * omega / (OmegaScale * OmegaScale)) - (0.5 * tau * tau / (TauScale * TauScale)));
                for (var i = -200; i <= 200; i++)
                {
                    var m = i * 0.04;
                    var weight = prior * Density(m, omega) * Enumerable.Range(0, 2).Aggregate(1.0, (p, c) => p * Density(Differences[c] - m, Math.Sqrt((Errors[c] * Errors[c]) + (tau * tau))));
                    var precision = (1 / (Errors[0] * Errors[0])) + (1 / (tau * tau));
                    var given = ((Differences[0] / (Errors[0] * Errors[0])) + (m / (tau * tau))) / precision;
                    weights += weight;
                    means += weight * given;
                    squares += weight * ((given * given) + (1 / precision));
                }
            }
        }

        return (means / weights, squares / weights);
    }

    private static double Density(double x, double sigma) => Math.Exp(-0.5 * x * x / (sigma * sigma)) / sigma;
}
