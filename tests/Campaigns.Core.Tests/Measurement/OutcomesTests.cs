using Campaigns.Core.Ingest;
using Campaigns.Core.Measurement;
using Campaigns.Core.Offers;
using Campaigns.Core.Planning;
using Campaigns.Core.Primitives;

namespace Campaigns.Core.Tests.Measurement;

public sealed class OutcomesTests
{
    private static readonly DateTimeOffset At = new(2026, 3, 1, 9, 0, 0, TimeSpan.Zero);

    internal static RunInputs Run(Offer? offer = null, double? margin = 0.4, DateTimeOffset? at = null) => new()
    {
        Campaign = new Campaign
        {
            Id = "win-back",
            Name = "Win-back",
            Segments = ["at-risk"],
            Treatments = [new Treatment { Id = "a", Offer = offer ?? Code("BACK10"), Template = new MessageTemplate { Subject = "s", Html = "h" } }],
        },
        Occurrence = 0,
        SegmentsJob = "recompute-1",
        HoldoutPartsPerMillion = 200_000,
        Margin = new MarginPolicy { Share = margin },
        WindowEnd = (at ?? At).AddDays(30),
    };

    private static Offer Code(string? code, long benefit = 0, double discount = 0.1) =>
        new() { Id = "o", Name = "o", Kind = OfferKind.TimeLimitedDiscount, Code = code, DiscountShare = discount, BenefitCostMinor = benefit };

    internal static AssignmentRow Assigned(bool heldOut = false, SendState state = SendState.Accepted, DateTimeOffset? at = null) => new()
    {
        CustomerId = "c",
        Campaign = "win-back",
        Segment = "at-risk",
        Treatment = "a",
        Offer = "o",
        Channel = Channel.Email,
        HeldOut = heldOut,
        Draw = 0,
        Candidates = [new Candidate("", 200_000), new Candidate("a", 800_000)],
        AssignedAt = at ?? At,
        State = heldOut ? SendState.HeldOut : state,
        SentAt = heldOut ? null : (at ?? At).AddHours(1),
    };

    internal static OrderRow Order(string id, double day, long priceMinor, int quantity = 1, long discount = 0, string? code = null, string name = OrderRow.OrderEvent) => new()
    {
        OrderId = id,
        CustomerId = "c",
        OrderedAt = At.AddDays(day),
        RevisedAt = At.AddDays(day),
        Event = name,
        CouponCode = code,
        Lines = [new OrderLine("sku", quantity, priceMinor * Money.UnitPriceScale, discount)],
    };

    [Fact]
    public void Of_a_pool_only_the_customers_own_code_takes_the_offer_up()
    {
        var run = Run(Code(null) with { CodePool = "spring" });
        OrderRow[] orders = [Order("1", 1, 1_000, discount: 100, code: "mine"), Order("2", 2, 1_000, discount: 70, code: "OTHERS"), Order("3", 3, 1_000)];
        Assert.Equal(100, new Outcomes().Fold(Assigned() with { Code = "MINE" }, run, orders).RedeemedMinor);
        Assert.Equal(0, new Outcomes().Fold(Assigned(heldOut: true), run, orders).RedeemedMinor);
    }

    [Fact]
    public void A_campaign_that_names_an_event_counts_that_event_and_its_value_instead_of_orders()
    {
        var run = Run();
        run = run with { Campaign = run.Campaign with { ConversionEvent = "renewal" } };
        var outcome = Fold(Assigned(), run, Order("1", 2, 5_000), Order("2", 3, 12_000, name: "renewal"), Order("3", 4, 700, name: "visit"));
        Assert.Equal(1, outcome.Orders);
        Assert.Equal(12_000, outcome.RevenueMinor);
        Assert.Equal(2, outcome.Events);
    }

    private static Outcome Fold(AssignmentRow row, RunInputs run, params OrderRow[] orders) => new Outcomes().Fold(row, run, orders);

    [Fact]
    public void All_net_orders_from_assignment_until_the_window_ends_count_and_no_others()
    {
        var outcome = Fold(
            Assigned(),
            Run(),
            Order("a", -30.5, 1), Order("b", -30, 20), Order("c", -0.01, 300), Order("d", 0, 4_000), Order("e", 29.99, 50_000), Order("f", 30, 600_000));
        Assert.Equal((2, 54_000L, 21_600L, 320L), (outcome.Orders, outcome.RevenueMinor, outcome.MarginBeforeDiscountMinor, outcome.PriorMinor));
    }

    [Fact]
    public void Both_arms_have_the_same_window_and_the_same_orders()
    {
        OrderRow[] orders = [Order("a", -1, 100), Order("b", 0, 200, discount: 20), Order("c", 12, 400, code: "other"), Order("d", 31, 800)];
        Assert.Equal(Fold(Assigned(), Run(), orders), Fold(Assigned(heldOut: true), Run(), orders));
    }

    [Theory]
    [InlineData(10)]
    [InlineData(45)]
    public void A_refund_lowers_the_outcome_even_when_it_comes_after_the_window(double refundDay)
    {
        var outcome = Fold(Assigned(), Run(), Order("a", 1, 1000, quantity: 3, discount: 300), Order("r", refundDay, 1000, quantity: -1));
        Assert.Equal((1, 1800L, 800L, 200L), (outcome.Orders, outcome.RevenueMinor, outcome.MarginBeforeDiscountMinor, outcome.DiscountMinor));
        var cancelled = Fold(Assigned(), Run(), Order("a", 1, 1000, quantity: 3), Order("r", refundDay, 1000, quantity: -3));
        Assert.Equal((0, 0L), (cancelled.Orders, cancelled.RevenueMinor));
    }

    [Fact]
    public void The_offers_code_is_recognised_whatever_its_case_and_costs_discount_and_benefit()
    {
        var outcome = Fold(
            Assigned(), Run(Code("BACK10", benefit: 50)), Order("a", 1, 1000, discount: 100, code: "back10"), Order("b", 2, 1000, discount: 70, code: "SUMMER"));
        Assert.Equal((170L, 150L, 50L), (outcome.DiscountMinor, outcome.RedeemedMinor, outcome.BenefitMinor));
    }

    [Fact]
    public void Without_a_code_every_order_after_the_sending_and_before_the_offer_ends_takes_it_up()
    {
        var row = Assigned() with { OfferEndsAt = At.AddDays(2) };
        OrderRow[] orders = [Order("a", 0.01, 1000, discount: 5), Order("b", 1, 1000, discount: 100), Order("c", 3, 1000, discount: 70)];
        Assert.Equal(130, Fold(row, Run(Code(null, benefit: 30)), orders).RedeemedMinor);
        Assert.Equal(0, Fold(row with { State = SendState.Skipped, SentAt = null }, Run(Code(null, benefit: 30)), orders).RedeemedMinor);
        Assert.Equal(0, Fold(Assigned(heldOut: true), Run(Code(null, benefit: 30)), orders).RedeemedMinor);
        // A recommendation at the usual price has nothing to redeem: the shop's own discounts are not its cost.
        Assert.Equal(0, Fold(row, Run(Code(null, discount: 0)), orders).RedeemedMinor);
    }

    [Fact]
    public void Credit_goes_to_orders_after_a_click_and_never_to_the_control_group()
    {
        OrderRow[] orders = [Order("a", 1, 100), Order("b", 3, 200), Order("c", 9, 400)];
        DateTimeOffset[] clicks = [At.AddDays(2)];
        var treated = Fold(Assigned() with { Clicks = clicks }, Run(), orders);
        Assert.Equal((1, 200L, 3), (treated.CreditedOrders, treated.CreditedMinor, treated.Orders));
        Assert.Equal(0, Fold(Assigned(heldOut: true) with { Clicks = clicks }, Run(), orders).CreditedOrders);
    }

    [Fact]
    public void Other_valued_events_in_the_window_are_counted_and_are_no_revenue()
    {
        var outcome = Fold(Assigned(), Run(), Order("v", 1, 500, name: "visit"), Order("w", 40, 500, name: "visit"));
        Assert.Equal((0, 0L, 1), (outcome.Orders, outcome.RevenueMinor, outcome.Events));
    }

    [Fact]
    public void Without_a_known_margin_the_margin_is_not_invented() =>
        Assert.Equal(0, Fold(Assigned(), Run(margin: null), Order("a", 1, 1000)).MarginBeforeDiscountMinor);
}
