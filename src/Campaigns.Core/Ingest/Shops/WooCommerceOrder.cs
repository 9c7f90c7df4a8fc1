using System.Text.Json;
using Campaigns.Core.Ingest.Csv;

namespace Campaigns.Core.Ingest.Shops;

/// <summary>
/// An order of WooCommerce's webhooks <c>order.…</c> (REST API v3, resource Order), read as its export is: the customer is
/// <c>customer_id</c>, for guests (0) the billing e-mail address. Pure.
/// </summary>
internal static class WooCommerceOrder
{
    /// <summary>The order.</summary>
    public static ShopOrder Of(JsonElement order)
    {
        var billing = order.Object("billing");
        var (paid, back) = (order.Amount("total"), order.Each("refunds").Sum(r => Math.Abs(r.Amount("total"))));
        return new ShopOrder
        {
            Id = order.Text("id"),
            CustomerId = order.Text("customer_id") is "0" ? "" : order.Text("customer_id"),
            Email = billing.Text("email"),
            Phone = billing.Text("phone"),
            OrderedAt = Utc(order.Text("date_created_gmt")) is { Length: > 0 } created ? created : order.Text("date_created"),
            UpdatedAt = Utc(order.Text("date_modified_gmt")) is { Length: > 0 } modified ? modified : order.Text("date_modified"),
            Currency = order.Text("currency"),
            Coupon = order.Each("coupon_lines").Select(c => c.Text("code")).FirstOrDefault(""),
            Country = ShopJson.Any(billing.Text("country"), order.Object("shipping").Text("country")),
            Cancelled = WooCommerceCsv.IsDead(order.Text("status")) || (paid > 0 && back >= paid),
            RefundedShare = paid > 0 && back < paid ? back / paid : 0,
            Lines = [.. order.Each("line_items").Where(l => l.Count("quantity") > 0).Select(Line)],
        };
    }

    private static ShopLine Line(JsonElement line)
    {
        var (units, before, after) = (line.Count("quantity"), line.Amount("subtotal"), line.Amount("total"));
        return new ShopLine(
            ShopJson.Any(line.Text("sku"), line.Text("product_id")), line.Text("name"), units, before / units, Math.Max(0, before - after));
    }

    /// <summary>The GMT fields come without a zone.</summary>
    private static string Utc(string time) => time.Length == 0 || time.EndsWith('Z') ? time : time + "Z";
}
