using Campaigns.Core.Primitives;

namespace Campaigns.Core.Profiles.Scores;

/// <summary>
/// How many of a customer's lines were bought cheap: with a discount, where discounts are known; else at
/// <see cref="CheapPercent"/> % of the product's usual price or less, by the mean price paid for each of the last products.
/// </summary>
/// <param name="Cheap">Cheap lines, k.</param>
/// <param name="Judged">Lines of which it is known, n.</param>
public readonly record struct CheapLines(long Cheap, long Judged)
{
    /// <summary>A price is cheap at this many per cent of the usual price or less.</summary>
    public const int CheapPercent = 90;

    /// <summary>The customer's lines. Without <paramref name="usualPriceE4"/> (minor units × 10⁴ by sku) only discounts are looked at.</summary>
    public static CheapLines Of(PurchaseHistory history, bool discountsKnown, Func<string, long?>? usualPriceE4)
    {
        if (discountsKnown || usualPriceE4 is null)
        {
            return discountsKnown ? new CheapLines(history.DiscountedLines, history.Lines) : default;
        }

        var (cheap, judged) = (0L, 0L);
        foreach (var product in history.Products)
        {
            if (UnitPriceE4(product) is { } paid && usualPriceE4(product.Sku) is { } usual)
            {
                judged += product.Lines;
                cheap += IsCheap(paid, usual) ? product.Lines : 0;
            }
        }

        return new CheapLines(cheap, judged);
    }

    /// <summary>Mean unit price paid in minor units × 10⁴; null where nothing was paid.</summary>
    public static long? UnitPriceE4(in ProductHistory product) =>
        product.Units <= 0 || product.ListMinor <= 0 || product.Lines <= 0 ? null : (long)((Int128)product.ListMinor * Money.UnitPriceScale / product.Units);

    /// <summary>The price is cheap against the usual one; both in the same unit.</summary>
    public static bool IsCheap(long paid, long usual) => paid * 100 <= usual * CheapPercent;
}
