using System.Security.Cryptography;
using System.Text;
using Campaigns.Core.Ingest;

namespace Campaigns.Functions.Api;

/// <summary>
/// <c>POST /webhooks/shopify</c> and <c>/webhooks/woocommerce</c>: orders as they are placed and changed. Each is signed with a secret that
/// only the shop system and we know: base64 of HMAC-SHA256 over the bytes of the body. What is signed is kept as it came, and imported
/// within the minute: see <see cref="ShopSpool"/>.
/// See https://shopify.dev/docs/apps/build/webhooks/subscribe/https and https://woocommerce.github.io/woocommerce-rest-api-docs/#webhooks.
/// </summary>
internal static class WebhooksShops
{
    /// <summary>An order of some thousand lines.</summary>
    private const long BodyBytes = 5 * 1024 * 1024;

    /// <summary>WooCommerce tries an address with it before the first order: no order, unsigned.</summary>
    private const string Ping = "webhook_id=";

    public static Task<IResult> ShopifyAsync(HttpContext context, WebhookKeys keys, ShopSpool spool, CancellationToken cancellation) => ReceiveAsync(
        context, keys.ShopifySecret, "X-Shopify-Hmac-Sha256", context.Request.Headers["X-Shopify-Topic"].ToString().StartsWith("orders/", StringComparison.Ordinal), ShopSystem.Shopify, spool, cancellation);

    public static Task<IResult> WooCommerceAsync(HttpContext context, WebhookKeys keys, ShopSpool spool, CancellationToken cancellation) => ReceiveAsync(
        context,
        keys.WooCommerceSecret,
        "X-WC-Webhook-Signature",
        context.Request.Headers["X-WC-Webhook-Topic"].ToString() is var topic && topic.StartsWith("order.", StringComparison.Ordinal) && topic != "order.deleted",
        ShopSystem.WooCommerce,
        spool,
        cancellation);

    /// <summary>The signature is the secret's over the body. Compared in constant time; an empty secret accepts nothing.</summary>
    internal static bool IsSigned(string secret, ReadOnlySpan<byte> body, string signature) =>
        secret.Length > 0 && CryptographicOperations.FixedTimeEquals(
            Encoding.ASCII.GetBytes(Convert.ToBase64String(HMACSHA256.HashData(Encoding.UTF8.GetBytes(secret), body))), Encoding.UTF8.GetBytes(signature));

    private static async Task<IResult> ReceiveAsync(
        HttpContext context, string secret, string header, bool isOrder, ShopSystem system, ShopSpool spool, CancellationToken cancellation)
    {
        WebhooksApi.LimitBody(context, BodyBytes);
        using var raw = new MemoryStream();
        await context.Request.Body.CopyToAsync(raw, cancellation);
        var body = raw.GetBuffer().AsMemory(0, (int)raw.Length);
        if (!IsSigned(secret, body.Span, context.Request.Headers[header].ToString()))
        {
            return secret.Length > 0 && system == ShopSystem.WooCommerce && IsPing(body.Span) ? Results.NoContent() : WebhooksApi.NotProven();
        }

        if (isOrder)
        {
            await spool.KeepAsync(system, body, cancellation);
        }

        return Results.NoContent(); // Other topics need nothing: an order's refunds come with the order.
    }

    private static bool IsPing(ReadOnlySpan<byte> body) =>
        body.Length is > 11 and < 32 && body.StartsWith(Encoding.ASCII.GetBytes(Ping)) && !body[Ping.Length..].ContainsAnyExceptInRange((byte)'0', (byte)'9');
}
