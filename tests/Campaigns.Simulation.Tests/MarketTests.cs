using System.Globalization;
using Campaigns.Core.Ingest;
using Campaigns.Core.Offers;
using Campaigns.Core.Primitives;
using CsCheck;

namespace Campaigns.Simulation.Tests;

public class MarketTests
{
    private static readonly MarketOptions Small = new() { Customers = 1_000 };

    [Fact]
    public void The_same_seed_gives_the_same_bytes_and_another_seed_others()
    {
        var text = Csv(new Market(Small));
        Assert.Equal(text, Csv(new Market(Small)));
        Assert.NotEqual(text, Csv(new Market(Small with { Seed = 2 })));
    }

    [Fact]
    public void Another_future_leaves_the_history_as_it_was() =>
        Assert.Equal(Csv(new Market(Small)), Csv(new Market(Small with { FutureSeed = 99 })));

    [Fact]
    public void A_customer_made_alone_is_the_one_of_the_stream()
    {
        var stream = new Market(Small).History().ToLookup(order => order.CustomerId);
        Gen.Int[0, 999].Sample(index =>
        {
            // A market with more customers has the same first ones.
            var alone = new Market(Small with { Customers = 5_000 }).HistoryOf(index);
            Assert.Equal(Text(stream[Market.CustomerIdOf(index)]), Text(alone));
        }, iter: 100);
    }

    [Fact]
    public void Windows_that_adjoin_give_what_one_window_gives()
    {
        var market = new Market(Small);
        var end = Small.EndAt;
        var message = Message(end.AddHours(30));
        Gen.Select(Gen.Int[0, 999], Gen.Double[0.01, 29.99]).Sample((index, days) =>
        {
            var middle = end.AddDays(days);
            var whole = market.FollowUpOf(index, [message], end, end.AddDays(30));
            var parts = market.FollowUpOf(index, [message], end, middle).Concat(market.FollowUpOf(index, [message], middle, end.AddDays(30)));
            Assert.Equal(Text(whole), Text(parts));
        }, iter: 300);
    }

    [Fact]
    public void Messages_without_effect_leave_every_order_as_it_was()
    {
        var market = new Market(Small with { EffectScale = 0 });
        var end = Small.EndAt;
        var with = market.FollowUp(_ => [Message(end.AddHours(10))], end, end.AddDays(60)).ToArray();
        var without = market.FollowUp(_ => null, end, end.AddDays(60)).ToArray();
        Assert.NotEmpty(without);
        Assert.Equal(Text(without), Text(with));
        Assert.All(Enumerable.Range(0, 200), i => Assert.Equal(
            market.ExpectedOutcome(i, null, end, end.AddDays(60)).RevenueMinor,
            market.ExpectedOutcome(i, Message(end.AddHours(10)), end, end.AddDays(60)).RevenueMinor, 6));
    }

    [Fact]
    public void Orders_before_a_message_are_the_same_with_and_without_it()
    {
        var market = new Market(Small);
        var sentAt = Small.EndAt.AddDays(9.4);
        var with = market.FollowUp(_ => [Message(sentAt)], Small.EndAt, sentAt.AddDays(20)).ToArray();
        var without = market.FollowUp(_ => null, Small.EndAt, sentAt.AddDays(20)).ToArray();
        Assert.Equal(Text(without.Where(o => o.OrderedAt <= sentAt)), Text(with.Where(o => o.OrderedAt <= sentAt)));
        Assert.NotEqual(Text(without), Text(with));
    }

    [Fact]
    public void A_code_is_redeemed_only_between_sending_and_the_offers_end()
    {
        var market = new Market(Small);
        var message = Message(Small.EndAt.AddDays(2.2));
        var redeemed = market.FollowUp(_ => [message], Small.EndAt, Small.EndAt.AddDays(40)).Where(o => o.CouponCode == message.Code).ToArray();
        Assert.NotEmpty(redeemed);
        Assert.All(redeemed, order =>
        {
            Assert.InRange(order.OrderedAt, message.SentAt!.Value, message.OfferEndsAt!.Value);
            Assert.All(order.Lines, line => Assert.Equal(
                (long)Math.Round(0.2 * (line.AmountMinor + line.DiscountMinor), MidpointRounding.AwayFromZero), line.DiscountMinor));
        });
    }

    [Fact]
    public void Whoever_orders_because_of_a_message_clicked_it_before()
    {
        var market = new Market(Small);
        var message = Message(Small.EndAt.AddDays(1)) with { Kind = OfferKind.Recommendation };
        var caused = market.FollowUp(_ => [message], Small.EndAt, Small.EndAt.AddDays(40)).Where(o => o.OrderId.Contains("-X", StringComparison.Ordinal)).ToArray();
        Assert.NotEmpty(caused);
        Assert.All(caused, order =>
        {
            var touches = market.TouchesOf(market.IndexOf(order.CustomerId)!.Value, message);
            Assert.True(message.SentAt < touches.OpenedAt && touches.OpenedAt <= touches.ClickedAt && touches.ClickedAt <= order.OrderedAt);
        });
        Assert.Equal(default, market.TouchesOf(0, message with { SentAt = null }));
    }

    [Fact]
    public void Refunds_take_back_what_was_bought_before()
    {
        foreach (var customer in new Market(Small).History().GroupBy(order => order.CustomerId))
        {
            var orders = customer.ToDictionary(order => order.OrderId);
            Assert.All(orders.Values.Where(order => order.OrderId.EndsWith("-R", StringComparison.Ordinal)), refund =>
            {
                var order = orders[refund.OrderId[..^2]];
                Assert.True(refund.OrderedAt > order.OrderedAt && refund.OrderedAt < Small.EndAt);
                Assert.All(refund.Lines, back => Assert.Contains(order.Lines, line =>
                    line.Sku == back.Sku && line.UnitPriceMinorE4 == back.UnitPriceMinorE4 && line.Quantity >= -back.Quantity && back.Quantity < 0));
            });
        }
    }

    [Fact]
    public void The_default_market_has_the_shares_that_are_documented()
    {
        var market = new Market(new MarketOptions());
        var (orders, refunds, amount, oneTime, discounted) = (0, 0, 0L, 0, 0);
        foreach (var customer in Enumerable.Range(0, market.Options.Customers).Select(market.HistoryOf))
        {
            var placed = customer.Where(order => order.Lines[0].Quantity > 0).ToArray();
            orders += placed.Length;
            refunds += customer.Count - placed.Length;
            amount += placed.Sum(order => order.AmountMinor);
            oneTime += placed.Length == 1 ? 1 : 0;
            discounted += placed.Count(order => order.DiscountMinor > 0);
        }

        Assert.InRange(orders, 55_000, 80_000);
        Assert.InRange((double)refunds / orders, 0.04, 0.06);
        Assert.InRange((double)amount / orders, 4_000, 6_000);
        Assert.InRange(oneTime / 10_000.0, 0.30, 0.40);
        Assert.InRange((double)discounted / orders, 0.15, 0.40);
    }

    [Fact]
    public void Rows_of_the_files_have_the_columns_of_the_header()
    {
        var market = new Market(Small with { Customers = 50 });
        using var orders = new StringWriter(CultureInfo.InvariantCulture);
        using var customers = new StringWriter(CultureInfo.InvariantCulture);
        var rows = MarketCsv.WriteOrders(orders, market, market.History());
        Assert.Equal(50, MarketCsv.WriteCustomers(customers, market.Contacts()));
        Assert.Equal(market.History().Sum(o => o.Lines.Length), rows);
        Assert.All(orders.ToString().TrimEnd('\n').Split('\n'), line => Assert.Equal(11, line.Count(c => c == ',')));
        Assert.All(customers.ToString().TrimEnd('\n').Split('\n'), line => Assert.Equal(10, line.Count(c => c == ',')));
    }

    [Fact]
    public void Options_out_of_range_are_refused()
    {
        Assert.ThrowsAny<ArgumentException>(() => new Market(new MarketOptions { Customers = 0 }));
        Assert.ThrowsAny<ArgumentException>(() => new Market(new MarketOptions { Years = 11 }));
        Assert.ThrowsAny<ArgumentException>(() => new Market(new MarketOptions { Currency = "JPY" }));
        Assert.ThrowsAny<ArgumentException>(() => new Market(new MarketOptions { EffectScale = double.NaN }));
        Assert.ThrowsAny<ArgumentException>(() => new Market(Small).ExpectedOutcome(0, null, Small.EndAt.AddDays(-1), Small.EndAt));
    }

    private static TreatmentSpec Message(DateTimeOffset sentAt) => new()
    {
        Key = "run-1",
        Kind = OfferKind.TimeLimitedDiscount,
        DiscountShare = 0.2,
        Code = "HOURS48",
        Channel = Channel.Email,
        SentAt = sentAt,
        OfferEndsAt = sentAt.AddHours(48),
    };

    private static string Csv(Market market)
    {
        using var writer = new StringWriter(CultureInfo.InvariantCulture);
        MarketCsv.WriteOrders(writer, market, market.History());
        MarketCsv.WriteCustomers(writer, market.Contacts());
        return writer.ToString();
    }

    private static string Text(IEnumerable<OrderRow> orders) => string.Join('\n', orders.Select(order =>
        $"{order.OrderId} {order.OrderedAt:O} {order.CouponCode} {string.Join(';', order.Lines)}"));
}
