using Campaigns.Core.Offers;
using Campaigns.Core.Offers.Learning;
using Campaigns.Core.Primitives;

namespace Campaigns.Core.Planning;

/// <summary>What a run's variants cost and give away, and from that and earlier runs the probabilities of its draws.</summary>
public static class RunPolicy
{
    /// <summary>Baskets' worth of the announced discount that the redeemed share begins with: a handful of orders does not show who redeems.</summary>
    private const double PriorBaskets = 20;

    /// <summary>Messages' worth of the planned cost that the measured one begins with: a few hundred show by which channels they go.</summary>
    private const double PriorSendings = 100;

    /// <summary>The table of the segments that choose by what was learnt; null while no earlier run has closed, or the margin is unknown: then all variants are alike.</summary>
    /// <param name="inputs">The run, without its table.</param>
    /// <param name="evidence">What the campaign's closed runs taught, in order.</param>
    /// <param name="microsPerMinor">Micro-units in one minor unit.</param>
    public static PolicyTable? Of(RunInputs inputs, IReadOnlyList<RunEvidence> evidence, double microsPerMinor)
    {
        if (inputs.Margin.Share is null || evidence.Count == 0)
        {
            return null;
        }

        var campaign = inputs.Campaign;
        var wanted = campaign.Segments.Where(s => inputs.StrategyOf(s) == Strategy.Adaptive).SelectMany(s => AdaptivePolicy.Foresee([s], [.. campaign.Treatments.Where(t => t.FitsSegment(s)).Select(t => t.Id)]));
        return OutlookOf(inputs, evidence, [.. wanted], microsPerMinor).At(PolicyPrices.None);
    }

    /// <summary>What is known of the wanted cells of a run, with its control group and floors.</summary>
    internal static PolicyOutlook OutlookOf(RunInputs inputs, IReadOnlyList<RunEvidence> evidence, IReadOnlyCollection<WantedCell> wanted, double microsPerMinor) => new(
        evidence,
        EconomicsOf(inputs, evidence, microsPerMinor),
        wanted,
        new PolicyTerms(inputs.HoldoutPartsPerMillion, PolicyTerms.UsualFloorPartsPerMillion, StableHash.Of("policy", Campaign.RunId(inputs.Campaign.Id, inputs.Occurrence))));

    /// <summary>Of every variant. An unknown margin is reckoned as 0. Before the first closed run an amount off is that of a basket of <paramref name="usualBasketMinor"/>.</summary>
    internal static ArmEconomics[] EconomicsOf(RunInputs inputs, IReadOnlyList<RunEvidence> evidence, double microsPerMinor, double usualBasketMinor = 0) =>
        Array.ConvertAll(inputs.Campaign.Treatments, t => EconomicsOf(t, inputs.Margin.Share ?? 0, inputs, evidence, microsPerMinor, usualBasketMinor));

    /// <summary>
    /// Discount share = discounts redeemed ÷ spending of those who drew the variant, begun with the announced depth; benefit
    /// cost per converting customer alike (free shipping is one). Sending is what it cost per customer who drew the variant,
    /// by whatever channel, begun with its first channel.
    /// </summary>
    private static ArmEconomics EconomicsOf(Treatment treatment, double margin, RunInputs inputs, IReadOnlyList<RunEvidence> evidence, double microsPerMinor, double usualBasketMinor)
    {
        var (totals, discount, benefit, sent, sentTo) = (default(ArmTotals), 0L, 0L, 0L, 0L);
        foreach (var arm in evidence.SelectMany(e => e.Cells).SelectMany(c => c.Arms).Where(a => string.Equals(a.Treatment, treatment.Id, StringComparison.Ordinal)))
        {
            (totals, discount, benefit) = (totals + arm.Totals, discount + arm.DiscountMinor, benefit + arm.BenefitMinor);
            (sent, sentTo) = arm.SendMicros is { } micros ? (sent + micros, sentTo + arm.Totals.Customers) : (sent, sentTo);
        }

        var basket = totals.Conversions == 0 ? BasketOf(evidence, usualBasketMinor) : (double)totals.SpendMinor / totals.Conversions;
        var announced = AnnouncedShare(treatment.Offer, basket);
        var share = totals.Conversions == 0 ? announced
            : (discount + (PriorBaskets * basket * announced)) / (totals.SpendMinor + (PriorBaskets * basket));
        var planned = SendCost.Micros(treatment, treatment.Channels[0], inputs);
        return new ArmEconomics(
            treatment.Id,
            Math.Clamp(margin, 0, 1),
            Math.Clamp(share, 0, 1),
            (benefit + (PriorBaskets * treatment.Offer.BenefitCostMinor)) / (totals.Conversions + PriorBaskets),
            (sent + (PriorSendings * planned)) / (sentTo + PriorSendings) / microsPerMinor);
    }

    /// <summary>Spending per conversion over all arms, nothing included; what is usual without any.</summary>
    private static double BasketOf(IReadOnlyList<RunEvidence> evidence, double usualMinor)
    {
        var (spend, conversions) = (0L, 0L);
        foreach (var totals in evidence.SelectMany(e => e.Cells).SelectMany(c => c.Arms.Select(a => a.Totals).Append(c.Nothing)))
        {
            (spend, conversions) = (spend + totals.SpendMinor, conversions + totals.Conversions);
        }

        return conversions == 0 ? usualMinor : (double)spend / conversions;
    }

    /// <summary>
    /// The announced discount as a share of what a buyer spends. An amount is that of a usual order, or of the least that gets
    /// it; a bundle's is reckoned on the whole order until redemptions show what it is.
    /// </summary>
    internal static double AnnouncedShare(Offer offer, double basketMinor) =>
        offer.DiscountShare > 0 || offer.DiscountMinor <= 0 ? offer.DiscountShare
        : Math.Min(1, offer.DiscountMinor / Math.Max(1, Math.Max(basketMinor, offer.LeastOrderMinor)));
}
