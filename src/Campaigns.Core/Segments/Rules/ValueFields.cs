using Campaigns.Core.Primitives;
using Campaigns.Core.Profiles;

namespace Campaigns.Core.Segments.Rules;

/// <summary>What a customer is worth, what the models expect, and buying at a discount.</summary>
internal static class ValueFields
{
    public static IReadOnlyList<Field> All { get; } =
    [
        Value("spend", FieldUnit.Money, "net spend of all time, after discounts and refunds", (in f) => FieldValue.Of(Major(f.History?.SpendMinor ?? 0, f))),
        Value("average_order", FieldUnit.Money, "net spend per order; unknown without an order", (in f) => FieldValue.Of(BehaviourFields.Ordered(f) is { } h ? Major(h.SpendMinor, f) / h.Orders : double.NaN)),
    ];

    /// <summary>Minor units as people write amounts: here, and nowhere else in rules.</summary>
    internal static double Major(long minor, in CustomerFacts facts) => minor / (double)Money.MinorPerMajor(facts.Shop.Currency);

    private static Field Value(string name, FieldUnit unit, string meaning, FieldReader read) => new(name, FieldType.Number, unit, FieldGroup.Value, meaning, read);
}
