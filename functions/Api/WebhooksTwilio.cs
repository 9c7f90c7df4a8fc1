using System.Globalization;
using Campaigns.Channels.Twilio;
using Campaigns.Core.Jobs;
using Campaigns.Core.Tracking;
using Campaigns.Functions.Hosting;

namespace Campaigns.Functions.Api;

/// <summary>
/// <c>POST /webhooks/twilio/{token}</c>: the status of a text message. The token, signed by us when the message was sent, says
/// which message; Twilio's signature says that the report is Twilio's.
/// </summary>
internal static class WebhooksTwilio
{
    /// <summary>A report has a few dozen short fields.</summary>
    private const long BodyBytes = 64 * 1024;

    /// <summary>Errors after which a number cannot be reached by text message at all: not a mobile number, a landline, unknown carrier.</summary>
    private static readonly int[] NeverAgain = [21614, 21635, 30006];

    /// <summary>The recipient replied STOP.</summary>
    private const int OptedOut = 21610;

    public static async Task<IResult> ReceiveAsync(
        string token, HttpContext context, WebhookKeys keys, Workspace workspace, WorkQueues queues, CancellationToken cancellation)
    {
        WebhooksApi.LimitBody(context, BodyBytes);
        if (!context.Request.HasFormContentType)
        {
            return ApiRoutes.Refuse(StatusCodes.Status415UnsupportedMediaType, "A report is a form.");
        }

        var form = (await context.Request.ReadFormAsync(cancellation)).SelectMany(f => f.Value.Select(v => KeyValuePair.Create(f.Key, v ?? ""))).ToList();
        var settings = await workspace.SettingsAsync(cancellation);
        // Behind the Functions host the request's own host is not the one that Twilio called and signed.
        var url = settings.PublicBaseUrl.TrimEnd('/') + context.Request.Path.ToUriComponent() + context.Request.QueryString.ToUriComponent();
        if (!TwilioSignature.IsValid(keys.TwilioAuthToken, url, form, context.Request.Headers[TwilioSignature.Header].ToString())
            || SignedLinks.Of(settings).Read(LinkPurpose.Status, token) is not LinkReading.Valid message)
        {
            return WebhooksApi.NotProven();
        }

        if (KindOf(Field("MessageStatus"), int.TryParse(Field("ErrorCode"), NumberStyles.None, CultureInfo.InvariantCulture, out var code) ? code : 0) is { } kind)
        {
            await queues.SendAsync(WebhooksApi.MessagesOf([new Touch(message.Id.ToString(), kind, await workspace.NowAsync(cancellation))]), cancellation);
        }

        return Results.NoContent();

        string Field(string name) => form.Find(f => f.Key == name).Value ?? "";
    }

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
