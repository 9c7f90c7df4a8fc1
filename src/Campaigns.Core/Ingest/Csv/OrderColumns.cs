namespace Campaigns.Core.Ingest.Csv;

/// <summary>Where a table has our fields; −1 = nowhere.</summary>
internal sealed record OrderColumns
{
    private const string Purpose = "a file of orders has order_id, customer_id (or email or phone), ordered_at, and total or sku, quantity and unit_price";

    public required int OrderId { get; init; }

    public int CustomerId { get; init; } = -1;

    public int Email { get; init; } = -1;

    public int Phone { get; init; } = -1;

    public required int OrderedAt { get; init; }

    public int UpdatedAt { get; init; } = -1;

    public int Currency { get; init; } = -1;

    public int CouponCode { get; init; } = -1;

    public int Country { get; init; } = -1;

    public int Event { get; init; } = -1;

    public int Sku { get; init; } = -1;

    public int ProductName { get; init; } = -1;

    public int Quantity { get; init; } = -1;

    public int UnitPrice { get; init; } = -1;

    /// <summary>What was paid: for the whole order, or for the line where the row has a product. −1 where prices are given instead.</summary>
    public int Total { get; init; } = -1;

    /// <summary>Their sum is the discount.</summary>
    public int[] Discounts { get; init; } = [];

    public int Category { get; init; } = -1;

    public int UnitCost { get; init; } = -1;

    /// <summary>Cells that begin with an apostrophe, which keeps spreadsheets from reading them as numbers, are read without it.</summary>
    public bool Apostrophes { get; init; }

    /// <summary>Customer ids went through floating point: "17850.0".</summary>
    public bool FloatingIds { get; init; }

    /// <summary>The customer id 0 is a guest.</summary>
    public bool ZeroIsGuest { get; init; }

    /// <summary>Currency of all rows, or null.</summary>
    public string? FixedCurrency { get; init; }

    /// <summary>Our own fields by name or map. Throws <see cref="Jobs.JobFailedException"/> naming what is missing.</summary>
    public static OrderColumns Own(CsvTable table, ColumnMap map) => Named(table, map, static field => [field]);

    /// <summary>The Online Retail export, in either edition's names.</summary>
    public static OrderColumns OnlineRetail(CsvTable table, ColumnMap map) => Named(table, map, static field => field switch
    {
        "order_id" => ["InvoiceNo", "Invoice"],
        "customer_id" => ["CustomerID", "Customer ID"],
        "ordered_at" => ["InvoiceDate"],
        "sku" => ["StockCode"],
        "quantity" => ["Quantity"],
        "unit_price" => ["UnitPrice", "Price"],
        "product_name" => ["Description"],
        "total" => [],
        _ => [field],
    }) with
    { FloatingIds = true, FixedCurrency = "GBP" };

    private static OrderColumns Named(CsvTable table, ColumnMap map, Func<string, string[]> names)
    {
        int Find(string field) => map.Has(field) ? map.Find(table, field) : table.FindAny(names(field));
        int Require(string field) => Find(field) is >= 0 and var column ? column : table.Require(names(field) is [var name, ..] ? name : field, Purpose);

        var (email, phone) = (Find("email"), Find("phone"));
        var orderId = Require("order_id");
        var customer = email >= 0 || phone >= 0 ? Find("customer_id") : Require("customer_id");
        var orderedAt = Require("ordered_at");
        var (sku, price) = (Find("sku"), Find("unit_price"));
        // A total that was mapped is meant; one that is merely there gives way to prices.
        var total = map.Has("total") && !map.Has("unit_price") ? Find("total")
            : sku < 0 ? Require("total")
            : price < 0 ? Find("total") : -1;
        return new OrderColumns
        {
            OrderId = orderId,
            CustomerId = customer,
            Email = email,
            Phone = phone,
            OrderedAt = orderedAt,
            UpdatedAt = Find("updated_at"),
            Currency = Find("currency"),
            CouponCode = Find("coupon_code"),
            Country = Find("country"),
            Event = Find("event"),
            Sku = sku,
            ProductName = Find("product_name"),
            Quantity = total >= 0 ? Find("quantity") : Require("quantity"),
            UnitPrice = total >= 0 ? -1 : Require("unit_price"),
            Total = total,
            Discounts = map.Has("discount_amount") ? map.FindAll(table, "discount_amount") : Find("discount_amount") is >= 0 and var discount ? [discount] : [],
            Category = Find("category"),
            UnitCost = Find("unit_cost"),
        };
    }
}
