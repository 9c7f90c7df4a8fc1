using Campaigns.Core.Profiles;
using Campaigns.Core.Profiles.Scores;
using CsCheck;

namespace Campaigns.Core.Tests.Profiles.Scores;

public class RankingTests
{
    private static readonly Gen<(double Score, bool Ordered)[]> Ranked =
        Gen.Select(Gen.Int[0, 8].Select(s => (double)s), Gen.Bool).Array[1, 60];

    [Fact]
    public void AUC_is_the_share_of_pairs_in_the_right_order_ties_counting_half() =>
        Gen.Select(Ranked, Gen.Byte[0, 4].Array[60]).Sample((ranked, weights) =>
        {
            var (pairs, right) = (0.0, 0.0);
            for (var i = 0; i < ranked.Length; i++)
            {
                for (var j = 0; j < ranked.Length; j++)
                {
                    if (ranked[i].Ordered && !ranked[j].Ordered)
                    {
                        double weight = weights[i] * weights[j];
                        pairs += weight;
                        right += weight * (ranked[i].Score > ranked[j].Score ? 1 : ranked[i].Score == ranked[j].Score ? 0.5 : 0);
                    }
                }
            }

            var auc = new RankedSplit([.. ranked.Select(r => r.Score)], [.. ranked.Select(r => r.Ordered)]).Auc(weights.AsSpan(0, ranked.Length));
            Assert.Equal(pairs == 0 ? double.NaN : right / pairs, auc, 1e-12);
        });

    [Fact]
    public void A_model_at_its_bounds_stands_only_where_no_other_is_usable()
    {
        CandidateEvidence[] evidence = [new("bg-nbd.active", 0.7, null, null, ""), new("mbg-nbd.active", 0.8, null, null, ""), new("pareto-nbd.active", 0.9, null, null, ""), new("bg-nbd.order", 0.99, null, null, "")];
        string Best(List<string> passed, params string[] usable) => RiskSelection.BestModel(evidence, ".active", usable.ToHashSet(), passed);
        var (none, one) = (new List<string>(), new List<string>());

        Assert.Equal("pareto-nbd", Best(none, "bg-nbd", "mbg-nbd", "pareto-nbd"));
        Assert.Equal("pareto-nbd", Best(none));
        Assert.Empty(none);
        Assert.Equal("mbg-nbd", Best(one, "bg-nbd", "mbg-nbd"));
        Assert.StartsWith("mbg-nbd stands for whether customers are still active: pareto-nbd ranks", Assert.Single(one), StringComparison.Ordinal);
    }

    [Fact]
    public void The_same_score_gains_nothing_and_the_truth_gains_surely()
    {
        var ordered = Enumerable.Range(0, 400).Select(i => i % 3 == 0).ToArray();
        var noise = Enumerable.Range(0, 400).Select(i => (double)(i * 7919 % 401)).ToArray();
        var truth = new RankedSplit([.. ordered.Select(o => o ? 1.0 : 0)], ordered);
        var bounds = PairedBootstrap.LowerBounds(new RankedSplit(noise, ordered), [new RankedSplit(noise, ordered), truth], 400);
        Assert.Equal(0, bounds[0]);
        Assert.InRange(bounds[1], 0.4, 0.6);
        Assert.Equal(bounds, PairedBootstrap.LowerBounds(new RankedSplit(noise, ordered), [new RankedSplit(noise, ordered), truth], 400));
    }

    [Fact]
    public void The_regression_finds_the_coefficients_that_made_the_outcomes()
    {
        // For each value the outcomes in exactly the proportion that the logistic curve gives: its maximum is the curve.
        var (rows, outcomes) = (new List<double[]>(), new List<bool>());
        foreach (var x in new[] { -2.0, -1, 0, 1, 2 })
        {
            var buyers = (int)Math.Round(10_000 / (1 + Math.Exp(0.5 - (1.2 * x))));
            for (var i = 0; i < 10_000; i++)
            {
                rows.Add([1, x]);
                outcomes.Add(i < buyers);
            }
        }

        var fit = Logistic.Fit([.. rows], [.. outcomes], _ => true);
        Assert.Equal(-0.5, fit[0], 1e-3);
        Assert.Equal(1.2, fit[1], 1e-3);
    }

    [Fact]
    public void Outcomes_that_a_feature_separates_keep_the_coefficients_finite()
    {
        double[][] rows = [[1, -1], [1, -2], [1, 1], [1, 2]];
        Assert.All(Logistic.Fit(rows, [false, false, true, true], _ => true), c => Assert.True(double.IsFinite(c)));
    }

    [Fact]
    public void A_history_at_an_earlier_day_is_that_of_the_orders_up_to_it() =>
        Gen.Select(Gen.Int[0, 200].Array[1, 60], Gen.Int[0, 210]).Sample((days, day) =>
        {
            var all = History(days);
            var known = days.Where(d => d <= day).ToArray();
            var then = TruncatedHistory.At(all, day);
            if (known.Length == 0)
            {
                Assert.Null(then);
                return;
            }

            var expected = TruncatedHistory.At(History(known), day)!.Value;
            Assert.Equal(expected, then!.Value with { OrderDaysAfter = 0 });
            Assert.Equal((known.Distinct().Count(), known.Min(), known.Max(), day), (then.Value.OrderDays, then.Value.FirstDay, then.Value.LastDay, then.Value.Day));
            Assert.Equal(days.Where(d => d > day).Distinct().Count(), then.Value.OrderDaysAfter);
        });

    [Fact]
    public void Histories_longer_than_what_is_kept_stay_possible_on_every_day() =>
        Gen.Select(Gen.Int[1, 3].Array[140, 400], Gen.Int[0, 1_200]).Sample((gaps, day) =>
        {
            var at = 0;
            var history = History([.. gaps.Select(g => at += g)]);
            if (TruncatedHistory.At(history, day) is { } then)
            {
                Assert.True(then.OrderDays >= 1 && then.RecencyDays >= 0 && then.RecencyDays <= then.AgeDays, then.ToString());
            }
        });

    [Fact]
    public void A_customer_is_placed_by_the_share_who_score_higher()
    {
        double[] sorted = [1, 2, 2, 3];
        Assert.Equal([1, 0.875, 0.5, 0.25, 0.125, 0], new[] { 0.5, 1, 2, 2.5, 3, 4 }.Select(s => RiskCandidate.Place(sorted, s)));
    }

    private static PurchaseHistory History(int[] days) =>
        CdnowSample.History("c", days.Select(d => new RecentOrder(new DateTimeOffset(d * TimeSpan.TicksPerDay, TimeSpan.Zero), 100)));
}
