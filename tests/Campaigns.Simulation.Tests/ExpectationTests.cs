using Campaigns.Core.Ingest;
using Campaigns.Core.Offers;
using Campaigns.Core.Primitives;

namespace Campaigns.Simulation.Tests;

/// <summary>The expectation is exact: the generator's own mean over many futures of the same history comes to it.</summary>
public class ExpectationTests
{
    private const int Futures = 400;
    private const int Customers = 250;

    // Chance alone exceeds this about once in 10⁷; the seeds are fixed, so a test that passes once always passes.
    private const double WidestZ = 5;

    private static readonly DateTimeOffset End = new MarketOptions().EndAt;

    // In the middle of a day, with a fraction of a second: the first day is known in part only.
    private static readonly DateTimeOffset From = End.AddDays(3).AddHours(14.37).AddMilliseconds(250);
    private static readonly DateTimeOffset To = From.AddDays(30);

    public static TheoryData<string> Cases => ["nothing", "recommendation", "benefit", "discount", "discount by sms", "several", "never sent"];

    [Theory]
    [MemberData(nameof(Cases))]
    public void The_expected_outcome_is_the_mean_over_many_futures(string name)
    {
        var treatments = Messages(name);
        var (z, _) = Deviations(1, 1, treatments, From, To);
        foreach (var (figure, deviation) in z)
        {
            Assert.True(Math.Abs(deviation) < WidestZ, $"{figure} deviates by {deviation:F2} standard errors");
        }
    }

    [Theory]
    [InlineData("recommendation", "orders")]
    [InlineData("benefit", "redeemed discount and benefit")]
    [InlineData("discount", "discount")]
    public void A_generator_with_twice_the_effect_is_told_apart(string name, string figure)
    {
        var (z, _) = Deviations(effect: 2, expectedEffect: 1, Messages(name), From, To);
        Assert.True(Math.Abs(z.Single(f => f.Figure == figure).Deviation) > WidestZ, $"twice the effect deviates by {z.Single(f => f.Figure == figure).Deviation:F2} only");
    }

    [Fact]
    public void Expectations_over_adjoining_days_of_no_message_add_up_in_the_mean()
    {
        // E[second day | now] is the whole minus the first day: also where the window ends in the middle of a day.
        var market = Market(1, 1);
        for (var i = 0; i < Customers; i++)
        {
            var whole = market.ExpectedOutcome(i, null, From, To);
            var part = market.ExpectedOutcome(i, null, From, From.AddHours(7));
            Assert.True(part.Orders >= 0 && part.Orders <= whole.Orders + 1e-12);
            Assert.True(whole.Orders <= 31);
        }
    }

    [Fact]
    public void The_true_lift_is_the_mean_difference_of_expectations_less_the_send_cost()
    {
        var market = Market(1, 1);
        var sent = Messages("discount")[0];
        var skipped = sent with { SentAt = null };
        var assigned = Enumerable.Range(0, Customers).Select(i => new AssignedCustomer(i, i % 5 == 0 ? skipped : sent)).ToArray();
        var lift = market.TrueLift(assigned, From, To, new ProfitTerms(EmailMicros: 1_000, SmsMicros: 40_000));
        var by = assigned.Select(a => market.ExpectedOutcome(a.CustomerIndex, a.Treatment, From, To) - market.ExpectedOutcome(a.CustomerIndex, null, From, To)).ToArray();
        Assert.Equal(Customers, lift.Customers);
        Assert.Equal(by.Average(d => d.RevenueMinor), lift.RevenueMinor, 6);
        Assert.Equal(by.Average(d => d.ListMinor - d.CostMinor - d.DiscountMinor - d.BenefitMinor) - (0.8 * 0.1), lift.ProfitMinor, 6);
    }

    [Fact]
    public void Without_unit_costs_margin_is_the_share_that_the_caller_names()
    {
        var market = new Market(new MarketOptions { Customers = Customers, UnitCosts = false });
        var sent = Messages("recommendation")[0];
        var assigned = Enumerable.Range(0, Customers).Select(i => new AssignedCustomer(i, sent)).ToArray();
        var lift = market.TrueLift(assigned, From, To, new ProfitTerms(0, 0, MarginShare: 0.4));
        Assert.Equal(0.4 * (lift.RevenueMinor + lift.DiscountMinor), lift.MarginBeforeDiscountMinor, 6);
        Assert.All(market.FollowUpOf(0, [], From, To.AddYears(1)).SelectMany(o => o.Lines), line => Assert.Null(line.UnitCostMinorE4));
    }

    /// <summary>How far the generator's sums over customers and futures lie from the expectation, in standard errors.</summary>
    private static ((string Figure, double Deviation)[] Z, int Orders) Deviations(
        double effect, double expectedEffect, TreatmentSpec[] treatments, DateTimeOffset from, DateTimeOffset to)
    {
        string[] figures = ["orders", "list value", "discount", "unit costs", "redeemed orders", "redeemed discount and benefit"];
        var sums = new double[figures.Length];
        var variances = new double[figures.Length];
        var orders = 0;
        for (var future = 0; future < Futures; future++)
        {
            var market = Market((ulong)(1000 + future), effect);
            var reference = effect == expectedEffect ? market : Market((ulong)(1000 + future), expectedEffect);
            // Few customers per future: the state at the window's begin differs between futures, so each has its own expectation.
            for (var i = future % 5; i < Customers; i += 5)
            {
                var seen = Figures(market.FollowUpOf(i, treatments, from, to), treatments, out var count);
                var expected = Figures(reference.ExpectedOutcomeUnder(i, treatments, from, to));
                orders += count;
                for (var f = 0; f < figures.Length; f++)
                {
                    var difference = seen[f] - expected[f];
                    sums[f] += difference;
                    variances[f] += difference * difference;
                }
            }
        }

        // Where nothing can happen nothing may: a deviation without variance counts as infinite.
        return ([.. figures.Select((figure, f) => (figure, Math.Abs(sums[f]) < 1e-9 ? 0 : sums[f] / Math.Sqrt(variances[f])))], orders);
    }

    private static double[] Figures(ExpectedOutcome o) =>
        [o.Orders, o.ListMinor, o.DiscountMinor, o.CostMinor, o.RedeemedOrders, o.RedeemedDiscountMinor + o.BenefitMinor];

    private static double[] Figures(IReadOnlyList<OrderRow> orders, TreatmentSpec[] treatments, out int count)
    {
        var sum = new double[6];
        count = orders.Count;
        foreach (var order in orders)
        {
            var offer = treatments.SingleOrDefault(t => t.Code is not null && t.Code == order.CouponCode);
            sum[0]++;
            sum[1] += order.AmountMinor + order.DiscountMinor;
            sum[2] += order.DiscountMinor;
            sum[3] += order.Lines.Sum(line => (double)line.Quantity * line.UnitCostMinorE4!.Value / Money.UnitPriceScale);
            sum[4] += offer is null ? 0 : 1;
            sum[5] += offer is null ? 0 : order.DiscountMinor + offer.BenefitCostMinor;
        }

        return sum;
    }

    private static Market Market(ulong futureSeed, double effect) =>
        new(new MarketOptions { Seed = 7, Customers = Customers, FutureSeed = futureSeed, EffectScale = effect });

    private static TreatmentSpec[] Messages(string name)
    {
        var recommendation = new TreatmentSpec
        {
            Key = "a",
            Kind = OfferKind.Recommendation,
            Code = "BACK",
            Channel = Channel.Email,
            SentAt = From.AddHours(5.3),
        };
        var benefit = new TreatmentSpec
        {
            Key = "b",
            Kind = OfferKind.ExclusiveBenefit,
            Code = "MEMBER",
            BenefitCostMinor = 350,
            Channel = Channel.Email,
            SentAt = From.AddHours(31.7),
            OfferEndsAt = To,
        };
        var discount = new TreatmentSpec
        {
            Key = "c",
            Kind = OfferKind.TimeLimitedDiscount,
            DiscountShare = 0.15,
            Code = "HOURS48",
            Channel = Channel.Email,
            SentAt = From.AddHours(20.11),
            OfferEndsAt = From.AddHours(68.11),
        };
        return name switch
        {
            "nothing" => [],
            "recommendation" => [recommendation],
            "benefit" => [benefit],
            "discount" => [discount],
            "discount by sms" => [discount with { Channel = Channel.Sms }],
            "several" => [discount, recommendation, benefit],
            _ => [discount with { SentAt = null }],
        };
    }
}
