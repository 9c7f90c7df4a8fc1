using Campaigns.Core.Ingest;
using CsCheck;

namespace Campaigns.Core.Tests.Profiles;

/// <summary>Orders of one customer: few products and prices, so that refunds often find what they cancel; equal times, so that ids decide.</summary>
internal static class OrderGen
{
    public static readonly DateTimeOffset Start = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    public static readonly Gen<OrderLine> Line =
        from sku in Gen.OneOf("a", "b", "c", "")
        from quantity in Gen.Frequency((4, Gen.Int[1, 5]), (1, Gen.Int[-6, 0]))
        from price in Gen.OneOf(10_000L, 25_000L, 3_333_333L)
        from discount in Gen.OneOf(0L, 0L, 1L, 7L)
        from cost in Gen.OneOf<long?>(null, null, 4_000L, 40_000L)
        from category in Gen.OneOf<string?>(null, "garden", "Garden", "kitchen")
        select new OrderLine(sku, quantity, price, quantity > 0 ? discount : -discount, cost, category);

    /// <summary>Orders with the ids o0, o1, …</summary>
    public static Gen<OrderRow[]> Orders(int most) =>
        from count in Gen.Int[0, most]
        from orders in Order.Array[count]
        select orders.Select((o, i) => o with { OrderId = "o" + i }).ToArray();

    private static readonly Gen<OrderRow> Order =
        from hours in Gen.Int[0, 400]
        from lines in Line.Array[0, 4]
        from kind in Gen.Frequency((9, Gen.Const(OrderRow.OrderEvent)), (1, Gen.Const("visit")))
        from coupon in Gen.OneOf<string?>(null, null, "spring", "SPRING", "gift")
        from country in Gen.OneOf<string?>(null, "France", "Norway")
        select new OrderRow
        {
            OrderId = "",
            CustomerId = "17850",
            OrderedAt = Start.AddHours(hours * 6),
            RevisedAt = Start,
            Event = kind,
            Lines = lines,
            Country = country,
            CouponCode = coupon,
        };

    /// <summary>The same orders in another order.</summary>
    public static T[] Shuffled<T>(this T[] items, int seed)
    {
        var copy = items.ToArray();
        new Random(seed).Shuffle(copy);
        return copy;
    }
}
