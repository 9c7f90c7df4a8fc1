namespace Campaigns.Core.Segments.Rules;

/// <summary>What is usual in the shop: the same for all customers of a recompute.</summary>
internal static class ShopFields
{
    public static IReadOnlyList<Field> All { get; } =
    [
        Shop("shop.gap_p80", FieldUnit.Days, "80 % of the days between order days of one customer are no more than this", (in f) => FieldValue.Of(f.Shop.Gap80Days)),
        Shop("shop.gap_p95", FieldUnit.Days, "95 % of them are no more than this", (in f) => FieldValue.Of(f.Shop.Gap95Days)),
        Shop("shop.recent_days", FieldUnit.Days, "days since the last order that still score 4 or more for recency: in fifths, the most recent two", (in f) => FieldValue.Of(At(f.Shop.Rfm.RecencyDays, f.Shop.Rfm.RecencyDays.Length - 3))),
        Shop("shop.high_orders", FieldUnit.Orders, "orders that score 4 or more for frequency: in fifths, the best two (customers with equally many share the places by id)", (in f) => FieldValue.Of(HighOrders(f))),
        Shop("shop.high_spend", FieldUnit.Money, "spend above which monetary scores 4 or more: in fifths, the best two", (in f) => FieldValue.Of(f.Shop.Rfm.SpendMinor.Length > 2 ? ValueFields.Major(f.Shop.Rfm.SpendMinor[2], f) : double.NaN)),
    ];

    private static double At(long[] cuts, int index) => index >= 0 && cuts.Length > index ? cuts[index] : double.NaN;

    /// <summary>Where the cut falls among customers with equally many orders, some of them are beyond it; otherwise one order more is needed.</summary>
    private static double HighOrders(in CustomerFacts facts)
    {
        var cuts = facts.Shop.Rfm;
        return At(cuts.Orders, 2) + (cuts.OrderTies.Length > 2 && cuts.OrderTies[2] is not null ? 0 : 1);
    }

    private static Field Shop(string name, FieldUnit unit, string meaning, FieldReader read) => new(name, FieldType.Number, unit, FieldGroup.Shop, meaning, read);
}
