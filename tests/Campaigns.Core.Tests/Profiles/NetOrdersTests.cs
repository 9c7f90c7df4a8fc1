using Campaigns.Core.Ingest;
using Campaigns.Core.Profiles;
using CsCheck;

namespace Campaigns.Core.Tests.Profiles;

public class NetOrdersTests
{
    [Fact]
    public void A_refund_takes_units_from_the_latest_earlier_lines_first()
    {
        var net = NetOrders.Of([Order("1", 0, Buy(2)), Order("2", 1, Buy(2)), Order("R", 2, Buy(-3)), Order("3", 3, Buy(2))]);

        Assert.Equal(["1", "3"], net.Orders.Select(o => o.OrderId));
        Assert.Equal(1, net.Orders[0].Lines[0].Quantity);
        Assert.Equal(2, net.Orders[1].Lines[0].Quantity);
        Assert.Equal(0, net.UnmatchedRefundMinor);
    }

    [Fact]
    public void A_discount_shrinks_in_proportion_to_the_units_that_stay()
    {
        var net = NetOrders.Of([Order("1", 0, Buy(4) with { DiscountMinor = 100 }), Order("R", 1, Buy(-1))]);

        Assert.Equal(75, net.Orders[0].DiscountMinor);
        Assert.Equal((3 * 250) - 75, net.Orders[0].AmountMinor);
    }

    [Fact]
    public void A_refund_at_another_price_or_before_its_purchase_matches_nothing()
    {
        var other = Buy(-1) with { UnitPriceMinorE4 = 2_600_000 };
        var net = NetOrders.Of([Order("R0", -1, Buy(-1)), Order("1", 0, Buy(1)), Order("R1", 1, other)]);

        Assert.Equal(250 + 260, net.UnmatchedRefundMinor);
        Assert.Equal(250, Assert.Single(net.Orders).AmountMinor);
    }

    [Fact]
    public void A_visit_is_not_an_order() =>
        Assert.Empty(NetOrders.Of([Order("1", 0, Buy(1)) with { Event = "visit" }]).Orders);

    [Fact]
    public void The_order_of_arrival_never_matters() =>
        Gen.Select(OrderGen.Orders(12), Gen.Int[0, 1000]).Sample((orders, seed) =>
        {
            var (one, other) = (NetOrders.Of(orders), NetOrders.Of(orders.Shuffled(seed)));
            Assert.Equal(Text(one), Text(other));
        });

    [Fact]
    public void Units_bought_less_units_refunded_and_matched_are_the_net_units() =>
        OrderGen.Orders(12).Sample(orders =>
        {
            // With one product at one price without discounts, every refund unit is either matched or paid out unmatched.
            var plain = orders.Select(o => o with { Lines = [.. o.Lines.Select(l => Buy(l.Quantity))] }).ToArray();
            var net = NetOrders.Of(plain);
            var lines = plain.Where(o => o.Event == OrderRow.OrderEvent).SelectMany(o => o.Lines).ToList();
            var (bought, returned) = (lines.Where(l => l.Quantity > 0).Sum(l => l.Quantity), -lines.Where(l => l.Quantity < 0).Sum(l => l.Quantity));
            var kept = net.Orders.Sum(o => o.Lines.Sum(l => l.Quantity));

            Assert.Equal(bought * 250L, net.GrossMinor);
            Assert.Equal(net.UnmatchedRefundMinor, (returned - (bought - kept)) * 250L);
        });

    private static string Text(NetOrders net) =>
        string.Join('\n', net.Orders.Select(o => $"{o.OrderId} {o.At:O} {o.AmountMinor} {o.DiscountMinor} {string.Join(',', o.Lines)}"))
        + $"\n{net.GrossMinor} {net.UnmatchedRefundMinor}";

    private static OrderLine Buy(int quantity) => new("mug", quantity, 2_500_000);

    private static OrderRow Order(string id, int day, params OrderLine[] lines) =>
        new() { OrderId = id, CustomerId = "c", OrderedAt = OrderGen.Start.AddDays(day), RevisedAt = OrderGen.Start, Lines = lines };
}
