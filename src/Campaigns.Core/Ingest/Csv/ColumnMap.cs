using Campaigns.Core.Jobs;

namespace Campaigns.Core.Ingest.Csv;

/// <summary>Which column of a file holds which of our fields, as somebody wrote it: <c>order_id=InvoiceNo,customer_id=Account</c>.</summary>
public sealed class ColumnMap
{
    private static readonly string[] Known =
    [
        "order_id", "customer_id", "email", "phone", "ordered_at", "total", "sku", "quantity", "unit_price", "discount_amount", "coupon_code",
        "currency", "category", "product_name", "country", "unit_cost", "event", "updated_at",
    ];

    /// <summary>What a column becomes that is a customer's attribute under its own name.</summary>
    public const string Attribute = "attribute";

    /// <summary>What a column becomes that is not read.</summary>
    public const string LeftOut = "-";

    private static readonly string[] OfProducts = ["sku", "name", "link", "image", "price", "stock", "lowest_30_day_price", "unit_cost", "category"];

    private readonly Dictionary<string, string> columns = new(StringComparer.OrdinalIgnoreCase);
    private HashSet<string>? attributes;

    /// <summary>No mapping: columns go by our names, or by those of a known export.</summary>
    public static ColumnMap None { get; } = new();

    /// <summary>The fields that can be mapped.</summary>
    public static IReadOnlyList<string> Fields => Known;

    /// <summary>Nothing is mapped.</summary>
    public bool IsEmpty => columns.Count == 0;

    /// <summary>
    /// Reads <c>field=column</c> pairs parted by commas. Throws <see cref="JobFailedException"/> with one sentence where a field is
    /// unknown or named twice, or a pair is none.
    /// </summary>
    public static ColumnMap Parse(string text)
    {
        var map = new ColumnMap();
        foreach (var pair in text.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            var at = pair.IndexOf('=', StringComparison.Ordinal);
            var (field, column) = at < 0 ? (pair, "") : (pair[..at].Trim(), pair[(at + 1)..].Trim());
            if (column.Length == 0)
            {
                throw new JobFailedException($"The mapping \"{pair}\" names no column: write field=column, as order_id=InvoiceNo.");
            }

            if (!Known.Contains(field, StringComparer.OrdinalIgnoreCase))
            {
                throw new JobFailedException($"There is no field \"{field}\" to map; the fields are {string.Join(", ", Known)}.");
            }

            if (!map.columns.TryAdd(field, column))
            {
                throw new JobFailedException($"The field \"{field}\" is mapped twice.");
            }
        }

        return map;
    }

    /// <summary>
    /// A map that says of every column what it is: a field of orders, of customers or of products, <see cref="Attribute"/>, or
    /// <see cref="LeftOut"/>; columns that it does not name are left out. Throws <see cref="JobFailedException"/> with one sentence where
    /// that is no file we can read.
    /// </summary>
    public static ColumnMap Of(IReadOnlyDictionary<string, string> fieldByColumn)
    {
        var map = new ColumnMap { attributes = new HashSet<string>(StringComparer.OrdinalIgnoreCase) };
        var said = fieldByColumn.Where(f => f.Value is not ("" or LeftOut)).OrderBy(f => f.Key, StringComparer.Ordinal).ToList();
        var subject = SubjectOf(said.ConvertAll(f => f.Value));
        var allowed = FieldsOf(subject);
        foreach (var (column, field) in said)
        {
            if (subject == ImportSubject.Customers && field == Attribute)
            {
                map.attributes.Add(column);
            }
            else if (!allowed.Contains(field, StringComparer.Ordinal))
            {
                throw new JobFailedException(
                    $"The column \"{column}\" is said to be {field}, which is no field of {subject.ToString().ToLowerInvariant()}: leave it out, or choose one of {string.Join(", ", allowed)}.");
            }
            else if (!map.columns.TryAdd(field, column))
            {
                // Discounts of a line may stand in several columns: their sum counts.
                map.columns[field] = field == "discount_amount" ? map.columns[field] + "+" + column
                    : throw new JobFailedException($"The columns \"{map.columns[field]}\" and \"{column}\" are both said to be {field}: leave one out.");
            }
        }

        return map;
    }

    /// <summary>What a file with these fields is about: an order's id makes it orders, a product without one a feed.</summary>
    public static ImportSubject SubjectOf(IReadOnlyCollection<string> fields) =>
        fields.Contains("order_id") || fields.Contains("ordered_at") ? ImportSubject.Orders
        : fields.Contains("sku") ? ImportSubject.Products
        : ImportSubject.Customers;

    /// <summary>The fields of files about the subject.</summary>
    public static IReadOnlyList<string> FieldsOf(ImportSubject subject) => subject switch
    {
        ImportSubject.Customers => CustomerFields.Names,
        ImportSubject.Products => OfProducts,
        _ => Known,
    };

    /// <summary>The column becomes an attribute of the customer: all do where nothing else is said.</summary>
    internal bool KeepsAttribute(string column) => attributes?.Contains(column) != false;

    /// <summary>What the mapped file is about.</summary>
    internal ImportSubject Subject => SubjectOf(columns.Keys);

    /// <summary>The field is mapped.</summary>
    internal bool Has(string field) => columns.ContainsKey(field);

    /// <summary>Index of the column mapped to the field; −1 where it is not mapped. Throws where the file lacks the column.</summary>
    internal int Find(CsvTable table, string field) => columns.TryGetValue(field, out var column) ? Require(table, field, column) : -1;

    /// <summary>Indices of the columns mapped to a field that may add several up ("retail_disc+coupon_disc"); empty where it is not mapped.</summary>
    internal int[] FindAll(CsvTable table, string field)
    {
        if (!columns.TryGetValue(field, out var named))
        {
            return [];
        }

        return table.Find(named) >= 0
            ? [table.Find(named)]
            : [.. named.Split('+', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).Select(c => Require(table, field, c))];
    }

    private static int Require(CsvTable table, string field, string column)
    {
        var index = table.Find(column);
        return index >= 0
            ? index
            : throw new JobFailedException(
                $"The column \"{column}\", mapped to {field}, is missing; the file has {string.Join(", ", table.Columns.OrderBy(c => c.Value).Select(c => c.Key).Where(c => c.Length > 0))}.");
    }
}
