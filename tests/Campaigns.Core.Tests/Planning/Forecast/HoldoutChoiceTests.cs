using Campaigns.Core.Offers.Learning;
using Campaigns.Core.Planning.Forecast;
using CsCheck;

namespace Campaigns.Core.Tests.Planning.Forecast;

public sealed class HoldoutChoiceTests
{
    private static readonly Baseline Usual = new(0.05, 4_000, 0.9, BaselineSource.EarlierWindow);

    private static HoldoutChoice Choose(long customers, double breakEven, IReadOnlyList<ArmSizes>? earlier = null, int? maxSends = null) =>
        HoldoutChoice.Smallest(customers, maxSends, earlier ?? [], Usual, breakEven);

    private static bool Shows(long customers, double rise, double share) =>
        Power.Shows(Usual.Conversion, rise, [new ArmSizes(customers * (1 - share), customers * share)]);

    [Fact]
    public void The_share_is_the_smallest_that_shows_break_even() =>
        (from customers in Gen.Int[1_000, 300_000] from rise in Gen.Double[0.0125, 0.2] select (customers, rise)).Sample(x =>
        {
            var chosen = Choose(x.customers, x.rise);
            var expected = new[] { 0.1, 0.2, 0.3, 0.5 }.FirstOrDefault(s => Shows(x.customers, x.rise, s));
            Assert.Equal((expected > 0, expected > 0 ? (int)(expected * 1_000_000) : HoldoutChoice.UsualPartsPerMillion), (chosen.Detects, chosen.PartsPerMillion));
        });

    [Theory]
    [InlineData(3_000, 500_000, true)]
    [InlineData(4_000, 300_000, true)]
    [InlineData(6_000, 200_000, true)]
    [InlineData(12_000, 100_000, true)]
    [InlineData(500, 200_000, false)]
    public void Larger_audiences_hold_fewer_out(long customers, int share, bool detects)
    {
        var chosen = Choose(customers, 0.025);
        Assert.Equal((share, detects), (chosen.PartsPerMillion, chosen.Detects));
    }

    [Fact]
    public void A_larger_effect_never_asks_for_a_larger_control_group() =>
        (from customers in Gen.Int[100, 300_000] from rise in Gen.Double[0.001, 0.2] from more in Gen.Double[0, 0.3] select (customers, rise, more)).Sample(x =>
        {
            var (small, large) = (Choose(x.customers, x.rise), Choose(x.customers, x.rise + x.more));
            Assert.True(!small.Detects || (large.Detects && large.PartsPerMillion <= small.PartsPerMillion));
        });

    [Fact]
    public void Earlier_sends_count_in_the_same_test() =>
        (from customers in Gen.Int[100, 50_000] from rise in Gen.Double[0.0125, 0.1] from treated in Gen.Int[0, 50_000] from held in Gen.Int[0, 20_000] select (customers, rise, treated, held)).Sample(x =>
        {
            var (alone, together) = (Choose(x.customers, x.rise), Choose(x.customers, x.rise, [new ArmSizes(x.treated, x.held)]));
            Assert.True(!alone.Detects || (together.Detects && together.PartsPerMillion <= alone.PartsPerMillion));
            Assert.Equal(x.treated + x.held, together.EarlierCustomers);
        });

    [Fact]
    public void A_message_that_costs_next_to_nothing_is_judged_by_the_usual_effect()
    {
        Assert.Equal(Choose(30_000, 0.0125), Choose(30_000, 0.0001) with { BreakEvenRise = 0.0125 });
        Assert.Equal(0.0125, Choose(30_000, 0.0001).TargetRise, 12);
        Assert.Contains("usual effect", Choose(30_000, 0.0001).Reason, StringComparison.Ordinal);
        Assert.Contains("pays for itself", Choose(30_000, 0.02).Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void A_limit_on_messages_makes_the_test_as_small_as_it_is() =>
        Assert.Equal((Choose(12_000, 0.025).PartsPerMillion, Choose(1_000_000, 0.025, maxSends: 3_000).PartsPerMillion), (100_000, 300_000));

    [Fact]
    public void At_break_even_a_customer_brings_what_nothing_would()
    {
        var arms = new[] { new ArmEconomics("a", 0.4, 0.1, 150, 4), new ArmEconomics("b", 0.4, 0.2, 0, 1) };
        var rise = BreakEven.Rise(Usual, arms, true)!.Value;
        var profit = arms.Average(a => ((Usual.Conversion + rise) * ((4_000 * (a.MarginShare - a.DiscountShare)) - a.BenefitCostMinor)) - a.SendCostMinor - (Usual.Conversion * 4_000 * a.MarginShare));
        Assert.Equal(0, profit, 1e-9);
    }

    [Fact]
    public void What_gives_away_more_than_an_order_brings_never_pays()
    {
        Assert.Equal(double.PositiveInfinity, BreakEven.Rise(Usual, [new ArmEconomics("a", 0.3, 0.4, 0, 0)], true));
        Assert.Null(BreakEven.Rise(Usual, [new ArmEconomics("a", 0.3, 0.4, 0, 0)], marginKnown: false));
        Assert.Equal(0.0125, BreakEven.Target(Usual, double.PositiveInfinity), 12);
    }
}
