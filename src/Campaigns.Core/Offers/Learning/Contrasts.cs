namespace Campaigns.Core.Offers.Learning;

/// <summary>
/// What a cell's runs say of the differences between each arm and nothing, as a normal likelihood: information matrix J and
/// vector h = J·(differences). Each run has its own free baseline (season, price level): with weights w of nothing and arms
/// and W their sum, a run adds J = diag(w) − w·wᵀ/W and h = w(y − Σw·y/W), which is the likelihood of the contrasts with their
/// full covariance (all arms share nothing) after the baseline is integrated out. An arm without customers adds nothing.
/// </summary>
internal sealed class Contrasts(int arms)
{
    /// <summary>Information, arms × arms by rows.</summary>
    public double[] J { get; } = new double[arms * arms];

    /// <summary>J times the differences.</summary>
    public double[] H { get; } = new double[arms];

    /// <summary>Adds one run: means by arm, nothing first, with their weights (1 ÷ variance of the mean; 0 = unknown).</summary>
    public void Add(ReadOnlySpan<double> means, ReadOnlySpan<double> weights)
    {
        var (total, mean) = (0.0, 0.0);
        for (var i = 0; i <= arms; i++)
        {
            total += weights[i];
            mean += weights[i] * means[i];
        }

        if (total <= 0)
        {
            return;
        }

        mean /= total;
        for (var a = 0; a < arms; a++)
        {
            var weight = weights[a + 1];
            H[a] += weight * (means[a + 1] - mean);
            J[(a * arms) + a] += weight;
            for (var b = 0; b < arms; b++)
            {
                J[(a * arms) + b] -= weight * weights[b + 1] / total;
            }
        }
    }
}
