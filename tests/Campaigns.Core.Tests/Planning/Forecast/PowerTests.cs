using Campaigns.Core.Planning.Forecast;
using CsCheck;

namespace Campaigns.Core.Tests.Planning.Forecast;

public sealed class PowerTests
{
    private static IReadOnlyList<ArmSizes> One(double treated, double heldOut) => [new ArmSizes(treated, heldOut)];

    /// <summary>R 4, stats, examples of power.prop.test: n = 76.7 per arm for .50 against .75 with power .90; with n = 50 the power is .740.</summary>
    [Fact]
    public void Sizes_are_those_of_R()
    {
        Assert.Equal(0.25, Power.DetectableRise(0.5, One(76.7, 76.7), 0.9)!.Value, 0.0005);
        Assert.Equal(0.25, Power.DetectableRise(0.5, One(50, 50), 0.740)!.Value, 0.0005);
    }

    /// <summary>R 4, stats, details of power.prop.test: .9 against 1 takes at least 74 per arm.</summary>
    [Fact]
    public void Too_few_customers_detect_no_rise_at_all()
    {
        Assert.Null(Power.DetectableRise(0.9, One(73, 73)));
        Assert.NotNull(Power.DetectableRise(0.9, One(74, 74)));
    }

    /// <summary>
    /// Rosner, Fundamentals of Biostatistics, on the blood pressure of users (132.86, SD 15.34) and non-users (127.44, SD 18.23) of oral
    /// contraceptives: 152 in each group (151.5 before rounding up), or 108 and 216 (107.1); with z rounded to 1.96 and .84.
    /// </summary>
    [Theory]
    [InlineData(151.5, 151.5)]
    [InlineData(107.1, 214.2)]
    public void Differences_of_means_are_those_of_the_textbook(double users, double others) =>
        Assert.Equal(132.86 - 127.44, Power.DetectableMean(15.34 * 15.34, 18.23 * 18.23, One(users, others))!.Value, 0.01);

    [Fact]
    public void More_customers_never_raise_the_detectable_effect() =>
        (from rate in Gen.Double[0.001, 0.6]
         from treated in Gen.Int[20, 50_000]
         from held in Gen.Int[20, 50_000]
         from more in Gen.Int[0, 50_000]
         from other in Gen.Int[0, 50_000]
         select (rate, treated, held, more, other)).Sample(x =>
        {
            var few = Power.DetectableRise(x.rate, One(x.treated, x.held));
            var many = Power.DetectableRise(x.rate, One(x.treated + x.more, x.held));
            var (mean, withMore) = (Power.DetectableMean(4, 9, One(x.treated, x.held)), Power.DetectableMean(4, 9, One(x.treated, x.held + x.more)));
            // A further send is never a loss either, however its arms are split.
            var added = Power.DetectableMean(4, 9, [new ArmSizes(x.treated, x.held), new ArmSizes(x.more, x.other)]);
            Assert.True(withMore <= mean && added <= mean);
            // Further treated customers move the pooled share towards theirs: a hair may be lost where it is far more variable.
            Assert.True(few is null || many <= few * 1.02, $"{few} became {many}");
        });

    [Fact]
    public void A_larger_audience_never_raises_the_detectable_effect() =>
        (from rate in Gen.Double[0.001, 0.6] from size in Gen.Int[40, 50_000] from share in Gen.Double[0.05, 0.5] from factor in Gen.Double[1, 20] select (rate, size, share, factor)).Sample(x =>
        {
            var few = Power.DetectableRise(x.rate, One(x.size * (1 - x.share), x.size * x.share));
            var many = Power.DetectableRise(x.rate, One(x.factor * x.size * (1 - x.share), x.factor * x.size * x.share));
            var added = Power.DetectableRise(x.rate, [new ArmSizes(x.size * (1 - x.share), x.size * x.share), new ArmSizes(x.factor * x.size, x.size)]);
            Assert.True(few is null || (many <= few && added <= few), $"{few} became {many} and {added}");
        });

    [Fact]
    public void Unequal_arms_cost_power_as_the_root_of_the_sum_of_their_inverses() =>
        (from total in Gen.Int[1_000, 1_000_000] from share in Gen.Double[0.02, 0.98] select (total, share)).Sample(x =>
        {
            var even = Power.DetectableMean(1, 1, One(x.total / 2.0, x.total / 2.0))!.Value;
            var uneven = Power.DetectableMean(1, 1, One(x.total * x.share, x.total * (1 - x.share)))!.Value;
            Assert.Equal(Math.Sqrt((1 / x.share) + (1 / (1 - x.share))) / 2, uneven / even, 1e-9);
        });

    [Fact]
    public void Every_rise_beyond_the_detectable_one_shows_and_none_below() =>
        (from rate in Gen.Double[0.001, 0.6] from treated in Gen.Int[100, 50_000] from held in Gen.Int[100, 50_000] from part in Gen.Double[0, 1] select (rate, treated, held, part)).Sample(x =>
        {
            var tests = One(x.treated, x.held);
            if (Power.DetectableRise(x.rate, tests) is { } least)
            {
                Assert.True(Power.Shows(x.rate, least + (x.part * (1 - x.rate - least)), tests));
                Assert.False(Power.Shows(x.rate, least * x.part * 0.999, tests));
            }
        });

    [Fact]
    public void Without_a_second_arm_nothing_is_detectable()
    {
        Assert.Null(Power.DetectableRise(0.05, One(1_000_000, 0)));
        Assert.Null(Power.DetectableMean(1, 1, [new ArmSizes(0, 10), new ArmSizes(10, 0)]));
    }
}
