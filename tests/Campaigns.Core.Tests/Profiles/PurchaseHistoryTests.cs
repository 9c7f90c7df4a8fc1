using Campaigns.Core.Ingest;
using Campaigns.Core.Profiles;
using CsCheck;

namespace Campaigns.Core.Tests.Profiles;

public class PurchaseHistoryTests
{
    [Fact]
    public void Any_order_of_arrival_and_any_batching_give_the_same_history() =>
        Gen.Select(OrderGen.Orders(20), Gen.Int[0, 1000], Gen.Int[1, 7]).Sample((orders, seed, batch) =>
        {
            var expected = new HistoryBuilder().Refold("17850", orders);
            Assert.Equal(Text(expected), Text(Arrive(orders.Shuffled(seed), batch)));
            Assert.Equal(Text(expected), Text(Arrive([.. orders.Order(Comparer<OrderRow>.Create(NetOrders.Compare))], batch)));
        });

    [Fact]
    public void A_product_that_falls_out_and_comes_back_is_the_same_one_by_one_and_all_at_once()
    {
        var orders = Enumerable.Range(0, 200)
            .Select(i => Order(i, new OrderLine("p" + (i * 7 % 67), 1, 10_000), new OrderLine("q" + (i % 13), 2, 10_000)))
            .ToArray();

        var history = new HistoryBuilder().Refold("17850", orders);

        Assert.Equal(PurchaseHistory.ProductLimit, history.Products.Length);
        Assert.Equal(PurchaseHistory.RecentOrderLimit, history.RecentOrders.Length);
        Assert.Equal(Text(history), Text(Arrive(orders, 1)));
    }

    [Fact]
    public void With_room_for_all_orders_only_the_orders_kept_one_by_one_are_more()
    {
        var orders = Enumerable.Range(0, 200).Select(i => Order(i, new OrderLine("p", 1, 10_000, UnitCostMinorE4: i % 3 == 2 ? 6_000 : null))).ToArray();

        var all = new HistoryBuilder(int.MaxValue).Refold("17850", orders);
        var usual = new HistoryBuilder().Refold("17850", orders);

        Assert.Equal(200, all.RecentOrders.Length);
        Assert.Equal(Text(usual), Text(all with { RecentOrders = all.RecentOrders[^PurchaseHistory.RecentOrderLimit..], RecentCosted = all.RecentCosted[^PurchaseHistory.RecentOrderLimit..] }));
    }

    [Fact]
    public void Spend_is_net_and_gross_is_before_refunds()
    {
        var history = new HistoryBuilder().Refold("17850", [Order(0, new OrderLine("a", 3, 1_000_000)), Order(5, new OrderLine("a", -1, 1_000_000))]);

        Assert.Equal((200, 300, 0), (history.SpendMinor, history.GrossMinor, history.UnmatchedRefundMinor));
        Assert.Equal((1, 1), (history.Orders, history.OrderDays));
        Assert.Equal(OrderGen.Start.AddDays(5), history.LastEventAt);
        Assert.Equal(OrderGen.Start, history.LastOrderAt);
    }

    [Fact]
    public void Categories_and_coupons_that_fall_out_and_come_back_are_the_same_one_by_one_and_all_at_once()
    {
        var orders = Enumerable.Range(0, 200)
            .Select(i => Order(i, new OrderLine("p", 1, 10_000, Category: "c" + (i * 7 % 41)), new OrderLine("q", 2, 10_000, Category: "C" + (i % 5))) with { CouponCode = "k" + (i * 5 % 23) })
            .ToArray();

        var history = new HistoryBuilder().Refold("17850", orders);

        Assert.Equal((PurchaseHistory.CategoryLimit, PurchaseHistory.CouponLimit, 200), (history.Categories.Length, history.Coupons.Length, history.CouponOrders));
        Assert.Equal(history.Categories.Length, history.Categories.Select(c => c.Name.ToUpperInvariant()).Distinct().Count());
        Assert.Equal(Text(history), Text(Arrive(orders, 1)));
    }

    [Fact]
    public void A_category_counts_once_for_an_order_and_margin_only_where_the_cost_is_known()
    {
        var history = new HistoryBuilder().Refold("17850",
        [
            Order(0, new OrderLine("a", 1, 1_000_000, Category: "garden"), new OrderLine("b", 2, 500_000, 10, Category: "Garden")),
            Order(5, new OrderLine("a", 1, 1_000_000, 20, 700_000)),
        ]);

        Assert.Equal([new CategoryHistory("garden", 1, 3, 190, OrderGen.Start)], history.Categories);
        Assert.Equal(new CostedSales(80, 10), history.Costed);
        Assert.Equal([default, new CostedSales(80, 10)], history.RecentCosted);
    }

    [Fact]
    public void A_history_of_a_version_that_gathered_less_is_folded_anew()
    {
        var history = new HistoryBuilder().Refold("17850", [Order(0, new OrderLine("a", 1, 10_000))]);

        Assert.NotNull(new HistoryBuilder().Append(history, [Order(1, new OrderLine("a", 1, 10_000))]));
        Assert.Null(new HistoryBuilder().Append(history with { Gathering = 0 }, [Order(1, new OrderLine("a", 1, 10_000))]));
    }

    private static OrderRow Order(int day, params OrderLine[] lines) =>
        new() { OrderId = "o" + day, CustomerId = "17850", OrderedAt = OrderGen.Start.AddDays(day), RevisedAt = OrderGen.Start, Lines = lines };

    /// <summary>As <see cref="HistoryFold"/> does it: append where that may be, else all anew.</summary>
    private static PurchaseHistory Arrive(OrderRow[] orders, int batch)
    {
        var builder = new HistoryBuilder();
        var history = builder.Refold("17850", []);
        var all = new List<OrderRow>();
        foreach (var chunk in orders.Chunk(batch))
        {
            all.AddRange(chunk);
            history = builder.Append(history, [.. chunk.Order(Comparer<OrderRow>.Create(NetOrders.Compare))]) ?? builder.Refold("17850", all);
        }

        return history;
    }

    /// <summary>Every value. Not the stored bytes: times hold padding in memory, which may differ.</summary>
    private static string Text(PurchaseHistory history) => System.Text.Json.JsonSerializer.Serialize(history);
}
