namespace Campaigns.Core.Segments.Rules;

/// <summary>What is usual in the shop: the same for all customers of a recompute.</summary>
internal static class ShopFields
{
    public static IReadOnlyList<Field> All { get; } =
    [
        Shop("shop.gap_p80", FieldUnit.Days, "80 % of the days between order days of one customer are no more than this", (in f) => FieldValue.Of(f.Shop.Gap80Days)),
        Shop("shop.gap_p95", FieldUnit.Days, "95 % of them are no more than this", (in f) => FieldValue.Of(f.Shop.Gap95Days)),
    ];

    private static Field Shop(string name, FieldUnit unit, string meaning, FieldReader read) => new(name, FieldType.Number, unit, FieldGroup.Shop, meaning, read);
}
