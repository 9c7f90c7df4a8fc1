using Campaigns.Core.Ingest;
using Campaigns.Core.Profiles;
using Campaigns.Core.Segments;
using CsCheck;

namespace Campaigns.Core.Tests.Segments;

/// <summary>Shops of a few customers with a few products, and parameters as a survey could give them.</summary>
internal static class ShopGen
{
    public static readonly DateTimeOffset Start = new(2025, 1, 1, 9, 0, 0, TimeSpan.Zero);

    private static readonly Gen<OrderLine> Line =
        from product in Gen.Int[0, 11]
        from quantity in Gen.Int[1, 5]
        from cheap in Gen.Int[0, 3]
        from discount in Gen.Int[0, 2]
        select new OrderLine("p" + product, quantity, (100 + (product * 50)) * (cheap == 0 ? 7_500L : 10_000L), discount == 0 ? 10 * quantity : 0);

    private static readonly Gen<OrderRow> Order =
        from day in Gen.Int[0, 700]
        from lines in Line.Array[1, 4]
        select new OrderRow { OrderId = "", CustomerId = "", OrderedAt = Start.AddDays(day), RevisedAt = Start, Lines = lines };

    /// <summary>A customer's history: 0 … 8 orders in 700 days.</summary>
    public static readonly Gen<PurchaseHistory> History = Order.Array[0, 8].Select(orders => HistoryOf("c", orders));

    /// <summary>A shop: customers c0, c1, …</summary>
    public static Gen<PurchaseHistory[]> Shop(int most) =>
        History.Array[0, most].Select(all => all.Select((h, i) => h with { CustomerId = "c" + i }).ToArray());

    /// <summary>Parameters of a shop of its own.</summary>
    public static readonly Gen<SegmentParameters> Parameters =
        from shop in Shop(30)
        from known in Gen.Bool
        select ParametersOf(shop, Start.AddDays(700), known);

    /// <summary>An order of one line per product at list price.</summary>
    public static OrderRow Buy(string id, double day, params string[] skus) => Buy(id, day, 1_000, 0, skus);

    /// <summary>An order of one line per product at a unit price and a discount per line, in minor units.</summary>
    public static OrderRow Buy(string id, double day, long priceMinor, long discountMinor, params string[] skus) => new()
    {
        OrderId = id,
        CustomerId = "",
        OrderedAt = Start.AddDays(day),
        RevisedAt = Start,
        Lines = [.. skus.Select(s => new OrderLine(s, 1, priceMinor * 10_000, discountMinor))],
    };

    public static PurchaseHistory HistoryOf(string customer, params OrderRow[] orders)
    {
        var rows = orders.Select((o, i) => o with { CustomerId = customer, OrderId = o.OrderId.Length == 0 ? "o" + i : o.OrderId });
        return new HistoryBuilder().Refold(customer, [.. rows.OrderBy(o => o.OrderedAt).ThenBy(o => o.OrderId, StringComparer.Ordinal)]);
    }

    public static SegmentParameters ParametersOf(IEnumerable<PurchaseHistory> shop, DateTimeOffset asOf, bool discountsKnown)
    {
        var inputs = new RecomputeInputs { DiscountsKnown = discountsKnown, ChurnDays = 90 };
        var survey = new Survey(asOf, inputs.ModelSettings);
        foreach (var history in shop)
        {
            survey.Add(history);
        }

        return survey.ToSummary().ToParameters("job", asOf, inputs, new HashSet<string>(StringComparer.Ordinal));
    }
}
