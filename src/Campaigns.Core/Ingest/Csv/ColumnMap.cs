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

    private readonly Dictionary<string, string> columns = new(StringComparer.OrdinalIgnoreCase);

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
