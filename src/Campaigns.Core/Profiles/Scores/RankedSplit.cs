namespace Campaigns.Core.Profiles.Scores;

/// <summary>Customers of a split in the order of one score, with ties grouped: its AUC for any weights of the customers.</summary>
internal sealed class RankedSplit
{
    private readonly int[] order;

    /// <summary>By place in the order: all ones where the customer ordered, else 0. To branch on it would cost a misprediction for every other customer.</summary>
    private readonly int[] positive;
    private readonly int[] groupEnds;

    public RankedSplit(double[] activity, bool[] ordered)
    {
        order = new int[activity.Length];
        for (var i = 0; i < order.Length; i++)
        {
            order[i] = i;
        }

        var sorted = (double[])activity.Clone();
        Array.Sort(sorted, order);
        positive = Array.ConvertAll(order, customer => ordered[customer] ? -1 : 0);
        var ends = new List<int>();
        for (var i = 1; i <= sorted.Length; i++)
        {
            if (i == sorted.Length || sorted[i] > sorted[i - 1])
            {
                ends.Add(i);
            }
        }

        groupEnds = [.. ends];
    }

    /// <summary>
    /// The area under the ROC curve: the probability that a customer who ordered scores above one who did not, ties counting half
    /// (Mann and Whitney 1947; Hanley and McNeil 1982). NaN where either kind is missing.
    /// </summary>
    /// <param name="weights">How often each customer counts, by its place in the split; empty: once.</param>
    public double Auc(ReadOnlySpan<byte> weights = default)
    {
        // Integers: half pairs, so that ties count half. A sample's sums stay far below 2⁶³.
        var (halfPairs, negatives, positives, at) = (0L, 0L, 0L, 0);
        foreach (var end in groupEnds)
        {
            var (tied, tiedPositives) = (0, 0);
            for (; at < end; at++)
            {
                var weight = weights.IsEmpty ? 1 : weights[order[at]];
                tied += weight;
                tiedPositives += weight & positive[at];
            }

            var tiedNegatives = tied - tiedPositives;
            halfPairs += tiedPositives * ((2 * negatives) + tiedNegatives);
            negatives += tiedNegatives;
            positives += tiedPositives;
        }

        return positives == 0 || negatives == 0 ? double.NaN : halfPairs / 2.0 / positives / negatives;
    }
}
