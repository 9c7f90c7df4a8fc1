using Campaigns.Core.Ingest;
using Campaigns.Core.Measurement;
using Campaigns.Core.Offers;
using Campaigns.Core.Planning;
using Campaigns.Core.Primitives;
using Campaigns.Core.Profiles.Scores;
using Campaigns.Core.Segments;
using Campaigns.Core.Segments.Rules;

namespace Campaigns.Functions.Console;

/// <summary>A marketer's words for what code calls otherwise.</summary>
public static class Words
{
    /// <summary>"At risk": the segment's name by the scheme; the id of one that it no longer has.</summary>
    public static string Segment(string? id, IReadOnlyList<SegmentDefinition> scheme) =>
        string.IsNullOrEmpty(id) ? "Everyone" : scheme.FirstOrDefault(s => string.Equals(s.Id, id, StringComparison.Ordinal))?.Name ?? id;

    /// <summary>What is drafted for the segment.</summary>
    public static string DraftName(string segment) => segment switch
    {
        SegmentNames.Loyal => "members' exclusive",
        SegmentNames.PriceSensitive => "48-hour discount",
        SegmentNames.New => "second order",
        SegmentNames.AtRisk or SegmentNames.Lost => "win-back",
        _ => "picked for you",
    };

    /// <summary>What stands behind "at risk: " in a reason; all of it where there is no such beginning.</summary>
    public static string AfterColon(string reason) => reason.IndexOf(": ", StringComparison.Ordinal) is > 0 and var at ? reason[(at + 2)..] : reason;

    /// <summary>With a capital and a full stop; "" stays.</summary>
    public static string Sentence(string text) =>
        text.Length == 0 ? "" : char.ToUpperInvariant(text[0]) + text[1..] + (text[^1] is '.' or '!' or '?' ? "" : ".");

    /// <summary>"BG/NBD".</summary>
    public static string Model(string name) => name switch
    {
        "bg-nbd" => "BG/NBD",
        "mbg-nbd" => "MBG/NBD",
        "pareto-nbd" => "Pareto/NBD",
        "gamma-gamma" => "Gamma-Gamma",
        _ => name,
    };

    /// <summary>A candidate for the risk score, in words.</summary>
    public static string RiskScore(string name) => name switch
    {
        RiskChoice.DaysSinceLastOrder => "Days since the last order",
        "silence-over-rhythm" => "Silence over the customer’s own rhythm",
        "frequency-recency" => "Frequency with recency",
        _ when name.EndsWith(".active", StringComparison.Ordinal) => $"Chance of still being a customer ({Model(name[..^7])})",
        _ when name.EndsWith(".order", StringComparison.Ordinal) => $"Chance of an order ({Model(name[..^6])})",
        _ when name.EndsWith(".orders", StringComparison.Ordinal) => $"Expected orders ({Model(name[..^7])})",
        _ => name,
    };

    /// <summary>What a group of fields tells about.</summary>
    public static string Group(FieldGroup group) => group switch
    {
        FieldGroup.Customer => "Who they are",
        FieldGroup.Contact => "Contact and consent",
        FieldGroup.Responses => "What they did with messages",
        FieldGroup.Behaviour => "Orders and rhythm",
        FieldGroup.Products => "Products and categories",
        FieldGroup.Events => "Events",
        FieldGroup.Value => "Value",
        FieldGroup.Predictions => "Predictions",
        FieldGroup.Discounts => "Discounts",
        FieldGroup.Shop => "Usual in this shop",
        _ => "Worked out by these segments",
    };

    /// <summary>What a field holds.</summary>
    public static string Type(FieldType type) => type switch
    {
        FieldType.Number => "number",
        FieldType.YesNo => "yes or no",
        FieldType.Date => "date",
        _ => "text",
    };

    /// <summary>What an attribute holds.</summary>
    public static string Type(AttributeKind kind) => kind switch
    {
        AttributeKind.Number => Type(FieldType.Number),
        AttributeKind.YesNo => Type(FieldType.YesNo),
        AttributeKind.Date => Type(FieldType.Date),
        _ => Type(FieldType.Text),
    };

    /// <summary>What a number counts, "" where nothing is named.</summary>
    public static string Unit(FieldUnit unit, string currency) => unit switch
    {
        FieldUnit.None => "",
        FieldUnit.Days => "days",
        FieldUnit.Orders => "orders",
        FieldUnit.OrderDays => "days with an order",
        FieldUnit.Lines => "order lines",
        FieldUnit.Units => "units",
        FieldUnit.Events => "events",
        FieldUnit.Messages => "messages",
        FieldUnit.Money => currency,
        FieldUnit.Share or FieldUnit.Probability => "shares (0.2 is 20 %)",
        FieldUnit.Score => "scores (the highest is best)",
        _ => "times",
    };

    /// <summary>The same of a unit's name in a scheme; null where nothing is named.</summary>
    public static string? Unit(string unit, string currency) =>
        Enum.TryParse<FieldUnit>(unit.Replace("_", "", StringComparison.Ordinal), true, out var known) && Unit(known, currency) is { Length: > 0 } words ? words : null;

    /// <summary>"E-mail".</summary>
    public static string Channel(Channel channel) => channel == Core.Primitives.Channel.Email ? "E-mail" : "SMS";

    /// <summary>State of a campaign.</summary>
    public static string Status(CampaignStatus status) => status switch
    {
        CampaignStatus.Draft => "Draft",
        CampaignStatus.Active => "Running",
        CampaignStatus.Paused => "Paused",
        CampaignStatus.Stopped => "Stopped",
        _ => "Finished",
    };

    /// <summary>State of a sending record.</summary>
    public static string State(SendState state) => state switch
    {
        SendState.Decided => "to be sent",
        SendState.Deferred => "waits for its hour",
        SendState.Skipped => "not sent",
        SendState.HeldOut => "control group",
        SendState.Claimed => "being sent",
        SendState.Accepted => "sent",
        SendState.Rejected => "refused by the provider",
        SendState.Unknown => "unclear whether it was sent",
        SendState.Delivered => "delivered",
        SendState.Bounced => "bounced",
        _ => "complained about",
    };

    /// <summary>Kind of an offer.</summary>
    public static string Kind(OfferKind kind) => kind switch
    {
        OfferKind.ExclusiveBenefit => "Exclusive benefit",
        OfferKind.Recommendation => "Products picked for the customer",
        OfferKind.Bundle => "Products cheaper together",
        _ => "Discount for a limited time",
    };

    /// <summary>What an offer takes off or costs, in short.</summary>
    public static string Gives(Offer offer, string currency)
    {
        var parts = new List<string>(3);
        if (offer.DiscountShare > 0)
        {
            parts.Add(Show.WholePercent(offer.DiscountShare));
        }

        if (offer.DiscountMinor > 0)
        {
            parts.Add(Show.Exact(offer.DiscountMinor, currency) + " off");
        }

        if (offer.FreeShipping)
        {
            parts.Add("free shipping");
        }

        return parts.Count > 0 ? string.Join(", ", parts) : offer.BenefitCostMinor > 0 ? Show.Exact(offer.BenefitCostMinor, currency) : Show.None;
    }

    /// <summary>What a campaign is for.</summary>
    public static string Purpose(CampaignPurpose purpose) => purpose switch
    {
        CampaignPurpose.PromisedBenefit => "A promised benefit: everybody gets it, nothing is measured",
        CampaignPurpose.ServiceMessage => "A service message: everybody gets it, nothing is measured",
        _ => "Marketing: some are held back, so that what it earns can be told",
    };

    /// <summary>How a campaign chooses between its variants.</summary>
    public static string Strategy(Strategy strategy) => strategy switch
    {
        Core.Planning.Strategy.Fixed => "Always the first that reaches the customer",
        Core.Planning.Strategy.Split => "All alike, to compare them (A/B/n)",
        Core.Planning.Strategy.Adaptive => "More of what earns most, learnt from earlier sends; nothing where nothing earns",
        _ => "By itself: what earns most, once there are two variants and margins are known; else all alike",
    };

    /// <summary>Why somebody was left out or not sent to.</summary>
    public static string Reason(string reason) => reason switch
    {
        ExclusionReasons.DoNotContact => "on the do-not-contact list",
        ExclusionReasons.ReentryPause => "written to by this campaign lately",
        ExclusionReasons.ControlGroup => "in the global control group of this quarter",
        ExclusionReasons.Outranked => "another campaign had the customer first today",
        ExclusionReasons.StillMeasured => "still being measured in an earlier send, of this or another campaign",
        ExclusionReasons.FrequencyCap => "had enough messages lately",
        ExclusionReasons.SameAddress => "another customer with the same e-mail address or phone number takes part; an address gets one message per send",
        ExclusionReasons.AllBlocked => "every message variant loses money or drives customers away",
        ExclusionReasons.OverCeiling => "beyond the ceiling on messages or cost",
        ExclusionReasons.NoTreatment => "no message variant for the segment",
        _ => reason,
    };

    /// <summary>The measurement's sentence without the verdict that it begins with: for places where the verdict stands beside it.</summary>
    public static string Because(KpiRow row)
    {
        var sentence = row.Explanation ?? "";
        var at = sentence.IndexOf(": ", StringComparison.Ordinal);
        return at < 0 || at + 2 >= sentence.Length ? sentence : char.ToUpperInvariant(sentence[at + 2]) + sentence[(at + 3)..];
    }

    /// <summary>The notice of a change that was done, by its short name in the address.</summary>
    public static string? Notice(string? code) => code switch
    {
        "saved" => "Saved.",
        "draft" => "A draft was made for you. Look it over, change what you like, then save.",
        "launched" => "Launched. Messages go out in each recipient's sending hours.",
        "cancelled" => "Cancelled: what had not gone out stays unsent.",
        "mistake" => "Marked as a mistake: nothing is learnt from this send.",
        "paused" => "Paused: nothing more is sent until you resume.",
        "resumed" => "Resumed.",
        "finished" => "Finished: there will be no more sends.",
        "deleted" => "The draft is deleted.",
        "stopped" => "All sending is stopped.",
        "tested" => "The test message is sent.",
        "recompute" => "Segments are being computed; this page shows them in a moment.",
        "scheme" => "Saved. Everybody is put into the new segments now; this page shows them in a moment.",
        "restored" => "Restored as the newest version. Everybody is put into these segments now; this page shows them in a moment.",
        "unchanged" => "Nothing was changed.",
        "placed" => "Decided. It holds from now on, whatever the rules say.",
        "not-contacted" => "The address is on the do-not-contact list: no campaign writes to it, and nothing that waits is sent.",
        "contacted-again" => "The address is off the do-not-contact list. Consent is still needed.",
        "erased" => "The customer is being erased. Whatever waits for a running send is removed when that ends.",
        "objected" => "Noted: no scores, no segments by behaviour, no campaign that selects.",
        "objection-lifted" => "Noted: the customer is part of segments and campaigns again.",
        "released" => "The rules decide again.",
        "rfm" => "Saved. Scores follow it from the next computation of segments on.",
        "typed" => "The type is changed. It counts from the next computation of segments on.",
        "barred" => "Saved: which fields are barred from offers.",
        "requeued" => "Tried again: what fails again comes back to this page.",
        "dropped" => "Deleted.",
        "gone" => "It is not there any more: tried again already, or at this moment by somebody else.",
        "columns-forgotten" => "Forgotten: the next file of the kind asks what its columns are.",
        "clock" => "The example's clock has moved.",
        _ => null,
    };
}
