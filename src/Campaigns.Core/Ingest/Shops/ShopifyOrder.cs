using System.Text.Json;

namespace Campaigns.Core.Ingest.Shops;

/// <summary>
/// An order of Shopify's webhooks <c>orders/…</c> (Admin API, resource Order), read as its export is: the customer is the e-mail
/// address, else the phone number; <c>name</c> is the id. Pure.
/// </summary>
internal static class ShopifyOrder
{
    /// <summary>The order; null for test orders, which nobody placed.</summary>
    public static ShopOrder? Of(JsonElement order)
    {
        if (order.TryGetProperty("test", out var test) && test.ValueKind == JsonValueKind.True)
        {
            return null;
        }

        var customer = order.Object("customer");
        var returned = Returned(order);
        var (paid, back) = (order.Amount("total_price"), Refunded(order));
        return new ShopOrder
        {
            Id = ShopJson.Any(order.Text("name"), order.Text("id")),
            Email = ShopJson.Any(order.Text("email"), order.Text("contact_email"), customer.Text("email")),
            Phone = ShopJson.Any(order.Text("phone"), customer.Text("phone"), order.Object("billing_address").Text("phone"), order.Object("shipping_address").Text("phone")),
            OrderedAt = order.Text("created_at"),
            UpdatedAt = order.Text("updated_at"),
            Currency = order.Text("currency"),
            Coupon = order.Each("discount_codes").Select(c => c.Text("code")).FirstOrDefault(""),
            Country = ShopJson.Any(order.Object("shipping_address").Text("country_code"), order.Object("billing_address").Text("country_code")),
            Cancelled = order.Text("financial_status") is "voided" or "refunded" || order.Text("cancelled_at").Length > 0 || (paid > 0 && back >= paid),
            RefundedShare = returned.Count == 0 && paid > 0 && back < paid ? back / paid : 0,
            Lines = [.. order.Each("line_items").Where(l => l.Count("quantity") > 0).Select(l => Line(l, returned))],
        };
    }

    private static ShopLine Line(JsonElement line, Dictionary<string, long> returned)
    {
        var name = ShopJson.Any(line.Text("name"), line.Text("title"));
        return new ShopLine(
            ShopJson.Any(line.Text("sku"), name),
            name,
            line.Count("quantity"),
            line.Amount("price"),
            line.Each("discount_allocations").Sum(d => d.Amount("amount")),
            returned.GetValueOrDefault(line.Text("id")));
    }

    /// <summary>Units that came back, by line.</summary>
    private static Dictionary<string, long> Returned(JsonElement order) => order.Each("refunds")
        .SelectMany(r => r.Each("refund_line_items"))
        .GroupBy(l => l.Text("line_item_id"), StringComparer.Ordinal)
        .ToDictionary(g => g.Key, g => g.Sum(l => l.Count("quantity")), StringComparer.Ordinal);

    private static decimal Refunded(JsonElement order) => order.Each("refunds")
        .SelectMany(r => r.Each("transactions"))
        .Where(t => t.Text("kind") == "refund" && t.Text("status") is "success" or "")
        .Sum(t => t.Amount("amount"));
}
