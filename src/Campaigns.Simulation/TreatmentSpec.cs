using Campaigns.Core.Offers;
using Campaigns.Core.Primitives;

namespace Campaigns.Simulation;

/// <summary>
/// A message to one customer, sent or not, as far as customers react to it. What the caller says of a held-out customer is
/// what that customer would have been sent, and when.
/// </summary>
public sealed record TreatmentSpec
{
    /// <summary>Names the message among all of the customer's: the run's id. Chance hangs on it.</summary>
    public required string Key { get; init; }

    /// <summary>Kind of the offer.</summary>
    public required OfferKind Kind { get; init; }

    /// <summary>Discount as a share of the price, in [0, 1).</summary>
    public double DiscountShare { get; init; }

    /// <summary>Coupon code that redeeming orders carry, or null.</summary>
    public string? Code { get; init; }

    /// <summary>What the benefit costs the shop per redeeming order, minor units.</summary>
    public long BenefitCostMinor { get; init; }

    /// <summary>Channel.</summary>
    public required Channel Channel { get; init; }

    /// <summary>When it was sent, or would have been; null = never (skipped): without effect and without cost.</summary>
    public DateTimeOffset? SentAt { get; init; }

    /// <summary>When the offer ends; null = <see cref="OpenEndedDays"/> after sending.</summary>
    public DateTimeOffset? OfferEndsAt { get; init; }

    /// <summary>How long an offer without an end is redeemed.</summary>
    public const int OpenEndedDays = 30;

    /// <summary>The message of this offer.</summary>
    public static TreatmentSpec Of(string key, Offer offer, Channel channel, DateTimeOffset? sentAt, DateTimeOffset? offerEndsAt) => new()
    {
        Key = key,
        Kind = offer.Kind,
        DiscountShare = offer.DiscountShare,
        Code = offer.Code,
        BenefitCostMinor = offer.BenefitCostMinor,
        Channel = channel,
        SentAt = sentAt,
        OfferEndsAt = offerEndsAt,
    };

    /// <summary>There is something to redeem: a discount, a benefit, or at least a code.</summary>
    internal bool Redeemable => DiscountShare > 0 || BenefitCostMinor > 0 || Code is not null;
}

/// <summary>When a message was opened and clicked; null where it was not, or the channel cannot tell.</summary>
public readonly record struct MessageTouches(DateTimeOffset? OpenedAt, DateTimeOffset? ClickedAt);

/// <summary>
/// Expected amounts of a customer's orders in a window, given the latent state at the window's begin: exact sums over the
/// model, no sampling. Money in minor units of the market's currency.
/// </summary>
/// <param name="Orders">Orders.</param>
/// <param name="ListMinor">Value before discounts.</param>
/// <param name="DiscountMinor">All discounts, the shop's own included.</param>
/// <param name="CostMinor">What the units cost the shop.</param>
/// <param name="RedeemedOrders">Orders that use an offer of a message.</param>
/// <param name="RedeemedDiscountMinor">Discounts on these.</param>
/// <param name="BenefitMinor">Benefit costs on these.</param>
public readonly record struct ExpectedOutcome(
    double Orders, double ListMinor, double DiscountMinor, double CostMinor, double RedeemedOrders, double RedeemedDiscountMinor, double BenefitMinor)
{
    /// <summary>Revenue after discounts.</summary>
    public double RevenueMinor => ListMinor - DiscountMinor;

    /// <summary>Margin before discounts: list value − unit costs, or × the share where one is given.</summary>
    public double MarginBeforeDiscountMinor(double? marginShare) => marginShare is { } share ? share * ListMinor : ListMinor - CostMinor;

    /// <summary>The sum.</summary>
    public static ExpectedOutcome operator +(ExpectedOutcome a, ExpectedOutcome b) => new(
        a.Orders + b.Orders, a.ListMinor + b.ListMinor, a.DiscountMinor + b.DiscountMinor, a.CostMinor + b.CostMinor,
        a.RedeemedOrders + b.RedeemedOrders, a.RedeemedDiscountMinor + b.RedeemedDiscountMinor, a.BenefitMinor + b.BenefitMinor);

    /// <summary>The difference.</summary>
    public static ExpectedOutcome operator -(ExpectedOutcome a, ExpectedOutcome b) => a + (b * -1);

    /// <summary>The multiple.</summary>
    public static ExpectedOutcome operator *(ExpectedOutcome a, double factor) => new(
        a.Orders * factor, a.ListMinor * factor, a.DiscountMinor * factor, a.CostMinor * factor,
        a.RedeemedOrders * factor, a.RedeemedDiscountMinor * factor, a.BenefitMinor * factor);
}
