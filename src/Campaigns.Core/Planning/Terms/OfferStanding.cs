using Campaigns.Core.Offers;
using Campaigns.Core.Primitives;
using MemoryPack;

namespace Campaigns.Core.Planning.Terms;

/// <summary>What decides which of a campaign's offers a customer may get, beside the customer's row.</summary>
/// <param name="Unfit">Bit i: the eligibility rule of the campaign's variant i does not hold for the customer.</param>
/// <param name="Discounts">Discounts that the customer was offered in the ceiling's period, ≥ 0.</param>
/// <param name="DepthPartsPerMillion">Their depths summed, parts per million of an order's price, ≥ 0.</param>
public readonly record struct OfferStanding(int Unfit, int Discounts = 0, long DepthPartsPerMillion = 0)
{
    /// <summary>The eligibility rule of the variant holds, or it has none.</summary>
    public bool Fits(int variant) => (Unfit >> variant & 1) == 0;
}

/// <summary>How many discounts, and how deep in sum, a customer is offered in a period: whoever is always given discounts learns to wait for them.</summary>
/// <param name="Days">The period, 1 … 365 days up to the run.</param>
/// <param name="MaxDiscounts">The most discounts in it; null = any number.</param>
/// <param name="MaxDepthPartsPerMillion">The most that their depths may sum to; null = any.</param>
[MemoryPackable]
public readonly partial record struct DiscountCeiling(int Days, int? MaxDiscounts, long? MaxDepthPartsPerMillion)
{
    /// <summary>The customer may be offered it on top of what it had.</summary>
    public bool Allows(Offer offer, OfferStanding standing) => !offer.IsDiscount
        || ((MaxDiscounts is not { } most || standing.Discounts < most)
            && (MaxDepthPartsPerMillion is not { } depth || standing.DepthPartsPerMillion + DepthOf(offer) <= depth));

    /// <summary>
    /// The most that an offer takes off an order's price, in parts per million; 0 where it is no discount. An amount is
    /// reckoned against the least order that gets it, and without a least order as the whole.
    /// </summary>
    public static int DepthOf(Offer offer) => offer.DiscountShare > 0
        ? (int)Math.Round(offer.DiscountShare * StableHash.Million)
        : offer.DiscountMinor <= 0 ? 0
        : offer.LeastOrderMinor <= offer.DiscountMinor ? StableHash.Million
        : (int)Math.Round((double)offer.DiscountMinor / offer.LeastOrderMinor * StableHash.Million);
}
