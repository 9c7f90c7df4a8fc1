namespace Campaigns.Core.Ingest.Csv;

/// <summary>
/// Shopify's export of orders: a row per line item, grouped by <c>Name</c>; the order's cells (<c>Email</c>, <c>Financial Status</c>,
/// <c>Currency</c>, <c>Subtotal</c>, <c>Total</c>, <c>Discount Code</c>, <c>Discount Amount</c>, <c>Created at</c>, <c>Cancelled at</c>,
/// <c>Refunded Amount</c>) stand on its first row alone; items are <c>Lineitem name</c>, <c>sku</c>, <c>quantity</c>, <c>price</c> and
/// <c>discount</c>. The customer is the e-mail address, else the phone number; cells may begin with an apostrophe.
/// </summary>
internal sealed class ShopifyCsv : ExportCsv
{
    private readonly int status;
    private readonly int cancelledAt;
    private readonly int subtotal;
    private readonly int total;
    private readonly int discountAmount;
    private readonly int refunded;
    private long subtotalMinor;

    public ShopifyCsv(CsvTable table, ReadingContext context)
        : base(table, new OrderCells(table, context, ColumnsOf(table), new Dates(context.Zone, context.DateFormats)))
    {
        (status, cancelledAt) = (table.Find("Financial Status"), table.Find("Cancelled at"));
        (subtotal, total, refunded) = (table.Find("Subtotal"), table.Find("Total"), table.Find("Refunded Amount"));
        discountAmount = table.Find("Discount Amount");
    }

    /// <inheritdoc/>
    protected override string? ReadOrder()
    {
        subtotalMinor = 0;
        if (!Cells.TryOptional(subtotal, out subtotalMinor) || !Cells.TryOptional(total, out var paid) || !Cells.TryOptional(refunded, out var back))
        {
            return "Subtotal, Total or Refunded Amount is not an amount of 0 or more";
        }

        if (!Cells.TryOptional(discountAmount, out var discount))
        {
            return "Discount Amount is not an amount of 0 or more";
        }

        (OrderDiscount, Payment) = (discount, (paid, back));
        var state = Cells[status];
        Cancelled = state.Equals("voided", StringComparison.OrdinalIgnoreCase) || state.Equals("refunded", StringComparison.OrdinalIgnoreCase)
            || (paid > 0 && back >= paid) || !Cells[cancelledAt].IsEmpty;
        return null;
    }

    /// <inheritdoc/>
    protected override string? ReadItem()
    {
        if ((Cells.ReadSku(Cells.Columns.Sku, out var sku) ?? Cells.ReadQuantity(out _)) is { } reason)
        {
            return reason;
        }

        Cells.ReadQuantity(out var units);
        if (units < 0 || !Cells.TryAmountE4(Cells.Columns.UnitPrice, out var price) || price < 0)
        {
            return units < 0 ? "the quantity is not a number other than 0" : "the unit price is not an amount of 0 or more";
        }

        if (!Cells.TryDiscount(false, out var off))
        {
            return "Lineitem discount is not an amount of 0 or more";
        }

        Cells.ReadProductName();
        var name = Cells.Record.ProductName;
        Lines.Add(new ExportLine(sku.Length > 0 || name is null ? sku : name[..Math.Min(name.Length, ImportLimits.SkuLength)], name, units, price, off));
        return null;
    }

    /// <summary>
    /// A code's discount is the order's, and so may be one on shipping: what the goods were sold below their prices is the
    /// difference to the subtotal, which is after discounts and before shipping.
    /// </summary>
    protected override void EndOrder()
    {
        var byLine = Lines.Sum(l => l.DiscountMinor);
        var below = subtotal >= 0 ? Lines.Sum(l => l.ListMinor) - subtotalMinor : OrderDiscount;
        OrderDiscount = OrderDiscount > 0 ? Math.Max(0, below - byLine) : 0;
    }

    private static OrderColumns ColumnsOf(CsvTable table) => new()
    {
        OrderId = table.Find("Name"),
        Email = table.Find("Email"),
        Phone = table.FindAny("Phone", "Billing Phone", "Shipping Phone"),
        OrderedAt = table.Find("Created at") is >= 0 and var created ? created : table.FindAny("Paid at") is >= 0 and var paid
            ? paid : table.Require("Created at", "an export of Shopify orders has it"),
        Currency = table.Find("Currency"),
        CouponCode = table.Find("Discount Code"),
        Country = table.FindAny("Shipping Country", "Billing Country"),
        Sku = table.Find("Lineitem sku"),
        ProductName = table.Find("Lineitem name"),
        Quantity = table.Find("Lineitem quantity"),
        UnitPrice = table.Find("Lineitem price"),
        Discounts = table.Find("Lineitem discount") is >= 0 and var discount ? [discount] : [],
        Apostrophes = true,
    };
}
