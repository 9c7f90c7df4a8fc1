namespace Campaigns.Core.Profiles.Scores;

/// <summary>Customers of a split in the order of one score, with ties grouped: its AUC for any weights of the customers.</summary>
internal sealed class RankedSplit
{
    private readonly int[] order;
    private readonly int[] groupEnds;
    private readonly bool[] ordered;

    public RankedSplit(double[] activity, bool[] ordered)
    {
        this.ordered = ordered;
        order = new int[activity.Length];
        for (var i = 0; i < order.Length; i++)
        {
            order[i] = i;
        }

        var sorted = (double[])activity.Clone();
        Array.Sort(sorted, order);
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
        var (pairs, negatives, positives, at) = (0.0, 0L, 0L, 0);
        foreach (var end in groupEnds)
        {
            var (tiedPositives, tiedNegatives) = (0L, 0L);
            for (; at < end; at++)
            {
                var customer = order[at];
                var weight = weights.IsEmpty ? 1 : weights[customer];
                if (ordered[customer])
                {
                    tiedPositives += weight;
                }
                else
                {
                    tiedNegatives += weight;
                }
            }

            pairs += tiedPositives * (negatives + (tiedNegatives / 2.0));
            negatives += tiedNegatives;
            positives += tiedPositives;
        }

        return positives == 0 || negatives == 0 ? double.NaN : pairs / positives / negatives;
    }
}
