using System.Globalization;
using Campaigns.Core.Jobs;
using Campaigns.Core.Offers;
using Campaigns.Core.Primitives;
using Campaigns.Core.Segments.Rules;

namespace Campaigns.Core.Planning.Terms;

/// <summary>
/// What a workspace asks of offers: rules that its scheme understands, its margin floor, its ceiling on discounts, and what the
/// law asks messages to say. Looked at when a campaign is saved, activated and launched. Pure.
/// </summary>
/// <param name="Scheme">The scheme in force.</param>
/// <param name="Settings">Settings.</param>
/// <param name="OrderValueMinor">Mean net value of an order, minor units; null while it is not known.</param>
public sealed record WorkspaceTerms(CompiledScheme Scheme, WorkspaceSettings Settings, long? OrderValueMinor)
{
    /// <summary>Field of the notice that a price is personal.</summary>
    public const string PersonalPriceField = "personalPriceNotice";

    /// <summary>What the workspace refuses in the campaign.</summary>
    public IReadOnlyList<Problem> Problems(Campaign campaign) =>
    [
        .. campaign.Treatments.SelectMany(t => (Problem?[])[Rule(t), Depth(campaign, t), Floor(campaign, t), .. Law(t)]).OfType<Problem>(),
        .. Budget(campaign),
        .. Consent(campaign),
    ];

    private IEnumerable<Problem> Consent(Campaign campaign)
    {
        var purpose = campaign.ConsentPurpose;
        if (purpose.Length > 0 && !Array.Exists(Settings.Contact.Purposes, p => string.Equals(p.Id, purpose, StringComparison.Ordinal)))
        {
            yield return new Problem("consentPurpose", $"Consent: the workspace has no purpose '{purpose}'; name it under Settings, Contact, or leave it empty for marketing.");
        }
    }

    private static string Label(Treatment treatment) => $"Message variant '{treatment.Id}', offer";

    private Problem? Rule(Treatment treatment)
    {
        if (treatment.Offer.EligibilityRule is not { } json)
        {
            return null;
        }

        var path = $"treatments.{treatment.Id}.offer.eligibilityRule";
        var reading = CustomerRule.Parse(json, Scheme);
        return reading.Faults is [var fault, ..] ? new Problem(path, $"{Label(treatment)} is for: {fault.Message} (at {fault.Path}).")
            : reading.Rule?.BarredField is { } barred ? new Problem(path, $"{Label(treatment)} is for: the rule rests on {barred}, which this workspace bars from offers; ask for something else, or lift the bar under Segments, Fields.")
            : null;
    }

    /// <summary>A discount that no customer could ever be given. Promises are outside of the ceiling.</summary>
    private Problem? Depth(Campaign campaign, Treatment treatment)
    {
        var offer = treatment.Offer;
        if (campaign.IsPromised || !offer.IsDiscount)
        {
            return null;
        }

        var depth = (double)DiscountCeiling.DepthOf(offer) / StableHash.Million;
        return Settings.MaxDiscounts == 0
            ? new Problem($"treatments.{treatment.Id}.offer.discountShare", $"{Label(treatment)} discount: the workspace allows no discounts; raise its ceiling under Settings, or offer something else.")
            : depth > Settings.MaxDiscountDepth
            ? new Problem(
                $"treatments.{treatment.Id}.offer.discountShare",
                $"{Label(treatment)} discount: it takes up to {Percent(depth)} off an order, and the workspace's ceiling is {Percent(Settings.MaxDiscountDepth.Value)} per customer in {Settings.DiscountDays} days; offer less, or raise the ceiling under Settings.")
            : null;
    }

    /// <summary>
    /// Margin − discount − benefit − sending of a usual order (the shop's mean, or the least that gets the offer where that is
    /// more), as a share of its price, against the floor. Sending is reckoned per message, by the dearest channel.
    /// </summary>
    private Problem? Floor(Campaign campaign, Treatment treatment)
    {
        if ((campaign.MarginFloorShare ?? Settings.MarginFloorShare) is not { } floor || Settings.MarginShare is not { } margin
            || EarningOf(treatment, margin) is not { } earning || earning.LeftShare >= floor)
        {
            return null;
        }

        var whose = campaign.MarginFloorShare is null ? "the workspace's" : "the campaign's";
        return new Problem(
            $"treatments.{treatment.Id}.offer",
            $"{Label(treatment)}: of a usual order of {Text(earning.PriceMinor)} the margin of {Percent(margin)} is {Text(earning.PriceMinor * margin)}; the discount takes {Text(earning.DiscountMinor)}, the benefit {Text(earning.BenefitMinor)} and sending {Text(earning.SendMinor)}. "
            + $"{Text(earning.LeftMinor)} ({Percent(earning.LeftShare)}) would be left, below {whose} margin floor of {Percent(floor)}: give less, ask for a larger least order, or lower the floor.");
    }

    /// <summary>What an order that takes the offer up earns, or null while the shop's usual order is not known and the offer needs it.</summary>
    private Earning? EarningOf(Treatment treatment, double margin)
    {
        var offer = treatment.Offer;
        var price = Math.Max(OrderValueMinor ?? 0, offer.LeastOrderMinor);
        return price == 0
            ? null
            : new Earning(
                price,
                price * margin,
                offer.DiscountShare > 0 ? price * offer.DiscountShare : Math.Min(offer.DiscountMinor, price),
                offer.BenefitCostMinor,
                treatment.Channels.Where(treatment.CanGoBy).Select(c => SendMinor(treatment, c)).DefaultIfEmpty().Max());
    }

    /// <summary>A budget or a limit on sending cost that not even one message fits into.</summary>
    private IEnumerable<Problem> Budget(Campaign campaign)
    {
        var sendings = campaign.Treatments.SelectMany(t => t.Channels.Where(t.CanGoBy).Select(c => SendMinor(t, c))).ToList();
        if (sendings.Count == 0)
        {
            yield break;
        }

        var cheapest = sendings.Min();
        if (campaign.MaxSendCostMinor < cheapest)
        {
            yield return new Problem("maxSendCostMinor", $"Most sending cost per run: {Text(campaign.MaxSendCostMinor.Value)} is less than one message costs ({Text(cheapest)}); raise it, or leave it empty.");
        }

        if (campaign.BudgetMinor < cheapest)
        {
            yield return new Problem("budgetMinor", $"Budget per run: {Text(campaign.BudgetMinor.Value)} is less than one message costs ({Text(cheapest)}); raise it, or leave it empty.");
        }

        if (campaign.TotalBudgetMinor < cheapest)
        {
            yield return new Problem("totalBudgetMinor", $"Total budget: {Text(campaign.TotalBudgetMinor.Value)} is less than one message costs ({Text(cheapest)}); raise it, or leave it empty.");
        }
    }

    /// <summary>The notice that a discount's message must have where the workspace says that the law asks for it.</summary>
    private IEnumerable<Problem?> Law(Treatment treatment)
    {
        if (!Settings.TellPersonalPrice || !treatment.Offer.IsDiscount)
        {
            yield break;
        }

        foreach (var channel in treatment.Channels)
        {
            var (source, part) = channel == Channel.Sms ? (treatment.Template.Sms, "SMS") : (treatment.Template.Html, "E-mail");
            if (source is { Length: > 0 } && !source.Contains("{{" + PersonalPriceField + "}}", StringComparison.Ordinal))
            {
                yield return new Problem(
                    $"treatments.{treatment.Id}.template",
                    $"Message variant '{treatment.Id}', {part}: a discount must say that the price is personal (Settings, Discounts): add {{{{{PersonalPriceField}}}}}.");
            }
        }
    }

    private double SendMinor(Treatment treatment, Channel channel) =>
        SendCost.Micros(treatment, channel, Settings.EmailCostMicros, Settings.SmsCostMicros) / Money.MicrosPerMinor(Settings.Currency);

    private string Text(double minor) => new Money((long)Math.Round(minor, MidpointRounding.AwayFromZero), Settings.Currency).ToString();

    private static string Percent(double share) => string.Create(CultureInfo.InvariantCulture, $"{share * 100:0.#} %");

    /// <summary>An order that takes an offer up; minor units.</summary>
    private readonly record struct Earning(long PriceMinor, double MarginMinor, double DiscountMinor, double BenefitMinor, double SendMinor)
    {
        public double LeftMinor => MarginMinor - DiscountMinor - BenefitMinor - SendMinor;

        public double LeftShare => LeftMinor / PriceMinor;
    }
}
