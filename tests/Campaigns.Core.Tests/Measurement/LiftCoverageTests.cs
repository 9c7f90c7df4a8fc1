using Campaigns.Core.Measurement;

namespace Campaigns.Core.Tests.Measurement;

/// <summary>Intervals held against simulated campaigns: 20 % held out, one in five buys, lognormal baskets. Fixed seeds: nothing here depends on luck.</summary>
public sealed class LiftCoverageTests
{
    private const int Replications = 2000;

    [Fact]
    public void The_fixed_time_interval_contains_no_effect_in_about_95_of_100_campaigns_without_one()
    {
        var covered = Enumerable.Range(1, Replications).Count(seed => Lift.FixedTime(Campaign(seed, 0, 1500))!.Value.Contains(0));
        // 95 % ± 3.3 standard errors of 2,000 replications, and a point below for the skew of baskets.
        Assert.InRange((double)covered / Replications, 0.924, 0.966);
    }

    [Fact]
    public void The_fixed_time_interval_contains_the_true_effect_just_as_often()
    {
        // Buyers spend e^(7.5 + 0.8²/2) on average; two percentage points more of the treated buy.
        var truth = 0.02 * Math.Exp(7.5 + 0.32);
        var covered = Enumerable.Range(1, Replications).Count(seed => Lift.FixedTime(Campaign(seed, 0.02, 1500))!.Value.Contains(truth));
        Assert.InRange((double)covered / Replications, 0.924, 0.966);
    }

    [Fact]
    public void Dealing_the_same_customers_into_arms_anew_covers_zero_in_about_95_of_100_deals()
    {
        var chance = new Seeded(7);
        var spend = Enumerable.Range(0, 1000).Select(_ => chance.Spend(0.2)).ToArray();
        var covered = 0;
        for (var seed = 1; seed <= Replications; seed++)
        {
            var deal = new Seeded(seed);
            var (treated, heldOut) = (default(Sums), default(Sums));
            foreach (var value in spend)
            {
                if (deal.Next() < 0.2)
                {
                    heldOut = heldOut.With(value);
                }
                else
                {
                    treated = treated.With(value);
                }
            }

            covered += Lift.FixedTime(Lift.Difference([new Stratum(treated, heldOut)])!)!.Value.Contains(0) ? 1 : 0;
        }

        Assert.InRange((double)covered / Replications, 0.924, 0.966);
    }

    [Fact]
    public void Looking_twenty_times_the_always_valid_interval_keeps_its_promise_and_the_fixed_time_one_breaks_it()
    {
        const int looks = 20, perLook = 150, campaigns = 400;
        var (always, single) = (0, 0);
        for (var seed = 1; seed <= campaigns; seed++)
        {
            var chance = new Seeded(seed);
            var (treated, heldOut) = (default(Sums), default(Sums));
            var (alwaysHolds, singleHolds) = (true, true);
            for (var look = 1; look <= looks; look++)
            {
                Add(chance, perLook, 0, ref treated, ref heldOut);
                var estimate = Lift.Difference([new Stratum(treated, heldOut)])!;
                // The first looks have too few buyers: no verdict is given on them.
                if (look >= 4)
                {
                    alwaysHolds &= Lift.AlwaysValid(estimate, look * perLook, looks * perLook)!.Value.Contains(0);
                    singleHolds &= Lift.FixedTime(estimate)!.Value.Contains(0);
                }
            }

            always += alwaysHolds ? 1 : 0;
            single += singleHolds ? 1 : 0;
        }

        Assert.True(always >= campaigns * 0.95, $"{always} of {campaigns}");
        Assert.True(single < campaigns * 0.9, $"{single} of {campaigns}");
    }

    private static Estimate Campaign(int seed, double more, int customers)
    {
        var (treated, heldOut) = (default(Sums), default(Sums));
        Add(new Seeded(seed), customers, more, ref treated, ref heldOut);
        return Lift.Difference([new Stratum(treated, heldOut)])!;
    }

    private static void Add(Seeded chance, int customers, double more, ref Sums treated, ref Sums heldOut)
    {
        for (var i = 0; i < customers; i++)
        {
            if (chance.Next() < 0.2)
            {
                heldOut = heldOut.With(chance.Spend(0.2));
            }
            else
            {
                treated = treated.With(chance.Spend(0.2 + more));
            }
        }
    }

    /// <summary>SplitMix64 (Steele, Lea and Flood 2014): the same numbers on every runtime.</summary>
    private sealed class Seeded(int seed)
    {
        // Not a multiple of the step: seeds would then give overlapping stretches of one sequence.
        private ulong state = (ulong)seed * 0xD1342543DE82EF95;

        public double Next()
        {
            var z = state += 0x9E3779B97F4A7C15;
            z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
            z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
            return ((z ^ (z >> 31)) >> 11) / (double)(1UL << 53);
        }

        public long Spend(double share)
        {
            if (Next() >= share)
            {
                return 0;
            }

            var normal = Math.Sqrt(-2 * Math.Log(1 - Next())) * Math.Cos(2 * Math.PI * Next());
            return (long)Math.Round(Math.Exp(7.5 + (0.8 * normal)));
        }
    }
}
