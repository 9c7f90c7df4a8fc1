using System.Text.Json;
using Campaigns.Channels.SendGrid;
using Campaigns.Core.Jobs;
using Campaigns.Core.Primitives;
using Campaigns.Core.Storage;
using Campaigns.Core.Tracking;

namespace Campaigns.Functions.Api;

/// <summary>
/// <c>POST /webhooks/sendgrid</c>: SendGrid's signed Event Webhook. Events come at least once and in any order; which message
/// they are about stands in our custom argument. Events of messages that are not ours are left alone.
/// </summary>
internal static class WebhooksSendGrid
{
    /// <summary>SendGrid posts at most some hundred kilobytes at a time.</summary>
    private const long BodyBytes = 2 * 1024 * 1024;

    /// <summary>The most characters of an event's id that are kept, for tracing.</summary>
    private const int EventIdLength = 100;

    public static async Task<IResult> ReceiveAsync(
        HttpContext context, WebhookKeys keys, Workspace workspace, TouchSpool spool, TimeProvider time, CancellationToken cancellation)
    {
        WebhooksApi.LimitBody(context, BodyBytes);
        using var raw = new MemoryStream();
        await context.Request.Body.CopyToAsync(raw, cancellation);
        var body = raw.GetBuffer().AsMemory(0, (int)raw.Length);
        var timestamp = context.Request.Headers[SendGridSignature.TimestampHeader].ToString();
        if (!SendGridSignature.IsFresh(timestamp, time.GetUtcNow())
            || !SendGridSignature.IsValid(keys.SendGridPublicKey, timestamp, body.Span, context.Request.Headers[SendGridSignature.Header].ToString()))
        {
            return WebhooksApi.NotProven();
        }

        List<Touch> touches;
        try
        {
            using var events = JsonDocument.Parse(body);
            touches = TouchesOf(events.RootElement, await workspace.NowAsync(cancellation), await workspace.SimulatedNowAsync(cancellation) is not null);
        }
        catch (JsonException error)
        {
            return ApiRoutes.Refuse(StatusCodes.Status400BadRequest, $"The events cannot be read: {error.Message}");
        }

        await spool.KeepAsync(touches, cancellation);
        return Results.NoContent();
    }

    /// <summary>The touches in an array of events. Throws <see cref="JsonException"/> where it is none.</summary>
    /// <param name="events">The body.</param>
    /// <param name="now">Business time.</param>
    /// <param name="simulated">The store keeps its own time, in which the events' times mean nothing.</param>
    internal static List<Touch> TouchesOf(JsonElement events, DateTimeOffset now, bool simulated)
    {
        if (events.ValueKind != JsonValueKind.Array)
        {
            throw new JsonException("an array of events is expected.");
        }

        var touches = new List<Touch>();
        foreach (var one in events.EnumerateArray().Where(e => e.ValueKind == JsonValueKind.Object))
        {
            var send = Text(one, SendGridChannel.SendIdArgument);
            if (RowLimits.IsKey(send) && SendId.Parse(send) is not null && KindOf(one) is { } kind)
            {
                var at = one.TryGetProperty("timestamp", out var t) && t.ValueKind == JsonValueKind.Number && t.TryGetInt64(out var seconds) && seconds > 0 && seconds < now.ToUnixTimeSeconds()
                    ? DateTimeOffset.FromUnixTimeSeconds(seconds)
                    : now;
                var id = Text(one, "sg_event_id");
                touches.Add(new Touch(send, kind, simulated ? now : at, IsMachine(one), id.Length is 0 or > EventIdLength ? null : id));
            }
        }

        return touches;
    }

    /// <summary>What an event says; null for those that say nothing about the message's fate.</summary>
    private static TouchKind? KindOf(JsonElement one) => Text(one, "event") switch
    {
        "processed" => TouchKind.Accepted,
        "delivered" => TouchKind.Delivered,
        // Only a hard bounce says that the address does not exist; "blocked" is this server, this time.
        "bounce" => Text(one, "type") == "bounce" ? TouchKind.HardBounced : TouchKind.SoftBounced,
        // Not even tried: SendGrid has the address on a list of its own, which is kept on ours, too.
        "dropped" => Text(one, "reason") switch
        {
            "Bounced Address" or "Invalid" => TouchKind.HardBounced,
            "Unsubscribed Address" or "Spam Reporting Address" => TouchKind.Unsubscribed,
            _ => TouchKind.SoftBounced,
        },
        "open" => TouchKind.Opened,
        "click" => TouchKind.Clicked,
        "spamreport" => TouchKind.Complained,
        "unsubscribe" or "group_unsubscribe" => TouchKind.Unsubscribed,
        _ => null, // "deferred" is tried again; "group_resubscribe" is no consent that we could prove.
    };

    /// <summary>Opened by a mail program of its own accord. Such opens are kept, marked, and left out of figures.</summary>
    private static bool IsMachine(JsonElement one) => one.TryGetProperty("sg_machine_open", out var machine) && machine.ValueKind == JsonValueKind.True;

    private static string Text(JsonElement one, string name) =>
        one.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString()! : "";
}
