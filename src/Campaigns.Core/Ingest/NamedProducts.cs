using Campaigns.Core.Storage;

namespace Campaigns.Core.Ingest;

/// <summary>The newest name and category of each product that an import names. Bounded: products beyond the limit keep the id alone.</summary>
internal sealed class NamedProducts
{
    /// <summary>Up to this many products are looked up one by one; more are read with the whole table.</summary>
    private const int FewProducts = 50;

    private readonly Dictionary<string, (string? Name, string? Category, long At)> newest = new(StringComparer.Ordinal);

    /// <summary>Notes the product of an order line.</summary>
    public void Add(OrderRecord record)
    {
        var (name, category) = (record.ProductName, record.Line.Category);
        if ((name is null && category is null) || record.Line.Sku.Length == 0)
        {
            return;
        }

        if (!newest.TryGetValue(record.Line.Sku, out var known))
        {
            if (newest.Count < ImportLimits.Products)
            {
                newest.Add(record.Line.Sku, (name, category, record.AtTicks));
            }
        }
        else if (record.AtTicks >= known.At)
        {
            newest[record.Line.Sku] = (name ?? known.Name, category ?? known.Category, record.AtTicks);
        }
    }

    /// <summary>Writes what differs from the table of products.</summary>
    public async ValueTask SaveAsync(IRowStore rows, CancellationToken cancellation)
    {
        var wanted = newest.ToDictionary(p => Tables.Escape(p.Key), p => p, StringComparer.Ordinal);
        var stored = new Dictionary<string, ProductRow>(StringComparer.Ordinal);
        if (wanted.Count <= FewProducts)
        {
            foreach (var key in wanted.Keys)
            {
                if (await rows.FindAsync<ProductRow>(Tables.Products, Tables.All, key, cancellation) is { } found)
                {
                    stored[key] = found.Value;
                }
            }
        }
        else
        {
            await foreach (var row in rows.ScanAsync(Tables.Products, Tables.All, " ", "\x7f", cancellation))
            {
                if (wanted.ContainsKey(row.Key))
                {
                    stored[row.Key] = RowCodec.Decode<ProductRow>(row.Payload);
                }
            }
        }

        await using var writer = new BulkWriter(rows, Tables.Products, Tables.All);
        foreach (var (key, (sku, seen)) in wanted.OrderBy(p => p.Key, StringComparer.Ordinal))
        {
            var before = stored.GetValueOrDefault(key);
            // What a feed says stands: orders only fill what it leaves open.
            var (name, category) = before?.FedAt is null ? (seen.Name ?? before?.Name, seen.Category ?? before?.Category) : (before.Name ?? seen.Name, before.Category ?? seen.Category);
            var after = (before ?? new ProductRow { Sku = sku }) with { Name = name, Category = category };
            if (after != before)
            {
                await writer.AddAsync(new RowOperation.Upsert(key, RowCodec.Encode(after)), cancellation);
            }
        }

        await writer.CompleteAsync(cancellation);
    }
}
