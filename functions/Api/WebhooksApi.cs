using System.Text;
using Campaigns.Channels.SendGrid;
using Campaigns.Core.Jobs;
using Campaigns.Core.Storage;
using Campaigns.Core.Tracking;
using Campaigns.Functions.Access;
using Microsoft.AspNetCore.Http.Features;

namespace Campaigns.Functions.Api;

/// <summary>What proves that a webhook's request is the provider's; where one is not set, its webhook refuses everything.</summary>
/// <param name="TwilioAuthToken">Auth token of the Twilio account, or "".</param>
/// <param name="SendGridPublicKey">Public key of SendGrid's signed Event Webhook, or "".</param>
/// <param name="ShopifySecret">Secret that Shopify signs webhooks with, or "".</param>
/// <param name="WooCommerceSecret">Secret of WooCommerce's webhooks, or "".</param>
public sealed record WebhookKeys(string TwilioAuthToken, string SendGridPublicKey, string ShopifySecret, string WooCommerceSecret)
{
    /// <summary>From the settings of the channels. Throws <see cref="InvalidOperationException"/> where a key is none.</summary>
    public static WebhookKeys Of(IConfiguration configuration)
    {
        var keys = new WebhookKeys(
            configuration["Channels:Twilio:AuthToken"]?.Trim() ?? "",
            configuration["Channels:SendGrid:WebhookPublicKey"]?.Trim() ?? "",
            configuration["Shops:Shopify:WebhookSecret"]?.Trim() ?? "",
            configuration["Shops:WooCommerce:WebhookSecret"]?.Trim() ?? "");
        return keys.SendGridPublicKey.Length == 0 || SendGridSignature.IsKey(keys.SendGridPublicKey)
            ? keys
            : throw new InvalidOperationException("Channels:SendGrid:WebhookPublicKey is no public key: copy the verification key from SendGrid's settings of the signed Event Webhook.");
    }

    /// <summary>Without the token.</summary>
    public override string ToString() => "Keys of webhooks";
}

/// <summary>
/// Reports of the providers about our messages, and orders of shop systems. They need no API key: a signature proves them. What they report is kept
/// before they are answered, so that a failure makes them report again, and applied within the minute: see <see cref="TouchSpool"/>.
/// Replies of recipients go through queue "touch" and are applied at once.
/// </summary>
public static class WebhooksApi
{
    /// <summary>Bytes of touches per message: below the queue's 48 KiB, with room for the envelope.</summary>
    private const int BytesPerMessage = QueueLimits.BodyBytes - 1024;

    /// <summary>Maps <c>/webhooks</c>.</summary>
    public static void MapWebhooks(this IEndpointRouteBuilder app)
    {
        var webhooks = app.MapGroup("/webhooks").WithMetadata(new OpenMark());
        webhooks.MapPost("/twilio", WebhooksTwilio.ReplyAsync);
        webhooks.MapPost("/twilio/{token}", WebhooksTwilio.ReceiveAsync);
        webhooks.MapPost("/sendgrid", WebhooksSendGrid.ReceiveAsync);
        webhooks.MapPost("/shopify", WebhooksShops.ShopifyAsync);
        webhooks.MapPost("/woocommerce", WebhooksShops.WooCommerceAsync);
    }

    /// <summary>The messages that carry the touches, each within the queue's limit.</summary>
    public static IReadOnlyList<Outgoing> MessagesOf(IEnumerable<Touch> touches)
    {
        var messages = new List<Outgoing>();
        var (batch, bytes) = (new List<Touch>(), 0);
        foreach (var touch in touches)
        {
            var size = Encoding.UTF8.GetByteCount(Touch.ToContent(touch).GetRawText());
            if (bytes + size > BytesPerMessage)
            {
                Flush();
            }

            batch.Add(touch);
            bytes += size;
        }

        Flush();
        return messages;

        void Flush()
        {
            if (batch.Count > 0)
            {
                messages.Add(new Outgoing(TouchDue.Queue, new Envelope { Content = Touch.ToContent([.. batch]) }.ToJson()));
                (batch, bytes) = ([], 0);
            }
        }
    }

    /// <summary>Reads at most so many bytes of a body: more throws the error that is answered with 413.</summary>
    internal static void LimitBody(HttpContext context, long bytes)
    {
        if (context.Request.ContentLength > bytes)
        {
            throw new BadHttpRequestException("The body is too large.", StatusCodes.Status413PayloadTooLarge);
        }

        if (context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } limit)
        {
            limit.MaxRequestBodySize = bytes;
        }
    }

    /// <summary>One sentence for every way in which a request fails to prove itself: it tells a stranger nothing.</summary>
    internal static IResult NotProven() =>
        ApiRoutes.Refuse(StatusCodes.Status403Forbidden, "The signature does not fit, or this webhook is not set up: see the settings of the channel.");
}
