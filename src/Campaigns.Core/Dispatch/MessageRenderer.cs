using System.Globalization;
using System.Net;
using System.Runtime.CompilerServices;
using System.Text;
using Campaigns.Core.Planning;
using Campaigns.Core.Primitives;
using HandlebarsDotNet;

namespace Campaigns.Core.Dispatch;

/// <summary>What rendering came to.</summary>
public abstract record RenderResult
{
    /// <summary>Ready to go.</summary>
    public sealed record Rendered(OutgoingMessage Message) : RenderResult;

    /// <summary>It cannot go out like this; <paramref name="Problem"/> is a sentence.</summary>
    public sealed record Refused(string Problem) : RenderResult;
}

/// <summary>
/// Makes messages from templates (Handlebars) and fields. Values are encoded in HTML; the layout adds what the law asks for
/// where a template lacks it: an unsubscribe link and the postal address. Safe for any number of threads.
/// </summary>
public sealed class MessageRenderer
{
    /// <summary>The most characters of HTML: Gmail cuts e-mails above 102 KB, and with them the unsubscribe link.</summary>
    public const int MaxHtmlLength = 100_000;

    /// <summary>The most characters of a subject: RFC 5322 line length; inboxes show about 60.</summary>
    public const int MaxSubjectLength = 250;

    /// <summary>Added to text messages that name no way out. Providers act on the word by themselves.</summary>
    public const string SmsOptOut = "Reply STOP to opt out";

    /// <summary>The same where replies reach nobody; the link follows.</summary>
    public const string SmsOptOutByLink = "Opt out: ";

    /// <summary>Said of a discount where the law asks for it: Directive 2011/83/EU, article 6 (1) (ea).</summary>
    public const string PersonalPrice = "This price was personalised for you by automated decision-making.";

    /// <summary>By the very object, which a run holds as long as it sends: comparing would read the whole text for every message.</summary>
    private readonly ConditionalWeakTable<MessageTemplate, Ready> ready = new();
    private readonly IHandlebars html = Handlebars.Create(new HandlebarsConfiguration());
    private readonly IHandlebars text = Handlebars.Create(new HandlebarsConfiguration { NoEscape = true });

    /// <summary>What is wrong with a template, in sentences; empty where nothing is. Ask before saving.</summary>
    public static IReadOnlyList<string> Validate(MessageTemplate template) => TemplateCheck.Problems(template);

    /// <summary>True where the template shows recommended products on the channel.</summary>
    public static bool UsesProducts(MessageTemplate template, Channel channel) => channel == Channel.Sms
        ? template.Sms?.Contains("products", StringComparison.Ordinal) == true
        : template.Html.Contains("products", StringComparison.Ordinal) || template.Subject.Contains("products", StringComparison.Ordinal)
            || template.Text?.Contains("products", StringComparison.Ordinal) == true;

    /// <summary>The message for the channel.</summary>
    public RenderResult Render(MessageTemplate template, MessageFields fields, Channel channel)
    {
        var parts = ready.GetValue(template, t => new Ready(t, html, text));
        if (parts.Problem is { } problem)
        {
            return new RenderResult.Refused(problem);
        }

        try
        {
            var model = Model(fields);
            return channel == Channel.Sms ? Sms(parts, fields, model) : Email(parts, fields, model);
        }
        catch (HandlebarsException error)
        {
            return new RenderResult.Refused(error.Message);
        }
    }

    private static RenderResult Email(Ready template, MessageFields fields, Dictionary<string, object> model)
    {
        if (template.Html is not { } html)
        {
            return new RenderResult.Refused("The variant has no e-mail.");
        }

        var subject = OneLine(template.Subject.Value(model));
        var body = html.Value(model);
        var plain = template.Text is { } own ? own.Value(model) : PlainText.Of(body);
        var page = WithLayout(body, fields);
        return subject.Length is 0 or > MaxSubjectLength ? new RenderResult.Refused($"The subject has {subject.Length} characters; 1 to {MaxSubjectLength} are allowed.")
            : page.Length > MaxHtmlLength ? new RenderResult.Refused($"The e-mail has {page.Length:N0} characters; the most are {MaxHtmlLength:N0}.")
            : new RenderResult.Rendered(new OutgoingMessage
            {
                Id = fields.Id,
                To = fields.To,
                Subject = subject,
                Html = page,
                Text = WithFooter(plain, fields),
                UnsubscribeUrl = fields.UnsubscribeUrl,
                Campaign = fields.Campaign,
                At = fields.SentAt,
            });
    }

    private static RenderResult Sms(Ready template, MessageFields fields, Dictionary<string, object> model)
    {
        if (template.Sms is not { } sms)
        {
            return new RenderResult.Refused("The variant has no text message.");
        }

        var filled = sms.Value(model).Trim();
        var message = fields.KeepSmsLetters ? filled : GsmText.Of(filled);
        var hasWayOut = message.Contains(fields.UnsubscribeUrl, StringComparison.Ordinal)
            || (!fields.OneWay && NamesStop(message));
        var whole = hasWayOut ? message : $"{message} {(fields.OneWay ? SmsOptOutByLink + fields.UnsubscribeUrl : SmsOptOut)}";
        return whole.Length > SmsLength.MaxCharacters
            ? new RenderResult.Refused($"The text message has {whole.Length} characters; the most are {SmsLength.MaxCharacters}.")
            : new RenderResult.Rendered(new OutgoingMessage { Id = fields.Id, To = fields.To, Text = whole, Campaign = fields.Campaign, At = fields.SentAt });
    }

    private static bool NamesStop(string message) =>
        message.Split([' ', '.', ',', ':', ';', '\n', '!', '"', '\''], StringSplitOptions.RemoveEmptyEntries).Contains("STOP", StringComparer.Ordinal);

    private static Dictionary<string, object> Model(MessageFields fields) => new()
    {
        ["firstName"] = fields.FirstName,
        ["shopName"] = fields.ShopName,
        ["shopUrl"] = fields.ShopUrl,
        ["unsubscribeUrl"] = fields.UnsubscribeUrl,
        ["postalAddress"] = fields.PostalAddress,
        ["offer"] = new Dictionary<string, object>
        {
            ["name"] = fields.Offer.Name,
            ["code"] = fields.Offer.Code ?? "",
            ["discountPercent"] = (int)Math.Round(fields.Offer.DiscountShare * 100, MidpointRounding.AwayFromZero),
            ["discountAmount"] = fields.Offer.DiscountMinor > 0 ? new Money(fields.Offer.DiscountMinor, fields.Currency).ToString() : "",
            ["leastOrder"] = fields.Offer.LeastOrderMinor > 0 ? new Money(fields.Offer.LeastOrderMinor, fields.Currency).ToString() : "",
            ["endsAt"] = fields.OfferEndsAt is { } end ? ForPeople(TimeZoneInfo.ConvertTime(end, fields.Zone)) : "",
        },
        ["personalPriceNotice"] = fields.Offer.IsDiscount ? PersonalPrice : "",
        ["products"] = fields.Products.Select(p => new Dictionary<string, object> { ["name"] = p.Name, ["reason"] = p.Reason }).ToArray(),
    };

    /// <summary>"Tuesday 24 November, 14:30": the recipient's own clock, so without the zone's name.</summary>
    private static string ForPeople(DateTimeOffset local) => local.ToString("dddd d MMMM, HH:mm", CultureInfo.InvariantCulture);

    /// <summary>The page around the body. Put together once: a copy of each page for each step was a third of what a send left to collect.</summary>
    private static string WithLayout(string body, MessageFields fields)
    {
        var isPage = body.Contains("<html", StringComparison.OrdinalIgnoreCase);
        var footer = string.Concat(
            fields.PostalAddress.Length > 0 && !Shows(body, fields.PostalAddress)
                ? $"<p style=\"color: #666; font-size: 12px\">{WebUtility.HtmlEncode($"{fields.ShopName}, {fields.PostalAddress}")}</p>\n"
                : "",
            body.Contains(fields.UnsubscribeUrl, StringComparison.Ordinal)
                ? ""
                : $"<p style=\"color: #666; font-size: 12px\"><a href=\"{fields.UnsubscribeUrl}\">Unsubscribe</a></p>\n",
            $"<img src=\"{fields.OpenUrl}\" width=\"1\" height=\"1\" alt=\"\">\n");
        var end = body.LastIndexOf("</body>", StringComparison.OrdinalIgnoreCase);
        return isPage
            ? string.Concat(body.AsSpan()[..(end < 0 ? body.Length : end)], footer, end < 0 ? "" : body.AsSpan()[end..])
            : $"{PageStart}{body}\n{footer}{PageEnd}";
    }

    private const string PageStart =
        "<!DOCTYPE html>\n<html>\n<head><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"></head>\n<body style=\"font-family: Arial, sans-serif; line-height: 1.5; max-width: 600px; margin: 0 auto; padding: 16px\">\n";

    private const string PageEnd = "</body>\n</html>";

    /// <summary>However its characters are written: only a page with entities has to be decoded.</summary>
    private static bool Shows(string html, string words) =>
        html.Contains(words, StringComparison.Ordinal) || (html.Contains('&', StringComparison.Ordinal) && WebUtility.HtmlDecode(html).Contains(words, StringComparison.Ordinal));

    private static string WithFooter(string plain, MessageFields fields)
    {
        var whole = new StringBuilder(plain.Trim());
        if (fields.PostalAddress.Length > 0 && !plain.Contains(fields.PostalAddress, StringComparison.Ordinal))
        {
            whole.Append("\n\n").Append(fields.ShopName).Append(", ").Append(fields.PostalAddress);
        }

        if (!plain.Contains(fields.UnsubscribeUrl, StringComparison.Ordinal))
        {
            whole.Append("\n\nUnsubscribe: ").Append(fields.UnsubscribeUrl);
        }

        return whole.ToString();
    }

    private static string OneLine(string subject)
    {
        var clean = new StringBuilder(subject.Length);
        foreach (var c in subject)
        {
            clean.Append(char.IsControl(c) ? ' ' : c);
        }

        return clean.ToString().Trim();
    }

    /// <summary>A template, checked once, its parts compiled where they are asked for.</summary>
    private sealed class Ready(MessageTemplate template, IHandlebars html, IHandlebars text)
    {
        public string? Problem { get; } = Validate(template) is [var first, ..] ? first : null;

        public Lazy<HandlebarsTemplate<object, object>> Subject { get; } = new(() => text.Compile(template.Subject));

        public Lazy<HandlebarsTemplate<object, object>>? Html { get; } = Of(template.Html, html);

        public Lazy<HandlebarsTemplate<object, object>>? Text { get; } = template.Text is { } own ? new(() => text.Compile(own)) : null;

        public Lazy<HandlebarsTemplate<object, object>>? Sms { get; } = Of(template.Sms, text);

        private static Lazy<HandlebarsTemplate<object, object>>? Of(string? source, IHandlebars with) => string.IsNullOrWhiteSpace(source) ? null : new(() => with.Compile(source));
    }
}
