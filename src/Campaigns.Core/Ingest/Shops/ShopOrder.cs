using System.Globalization;
using System.Text.Json;

namespace Campaigns.Core.Ingest.Shops;

/// <summary>An order as a shop system posts it, made one of ours: what its own export as a file would come to.</summary>
internal sealed record ShopOrder
{
    /// <summary>Id, the same as in the system's export.</summary>
    public required string Id { get; init; }

    /// <summary>Customer's id, or "" where the address tells the customer.</summary>
    public string CustomerId { get; init; } = "";

    /// <summary>E-mail address, or "".</summary>
    public string Email { get; init; } = "";

    /// <summary>Phone number, or "".</summary>
    public string Phone { get; init; } = "";

    /// <summary>When it was placed (ISO 8601).</summary>
    public required string OrderedAt { get; init; }

    /// <summary>When this version was made (ISO 8601).</summary>
    public required string UpdatedAt { get; init; }

    /// <summary>ISO 4217 currency.</summary>
    public string Currency { get; init; } = "";

    /// <summary>First coupon code, or "".</summary>
    public string Coupon { get; init; } = "";

    /// <summary>Country, or "".</summary>
    public string Country { get; init; } = "";

    /// <summary>Nothing of it is left: its lines are followed by their return.</summary>
    public bool Cancelled { get; init; }

    /// <summary>Money given back that no returned units explain, as a share of what was paid, in [0, 1): lowers the lines' prices.</summary>
    public decimal RefundedShare { get; init; }

    /// <summary>The items.</summary>
    public IReadOnlyList<ShopLine> Lines { get; init; } = [];

    /// <summary>Writes it as an order of our own JSON.</summary>
    public void WriteTo(Utf8JsonWriter to)
    {
        to.WriteStartObject();
        foreach (var (name, value) in ((string, string)[])[
            ("order_id", Id), ("customer_id", CustomerId), ("email", Email), ("phone", Phone), ("ordered_at", OrderedAt), ("updated_at", UpdatedAt),
            ("currency", Currency), ("coupon_code", Coupon), ("country", Country)])
        {
            if (value.Length > 0)
            {
                to.WriteString(name, value);
            }
        }

        to.WriteStartArray("lines");
        foreach (var line in Lines)
        {
            var kept = line with { Price = line.Price * (1 - RefundedShare), Discount = line.Discount * (1 - RefundedShare) };
            Write(to, kept, line.Quantity, kept.Discount);
            if ((Cancelled ? line.Quantity : Math.Min(line.Returned, line.Quantity)) is > 0 and var back)
            {
                Write(to, kept, -back, kept.Discount * back / line.Quantity);
            }
        }

        to.WriteEndArray();
        to.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter to, ShopLine line, long quantity, decimal discount)
    {
        to.WriteStartObject();
        to.WriteString("sku", line.Sku.Length > ImportLimits.SkuLength ? line.Sku[..ImportLimits.SkuLength] : line.Sku);
        to.WriteString("name", line.Name);
        to.WriteNumber("quantity", quantity);
        to.WriteString("unit_price", line.Price.ToString("0.########", CultureInfo.InvariantCulture));
        to.WriteString("discount_amount", discount.ToString("0.########", CultureInfo.InvariantCulture));
        to.WriteEndObject();
    }
}

/// <summary>An item.</summary>
/// <param name="Sku">Product.</param>
/// <param name="Name">Its name.</param>
/// <param name="Quantity">Units ordered, &gt; 0.</param>
/// <param name="Price">Unit price before discount, major units.</param>
/// <param name="Discount">Discount on the line, major units.</param>
/// <param name="Returned">Units that came back.</param>
internal readonly record struct ShopLine(string Sku, string Name, long Quantity, decimal Price, decimal Discount, long Returned = 0);
