using System.Globalization;
using System.IO.Compression;
using Campaigns.Core.Measurement;
using CsCheck;
using MathNet.Numerics.Distributions;

namespace Campaigns.Core.Tests.Measurement;

public sealed class LiftTests
{
    private static Sums Of(IEnumerable<long> values) => values.Aggregate(default(Sums), (sum, v) => sum.With(v));

    private static readonly Gen<long[]> Arm = Gen.Long[-50_000, 500_000].Array[2, 40];

    [Fact]
    public void Mean_and_variance_equal_those_of_two_passes() => Arm.Sample(values =>
    {
        var mean = values.Average();
        var variance = values.Sum(v => (v - mean) * (v - mean)) / (values.Length - 1);
        Assert.Equal(mean, Of(values).Mean, 6);
        Assert.Equal(variance, Of(values).Variance, variance * 1e-9);
    });

    [Fact]
    public void Variance_survives_amounts_so_large_that_floating_point_would_cancel()
    {
        const long large = 4_000_000_000_000_000;
        Assert.Equal(1.0, Of([large, large + 1, large + 2]).Variance, 12);
    }

    [Fact]
    public void Swapping_the_arms_negates_the_lift() => Gen.Select(Arm, Arm, Arm, Arm).Sample((a, b, c, d) =>
    {
        var there = Lift.Difference([new Stratum(Of(a), Of(b)), new Stratum(Of(c), Of(d))])!;
        var back = Lift.Difference([new Stratum(Of(b), Of(a)), new Stratum(Of(d), Of(c))])!;
        Assert.Equal(there.Difference, -back.Difference, Math.Abs(there.Difference) * 1e-9);
        Assert.Equal(there.StandardError, back.StandardError, there.StandardError * 1e-9);
        if (Lift.FixedTime(there) is { } interval)
        {
            Assert.Equal(interval.Low, -Lift.FixedTime(back)!.Value.High, Math.Abs(interval.Low) * 1e-6);
        }
    });

    [Fact]
    public void Hillstroms_spend_by_arm_and_its_Welch_intervals_are_the_published_ones()
    {
        var spend = Hillstrom();
        Assert.Equal(1.42262, Of(spend["Mens E-Mail"]).Mean / 100, 5);
        Assert.Equal(1.07720, Of(spend["Womens E-Mail"]).Mean / 100, 5);
        Assert.Equal(0.65279, Of(spend["No E-Mail"]).Mean / 100, 5);
        foreach (var arm in new[] { "Mens E-Mail", "Womens E-Mail" })
        {
            var estimate = Lift.Difference([new Stratum(Of(spend[arm]), Of(spend["No E-Mail"]))])!;
            var (low, high) = NaiveWelch(spend[arm], spend["No E-Mail"]);
            Assert.Equal(low, Lift.FixedTime(estimate)!.Value.Low, 6);
            Assert.Equal(high, Lift.FixedTime(estimate)!.Value.High, 6);
        }
    }

    [Fact]
    public void A_total_is_weighted_by_assigned_customers_where_segments_have_different_shares_held_out()
    {
        // Loyal customers spend 1,000 more and are hardly held out: pooled means would call that an effect.
        var loyal = new Stratum(Of(Enumerable.Range(0, 900).Select(i => 1000L + (i % 2))), Of(Enumerable.Range(0, 100).Select(i => 1000L + (i % 2))));
        var lost = new Stratum(Of(Enumerable.Range(0, 100).Select(i => (long)(i % 2))), Of(Enumerable.Range(0, 100).Select(i => (long)(i % 2))));
        var estimate = Lift.Difference([loyal, lost])!;
        Assert.Equal(0, estimate.Difference, 9);
        Assert.True((loyal.Treated + lost.Treated).Mean - (loyal.HeldOut + lost.HeldOut).Mean > 390);
    }

    [Fact]
    public void Without_spread_or_without_an_arm_there_is_no_interval()
    {
        var nobodyBought = new Stratum(Of(new long[500]), Of(new long[120]));
        var alike = new Stratum(Of(Enumerable.Repeat(7L, 500)), Of(Enumerable.Repeat(7L, 120)));
        var onlyTreatedBought = new Stratum(Of(Enumerable.Range(0, 500).Select(i => (long)i)), Of(new long[120]));
        foreach (var stratum in new[] { nobodyBought, alike, onlyTreatedBought })
        {
            var estimate = Lift.Difference([stratum])!;
            Assert.Null(Lift.FixedTime(estimate));
            Assert.Null(Lift.AlwaysValid(estimate, 620, 620));
            Assert.Null(Lift.MinimumDetectable(estimate));
        }

        Assert.Null(Lift.Difference([new Stratum(Of([1, 2, 3]), default)]));
        Assert.Null(Lift.Difference([]));
    }

    [Fact]
    public void The_always_valid_interval_equals_the_papers_formula_worked_out_by_hand()
    {
        // t = 1,000 customers, σ = 30, planned for 2,000: ρ² = (2 ln 20 + ln(1 + 2 ln 20)) / 2000 = 7.936 / 2000.
        var estimate = new Estimate(2, 30 / Math.Sqrt(1000), 998, 1000, 0);
        var rhoSquared = ((2 * Math.Log(20)) + Math.Log(1 + (2 * Math.Log(20)))) / 2000;
        Assert.Equal(rhoSquared, Lift.RhoSquared(2000), 9);
        var half = 30 * Math.Sqrt(2 * ((1000 * rhoSquared) + 1) / (1e6 * rhoSquared) * Math.Log(Math.Sqrt((1000 * rhoSquared) + 1) / 0.05));
        var interval = Lift.AlwaysValid(estimate, 1000, 2000)!.Value;
        Assert.Equal(2 - half, interval.Low, 9);
        Assert.Equal(2 + half, interval.High, 9);
        // At the planned size it is about three standard errors, against 1.96 for a single look.
        Assert.InRange((Lift.AlwaysValid(estimate, 2000, 2000)!.Value.High - 2) / estimate.StandardError, 3.03, 3.04);
    }

    /// <summary>
    /// Figures published by GrowthBook for the same theorem in an implementation of its own (its statistics package's tests of the
    /// sequential t-test): standard error, customers of both arms, planned customers, half of the interval's width.
    /// </summary>
    [Theory]
    [InlineData(0.33341, 3000 + 3461, 1000, (1.56516 + 0.55844) / 2)]
    [InlineData(0.03386, 3000 + 3461, 5000, (0.60675 - 0.40098) / 2)]
    public void The_always_valid_interval_is_as_wide_as_another_implementations(double standardError, long customers, double planned, double half) =>
        Assert.Equal(half, Lift.AlwaysValid(new Estimate(0, standardError, customers - 2, customers, 0), customers, planned)!.Value.High, 4);

    [Theory]
    [InlineData(400, 2_000, 1)]
    [InlineData(2_000, 2_000, 30)]
    [InlineData(9_000, 2_000, 0.2)]
    public void The_always_valid_interval_ends_where_the_normal_mixture_of_likelihood_ratios_reaches_twenty(double information, double planned, double sigma)
    {
        // The definition behind the formula: ∫ exp(λS − λ²t/2) φ(λ; 0, ρ²) dλ = 1/α at a sum S of t standardised outcomes. By the
        // trapezoid rule, which knows nothing of the closed form.
        var half = Lift.AlwaysValid(new Estimate(0, sigma / Math.Sqrt(information), 1e9, (long)information, 0), information, planned)!.Value.High;
        var (sum, rho) = (half / sigma * information, Math.Sqrt(Lift.RhoSquared(planned)));
        var (mean, deviation) = (sum / (information + (1 / (rho * rho))), 1 / Math.Sqrt(information + (1 / (rho * rho))));
        const int steps = 4_000;
        var width = 24 * deviation / steps;
        var integral = 0.0;
        for (var i = 0; i <= steps; i++)
        {
            var lambda = mean - (12 * deviation) + (i * width);
            integral += width * Math.Exp((lambda * sum) - (lambda * lambda * information / 2)) * Normal.PDF(0, rho, lambda);
        }

        Assert.Equal(20, integral, 6);
    }

    [Theory]
    // Half-width in standard errors, worked out apart from this code, at 1/4, 1/2, 1, 2 and 4 times the planned information.
    [InlineData(0.25, 3.264293372)]
    [InlineData(0.5, 3.083568714)]
    [InlineData(1, 3.035208990)]
    [InlineData(2, 3.061477219)]
    [InlineData(4, 3.127114144)]
    public void At_these_parts_of_the_planned_size_the_always_valid_interval_is_so_many_standard_errors_wide(double part, double expected) =>
        Assert.Equal(expected, Lift.AlwaysValid(new Estimate(0, 1, 1e9, 1000, 0), part * 1000, 1000)!.Value.High, 8);

    [Fact]
    public void Rho_is_within_a_part_in_thirty_thousand_of_the_width_that_the_exact_optimum_gives()
    {
        // The optimum solves x = ln(x + 1) − 2 ln α (the paper writes it with Lambert's W): x = 8.211968, 3.035122 standard errors.
        var x = 8.0;
        for (var i = 0; i < 200; i++)
        {
            x = Math.Log(x + 1) - (2 * Math.Log(0.05));
        }

        Assert.Equal(8.211968, x, 6);
        var exact = Math.Sqrt(2 * (x + 1) / x * Math.Log(Math.Sqrt(x + 1) / 0.05));
        Assert.InRange(Lift.AlwaysValid(new Estimate(0, 1, 1e9, 1000, 0), 1000, 1000)!.Value.High, exact, exact * (1 + (1.0 / 30_000)));
    }

    [Fact]
    public void Rho_is_tuned_so_that_the_interval_is_narrowest_at_the_planned_size()
    {
        double Width(double planned) => Lift.AlwaysValid(new Estimate(0, 1, 100, 100, 0), 5000, planned)!.Value.High;
        Assert.True(Width(5000) < Width(1000));
        Assert.True(Width(5000) < Width(25_000));
        // The closed form is an approximation of the optimum: within half a percent of any other choice.
        Assert.All(Enumerable.Range(1, 40), i => Assert.True(Width(5000) < Width(500 * i) * 1.005));
    }

    [Fact]
    public void The_smallest_detectable_effect_is_2_8_standard_errors() =>
        Assert.Equal(2.801585218 * 3, Lift.MinimumDetectable(new Estimate(0, 3, 100, 100, 0))!.Value, 6);

    [Theory]
    [InlineData(1000, 1200, 0.5, 0.0000201)]
    [InlineData(500, 500, 0.5, 1)]
    public void Sample_ratio_p_values_of_two_arms_are_the_published_ones(long a, long b, double share, double expected) =>
        Assert.Equal(expected, SampleRatio.PValue([(a, (a + b) * share), (b, (a + b) * (1 - share))])!.Value, 7);

    [Fact]
    public void Sample_ratio_p_value_of_three_arms_is_the_published_one() =>
        Assert.Equal(0.000592638, SampleRatio.PValue([(500, 1600 * 0.34), (500, 1600 * 0.33), (600, 1600 * 0.33)])!.Value, 9);

    [Fact]
    public void What_could_never_be_drawn_and_yet_was_is_an_alert() =>
        Assert.Equal(0, SampleRatio.PValue([(100, 100), (1, 0), (100, 100)]));

    private static (double Low, double High) NaiveWelch(IReadOnlyList<long> x, IReadOnlyList<long> y)
    {
        var (mx, my) = (x.Average(), y.Average());
        var vx = x.Sum(v => Math.Pow(v - mx, 2)) / (x.Count - 1) / x.Count;
        var vy = y.Sum(v => Math.Pow(v - my, 2)) / (y.Count - 1) / y.Count;
        var df = Math.Pow(vx + vy, 2) / ((vx * vx / (x.Count - 1)) + (vy * vy / (y.Count - 1)));
        var half = StudentT.InvCDF(0, 1, df, 0.975) * Math.Sqrt(vx + vy);
        return (mx - my - half, mx - my + half);
    }

    private static Dictionary<string, List<long>> Hillstrom()
    {
        using var file = new StreamReader(new GZipStream(File.OpenRead(SharedFiles.Require("data/hillstrom.csv.gz")), CompressionMode.Decompress));
        var arms = new Dictionary<string, List<long>>(StringComparer.Ordinal);
        file.ReadLine();
        while (file.ReadLine() is { } line)
        {
            var fields = line.Split(',');
            if (!arms.TryGetValue(fields[^4], out var arm))
            {
                arms[fields[^4]] = arm = []; // From the end: the history segment may hold a comma.
            }

            arm.Add((long)Math.Round(double.Parse(fields[^1], CultureInfo.InvariantCulture) * 100));
        }

        return arms;
    }
}
