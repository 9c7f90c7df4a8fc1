using MemoryPack;

namespace Campaigns.Core.Offers;

/// <summary>Kind of an offer. Values are stored: never renumber.</summary>
public enum OfferKind : byte
{
    /// <summary>A benefit for members: early access, a gift. Costs <see cref="Offer.BenefitCostMinor"/> when taken up.</summary>
    ExclusiveBenefit = 1,

    /// <summary>Products chosen for the customer, at the usual price.</summary>
    Recommendation = 2,

    /// <summary>A discount that ends <see cref="Offer.ValidHours"/> after the actual sending.</summary>
    TimeLimitedDiscount = 3,

    /// <summary>Products that are cheaper together: <see cref="Offer.BundleSkus"/>, with a share or an amount off the price of all of them.</summary>
    Bundle = 4,
}

/// <summary>What is offered, and what it costs.</summary>
[MemoryPackable]
public sealed partial record Offer
{
    /// <summary>Id within the campaign: lower-case letters, digits and hyphens.</summary>
    public required string Id { get; init; }

    /// <summary>Name for people.</summary>
    public required string Name { get; init; }

    /// <summary>Kind.</summary>
    public required OfferKind Kind { get; init; }

    /// <summary>Discount as a share of the price, in [0, <see cref="MaxDiscountShare"/>]; 0 for none.</summary>
    public double DiscountShare { get; init; }

    /// <summary>Hours that the offer holds, from the actual sending; 0 = until the campaign's outcome window ends.</summary>
    public int ValidHours { get; init; }

    /// <summary>Coupon code by which redemptions are known, or null.</summary>
    public string? Code { get; init; }

    /// <summary>What the benefit costs the shop per order that takes it up, in minor units, ≥ 0.</summary>
    public long BenefitCostMinor { get; init; }

    /// <summary>The most customers of a run who may get it, ≥ 1; null = as many as there are.</summary>
    public int? Stock { get; init; }

    /// <summary>Pool of single-use codes that each recipient's own code comes from, or null.</summary>
    public string? CodePool { get; init; }

    /// <summary>Amount off per order, in minor units, ≥ 0; 0 for none. Not together with <see cref="DiscountShare"/>.</summary>
    public long DiscountMinor { get; init; }

    /// <summary>The shop pays for shipping; each order that takes it up costs <see cref="BenefitCostMinor"/>.</summary>
    public bool FreeShipping { get; init; }

    /// <summary>The least order value for which it holds, before the discount, in minor units; 0 = any.</summary>
    public long LeastOrderMinor { get; init; }

    /// <summary>Business time from which it is given; null = at once. Before it nobody is given the variant.</summary>
    public DateTimeOffset? ValidFrom { get; init; }

    /// <summary>Business time at which it ends for everybody, however late their message went out; null = by <see cref="ValidHours"/> alone.</summary>
    public DateTimeOffset? ValidUntil { get; init; }

    /// <summary>Who may get it: a rule of the segment language as its JSON, by the last recompute; null = everybody in the audience.</summary>
    public string? EligibilityRule { get; init; }

    /// <summary>Products of a bundle, by sku; empty for other kinds.</summary>
    public string[] BundleSkus { get; init => field = value ?? []; } = [];

    /// <summary>It lowers what the customer pays for goods.</summary>
    [MemoryPackIgnore]
    public bool IsDiscount => DiscountShare > 0 || DiscountMinor > 0;

    /// <summary>It is given at this business time.</summary>
    public bool HoldsAt(DateTimeOffset now) => !(ValidFrom > now) && !(ValidUntil <= now);

    /// <summary>Ceiling on discount depth: above it an entry error is far likelier than an intention.</summary>
    public const double MaxDiscountShare = 0.7;

    /// <summary>Products recommended in a message.</summary>
    public const int RecommendedProducts = 3;
}
