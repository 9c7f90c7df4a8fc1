using System.Globalization;
using System.Xml.Linq;
using Campaigns.Channels.Twilio;
using Campaigns.Core.Ingest;
using Campaigns.Core.Jobs;
using Campaigns.Core.Tracking;
using Campaigns.Functions.Hosting;

namespace Campaigns.Functions.Api;

/// <summary>
/// <c>POST /webhooks/twilio/{token}</c>: the status of a text message. The token, signed by us when the message was sent, says
/// which message; Twilio's signature says that the report is Twilio's. <c>POST /webhooks/twilio</c>: a reply.
/// </summary>
internal static class WebhooksTwilio
{
    /// <summary>A report has a few dozen short fields.</summary>
    private const long BodyBytes = 64 * 1024;

    /// <summary>Errors after which a number cannot be reached by text message at all: not a mobile number, a landline, unknown carrier.</summary>
    private static readonly int[] NeverAgain = [21614, 21635, 30006];

    /// <summary>The recipient replied STOP.</summary>
    private const int OptedOut = 21610;

    /// <summary>The status of a message.</summary>
    public static async Task<IResult> ReceiveAsync(
        string token, HttpContext context, WebhookKeys keys, Workspace workspace, TouchSpool spool, CancellationToken cancellation)
    {
        var (form, refusal) = await ProvenAsync(context, keys, workspace, cancellation);
        if (refusal is not null)
        {
            return refusal;
        }

        if (SignedLinks.Of(await workspace.SettingsAsync(cancellation)).Read(LinkPurpose.Status, token) is not LinkReading.Valid message)
        {
            return WebhooksApi.NotProven();
        }

        if (KindOf(Field(form, "MessageStatus"), int.TryParse(Field(form, "ErrorCode"), NumberStyles.None, CultureInfo.InvariantCulture, out var code) ? code : 0) is { } kind)
        {
            await spool.KeepAsync([new Touch(message.Id.ToString(), kind, await workspace.NowAsync(cancellation))], cancellation);
        }

        return Results.NoContent();
    }

    /// <summary>A reply to a text message: opt-outs hold for the number, whoever has it. Answered in TwiML, with a message only where Twilio sends none by itself.</summary>
    public static async Task<IResult> ReplyAsync(HttpContext context, WebhookKeys keys, Workspace workspace, WorkQueues queues, CancellationToken cancellation)
    {
        var (form, refusal) = await ProvenAsync(context, keys, workspace, cancellation);
        if (refusal is not null)
        {
            return refusal;
        }

        var (settings, text) = (await workspace.SettingsAsync(cancellation), Field(form, "Body"));
        var kind = Field(form, "OptOutType") switch
        {
            "STOP" => ReplyKind.Stop,
            "START" => ReplyKind.Start,
            "HELP" => ReplyKind.Help,
            _ => ReplyWords.Of(text),
        };
        if (kind is ReplyKind.Stop or ReplyKind.Start && Addresses.Phone(Field(form, "From"), settings.Country) is { } phone)
        {
            var touch = kind == ReplyKind.Stop ? TouchKind.Unsubscribed : TouchKind.Resubscribed;
            await queues.SendAsync(WebhooksApi.MessagesOf([new Touch("", touch, await workspace.NowAsync(cancellation), Phone: phone)]), cancellation);
        }

        var answered = Field(form, "OptOutType").Length > 0 || ReplyWords.AnsweredByProvider(text);
        return TwiML(answered ? null : kind switch
        {
            ReplyKind.Stop => $"{settings.Name}: you get no more text messages from us.",
            ReplyKind.Start => $"{settings.Name}: you get our text messages again. Reply STOP to opt out.",
            ReplyKind.Help => $"{settings.Name}{(settings.PostalAddress.Length > 0 ? ", " + settings.PostalAddress : "")}. Reply STOP to opt out.",
            _ => null,
        });
    }

    /// <summary>The form, or why the request is refused.</summary>
    private static async ValueTask<(List<KeyValuePair<string, string>> Form, IResult? Refusal)> ProvenAsync(HttpContext context, WebhookKeys keys, Workspace workspace, CancellationToken cancellation)
    {
        WebhooksApi.LimitBody(context, BodyBytes);
        if (!context.Request.HasFormContentType)
        {
            return ([], ApiRoutes.Refuse(StatusCodes.Status415UnsupportedMediaType, "A report is a form."));
        }

        var form = (await context.Request.ReadFormAsync(cancellation)).SelectMany(f => f.Value.Select(v => KeyValuePair.Create(f.Key, v ?? ""))).ToList();
        // Behind the Functions host the request's own host is not the one that Twilio called and signed.
        var url = (await workspace.SettingsAsync(cancellation)).PublicBaseUrl.TrimEnd('/') + context.Request.Path.ToUriComponent() + context.Request.QueryString.ToUriComponent();
        return TwilioSignature.IsValid(keys.TwilioAuthToken, url, form, context.Request.Headers[TwilioSignature.Header].ToString())
            ? (form, null)
            : ([], WebhooksApi.NotProven());
    }

    private static string Field(List<KeyValuePair<string, string>> form, string name) => form.Find(f => f.Key == name).Value ?? "";

    private static IResult TwiML(string? message) =>
        Results.Text(new XElement("Response", message is null ? null : new XElement("Message", message)).ToString(SaveOptions.DisableFormatting), "text/xml");

    /// <summary>What a status says; null for those on the way. Statuses come in any order: the later fold only goes forward.</summary>
    internal static TouchKind? KindOf(string status, int error) => status switch
    {
        "sent" => TouchKind.Accepted,
        "delivered" or "read" => TouchKind.Delivered,
        "undelivered" or "failed" => error == OptedOut ? TouchKind.Unsubscribed
            : NeverAgain.Contains(error) ? TouchKind.HardBounced
            : TouchKind.SoftBounced,
        _ => null,
    };
}
