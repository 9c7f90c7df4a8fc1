using Campaigns.Core.Ingest;
using Campaigns.Core.Primitives;
using Campaigns.Core.Profiles;
using Campaigns.Core.Segments;
using Campaigns.Core.Segments.Rules;
using CsCheck;

namespace Campaigns.Core.Tests.Segments.Rules;

public class RecentFieldsTests
{
    private static readonly DateTimeOffset AsOf = new(2026, 6, 1, 0, 0, 0, TimeSpan.Zero);

    [Fact]
    public void Categories_tell_what_was_bought_how_often_and_when()
    {
        var facts = Facts(
        [
            Order("1", 100, null, new OrderLine("a", 2, 10_000_000, Category: "Garden")),
            Order("2", 40, null, new OrderLine("b", 1, 20_000_000, Category: "Kitchen"), new OrderLine("a", 1, 10_000_000, Category: "garden")),
            Order("3", 10, null, new OrderLine("c", 1, 50_000_000, Category: "Kitchen")),
        ]);

        Assert.Equal("Kitchen", Read(facts, "favourite_category").Text); // Two orders each: the one with more spend.
        Assert.Equal("Kitchen", Read(facts, "last_category").Text);
        Assert.Equal(2, Read(facts, "categories").Number);
        Assert.Equal((2.0, 3.0, 30.0, 40.0), (Read(facts, "category.garden.orders").Number, Read(facts, "category.GARDEN.units").Number, Read(facts, "category.garden.spend").Number, Read(facts, "category.garden.days_since").Number));
        Assert.Equal(0.3, Read(facts, "category.garden.share").Number, 1e-12);
        Assert.True(Read(facts, "category.garden.bought").IsYes);
        Assert.False(Read(facts, "category.toys.bought").IsYes);
        Assert.Equal(0, Read(facts, "category.toys.share").Number);
        Assert.False(Read(facts, "category.toys.days_since").IsKnown);
    }

    [Fact]
    public void The_last_days_hold_their_orders_spend_and_margin()
    {
        var facts = Facts(
        [
            Order("1", 100, null, new OrderLine("a", 1, 10_000_000)),
            Order("2", 40, null, new OrderLine("b", 2, 20_000_000, 1_000, 5_000_000)),
            Order("3", 10, null, new OrderLine("c", 1, 50_000_000)),
        ]);

        Assert.Equal((2.0, 80.0, 20.0), (Read(facts, "last_50_days.orders").Number, Read(facts, "last_50_days.spend").Number, Read(facts, "last_50_days.margin").Number));
        Assert.Equal((1.0, 50.0, 0.0), (Read(facts, "last_20_days.orders").Number, Read(facts, "last_20_days.spend").Number, Read(facts, "last_20_days.margin").Number));
        Assert.Equal((20.0, 20.0 / 30), (Read(facts, "margin").Number, Read(facts, "margin_share").Number));
        Assert.False(Read(Facts([Order("1", 3, null, new OrderLine("a", 1, 10_000))]), "last_20_days.margin").IsKnown);
    }

    [Fact]
    public void Where_lines_have_no_cost_the_shares_of_their_categories_and_of_the_workspace_stand_in()
    {
        var facts = Facts(
        [
            Order("1", 100, null, new OrderLine("a", 1, 100_000_000, 2_000, Category: "garden")),
            Order("2", 10, null, new OrderLine("b", 1, 60_000_000, Category: "toys")),
        ]);
        CustomerFacts With(double? share, params (string, double)[] shares) => facts with
        {
            Shop = facts.Shop with { MarginShare = share, MarginShareByCategory = shares.ToDictionary(s => s.Item1, s => s.Item2) },
        };

        Assert.False(Read(With(null), "margin").IsKnown);
        Assert.Equal((160 * 0.25) - 20, Read(With(0.25), "margin").Number, 1e-9);
        Assert.Equal(((160 * 0.25) - 20) / 140, Read(With(0.25), "margin_share").Number, 1e-9);
        Assert.Equal((160 * ((80 * 0.4) + (60 * 0.25)) / 140) - 20, Read(With(0.25, ("garden", 0.4)), "margin").Number, 1e-9);
        Assert.Equal(Read(With(0.25), "margin").Number, Read(With(0.25), "last_200_days.margin").Number, 1e-9);
        Assert.True(Read(With(null, ("garden", 0.4)), "margin").IsKnown);
        Assert.False(Read(With(null, ("kitchen", 0.4)), "margin").IsKnown);
        Assert.True(Read(With(0.25), "last_20_days.margin").Number < Read(With(0.25), "last_200_days.margin").Number);
    }

    [Fact]
    public void A_known_cost_counts_before_any_share()
    {
        var costed = Facts([Order("1", 40, null, new OrderLine("b", 2, 20_000_000, 1_000, 5_000_000, Category: "toys"))]);
        var shared = costed with { Shop = costed.Shop with { MarginShare = 0.9, MarginShareByCategory = new() { ["toys"] = 0.8 } } };
        Assert.Equal(Read(costed, "margin"), Read(shared, "margin"));
        Assert.Equal(Read(costed, "last_50_days.margin"), Read(shared, "last_50_days.margin"));
    }

    [Fact]
    public void More_days_never_hold_less() =>
        Gen.Select(Gen.Int[0, 400].Array[0, 40], Gen.Int[1, 400], Gen.Int[1, 400]).Sample((days, a, b) =>
        {
            var facts = Facts([.. days.Select((d, i) => Order("o" + i, d, null, new OrderLine("a", 1, 10_000)))]);
            var (fewer, more) = (Math.Min(a, b), Math.Max(a, b));
            Assert.True(Read(facts, $"last_{fewer}_days.orders").Number <= Read(facts, $"last_{more}_days.orders").Number);
            Assert.Equal(days.Count(d => d < more), Read(facts, $"last_{more}_days.orders").Number);
        });

    [Fact]
    public void Messages_are_counted_by_channel_and_by_what_became_of_them()
    {
        var facts = Facts([], Message("r1", Channel.Email, 90, delivered: 89, clicked: 80), Message("r2", Channel.Email, 20, delivered: 19, opened: 18), Message("r3", Channel.Sms, 10, delivered: 10, clicked: 9));

        Assert.Equal((1.0, 1.0, 1.0, 0.0), (Read(facts, "last_30_days.email.sent").Number, Read(facts, "last_30_days.email.delivered").Number, Read(facts, "last_30_days.email.opened").Number, Read(facts, "last_30_days.email.clicked").Number));
        Assert.Equal((1.0, 2.0), (Read(facts, "last_90_days.sms.clicked").Number, Read(facts, "last_91_days.email.sent").Number));
        Assert.Equal((80.0, 18.0, 20.0, 9.0), (Read(facts, "email.days_since_click").Number, Read(facts, "email.days_since_open").Number, Read(facts, "email.days_since_sent").Number, Read(facts, "days_since_click").Number));
        Assert.False(Read(Facts([]), "days_since_click").IsKnown);
    }

    [Fact]
    public void Coupon_use_counts_codes_that_were_used_after_they_were_sent()
    {
        var facts = Facts(
            [Order("1", 50, "OLD", new OrderLine("a", 1, 10_000)), Order("2", 5, "spring", new OrderLine("a", 1, 10_000))],
            Message("r1", Channel.Email, 30, code: "old"), Message("r2", Channel.Email, 10, code: "SPRING"), Message("r3", Channel.Email, 3));

        Assert.Equal((2.0, 1.0, 0.5, 2.0), (Read(facts, "coupons_received").Number, Read(facts, "coupons_redeemed").Number, Read(facts, "coupon_use").Number, Read(facts, "coupon_orders").Number));
        Assert.False(Read(Facts([], Message("r", Channel.Email, 3)), "coupon_use").IsKnown);
    }

    [Theory]
    [InlineData("last_0_days.orders")]
    [InlineData("last_030_days.orders")]
    [InlineData("last_40000_days.orders")]
    [InlineData("last_30_days.visits")]
    [InlineData("last_30_days.sms.opened")]
    [InlineData("category.garden.colour")]
    public void Names_of_no_field_are_refused(string name) => Assert.Null(FieldCatalogue.BuiltIn.Find(name));

    [Fact]
    public void A_marketers_words_stand_for_the_names()
    {
        Assert.Equal("e-mails clicked in the last 30 days", FieldNames.Of("last_30_days.email.clicked"));
        Assert.Equal("days since in category garden", FieldNames.Of("category.garden.days_since"));
    }

    private static FieldValue Read(CustomerFacts facts, string field) => FieldCatalogue.BuiltIn.Find(field)!.Read(facts);

    private static CustomerFacts Facts(OrderRow[] orders, params MessageHistory[] messages) => new()
    {
        History = orders.Length == 0 ? null : new HistoryBuilder().Refold("c", orders),
        Customer = new CustomerRow { CustomerId = "c", CreatedAt = AsOf, Messages = messages },
        Shop = new SegmentParameters { Job = "j", AsOf = AsOf },
        AsOf = AsOf,
    };

    private static MessageHistory Message(string run, Channel channel, int sent, int? delivered = null, int? opened = null, int? clicked = null, string? code = null) => new(
        MessageHistory.HashOf(run), MessageHistory.HashOfCode(code), Ago(sent), Ago(delivered), Ago(opened), Ago(clicked), channel);

    private static long Ago(int? days) => MessageHistory.Seconds(days is { } d ? AsOf.AddDays(-d) : null);

    private static OrderRow Order(string id, int daysAgo, string? coupon, params OrderLine[] lines) => new()
    {
        OrderId = id,
        CustomerId = "c",
        OrderedAt = AsOf.AddDays(-daysAgo),
        RevisedAt = AsOf,
        CouponCode = coupon,
        Lines = lines,
    };
}
