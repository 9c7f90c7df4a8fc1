using MathNet.Numerics;

namespace Campaigns.Core.Measurement;

/// <summary>
/// Sample-ratio mismatch: do the assigned counts fit the probabilities that were logged with each draw? If not, something
/// between the draw and the count loses customers of one arm, and no figure of the campaign can be believed.
/// Pearson (1900); Fabijan et al. (2019), KDD, "Diagnosing sample ratio mismatch in online controlled experiments".
/// </summary>
public static class SampleRatio
{
    /// <summary>Below this p-value it is an alert: strict, because it is asked of every campaign on every day.</summary>
    public const double AlertBelow = 0.001;

    /// <summary>
    /// The p-value in [0, 1] of Pearson's χ² with (cells − 1) degrees of freedom; cells that nothing was expected in are left
    /// out unless something was observed there (then 0: impossible under the logged draws). Null below two cells.
    /// </summary>
    public static double? PValue(IReadOnlyList<(long Observed, double Expected)> cells)
    {
        var (statistic, used) = (0.0, 0);
        foreach (var (observed, expected) in cells)
        {
            if (expected <= 0)
            {
                if (observed > 0)
                {
                    return 0;
                }

                continue;
            }

            statistic += (observed - expected) * (observed - expected) / expected;
            used++;
        }

        return used < 2 ? null : statistic == 0 ? 1 : SpecialFunctions.GammaUpperRegularized((used - 1) / 2.0, statistic / 2);
    }
}
