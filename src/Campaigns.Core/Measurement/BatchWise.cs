using MathNet.Numerics.Distributions;

namespace Campaigns.Core.Measurement;

/// <summary>One run's customers of one segment who could draw the same variants: who drew the variant in question, and who drew nothing.</summary>
/// <param name="Treated">The figure over those who drew the variant.</param>
/// <param name="HeldOut">The figure over those who drew nothing.</param>
/// <param name="TreatedConverters">Buyers among the former.</param>
/// <param name="HeldOutConverters">Buyers among the latter.</param>
public readonly record struct Batch(Sums Treated, Sums HeldOut, long TreatedConverters, long HeldOutConverters);

/// <summary>What one variant changed in one segment, over runs whose probabilities followed earlier results.</summary>
/// <param name="Difference">Per customer, in the figure's unit.</param>
/// <param name="StandardError">Its standard error, &gt; 0.</param>
/// <param name="Batches">Batches that it rests on, after merging, ≥ 1.</param>
/// <param name="Customers">Customers of both arms in them.</param>
public sealed record BatchEstimate(double Difference, double StandardError, int Batches, long Customers)
{
    /// <summary>The 95 % interval for one look that was planned beforehand.</summary>
    public Interval FixedTime
    {
        get
        {
            var half = StandardError * Normal.InvCDF(0, 1, 1 - ((1 - Lift.Confidence) / 2));
            return new Interval(Difference - half, Difference + half);
        }
    }
}

/// <summary>
/// Intervals that stay right where probabilities follow earlier results. A variant that looked good by luck gets more
/// customers in the next run, so that pooled means are biased and their intervals cover too little. Within one run, though,
/// probabilities are fixed: each run's difference δ̂ times w = √(n·m ÷ (n + m)), of n treated and m held out, is nearly normal with
/// a variance that does not hang on what happened before. So Σ w·δ̂ is, which gives the estimate Σ w·δ̂ ÷ Σ w with standard error
/// √Σ w²s² ÷ Σ w. Zhang, Janson and Murphy (2020), "Inference for batched bandits", NeurIPS 33 (batched ordinary least squares):
/// with one variance σ² for both arms s is σ ÷ w, and this is their Σ(δ̂/s) ÷ Σ(1/s) ± √T ÷ Σ(1/s). Dividing by the s that was
/// measured is avoided because spending is skewed: a batch with few large orders has a low δ̂ and a low s at once, so that 1/s
/// would count it for more. By the numbers of customers alone a batch's weight knows nothing of its outcome.
/// </summary>
public static class BatchWise
{
    /// <summary>
    /// Fewest buyers of either arm in a batch: below, the difference is far from normal. Smaller batches go together with the next of the same stratum, the last with the one before.
    /// </summary>
    public const int MinConversions = 10;

    /// <summary>The estimate, or null where no batch is large enough or no spread was seen.</summary>
    /// <param name="strata">Per segment and eligibility, its batches in the order of the runs.</param>
    public static BatchEstimate? Of(IEnumerable<IReadOnlyList<Batch>> strata)
    {
        var (differences, variances, weights, batches, customers) = (0.0, 0.0, 0.0, 0, 0L);
        foreach (var (difference, variance, size, count) in strata.SelectMany(Merged).Select(Compare))
        {
            if (variance > 0)
            {
                differences += Math.Sqrt(size) * difference;
                variances += size * variance;
                weights += Math.Sqrt(size);
                batches++;
                customers += count;
            }
        }

        return batches == 0 ? null : new BatchEstimate(differences / weights, Math.Sqrt(variances) / weights, batches, customers);
    }

    /// <summary>Neighbouring runs put together until both arms have enough buyers.</summary>
    private static List<List<Batch>> Merged(IReadOnlyList<Batch> runs)
    {
        var merged = new List<List<Batch>>();
        var current = new List<Batch>();
        foreach (var run in runs)
        {
            current.Add(run);
            if (Enough(current))
            {
                merged.Add(current);
                current = [];
            }
        }

        if (current.Count > 0 && merged.Count > 0)
        {
            merged[^1].AddRange(current);
        }

        return merged;
    }

    private static bool Enough(List<Batch> runs) =>
        runs.Sum(r => r.TreatedConverters) >= MinConversions && runs.Sum(r => r.HeldOutConverters) >= MinConversions;

    /// <summary>
    /// Difference of runs put together, its variance, and Σ n·m ÷ (n + m): each run's own difference, weighted by n·m ÷ (n + m), so that
    /// probabilities that moved between them cannot pass for an effect; variances are pooled over the runs, since a small
    /// run may have seen no buyer.
    /// </summary>
    private static (double Difference, double Variance, double Size, long Customers) Compare(List<Batch> runs)
    {
        var usable = runs.Where(r => r.Treated.Count > 0 && r.HeldOut.Count > 0).ToList();
        var total = usable.Sum(Weight);
        if (total <= 0)
        {
            return default;
        }

        var (treated, heldOut) = (Pooled(usable, r => r.Treated), Pooled(usable, r => r.HeldOut));
        var (difference, variance, customers) = (0.0, 0.0, 0L);
        foreach (var run in usable)
        {
            var weight = Weight(run) / total;
            difference += weight * (run.Treated.Mean - run.HeldOut.Mean);
            variance += weight * weight * ((treated / run.Treated.Count) + (heldOut / run.HeldOut.Count));
            customers += run.Treated.Count + run.HeldOut.Count;
        }

        // An arm without any spread has an unknown variance, not none.
        return treated > 0 && heldOut > 0 ? (difference, variance, total, customers) : default;
    }

    private static double Weight(Batch run) => (double)run.Treated.Count * run.HeldOut.Count / (run.Treated.Count + run.HeldOut.Count);

    private static double Pooled(List<Batch> runs, Func<Batch, Sums> arm)
    {
        var freedom = runs.Sum(r => arm(r).Count - 1);
        return freedom == 0 ? 0 : runs.Sum(r => arm(r).Variance * (arm(r).Count - 1)) / freedom;
    }
}
