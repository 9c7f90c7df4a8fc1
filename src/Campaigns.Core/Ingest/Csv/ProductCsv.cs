namespace Campaigns.Core.Ingest.Csv;

/// <summary>
/// A product feed by CSV: <c>sku, name, link, image, price, stock, lowest_30_day_price, unit_cost, category</c>, or the names that feeds
/// for search engines use (<c>id, title, image_link, availability, cost_of_goods_sold, product_type</c>). Other columns are ignored.
/// </summary>
internal sealed class ProductCsv
{
    private readonly CsvTable table;
    private readonly FeedFields fields;
    private readonly Dictionary<string, int> columns = new(StringComparer.Ordinal);

    public ProductCsv(CsvTable table, ReadingContext context, ColumnMap map)
    {
        this.table = table;
        foreach (var (field, names) in FeedFields.Names)
        {
            columns[field] = map.Has(field) ? map.Find(table, field) : table.FindAny(names);
        }

        if (columns["sku"] < 0)
        {
            table.Require("sku", "a product feed has it");
        }

        fields = new FeedFields(context, table.DecimalComma);
    }

    /// <summary>The header is that of a feed: products with a price or a page, and neither orders nor customers.</summary>
    public static bool Is(CsvTable table) =>
        table.FindAny("sku", "id") >= 0 && table.FindAny("order_id", "customer_id", "email", "ordered_at", "InvoiceNo", "Invoice") < 0
        && table.FindAny(FeedFields.Names["name"]) >= 0
        && (table.FindAny(FeedFields.Names["link"]) >= 0 || table.Find("price") >= 0 || table.FindAny("stock", "availability") >= 0 || table.FindAny(FeedFields.Names["unit_cost"]) >= 0);

    /// <summary>Reads all rows into the sink.</summary>
    public async ValueTask ReadAsync(IRecordSink sink, CancellationToken cancellation)
    {
        while (await table.ReadAsync(cancellation))
        {
            sink.Row();
            var (product, reason) = fields.Read(name => table[columns[name]].ToString());
            if (product is null)
            {
                sink.Reject(table.Line, reason!, table.Raw);
            }
            else
            {
                await sink.ProductAsync(product);
            }
        }
    }
}
