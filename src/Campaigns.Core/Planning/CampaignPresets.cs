using Campaigns.Core.Offers;
using Campaigns.Core.Primitives;
using Campaigns.Core.Segments;

namespace Campaigns.Core.Planning;

/// <summary>Campaigns ready to launch, or to change first: what the console's form could have made. The demo runs the first three.</summary>
public static class CampaignPresets
{
    /// <summary>Customers at risk: products that follow from their own and similar customers' purchases.</summary>
    public static Campaign WinBack { get; } = Make(
        "win-back",
        "Win-back",
        SegmentNames.AtRisk,
        new Offer { Id = "recommended", Name = "Picked for you", Kind = OfferKind.Recommendation },
        "{{#if firstName}}{{firstName}}, we{{else}}We{{/if}} picked something for you",
        "It has been a while. From what you bought before, these may be for you:",
        "It has been a while{{#if firstName}}, {{firstName}}{{/if}}. New picks for you at {{shopName}}: {{shopUrl}} Reply STOP to opt out",
        products: true);

    /// <summary>Loyal customers: a gift that only members get.</summary>
    public static Campaign MembersExclusive { get; } = Make(
        "members-exclusive",
        "Members' exclusive",
        SegmentNames.Loyal,
        new Offer { Id = "members-gift", Name = "a gift with your next order", Kind = OfferKind.ExclusiveBenefit, Code = "MEMBERS", BenefitCostMinor = 150 },
        "{{#if firstName}}{{firstName}}, something{{else}}Something{{/if}} only for members",
        "Thank you for being with us. For you alone: {{offer.name}}. Enter the code <strong>{{offer.code}}</strong> when you order.",
        "Only for members of {{shopName}}: {{offer.name}}, code {{offer.code}}: {{shopUrl}} Reply STOP to opt out");

    /// <summary>Price-sensitive customers: a discount that ends 48 hours after the message went out.</summary>
    public static Campaign FortyEightHours { get; } = Make(
        "48-hours",
        "48-hour discount",
        SegmentNames.PriceSensitive,
        new Offer { Id = "48h-discount", Name = "15 % off everything", Kind = OfferKind.TimeLimitedDiscount, DiscountShare = 0.15, ValidHours = 48, Code = "48HOURS" },
        "{{offer.discountPercent}} % off, for 48 hours",
        "{{offer.discountPercent}} % off everything until {{offer.endsAt}}. Enter the code <strong>{{offer.code}}</strong> when you order.",
        "{{offer.discountPercent}} % off at {{shopName}} until {{offer.endsAt}}, code {{offer.code}}: {{shopUrl}} Reply STOP to opt out");

    /// <summary>Any other customers: products that follow from their own and similar customers' purchases, in words that fit everybody.</summary>
    public static Campaign PickedForYou { get; } = Make(
        "picked-for-you",
        "Picked for you",
        SegmentNames.Regular,
        new Offer { Id = "recommended", Name = "Picked for you", Kind = OfferKind.Recommendation },
        "{{#if firstName}}{{firstName}}, picked{{else}}Picked{{/if}} for you",
        "From what you bought before, these may be for you:",
        "{{#if firstName}}{{firstName}}, new{{else}}New{{/if}} picks for you at {{shopName}}: {{shopUrl}} Reply STOP to opt out",
        products: true);

    /// <summary>The three campaigns of the demo.</summary>
    public static IReadOnlyList<Campaign> Demo { get; } = [MembersExclusive, WinBack, FortyEightHours];

    /// <summary>
    /// A draft for a segment under the given id, with the offer that suits it: lost customers are won back as those at risk
    /// are, all others see products chosen for them. A coupon code becomes the draft's own, so that redemptions of
    /// two campaigns are told apart.
    /// </summary>
    /// <param name="segment">Id of a segment of any scheme.</param>
    /// <param name="id">Id of the draft: lower-case letters, digits and hyphens.</param>
    /// <param name="name">Name for people; null = the preset's.</param>
    public static Campaign DraftFor(string segment, string id, string? name = null)
    {
        var preset = segment switch
        {
            SegmentNames.Loyal => MembersExclusive,
            SegmentNames.PriceSensitive => FortyEightHours,
            SegmentNames.AtRisk or SegmentNames.Lost => WinBack,
            _ => PickedForYou,
        };
        var fallback = segment == SegmentNames.New ? "Second order" : preset.Name;
        var own = string.Equals(id, preset.Id, StringComparison.Ordinal) ? "" : "-" + StableHash.Id(id)[..4].ToUpperInvariant();
        return preset with
        {
            Id = id,
            Name = name ?? fallback,
            Segments = [segment],
            Treatments = [.. preset.Treatments.Select(t => t with { Offer = t.Offer with { Code = t.Offer.Code is { } code ? code + own : null } })],
        };
    }

    private static Campaign Make(string id, string name, string segment, Offer offer, string subject, string body, string sms, bool products = false) => new()
    {
        Id = id,
        Name = name,
        Segments = [segment],
        Treatments =
        [
            new Treatment
            {
                Id = offer.Id,
                Offer = offer,
                Template = new MessageTemplate { Subject = subject, Html = Html(body, products), Text = Text(body, products), Sms = sms },
            },
        ],
    };

    private static string Html(string body, bool products) =>
        $$$"""
        <p>Hello{{#if firstName}} {{firstName}}{{/if}},</p>
        <p>{{{body}}}</p>
        {{{(products ? "<ul>\n{{#each products}}<li><strong>{{name}}</strong>{{#if reason}} – {{reason}}{{/if}}</li>\n{{/each}}</ul>\n" : "")}}}<p><a href="{{shopUrl}}">To the shop</a></p>
        <p>Your {{shopName}}</p>
        """;

    private static string Text(string body, bool products) =>
        $$$"""
        Hello{{#if firstName}} {{firstName}}{{/if}},

        {{{body.Replace("<strong>", "", StringComparison.Ordinal).Replace("</strong>", "", StringComparison.Ordinal)}}}

        {{{(products ? "{{#each products}}- {{name}}{{#if reason}} – {{reason}}{{/if}}\n{{/each}}\n" : "")}}}To the shop: {{shopUrl}}

        Your {{shopName}}
        {{postalAddress}}
        No more such messages: {{unsubscribeUrl}}
        """;
}
