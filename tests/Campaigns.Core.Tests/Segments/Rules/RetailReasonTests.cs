using System.Globalization;
using Campaigns.Core.Profiles;
using Campaigns.Core.Segments;
using Campaigns.Core.Segments.Rules;
using CsCheck;

namespace Campaigns.Core.Tests.Segments.Rules;

public class RetailReasonTests
{
    private static readonly SegmentParameters Shop = new()
    {
        Job = "job",
        AsOf = ShopGen.Start,
        Gap80Days = 60,
        Gap95Days = 150,
        Gaps = 1000,
        Rfm = new RfmCuts { RecencyDays = [10, 30, 90, 200], Orders = [1, 1, 2, 4], SpendMinor = [1_000, 2_000, 4_000, 9_000] },
        DiscountsKnown = true,
        JudgedLines = 1_000,
        CheapLines = 200,
    };

    [Fact]
    public void Reasons_name_the_days_since_the_last_order() =>
        Gen.Select(ShopGen.History, ShopGen.Parameters, Gen.Int[700, 1500]).Sample((history, parameters, day) =>
        {
            var asOf = ShopGen.Start.AddDays(day);
            foreach (var (segment, reason) in Explain(history, parameters, asOf))
            {
                var days = ((int)(history.DaysSinceLastOrder(asOf) ?? 0)).ToString("N0", CultureInfo.InvariantCulture);
                Assert.Contains(segment == SegmentNames.PriceSensitive ? " bought " : days + " day", reason, StringComparison.Ordinal);
            }
        });

    [Theory]
    [InlineData(94, "at-risk", "at risk: 94 days since the last order, usual gap 31; leaves by ordering")]
    [InlineData(62, "regular", "regular: 3 orders, 62 days since the last one; at risk after 62 days of silence")]
    [InlineData(151, "lost", "lost: 151 days since the last order, usual gap 31; in this shop 95 % of repeat orders come within 150 days; leaves by ordering")]
    public void With_three_order_days_the_own_rhythm_decides(int silence, string segment, string reason)
    {
        var history = ShopGen.HistoryOf("c", ShopGen.Buy("1", 0, "a"), ShopGen.Buy("2", 31, "a"), ShopGen.Buy("3", 62, "a"));
        Assert.Equal([new MembershipReason(segment, reason)], Explain(history, Shop, ShopGen.Start.AddDays(62 + silence)));
    }

    [Fact]
    public void Conditions_are_said_in_words_that_people_use()
    {
        var scheme = RetailScheme.Compiled;
        foreach (var field in scheme.Catalogue.Fields)
        {
            Assert.DoesNotMatch("[_.]|p80|p95", field.Label);
        }

        var all = scheme.Scheme.Segments.SelectMany((s, i) => RuleTree.Walk(s.Rule, $"$.segments[{i}].rule")).Select(r => RuleText.At(r.Path, scheme.Scheme, scheme.Catalogue, "GBP")).ToList();
        Assert.All(all, words => Assert.DoesNotMatch("_|p95|[a-z]-[a-z]+-", words));
        Assert.Contains("days with an order: at least 3 order days (loyal order days)", all);
        Assert.Contains("days since last order: more than silence limit", all);

        var explained = scheme.Explain(new CustomerFacts { History = ShopGen.HistoryOf("c", ShopGen.Buy("1", 0, "a")), Shop = Shop, AsOf = ShopGen.Start.AddDays(10) }, SegmentNames.Loyal);
        Assert.Contains("at least 3 order days (loyal order days)", explained.Reason, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(60, "new", "new: first ordered 60 days ago; leaves by ordering again, or is at risk after 60 days of silence")]
    [InlineData(61, "at-risk", "at risk: 61 days since the last order, too few orders for a rhythm of its own, and in this shop 80 % of repeat orders come within 60 days; leaves by ordering")]
    public void With_one_order_the_shops_gaps_decide(int silence, string segment, string reason)
    {
        var history = ShopGen.HistoryOf("c", ShopGen.Buy("1", 0, "a"));
        Assert.Equal([new MembershipReason(segment, reason)], Explain(history, Shop, ShopGen.Start.AddDays(silence)));
    }

    [Fact]
    public void A_slow_customer_is_lost_only_beyond_twice_the_own_gap()
    {
        var history = ShopGen.HistoryOf("c", ShopGen.Buy("1", 0, "a"), ShopGen.Buy("2", 100, "a"), ShopGen.Buy("3", 200, "a"));

        Assert.Equal(SegmentNames.Regular, Classify(history, Shop, ShopGen.Start.AddDays(400)).Primary);
        Assert.Equal(SegmentNames.Lost, Classify(history, Shop, ShopGen.Start.AddDays(401)).Primary);
    }

    [Fact]
    public void Loyal_is_who_buys_often_much_and_recently()
    {
        var orders = Enumerable.Range(0, 5).Select(i => ShopGen.Buy("o" + i, i * 20, "a")).ToArray();
        var history = ShopGen.HistoryOf("c", orders);
        var reason = "loyal: 5 orders (high: 3 or more), £50 spent (high: more than £40), 30 days since the last order (recent: 30 days or less); leaves by silence, or when others overtake";

        Assert.Equal([new MembershipReason(SegmentNames.Loyal, reason)], Explain(history, Shop, ShopGen.Start.AddDays(110)));
        Assert.Equal(SegmentNames.Regular, Classify(history, Shop, ShopGen.Start.AddDays(111)).Primary);
        Assert.Equal(SegmentNames.Regular, Classify(ShopGen.HistoryOf("c", orders[..4]), Shop, ShopGen.Start.AddDays(70)).Primary);
    }

    [Fact]
    public void One_discounted_purchase_out_of_one_is_no_price_sensitivity()
    {
        var once = ShopGen.HistoryOf("c", ShopGen.Buy("1", 0, 1_000, 100, "a"));
        var oneBasket = ShopGen.HistoryOf("c", ShopGen.Buy("1", 0, 1_000, 100, "a", "b", "c", "d", "e", "f"));
        var habit = ShopGen.HistoryOf("c", ShopGen.Buy("1", 0, 1_000, 100, "a", "b", "c", "d"), ShopGen.Buy("2", 9, 1_000, 100, "a", "b", "c", "d"), ShopGen.Buy("3", 18, 1_000, 0, "a"));

        Assert.False(Classify(once, Shop, ShopGen.Start.AddDays(1)).Contains(SegmentNames.PriceSensitive));
        Assert.False(Classify(oneBasket, Shop, ShopGen.Start.AddDays(1)).Contains(SegmentNames.PriceSensitive));
        Assert.Equal(
            "price-sensitive: 8 of 9 lines bought at a discount, in the whole shop 20 %; evened out for small numbers 67.7 %, counts from 50 %; leaves by paying full price",
            Explain(habit, Shop, ShopGen.Start.AddDays(19)).Single(r => r.Segment == SegmentNames.PriceSensitive).Reason);
    }

    [Fact]
    public void Without_discounts_the_price_paid_against_the_usual_price_decides()
    {
        // Ten customers pay £10.00; one pays £9.00 (exactly 90 %), one £9.50.
        var (full, cheap, nearly) = (Regulars("full", 1_000), Regulars("cheap", 900), Regulars("nearly", 950));
        var parameters = ShopGen.ParametersOf([.. Enumerable.Repeat(full, 10), cheap, nearly], ShopGen.Start.AddDays(40), discountsKnown: false);

        Assert.InRange(parameters.UsualPriceE4("a")!.Value, 10_000_000, 10_100_000);
        Assert.Equal((8L, 12L * 8), (parameters.CheapLines, parameters.JudgedLines));
        Assert.True(Classify(cheap, parameters, parameters.AsOf).Contains(SegmentNames.PriceSensitive));
        Assert.False(Classify(nearly, parameters, parameters.AsOf).Contains(SegmentNames.PriceSensitive));
        Assert.Contains("8 of 8 lines bought at 90 % of the usual price or less", Explain(cheap, parameters, parameters.AsOf)[^1].Reason, StringComparison.Ordinal);
    }

    private static PurchaseHistory Regulars(string customer, long price) =>
        ShopGen.HistoryOf(customer, [.. Enumerable.Range(0, 4).Select(i => ShopGen.Buy("o" + i, i * 10, price, 0, "a", "b"))]);

    private static SegmentSet Classify(PurchaseHistory history, SegmentParameters shop, DateTimeOffset asOf) =>
        RetailScheme.Compiled.Classify(new CustomerFacts { History = history, Shop = shop, AsOf = asOf });

    private static IReadOnlyList<MembershipReason> Explain(PurchaseHistory history, SegmentParameters shop, DateTimeOffset asOf) =>
        RetailScheme.Compiled.Reasons(new CustomerFacts { History = history, Shop = shop, AsOf = asOf });
}
