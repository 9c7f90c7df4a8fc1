using Campaigns.Core.Profiles.Scores;
using CsCheck;

namespace Campaigns.Core.Tests.Profiles.Scores;

public class BetaBinomialTests
{
    private static readonly ModelSettings Settings = new();

    private static readonly Gen<(int K, int N)[]> Customers =
        Gen.Select(Gen.Int[1, 30], Gen.Double[0, 1]).Select((n, share) => (K: (int)Math.Round(share * share * n), N: n)).Array[20, 200];

    [Fact]
    public void The_fit_is_where_a_brute_force_grid_is_highest() =>
        Customers.Sample(
            customers =>
            {
                var counts = Counts(customers);
                if (BetaBinomial.Fit(counts, Settings) is not { } fit)
                {
                    return;
                }

                // Refined five times around its best point: a search of its own, without any gradient.
                var (u, v, width, best) = (0.0, 0.0, 8.0, double.NegativeInfinity);
                for (var round = 0; round < 12; round++)
                {
                    var (centreU, centreV) = (u, v);
                    for (var i = -10; i <= 10; i++)
                    {
                        for (var j = -10; j <= 10; j++)
                        {
                            var (a, b) = (centreU + (width * i / 10), centreV + (width * j / 10));
                            var value = Brute(customers, Math.Exp(a), Math.Exp(b));
                            (u, v, best) = value > best ? (a, b, value) : (u, v, best);
                        }
                    }

                    width /= 2.5;
                }

                Assert.True(fit.LogLikelihood >= best - (1e-7 * Math.Abs(best)), $"{fit} against ({Math.Exp(u)}, {Math.Exp(v)}): {best}");
                if (fit.Converged && fit.Alpha + fit.Beta < 100)
                {
                    Assert.Equal(Math.Exp(u), fit.Alpha, fit.Alpha * 0.01);
                    Assert.Equal(Math.Exp(v), fit.Beta, fit.Beta * 0.01);
                }
            },
            iter: 8);

    [Fact]
    public void Known_shares_are_found_again()
    {
        // Exact expected counts of Beta(2, 6) over ten lines: P(k) = C(10, k) B(2 + k, 16 − k) / B(2, 6).
        var counts = new DiscountCounts();
        for (var k = 0; k <= 10; k++)
        {
            var chance = Math.Exp(LogBinomial(10, k) + LogBeta(2 + k, 16 - k) - LogBeta(2, 6));
            counts.Add(k, 10, (long)Math.Round(chance * 10_000_000));
        }

        var fit = BetaBinomial.Fit(counts, Settings)!;
        Assert.True(fit.Converged);
        Assert.Equal(2, fit.Alpha, 1e-3);
        Assert.Equal(6, fit.Beta, 1e-3);
    }

    [Fact]
    public void Shrinkage_moves_towards_the_mean_and_never_past_it() =>
        Gen.Select(Customers, Gen.Int[1, 50], Gen.Double[0, 1]).Sample((customers, n, share) =>
        {
            if (BetaBinomial.Fit(Counts(customers), Settings) is { } fit)
            {
                var k = (int)Math.Round(share * n);
                var (own, shrunk) = ((double)k / n, fit.Shrunk(k, n));
                Assert.InRange(shrunk, Math.Min(own, fit.Mean) - 1e-12, Math.Max(own, fit.Mean) + 1e-12);
                Assert.True(Math.Abs(fit.Shrunk(10 * k, 10 * n) - own) <= Math.Abs(shrunk - own) + 1e-12);
            }
        });

    [Fact]
    public void One_discounted_line_out_of_one_is_price_sensitive_in_no_workspace() =>
        Customers.Sample(customers =>
        {
            if (BetaBinomial.Fit(Counts(customers), Settings) is { } fit)
            {
                Assert.True(fit.Shrunk(1, 1) < fit.Threshold, fit.ToString());
            }
        });

    [Fact]
    public void Buckets_merge_to_the_counts_of_the_whole() =>
        Gen.Select(Customers, Gen.Int[1, 16]).Sample((customers, buckets) =>
        {
            var merged = new DiscountCounts();
            foreach (var bucket in customers.Select((c, i) => (c, i)).GroupBy(x => x.i % buckets))
            {
                merged.Merge(Counts(bucket.Select(x => x.c)));
            }

            var whole = Counts(customers);
            Assert.Equal(whole.Discounted, merged.Discounted);
            Assert.Equal(whole.Full, merged.Full);
            Assert.Equal(whole.Lines, merged.Lines);
        });

    [Fact]
    public void Where_nothing_or_everything_is_discounted_there_is_nothing_to_fit()
    {
        Assert.Null(BetaBinomial.Fit(new DiscountCounts(), Settings));
        Assert.Null(BetaBinomial.Fit(Counts([(0, 5), (0, 2)]), Settings));
        Assert.Null(BetaBinomial.Fit(Counts([(5, 5), (2, 2)]), Settings));
    }

    [Fact]
    public void Customers_who_are_all_alike_or_all_or_nothing_give_finite_answers()
    {
        foreach (var fit in new[] { BetaBinomial.Fit(Counts(Enumerable.Repeat((3, 6), 100)), Settings)!, BetaBinomial.Fit(Counts([(9, 9), (0, 9), (0, 4), (4, 4)]), Settings)! })
        {
            Assert.True(double.IsFinite(fit.LogLikelihood) && fit.Alpha > 0 && fit.Beta > 0);
            Assert.InRange(fit.Shrunk(1, 2), 0.49, 0.51);
        }
    }

    private static DiscountCounts Counts(IEnumerable<(int K, int N)> customers)
    {
        var counts = new DiscountCounts();
        foreach (var (k, n) in customers)
        {
            counts.Add(k, n);
        }

        return counts;
    }

    private static double Brute((int K, int N)[] customers, double alpha, double beta) =>
        customers.Sum(c => LogBeta(alpha + c.K, beta + c.N - c.K) - LogBeta(alpha, beta));

    private static double LogBeta(double a, double b) =>
        MathNet.Numerics.SpecialFunctions.GammaLn(a) + MathNet.Numerics.SpecialFunctions.GammaLn(b) - MathNet.Numerics.SpecialFunctions.GammaLn(a + b);

    private static double LogBinomial(int n, int k) => MathNet.Numerics.SpecialFunctions.BinomialLn(n, k);
}
