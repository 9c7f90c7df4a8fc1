using Campaigns.Core.Offers;

namespace Campaigns.Core.Planning.Terms;

/// <summary>What an offer's terms must be by themselves, and what a campaign's purpose leaves open. Pure.</summary>
internal static class OfferTermsCheck
{
    /// <summary>Products of a bundle: more do not fit a message, and one is no bundle.</summary>
    public const int MaxBundle = 10;

    /// <summary>Characters of a sku; imports keep no longer ones.</summary>
    private const int MaxSkuLength = 200;

    /// <summary>Customers of a run who may get an offer: beyond it a stock is no limit.</summary>
    private const int MaxStock = 100_000_000;

    /// <summary>What is wrong with the offer.</summary>
    /// <param name="path">Its path in problems.</param>
    /// <param name="label">Its name for people.</param>
    /// <param name="offer">The offer.</param>
    public static IEnumerable<Problem> Problems(string path, string label, Offer offer)
    {
        Problem? Unless(bool holds, string field, string sentence) => holds ? null : new Problem($"{path}.{field}", $"{label} {sentence}");
        var skus = offer.BundleSkus;
        Problem?[] found =
        [
            Unless(offer.DiscountMinor >= 0, "discountMinor", "amount off: it cannot be negative."),
            Unless(offer.DiscountMinor <= 0 || offer.DiscountShare is not > 0, "discountMinor", "amount off: choose a percentage or an amount, not both."),
            Unless(offer.LeastOrderMinor >= 0, "leastOrderMinor", "least order value: it cannot be negative."),
            Unless(
                offer.DiscountMinor <= 0 || offer.LeastOrderMinor > offer.DiscountMinor,
                "leastOrderMinor",
                "least order value: an amount off needs one above that amount, else orders could cost nothing."),
            Unless(!offer.FreeShipping || offer.BenefitCostMinor > 0, "benefitCostMinor", "benefit cost: say what free shipping costs you per order."),
            Unless(!(offer.ValidUntil <= offer.ValidFrom), "validUntil", "valid until: it must be later than the day from which the offer holds."),
            Unless(offer.Stock is null or (>= 1 and <= MaxStock), "stock", $"stock: choose 1 to {MaxStock:N0}, or leave it empty for no limit."),
            Unless(
                offer.Kind == OfferKind.Bundle ? skus.Length is >= 2 and <= MaxBundle : skus.Length == 0,
                "bundleSkus",
                offer.Kind == OfferKind.Bundle ? $"products: a bundle has 2 to {MaxBundle} products, by sku." : "products: only a bundle names products."),
            Unless(skus.Distinct(StringComparer.Ordinal).Count() == skus.Length, "bundleSkus", "products: one is there twice."),
            Unless(Array.TrueForAll(skus, s => s.Length is >= 1 and <= MaxSkuLength), "bundleSkus", $"products: a sku has 1 to {MaxSkuLength} characters."),
            Unless(offer.Kind != OfferKind.Bundle || offer.IsDiscount, "discountShare", "discount: a bundle needs a percentage or an amount off."),
        ];
        return found.OfType<Problem>();
    }

    /// <summary>What contradicts the campaign's purpose, and offers that end before anybody can get them.</summary>
    public static IEnumerable<Problem> Problems(Campaign campaign)
    {
        if (!Enum.IsDefined(campaign.Purpose))
        {
            yield return new Problem("purpose", "Purpose: there are marketing, promised benefit and service message.");
        }

        if (campaign.MarginFloorShare is < 0 or > 1 or double.NaN)
        {
            yield return new Problem("marginFloorShare", "Margin floor: choose 0 % to 100 %, or leave it empty for the workspace's.");
        }

        foreach (var treatment in campaign.Treatments.Where(t => t.Offer.ValidUntil <= campaign.StartAt))
        {
            yield return new Problem($"treatments.{treatment.Id}.offer.validUntil", $"Message variant '{treatment.Id}', offer valid until: it ends before the campaign starts; move one of them.");
        }

        if (!campaign.IsPromised)
        {
            yield break;
        }

        if (campaign.HoldoutShare > 0)
        {
            yield return new Problem("holdoutShare", "Control group: what is promised to everyone is held back from nobody; choose 0 %, leave it empty, or make it a marketing campaign.");
        }

        if (campaign.Strategy == Strategy.Adaptive || Array.Exists(campaign.SegmentStrategies, s => s.Strategy == Strategy.Adaptive))
        {
            yield return new Problem("strategy", "Choosing: without a control group nothing is learnt; choose automatic, fixed or split.");
        }

        foreach (var (field, name, limited) in ((string Field, string Name, bool Limited)[])
            [
                ("maxSends", "Most messages per run", campaign.MaxSends is not null),
                ("maxSendCostMinor", "Most sending cost per run", campaign.MaxSendCostMinor is not null),
                ("budgetMinor", "Budget per run", campaign.BudgetMinor is not null),
                ("totalBudgetMinor", "Total budget", campaign.TotalBudgetMinor is not null),
            ])
        {
            if (limited)
            {
                yield return new Problem(field, $"{name}: what is promised to everyone cannot be limited; leave it empty, or make it a marketing campaign.");
            }
        }

        foreach (var treatment in campaign.Treatments.Where(t => t.Offer.Stock is not null))
        {
            yield return new Problem($"treatments.{treatment.Id}.offer.stock", $"Message variant '{treatment.Id}', offer stock: what is promised to everyone cannot be limited; leave it empty, or make it a marketing campaign.");
        }
    }
}
