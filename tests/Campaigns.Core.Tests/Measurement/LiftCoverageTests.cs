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
        var chance = new SeededChance(7);
        var spend = Enumerable.Range(0, 1000).Select(_ => chance.Spend(0.2)).ToArray();
        var covered = 0;
        for (var seed = 1; seed <= Replications; seed++)
        {
            var deal = new SeededChance(seed);
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
            var chance = new SeededChance(seed);
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

    [Theory]
    [InlineData(0.83)]
    [InlineData(1.5)]
    public void Of_2000_campaigns_without_an_effect_that_are_looked_at_twenty_times_at_most_5_percent_are_ever_called_proven(double sigma)
    {
        const int looks = 20, perLook = 250, campaigns = 2000;
        var alarms = 0;
        // As in a run: what 95 of 100 buyers spent before, known before any outcome.
        var before = new SeededChance(99);
        var cap = Enumerable.Range(0, 1500).Select(_ => before.Spend(1, sigma)).Order().ElementAt(1424);
        for (var seed = 1; seed <= campaigns; seed++)
        {
            var chance = new SeededChance(seed);
            var (treated, heldOut, buyers) = (default(Sums), default(Sums), (Treated: 0L, HeldOut: 0L));
            var alarm = false;
            for (var look = 1; look <= looks; look++)
            {
                for (var i = 0; i < perLook; i++)
                {
                    var spend = Math.Min(chance.Spend(0.3, sigma), cap);
                    if (chance.Next() < 0.1)
                    {
                        (heldOut, buyers.HeldOut) = (heldOut.With(spend), buyers.HeldOut + (spend > 0 ? 1 : 0));
                    }
                    else
                    {
                        (treated, buyers.Treated) = (treated.With(spend), buyers.Treated + (spend > 0 ? 1 : 0));
                    }
                }

                var effect = Verdicts.Judge([new Stratum(treated, heldOut)], 1, buyers, look * perLook, looks * perLook, closed: false);
                alarm |= effect.Verdict is Verdict.ProvenGain or Verdict.ProvenLoss;
            }

            alarms += alarm ? 1 : 0;
        }

        // Two Monte-Carlo errors of a 5 % share.
        Assert.True(alarms <= campaigns * (0.05 + (2 * Math.Sqrt(0.05 * 0.95 / campaigns))), $"{alarms} of {campaigns}");
    }

    private static Estimate Campaign(int seed, double more, int customers)
    {
        var (treated, heldOut) = (default(Sums), default(Sums));
        Add(new SeededChance(seed), customers, more, ref treated, ref heldOut);
        return Lift.Difference([new Stratum(treated, heldOut)])!;
    }

    private static void Add(SeededChance chance, int customers, double more, ref Sums treated, ref Sums heldOut)
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
}
