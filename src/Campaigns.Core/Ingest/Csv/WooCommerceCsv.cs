using Campaigns.Core.Primitives;

namespace Campaigns.Core.Ingest.Csv;

/// <summary>
/// WooCommerce's Customer/Order/Coupon Export with a row per order (<c>order_total</c> less <c>shipping_total</c>, <c>tax_total</c>
/// and <c>fee_total</c>; <c>discount_total</c>) or per item (<c>item_sku</c>, <c>item_quantity</c>, <c>item_subtotal</c> before and
/// <c>item_total</c> after discount, <c>item_refunded_qty</c>), the order's cells on each. The customer is <c>customer_id</c>, for
/// guests (0) <c>billing_email</c>. Orders that failed, were cancelled or refunded, or still wait for payment at the checkout count for nothing.
/// </summary>
internal sealed class WooCommerceCsv : ExportCsv
{
    private static readonly string[] Dead = ["cancelled", "failed", "refunded", "pending", "checkout-draft", "trash"];

    /// <summary>As the export writes dates once a spreadsheet has been over it.</summary>
    private static readonly string[] DateFormats = ["M/d/yyyy H:mm", "M/d/yyyy H:mm:ss", "yyyy/MM/dd H:mm:ss"];

    private readonly bool items;
    private readonly int status;
    private readonly int total;
    private readonly int refunded;
    private readonly int[] addedOn;
    private readonly int discount;
    private readonly int itemSubtotal;
    private readonly int itemTotal;
    private readonly int itemRefunded;
    private readonly int productId;
    private readonly int coupons;

    public WooCommerceCsv(CsvTable table, ReadingContext context, bool items)
        : base(table, new OrderCells(table, context, ColumnsOf(table), new Dates(context.Zone, context.DateFormat is null ? DateFormats : context.DateFormats)))
    {
        this.items = items;
        (status, total, refunded) = (table.FindAny("status", "order_status"), table.Find("order_total"), table.Find("refunded_total"));
        addedOn = [table.Find("shipping_total"), table.Find("tax_total"), table.Find("fee_total")];
        discount = table.FindAny("discount_total", "cart_discount");
        (itemSubtotal, itemTotal) = (table.FindAny("item_subtotal", "item_total"), table.FindAny("item_total", "item_subtotal"));
        (itemRefunded, productId) = (table.Find("item_refunded_qty"), table.Find("item_product_id"));
        coupons = table.FindAny("coupon_items", "coupons");
    }

    /// <summary>Orders of the status count for nothing.</summary>
    public static bool IsDead(string status) =>
        Dead.Contains(status.StartsWith("wc-", StringComparison.OrdinalIgnoreCase) ? status[3..] : status, StringComparer.OrdinalIgnoreCase);

    /// <inheritdoc/>
    protected override string? ReadOrder()
    {
        if (!Cells.TryOptional(total, out var paid) || !Cells.TryOptional(refunded, out var back))
        {
            return "order_total or refunded_total is not an amount of 0 or more";
        }

        Cancelled = IsDead(Cells[status].ToString()) || (paid > 0 && back >= paid);
        Payment = (paid, back);
        Cells.Record.CouponCode = Coupon();
        return null;
    }

    /// <inheritdoc/>
    protected override string? ReadItem() => items ? ReadLine() : ReadWhole();

    /// <inheritdoc/>
    protected override void EndOrder()
    {
        if (Lines.Exists(static l => l.RefundedUnits > 0))
        {
            Payment = default; // The refund is in the items.
        }
    }

    private string? ReadWhole()
    {
        var goods = Cells.TryOptional(total, out var paid) ? paid : 0;
        foreach (var column in addedOn)
        {
            if (!Cells.TryOptional(column, out var added))
            {
                return "shipping_total, tax_total or fee_total is not an amount of 0 or more";
            }

            goods -= added;
        }

        if (!Cells.TryOptional(discount, out var off))
        {
            return "discount_total is not an amount of 0 or more";
        }

        Lines.Add(new ExportLine("", null, Money.UnitPriceScale, (Math.Max(0, goods) + off) * Money.UnitPriceScale, off));
        return null;
    }

    private string? ReadLine()
    {
        if (Cells.ReadQuantity(out var units) is { } reason || units < 0)
        {
            return "the quantity is not a number other than 0";
        }

        if (!Cells.TryOptional(itemSubtotal, out var before) || !Cells.TryOptional(itemTotal, out var after))
        {
            return "item_subtotal or item_total is not an amount of 0 or more";
        }

        var back = Amounts.TryParseE4(Cells[itemRefunded], Table.DecimalComma, out var returned) ? returned : 0;
        var price = (long)((Int128)before * Money.UnitPriceScale * Money.UnitPriceScale / units);
        if (Cells.ReadSku(Cells[Cells.Columns.Sku].IsEmpty ? productId : Cells.Columns.Sku, out var sku) is { } tooLong)
        {
            return tooLong;
        }

        Cells.ReadProductName();
        Lines.Add(new ExportLine(
            sku, Cells.Record.ProductName, units, price, Math.Max(0, before - after), (int)(Math.Abs(back) / Money.UnitPriceScale)));
        return null;
    }

    /// <summary>The first coupon's code: the cell reads <c>id:7|code:SPRING|amount:5.00;id:…</c>.</summary>
    private string? Coupon()
    {
        const string Mark = "code:";
        var cell = Cells[coupons];
        var at = cell.IndexOf(Mark, StringComparison.Ordinal);
        if (at < 0)
        {
            return null;
        }

        cell = cell[(at + Mark.Length)..];
        var end = cell.IndexOfAny('|', ';');
        cell = (end < 0 ? cell : cell[..end]).Trim();
        return Cells.Pool.Get(cell[..Math.Min(cell.Length, ImportLimits.TextLength)]);
    }

    private static OrderColumns ColumnsOf(CsvTable table) => new()
    {
        OrderId = table.Find("order_id"),
        CustomerId = table.FindAny("customer_id", "customer_user"),
        Email = table.FindAny("billing_email", "customer_email"),
        Phone = table.Find("billing_phone"),
        OrderedAt = table.FindAny("order_date", "date"),
        Currency = table.FindAny("order_currency", "currency"),
        Country = table.FindAny("billing_country", "shipping_country"),
        Sku = table.Find("item_sku"),
        ProductName = table.Find("item_name"),
        Quantity = table.Find("item_quantity"),
        ZeroIsGuest = true,
    };
}
