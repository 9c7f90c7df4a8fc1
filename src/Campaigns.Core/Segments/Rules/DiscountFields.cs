using Campaigns.Core.Profiles;
using Campaigns.Core.Profiles.Scores;

namespace Campaigns.Core.Segments.Rules;

/// <summary>
/// Buying at a discount. The share is shrunk by the Beta-Binomial that was fitted to the workspace; where none could be, by
/// <see cref="PriorLines"/> lines at the workspace's own share, and the threshold is <see cref="SegmentParameters.PriceSensitiveShare"/>.
/// </summary>
internal static class DiscountFields
{
    /// <summary>Lines at the shop's share that are added to the customer's own while nothing is fitted: a Beta prior of this weight.</summary>
    public const double PriorLines = 4;

    public static IReadOnlyList<Field> All { get; } =
    [
        Discount("judged_lines", FieldUnit.Lines, "order lines of which it is known whether they were bought cheap", (in f) => FieldValue.Of(Lines(f).Judged)),
        Discount("cheap_lines", FieldUnit.Lines, "of these, lines with a discount, or where discounts are not known, at 90 % of the product's usual price or less", (in f) => FieldValue.Of(Lines(f).Cheap)),
        Discount("discount_share", FieldUnit.Share, "share of lines bought cheap, shrunk towards the shop's mean; unknown without such lines", (in f) => FieldValue.Of(Share(f))),
        Discount("discount_depth", FieldUnit.Share, "discounts over the price before them; unknown where discounts are not known", (in f) => FieldValue.Of(f.Scores.DiscountDepth ?? double.NaN)),
        Discount("coupon_orders", FieldUnit.Orders, "orders with a coupon code", (in f) => FieldValue.Of(f.History?.CouponOrders ?? 0)),
        new("shop.discount_threshold", FieldType.Number, FieldUnit.Share, FieldGroup.Shop, "discount share from which a customer is price-sensitive", (in f) => FieldValue.Of(Fitted(f) is null ? f.Shop.PriceSensitiveShare : f.Scores.DiscountThreshold ?? double.NaN)),
        new("shop.discount_share", FieldType.Number, FieldUnit.Share, FieldGroup.Shop, "share of all lines bought cheap", (in f) => FieldValue.Of(f.Shop.CheapShare)),
        new("shop.cheap_means", FieldType.Text, FieldUnit.None, FieldGroup.Shop, "what counts as cheap here: \"at a discount\" or \"at 90 % of the usual price or less\"", (in f) => FieldValue.Of(f.Shop.DiscountsKnown ? "at a discount" : "at 90 % of the usual price or less")),
    ];

    private static double? Fitted(in CustomerFacts facts) => facts.Scores.DiscountShare;

    private static double Share(in CustomerFacts facts)
    {
        if (Fitted(facts) is { } fitted)
        {
            return fitted;
        }

        var lines = Lines(facts);
        return lines.Judged == 0 ? double.NaN : (lines.Cheap + (PriorLines * facts.Shop.CheapShare)) / (lines.Judged + PriorLines);
    }

    private static CheapLines Lines(in CustomerFacts facts) =>
        facts.History is { } history ? CheapLines.Of(history, facts.Shop.DiscountsKnown, facts.Shop.UsualPrices) : default;

    private static Field Discount(string name, FieldUnit unit, string meaning, FieldReader read) => new(name, FieldType.Number, unit, FieldGroup.Discounts, meaning, read);
}
