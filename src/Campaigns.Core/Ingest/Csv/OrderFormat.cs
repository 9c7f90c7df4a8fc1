namespace Campaigns.Core.Ingest.Csv;

/// <summary>Files of orders that are known by their headers.</summary>
internal enum OrderFormat
{
    /// <summary>Our own fields, or columns mapped to them.</summary>
    Own,

    /// <summary>UCI Online Retail, both editions: a row per line; pounds, London time, invoices that begin with C take back.</summary>
    OnlineRetail,

    /// <summary>Shopify's export of orders: a row per line item, the order's cells on its first row only.</summary>
    Shopify,

    /// <summary>WooCommerce's Customer/Order/Coupon Export, a row per order.</summary>
    WooCommerceOrders,

    /// <summary>The same with a row per item, the order's cells on each.</summary>
    WooCommerceItems,
}

/// <summary>Reads the rows of a file of orders.</summary>
internal interface IOrderReader
{
    /// <summary>Reads all rows into the sink.</summary>
    ValueTask ReadAsync(IRecordSink sink, CancellationToken cancellation);

    /// <summary>Time (UTC ticks) of the present row, or null where it cannot be read.</summary>
    long? TimeOfRow();

    /// <summary>Customer id (made from the address where there is no other) and country of the present row; the id is empty where the row has none that could be imported.</summary>
    (string CustomerId, string? Country) CustomerOfRow();

    /// <summary>Currency that the present row names, in capitals, or null.</summary>
    string? CurrencyOfRow();
}

/// <summary>Tells formats by their headers.</summary>
internal static class OrderFormats
{
    /// <summary>The format of the table. A map makes a file our own, whatever its header, but for Online Retail's habits.</summary>
    public static OrderFormat Of(CsvTable table, ColumnMap map)
    {
        var dated = table.Find("order_date") >= 0 || table.Find("date") >= 0;
        return table.Find("ordered_at") >= 0 ? OrderFormat.Own
            : table.FindAny("InvoiceNo", "Invoice") >= 0 && table.Find("StockCode") >= 0 && table.FindAny("CustomerID", "Customer ID") >= 0 ? OrderFormat.OnlineRetail
            : !map.IsEmpty ? OrderFormat.Own
            : table.Find("Name") >= 0 && table.Find("Lineitem quantity") >= 0 && table.Find("Lineitem price") >= 0 ? OrderFormat.Shopify
            : table.Find("order_id") < 0 || !dated ? OrderFormat.Own
            : table.Find("item_quantity") >= 0 && table.FindAny("item_subtotal", "item_total") >= 0 ? OrderFormat.WooCommerceItems
            : table.Find("order_total") >= 0 ? OrderFormat.WooCommerceOrders
            : OrderFormat.Own;
    }

    /// <summary>Name for people.</summary>
    public static string Name(OrderFormat format) => format switch
    {
        OrderFormat.OnlineRetail => "Online Retail",
        OrderFormat.Shopify => "Shopify orders export",
        OrderFormat.WooCommerceOrders => "WooCommerce export, one row per order",
        OrderFormat.WooCommerceItems => "WooCommerce export, one row per item",
        _ => "orders",
    };

    /// <summary>Currency of all files of the format, or null.</summary>
    public static string? Currency(OrderFormat format) => format == OrderFormat.OnlineRetail ? "GBP" : null;

    /// <summary>A reader of the table.</summary>
    public static IOrderReader Open(CsvTable table, ReadingContext context, ColumnMap map) => Of(table, map) switch
    {
        OrderFormat.Shopify => new ShopifyCsv(table, context),
        OrderFormat.WooCommerceOrders => new WooCommerceCsv(table, context, items: false),
        OrderFormat.WooCommerceItems => new WooCommerceCsv(table, context, items: true),
        var format => new OrderCsv(table, context, map, format == OrderFormat.OnlineRetail),
    };
}
