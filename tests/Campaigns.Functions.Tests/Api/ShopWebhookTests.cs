using System.Net;
using System.Security.Cryptography;
using System.Text;
using Campaigns.Core.Ingest;
using Campaigns.Core.Profiles;
using Campaigns.Core.Storage;

namespace Campaigns.Functions.Tests.Api;

/// <summary>Orders that shop systems post: what is signed is imported within the minute, everything else is refused and leaves nothing behind.</summary>
public sealed class ShopWebhookTests
{
    private const string Secret = "hush-hush-hush";

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Posts_of_Shopify_in_any_order_and_any_number_leave_the_newest_version_of_the_order()
    {
        await using var app = await StartAsync();
        string[] versions =
        [
            Shopify("2025-03-01T11:00:00-05:00", "paid"),
            Shopify("2025-03-01T12:00:00-05:00", "partially_refunded", """[{"refund_line_items": [{"line_item_id": 11, "quantity": 1}], "transactions": [{"kind": "refund", "status": "success", "amount": "9.00"}]}]"""),
        ];
        foreach (var body in (string[])[versions[1], versions[0], versions[1]])
        {
            Assert.Equal(HttpStatusCode.NoContent, await PostAsync(app, "shopify", body));
        }

        await app.TickAsync("ApplyWebhooks");
        Assert.Equal(HttpStatusCode.NoContent, await PostAsync(app, "shopify", versions[0]));
        await app.TickAsync("ApplyWebhooks");

        var order = Assert.Single(await OrdersAsync(app));
        Assert.Equal(("#1001", "email:ann@shop.example", "TEN", "GB", new DateTime(2025, 3, 1, 15, 0, 0)), (order.OrderId, order.CustomerId, order.CouponCode, order.Country, order.OrderedAt.UtcDateTime));
        Assert.Equal([("MUG", 2, 200L), ("MUG", -1, -100L), ("Spoon", 1, 0L)], order.Lines.Select(l => (l.Sku, l.Quantity, l.DiscountMinor)));
        Assert.Equal(1_400, Assert.Single(NetOrders.Of([order]).Orders).AmountMinor);
        Assert.Empty((await app.GetAsync("/api/imports")).EnumerateArray());
        Assert.Empty(await SpooledAsync(app));
    }

    [Fact]
    public async Task A_cancelled_order_counts_for_nothing_and_a_test_order_never_did()
    {
        await using var app = await StartAsync();
        await PostAsync(app, "shopify", Shopify("2025-03-01T11:00:00Z", "voided"));
        await PostAsync(app, "shopify", Shopify("2025-03-01T11:00:00Z", "paid").Replace("\"#1001\"", "\"#1002\", \"test\": true", StringComparison.Ordinal));
        await PostAsync(app, "woocommerce", Woo("cancelled"));
        await app.TickAsync("ApplyWebhooks");

        var orders = await OrdersAsync(app);
        Assert.Equal(["#1001", "77"], orders.Select(o => o.OrderId).Order(StringComparer.Ordinal));
        Assert.All(orders, o => Assert.Empty(NetOrders.Of([o]).Orders));
    }

    [Fact]
    public async Task Orders_of_WooCommerce_are_what_their_export_is()
    {
        await using var app = await StartAsync();
        await PostAsync(app, "woocommerce", Woo("processing", """[{"id": 1, "total": "-8.40"}]"""));
        await PostAsync(app, "woocommerce", """{"id": 78}""", topic: "order.deleted");
        await app.TickAsync("ApplyWebhooks");

        var order = Assert.Single(await OrdersAsync(app));
        Assert.Equal(("77", "7", "SPRING", new DateTime(2025, 3, 1, 10, 0, 0)), (order.OrderId, order.CustomerId, order.CouponCode, order.OrderedAt.UtcDateTime));
        Assert.Equal([("MUG", 3, 240L, 2_160L), ("502", 1, 0L, 960L)], order.Lines.Select(l => (l.Sku, l.Quantity, l.DiscountMinor, l.AmountMinor)));
    }

    [Fact]
    public async Task What_cannot_be_read_is_kept_as_a_rejected_row_and_stops_nothing()
    {
        await using var app = await StartAsync();
        await PostAsync(app, "shopify", "no JSON");
        await PostAsync(app, "shopify", "[1]");
        await PostAsync(app, "shopify", """{"name": "\ud800"}""");
        await PostAsync(app, "shopify", """{"name": "#3", "created_at": "2025-03-01T11:00:00Z", "line_items": [{"name": "Mug", "quantity": 1, "price": "1"}]}""");
        await PostAsync(app, "shopify", Shopify("2025-03-01T11:00:00Z", "paid"));
        await app.TickAsync("ApplyWebhooks");

        Assert.Equal("#1001", Assert.Single(await OrdersAsync(app)).OrderId);
        var import = Assert.Single((await app.GetAsync("/api/imports")).EnumerateArray());
        Assert.Equal(4, import.GetProperty("summary").GetProperty("rejected").GetInt32());
        var rejects = await app.Admin.GetStringAsync($"/api/imports/{import.GetProperty("id").GetString()}/rejects", Cancelled);
        Assert.Contains("no JSON", rejects, StringComparison.Ordinal);
        Assert.Contains("guest sale", rejects, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("shopify")]
    [InlineData("woocommerce")]
    public async Task Unsigned_wrongly_signed_or_without_a_secret_is_403_and_too_large_is_413(string system)
    {
        await using var app = await StartAsync();
        var body = Shopify("2025-03-01T11:00:00Z", "paid");
        Assert.Equal(HttpStatusCode.Forbidden, await PostAsync(app, system, body, signature: null));
        Assert.Equal(HttpStatusCode.Forbidden, await PostAsync(app, system, body, signature: "AAAA"));
        Assert.Equal(HttpStatusCode.Forbidden, await PostAsync(app, system, body, signature: Sign("another", body)));
        Assert.Equal(HttpStatusCode.Forbidden, await PostAsync(app, system, body + " ", signature: Sign(Secret, body)));
        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, await PostAsync(app, system, new string(' ', (5 * 1024 * 1024) + 1)));
        Assert.Empty(await SpooledAsync(app));

        await using var bare = await AppUnderTest.StartAsync();
        Assert.Equal(HttpStatusCode.Forbidden, await PostAsync(bare, system, body));
        Assert.Equal(HttpStatusCode.Forbidden, await PostAsync(bare, system, body, signature: Sign("", body)));
        Assert.Empty(await SpooledAsync(bare));
    }

    [Fact]
    public async Task WooCommerce_may_try_the_address_before_the_first_order()
    {
        await using var app = await StartAsync();
        Assert.Equal(HttpStatusCode.NoContent, await PostAsync(app, "woocommerce", "webhook_id=12", signature: null));
        Assert.Equal(HttpStatusCode.Forbidden, await PostAsync(app, "woocommerce", "webhook_id=12&x=1", signature: null));
        Assert.Empty(await SpooledAsync(app));
    }

    private static Task<AppUnderTest> StartAsync() => AppUnderTest.StartAsync(false, "--Shops:Shopify:WebhookSecret=" + Secret, "--Shops:WooCommerce:WebhookSecret=" + Secret);

    private static string Sign(string secret, string body) => Convert.ToBase64String(HMACSHA256.HashData(Encoding.UTF8.GetBytes(secret), Encoding.UTF8.GetBytes(body)));

    private static Task<HttpStatusCode> PostAsync(AppUnderTest app, string system, string body, string? topic = null) => PostAsync(app, system, body, Sign(Secret, body), topic);

    private static async Task<HttpStatusCode> PostAsync(AppUnderTest app, string system, string body, string? signature, string? topic = null)
    {
        var shopify = system == "shopify";
        using var request = new HttpRequestMessage(HttpMethod.Post, "/webhooks/" + system) { Content = new StringContent(body, Encoding.UTF8, "application/json") };
        request.Headers.Add(shopify ? "X-Shopify-Topic" : "X-WC-Webhook-Topic", topic ?? (shopify ? "orders/updated" : "order.updated"));
        if (signature is not null)
        {
            request.Headers.TryAddWithoutValidation(shopify ? "X-Shopify-Hmac-Sha256" : "X-WC-Webhook-Signature", signature);
        }

        using var answer = await app.Anonymous.SendAsync(request, Cancelled);
        return answer.StatusCode;
    }

    private static async Task<List<OrderRow>> OrdersAsync(AppUnderTest app)
    {
        var found = new List<OrderRow>();
        await foreach (var partition in app.Get<IRowStore>().PartitionsAsync(Tables.Customers, Cancelled))
        {
            await foreach (var row in app.Get<IRowStore>().ScanPrefixAsync(Tables.Customers, partition, "o|", Cancelled))
            {
                found.Add(RowCodec.Decode<OrderRow>(row.Payload));
            }
        }

        return found;
    }

    private static async Task<List<string>> SpooledAsync(AppUnderTest app)
    {
        var found = new List<string>();
        await foreach (var blob in app.Get<IBlobStore>().ListAsync("shop-orders/", Cancelled))
        {
            found.Add(blob.Name);
        }

        return found;
    }

    private static string Shopify(string updated, string status, string refunds = "[]") => $$"""
        {"id": 9001, "name": "#1001", "email": "Ann@Shop.example", "created_at": "2025-03-01T10:00:00-05:00", "updated_at": "{{updated}}",
         "currency": "GBP", "financial_status": "{{status}}", "total_price": "23.00", "discount_codes": [{"code": "TEN", "amount": "2.00"}],
         "shipping_address": {"country_code": "GB"}, "refunds": {{refunds}},
         "line_items": [{"id": 11, "sku": "MUG", "name": "Mug", "quantity": 2, "price": "10.00", "discount_allocations": [{"amount": "2.00"}]},
                        {"id": 12, "sku": "", "name": "Spoon", "quantity": 1, "price": "5.00", "discount_allocations": []}]}
        """;

    private static string Woo(string status, string refunds = "[]") => $$"""
        {"id": 77, "number": "77", "status": "{{status}}", "currency": "GBP", "date_created": "2025-03-01T11:00:00", "date_created_gmt": "2025-03-01T10:00:00",
         "date_modified_gmt": "2025-03-02T10:00:00", "total": "42.00", "customer_id": 7, "billing": {"email": "ann@shop.example", "country": "GB"},
         "coupon_lines": [{"code": "SPRING"}], "refunds": {{refunds}},
         "line_items": [{"id": 1, "sku": "MUG", "product_id": 501, "name": "Mug", "quantity": 3, "subtotal": "30.00", "total": "27.00"},
                        {"id": 2, "sku": "", "product_id": 502, "name": "Spoon", "quantity": 1, "subtotal": "12.00", "total": "12.00"}]}
        """;
}
