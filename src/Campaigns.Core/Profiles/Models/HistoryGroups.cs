namespace Campaigns.Core.Profiles.Models;

/// <summary>Distinct histories in whole days with their weights, ordered: what a likelihood is summed over.</summary>
internal sealed class HistoryGroups(int count)
{
    public int Count => count;

    public int[] RepeatOrders { get; } = new int[count];

    public int[] RecencyDays { get; } = new int[count];

    public int[] AgeDays { get; } = new int[count];

    /// <summary>Customers that a group stands for, &gt; 0.</summary>
    public double[] Weight { get; } = new double[count];

    public void Set(int at, int repeatOrders, int recencyDays, int ageDays, double weight)
    {
        RepeatOrders[at] = repeatOrders;
        RecencyDays[at] = recencyDays;
        AgeDays[at] = ageDays;
        Weight[at] = weight;
    }

    public double TotalWeight() => Weight.Sum();

    /// <summary>That the groups stand for, together.</summary>
    public long Customers => (long)Math.Round(TotalWeight());

    public int MaxAgeDays() => count == 0 ? 0 : AgeDays.Max();

    /// <summary>Of all customers, in days, ≥ 1: the scale of time that parameters are sought in.</summary>
    public double MeanAgeDays()
    {
        var sum = 0.0;
        for (var i = 0; i < count; i++)
        {
            sum += Weight[i] * AgeDays[i];
        }

        return count == 0 ? 1 : Math.Max(1, sum / TotalWeight());
    }

    /// <summary>At i: customers with more than i repeat orders.</summary>
    public double[] MoreRepeatOrdersThan()
    {
        var above = new double[count == 0 ? 0 : RepeatOrders.Max()];
        for (var i = 0; i < count; i++)
        {
            if (RepeatOrders[i] > 0)
            {
                above[RepeatOrders[i] - 1] += Weight[i];
            }
        }

        for (var x = above.Length - 2; x >= 0; x--)
        {
            above[x] += above[x + 1];
        }

        return above;
    }

    /// <summary>
    /// About <paramref name="most"/> of the groups: each stays with a probability in proportion to its weight, at most 1
    /// (Poisson sampling), decided by its hash, and weighs as much more as it was likely to be left out. All where there
    /// are not more.
    /// </summary>
    public HistoryGroups Sample(int most)
    {
        if (count <= most)
        {
            return this;
        }

        var perWeight = most / TotalWeight();
        var kept = new List<(int Group, double Weight)>(most + (most / 8));
        for (var i = 0; i < count; i++)
        {
            var chance = Math.Min(1, Weight[i] * perWeight);
            var key = RepeatSummary.Key(RepeatOrders[i], RecencyDays[i], AgeDays[i]);
            if ((GroupedCounts.Hash(~key) >> 11) * (1.0 / (1UL << 53)) < chance)
            {
                kept.Add((i, Weight[i] / chance));
            }
        }

        var sample = new HistoryGroups(kept.Count);
        for (var i = 0; i < kept.Count; i++)
        {
            var from = kept[i].Group;
            sample.Set(i, RepeatOrders[from], RecencyDays[from], AgeDays[from], kept[i].Weight);
        }

        return sample;
    }
}
