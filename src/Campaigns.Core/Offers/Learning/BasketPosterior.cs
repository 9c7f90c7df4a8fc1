using Campaigns.Core.Primitives;

namespace Campaigns.Core.Offers.Learning;

/// <summary>
/// By how much an offer changes what a converting customer spends: logarithm of the ratio to nothing, one per offer over all
/// cells, with a normal prior of standard deviation .1 around 0. Spending is far too noisy to tell more from a cell.
/// </summary>
internal sealed class BasketPosterior
{
    /// <summary>Standard deviation of the prior: offers that change baskets by more than a fifth are rare.</summary>
    public const double PriorDeviation = 0.1;

    private readonly SmallCholesky factor;
    private readonly double[] mean;

    private BasketPosterior(SmallCholesky factor, double[] mean) => (this.factor, this.mean) = (factor, mean);

    /// <summary>The posterior; the prior where nobody bought.</summary>
    public static BasketPosterior Of(PolicyInputs inputs)
    {
        var arms = inputs.Arms.Count;
        var strata = inputs.Runs.SelectMany(r => r.Cells)
            .Select(c => (ArmTotals[])[c.Nothing, .. inputs.Arms.Select(a => c.Arms.Where(e => string.Equals(e.Treatment, a.Treatment, StringComparison.Ordinal)).Aggregate(default(ArmTotals), (sum, e) => sum + e.Totals))])
            .ToList();
        var (deviations, freedom) = (0.0, 0L);
        foreach (var arm in strata.SelectMany(s => s).Where(a => a.Conversions > 1))
        {
            deviations += arm.LogSpendDeviations;
            freedom += arm.Conversions - 1;
        }

        // One prior observation of variance 1: the spread of baskets in most shops, and no division by nothing.
        var variance = (deviations + 1) / (freedom + 1);
        var contrasts = new Contrasts(arms);
        foreach (var stratum in strata)
        {
            contrasts.Add(Array.ConvertAll(stratum, a => a.MeanLogSpend), Array.ConvertAll(stratum, a => a.Conversions / variance));
        }

        for (var a = 0; a < arms; a++)
        {
            contrasts.J[(a * arms) + a] += 1 / (PriorDeviation * PriorDeviation);
        }

        var posterior = new BasketPosterior(new SmallCholesky(contrasts.J, arms), contrasts.H);
        posterior.factor.Solve(posterior.mean);
        return posterior;
    }

    /// <summary>Writes one joint draw.</summary>
    public void Draw(ref RandomStream chance, double[] ratios)
    {
        for (var a = 0; a < ratios.Length; a++)
        {
            ratios[a] = chance.Normal();
        }

        factor.SolveTransposed(ratios);
        for (var a = 0; a < ratios.Length; a++)
        {
            ratios[a] += mean[a];
        }
    }
}
