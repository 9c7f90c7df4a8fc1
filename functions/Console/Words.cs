using Campaigns.Core.Measurement;
using Campaigns.Core.Offers;
using Campaigns.Core.Planning;
using Campaigns.Core.Primitives;
using Campaigns.Core.Segments;

namespace Campaigns.Functions.Console;

/// <summary>A marketer's words for what code calls otherwise.</summary>
public static class Words
{
    /// <summary>"At risk".</summary>
    public static string Segment(string? segment) => segment switch
    {
        SegmentNames.Lost => "Lost",
        SegmentNames.AtRisk => "At risk",
        SegmentNames.New => "New",
        SegmentNames.Loyal => "Loyal",
        SegmentNames.PriceSensitive => "Price-sensitive",
        SegmentNames.Regular => "Regular",
        null or "" => "Everyone",
        _ => segment,
    };

    /// <summary>Who is in the segment, in half a sentence.</summary>
    public static string About(string segment) => segment switch
    {
        SegmentNames.Lost => "Silent for longer than 95 % of the gaps between orders in this shop",
        SegmentNames.AtRisk => "Silent for longer than twice their own usual gap between orders",
        SegmentNames.New => "Ordered once, and lately",
        SegmentNames.Loyal => "Order often, lately and for much",
        SegmentNames.PriceSensitive => "Buy mostly at a discount",
        _ => "Order, and nothing sets them apart",
    };

    /// <summary>What is drafted for the segment.</summary>
    public static string DraftName(string segment) => segment switch
    {
        SegmentNames.Loyal => "members' exclusive",
        SegmentNames.PriceSensitive => "48-hour discount",
        SegmentNames.New => "second order",
        SegmentNames.Regular => "picked for you",
        _ => "win-back",
    };

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
        _ => "Discount for a limited time",
    };

    /// <summary>Why somebody was left out or not sent to.</summary>
    public static string Reason(string reason) => reason switch
    {
        ExclusionReasons.DoNotContact => "on the do-not-contact list",
        ExclusionReasons.ReentryPause => "written to by this campaign lately",
        ExclusionReasons.StillMeasured => "still being measured in an earlier send",
        ExclusionReasons.FrequencyCap => "had enough messages lately",
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
        "paused" => "Paused: nothing more is sent until you resume.",
        "resumed" => "Resumed.",
        "finished" => "Finished: there will be no more sends.",
        "deleted" => "The draft is deleted.",
        "stopped" => "All sending is stopped.",
        "tested" => "The test message is sent.",
        "recompute" => "Segments are being computed; this page shows them in a moment.",
        "clock" => "The example's clock has moved.",
        _ => null,
    };
}
