using Campaigns.Core.Profiles.Models;

namespace Campaigns.Core.Profiles.Scores;

/// <summary>
/// Lower bounds of gains in AUC: the same customers are drawn with replacement for both scores, so that what they share
/// cancels (Efron and Tibshirani 1993). Draws come from a fixed seed: the same split gives the same bound.
/// </summary>
internal static class PairedBootstrap
{
    /// <summary>The bound is then the 10th smallest of the gains: repeated with other seeds, it moves by less than a tenth of its distance.</summary>
    public const int Draws = 400;

    /// <summary>One-sided error of the bound.</summary>
    public const double Error = 0.025;

    private const ulong Seed = 0x5EED_0F_215C;

    /// <summary>SplitMix64 (Steele, Lea and Flood 2014).</summary>
    private const ulong Step = 0x9E37_79B9_7F4A_7C15;

    /// <summary>The bound for each challenger against the baseline.</summary>
    public static double[] LowerBounds(RankedSplit baseline, IReadOnlyList<RankedSplit> challengers, int customers)
    {
        var gains = new double[challengers.Count][];
        for (var c = 0; c < gains.Length; c++)
        {
            gains[c] = new double[Draws];
        }

        // Every draw begins where the one before would have ended, so that they can be made side by side.
        Parallel.For(0, Draws, () => new byte[customers], (draw, _, weights) =>
        {
            Draw(weights, unchecked(Seed + ((ulong)draw * (ulong)customers * Step)));
            var from = baseline.Auc(weights);
            for (var c = 0; c < gains.Length; c++)
            {
                // A draw without buyers, or of buyers alone, says nothing for the challenger.
                var gain = challengers[c].Auc(weights) - from;
                gains[c][draw] = double.IsNaN(gain) ? 0 : gain;
            }

            return weights;
        }, _ => { });

        return Array.ConvertAll(gains, g =>
        {
            Array.Sort(g);
            return g[(int)Math.Ceiling(Error * Draws) - 1];
        });
    }

    private static void Draw(byte[] weights, ulong state)
    {
        Array.Clear(weights);
        for (var i = 0; i < weights.Length; i++)
        {
            state += Step;
            var at = (int)Math.BigMul(GroupedCounts.Hash(state), (ulong)weights.Length, out _);
            weights[at] += weights[at] < byte.MaxValue ? (byte)1 : (byte)0;
        }
    }
}
