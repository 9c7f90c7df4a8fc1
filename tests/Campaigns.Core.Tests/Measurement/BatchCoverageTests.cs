using Campaigns.Core.Measurement;

namespace Campaigns.Core.Tests.Measurement;

/// <summary>
/// Batch-wise intervals over campaigns whose probabilities follow their own earlier results, at 5,000 customers a run, held
/// against truth and against the pooled mean. Fixed seeds.
/// </summary>
public sealed class BatchCoverageTests
{
    private const int Customers = 5_000;
    private const int Replications = 1_000;

    /// <summary>Control group, as a share of a run.</summary>
    private const double Control = 0.1;

    /// <summary>A market: conversion by run, what each variant adds to it, spread of baskets, and the least share of a run that a variant gets.</summary>
    private sealed record Design(double[] Conversion, double[] More, double Sigma, double Floor)
    {
        /// <summary>Mean of a basket times a difference of conversions.</summary>
        public double Truth(int arm) => More[arm] * Math.Exp(7.5 + (Sigma * Sigma / 2));
    }

    private static readonly Dictionary<string, Design> Designs = new(StringComparer.Ordinal)
    {
        ["equal variants"] = new([0.1, 0.1, 0.1, 0.1], [0, 0, 0], 0.83, 0.1),
        ["one better"] = new([0.08, 0.08, 0.08, 0.08], [0, 0.02, 0], 0.83, 0.1),
        ["season"] = new([0.12, 0.06, 0.1, 0.06], [0.005, 0.005, 0.005], 0.83, 0.1),
        ["many runs"] = new([0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1], [0, 0, 0], 0.6, 0.1),
        ["a floor of 2 %"] = new([0.1, 0.1, 0.1, 0.1], [0, 0, 0], 0.83, 0.02),
        ["few buyers"] = new([0.03, 0.03, 0.03, 0.03], [0, 0.01, 0], 0.83, 0.1),
        ["heavy tails"] = new([0.1, 0.1, 0.1, 0.1], [0, 0, 0], 1.2, 0.05),
        ["a floor of 2 % in a season"] = new([0.12, 0.05, 0.1, 0.06], [0.005, 0.005, 0.005], 0.83, 0.02),
    };

    [Theory]
    [InlineData("equal variants")]
    [InlineData("one better")]
    [InlineData("many runs")]
    [InlineData("season")]
    [InlineData("few buyers")]
    [InlineData("heavy tails")]
    [InlineData("a floor of 2 %")]
    [InlineData("a floor of 2 % in a season")]
    public void Batch_wise_intervals_cover_93_to_97_of_100_truths_also_of_the_best_looking_variant_and_pooled_means_in_a_season_far_fewer(string design)
    {
        var (any, best, pooled) = Coverage(design);
        // Two Monte-Carlo errors around it.
        var error = 2 * Math.Sqrt(0.93 * 0.07 / Replications);
        Assert.InRange(any, 0.93 - error, 0.97 + error);
        Assert.InRange(best, 0.93 - error, 0.97 + error);
        Assert.True(design != "a floor of 2 % in a season" || pooled < 0.86, $"pooled {pooled}");
    }

    /// <summary>Shares of campaigns whose interval holds the truth: of any variant, of the one that looks best in the end, and of any by the pooled mean.</summary>
    private static (double Any, double Best, double Pooled) Coverage(string design)
    {
        var market = Designs[design];
        var (any, best, pooled, arms) = (0, 0, 0, market.More.Length);
        for (var seed = 1; seed <= Replications; seed++)
        {
            var runs = Campaign(new SeededChance(seed), market);
            var estimates = Array.ConvertAll(runs, r => BatchWise.Of([r])!);
            var winner = Enumerable.Range(0, arms).MaxBy(a => estimates[a].Difference);
            any += Enumerable.Range(0, arms).Count(a => estimates[a].FixedTime.Contains(market.Truth(a)));
            best += estimates[winner].FixedTime.Contains(market.Truth(winner)) ? 1 : 0;
            pooled += Enumerable.Range(0, arms).Count(a => Lift.FixedTime(Pooled(runs[a]))!.Value.Contains(market.Truth(a)));
        }

        var shares = ((double)any / (arms * Replications), (double)best / Replications, (double)pooled / (arms * Replications));
        TestContext.Current.TestOutputHelper!.WriteLine($"{design}: any {shares.Item1:P1}, looks best {shares.Item2:P1}, pooled {shares.Item3:P1}");
        return shares;
    }

    private static Estimate Pooled(List<Batch> runs) => Lift.Difference([new Stratum(
        runs.Aggregate(default(Sums), (sum, b) => sum + b.Treated), runs.Aggregate(default(Sums), (sum, b) => sum + b.HeldOut))])!;

    /// <summary>The first run shares alike; each later one gives all but the floors to the variant with the best mean so far, as pooled means have it.</summary>
    private static List<Batch>[] Campaign(SeededChance chance, Design market)
    {
        var arms = market.More.Length;
        var runs = Enumerable.Range(0, arms).Select(_ => new List<Batch>()).ToArray();
        for (var run = 0; run < market.Conversion.Length; run++)
        {
            var favourite = run == 0 ? -1 : Enumerable.Range(0, arms).MaxBy(a => Pooled(runs[a]).Difference);
            var (control, buyers) = Arm(chance, (int)(Customers * Control), market.Conversion[run], market.Sigma);
            for (var a = 0; a < arms; a++)
            {
                var share = favourite < 0 ? (1 - Control) / arms : a == favourite ? 1 - Control - (market.Floor * (arms - 1)) : market.Floor;
                var (own, ownBuyers) = Arm(chance, (int)(Customers * share), market.Conversion[run] + market.More[a], market.Sigma);
                runs[a].Add(new Batch(own, control, ownBuyers, buyers));
            }
        }

        return runs;
    }

    private static (Sums Spend, long Buyers) Arm(SeededChance chance, int customers, double conversion, double sigma)
    {
        var (sum, buyers) = (default(Sums), 0L);
        for (var i = 0; i < customers; i++)
        {
            var spend = chance.Spend(conversion, sigma);
            (sum, buyers) = (sum.With(spend), buyers + (spend > 0 ? 1 : 0));
        }

        return (sum, buyers);
    }
}
