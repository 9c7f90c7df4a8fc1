using Campaigns.Core.Ingest;
using Campaigns.Core.Jobs;
using Campaigns.Core.Offers;
using Campaigns.Core.Planning;
using Campaigns.Core.Primitives;

namespace Campaigns.Core.Dispatch;

/// <summary>Everything a message can say. The names in templates stand in <see cref="TemplateCheck"/>.</summary>
public sealed record MessageFields
{
    /// <summary>The sending record.</summary>
    public required SendId Id { get; init; }

    /// <summary>Mailbox or E.164 number.</summary>
    public required string To { get; init; }

    /// <summary>Campaign.</summary>
    public required string Campaign { get; init; }

    /// <summary>First name, or "".</summary>
    public string FirstName { get; init; } = "";

    /// <summary>The shop.</summary>
    public required string ShopName { get; init; }

    /// <summary>The offer.</summary>
    public required Offer Offer { get; init; }

    /// <summary>When it ends; null = no end is said.</summary>
    public DateTimeOffset? OfferEndsAt { get; init; }

    /// <summary>The recipient's time zone.</summary>
    public required TimeZoneInfo Zone { get; init; }

    /// <summary>Products.</summary>
    public IReadOnlyList<RecommendedProduct> Products { get; init; } = [];

    /// <summary>Signed unsubscribe address.</summary>
    public required string UnsubscribeUrl { get; init; }

    /// <summary>Signed click address that leads to the shop.</summary>
    public required string ShopUrl { get; init; }

    /// <summary>Signed address of the picture that shows an open.</summary>
    public required string OpenUrl { get; init; }

    /// <summary>The shop's postal address.</summary>
    public required string PostalAddress { get; init; }

    /// <summary>ISO 4217 currency of amounts.</summary>
    public string Currency { get; init; } = "";

    /// <summary>Replies reach nobody: the way out is a link.</summary>
    public bool OneWay { get; init; }

    /// <summary>Text messages keep letters outside the GSM alphabet.</summary>
    public bool KeepSmsLetters { get; init; }

    /// <summary>The instant of sending, business time.</summary>
    public required DateTimeOffset SentAt { get; init; }

    /// <summary>The fields of one customer's message.</summary>
    public static MessageFields Of(
        SendId id, string campaign, CustomerRow customer, Channel channel, bool oneWay, Offer offer, DateTimeOffset? offerEndsAt, IReadOnlyList<RecommendedProduct> products, WorkspaceSettings settings, IMessageLinks links, DateTimeOffset sentAt) =>
        Of(id, campaign, new SentFields(customer.AddressOn(channel) ?? "", customer.FirstName ?? "", customer.TimeZone ?? "", [], "", 0, oneWay), offer, offerEndsAt, products, settings, links, sentAt);

    /// <summary>The same from what a sending record kept; <paramref name="settings"/> are those of the sending.</summary>
    public static MessageFields Of(
        SendId id, string campaign, SentFields sent, Offer offer, DateTimeOffset? offerEndsAt, IReadOnlyList<RecommendedProduct> products, WorkspaceSettings settings, IMessageLinks links, DateTimeOffset sentAt) =>
        new()
        {
            Id = id,
            To = sent.To,
            Campaign = campaign,
            FirstName = sent.FirstName,
            ShopName = settings.Name,
            Offer = offer,
            OfferEndsAt = offerEndsAt,
            Zone = QuietHours.ZoneOf(sent.Zone.Length > 0 ? sent.Zone : null, settings.TimeZone),
            Products = products,
            UnsubscribeUrl = links.Unsubscribe(id),
            ShopUrl = links.Click(id, Uri.TryCreate(settings.ShopUrl, UriKind.Absolute, out var shop) ? shop : new Uri(settings.PublicBaseUrl)),
            OpenUrl = links.Open(id),
            PostalAddress = settings.PostalAddress,
            Currency = settings.Currency,
            OneWay = sent.OneWay,
            KeepSmsLetters = settings.KeepSmsLetters,
            SentAt = sentAt,
        };

    /// <summary>What the record keeps of them, with the message that they made.</summary>
    public SentFields Kept(string letterhead, OutgoingMessage message) =>
        new(To, FirstName, Zone.Id, [.. Products.Select(p => new SentProduct(p.Sku, p.Name, p.Reason))], letterhead, SentFields.FingerprintOf(message.Subject, message.Html, message.Text), OneWay);

    /// <summary>When the offer ends for a message sent at <paramref name="sentAt"/>: after its hours, else with the outcome window; never after it ends for everybody.</summary>
    public static DateTimeOffset OfferEnd(Offer offer, DateTimeOffset sentAt, DateTimeOffset windowEnd)
    {
        var own = offer.ValidHours > 0 ? sentAt.AddHours(offer.ValidHours) : windowEnd;
        return offer.ValidUntil < own ? offer.ValidUntil.Value : own;
    }
}
