using Campaigns.Core.Storage;

namespace Campaigns.Core.Ingest;

/// <summary>
/// The products of a feed, written while it is read. What a feed leaves open stays as it is stored; products that it no longer names
/// stay, as old orders name them. Of the same product twice the later row stands.
/// </summary>
internal sealed class FedProducts(IRowStore rows)
{
    /// <summary>Products in memory at a time: a commit's.</summary>
    private const int Batch = RowLimits.OperationsPerCommit;

    /// <summary>Reads under way at a time.</summary>
    private const int Reads = 16;

    private readonly Dictionary<string, ProductRow> batch = new(StringComparer.Ordinal);

    /// <summary>Products read.</summary>
    public long Count { get; private set; }

    /// <summary>Takes a product.</summary>
    public async ValueTask AddAsync(ProductRow product, CancellationToken cancellation)
    {
        Count++;
        batch[Tables.Escape(product.Sku)] = product;
        if (batch.Count == Batch)
        {
            await SaveAsync(cancellation);
        }
    }

    /// <summary>Writes what is left.</summary>
    public async ValueTask SaveAsync(CancellationToken cancellation)
    {
        var changes = new List<RowOperation>();
        foreach (var some in batch.Chunk(Reads))
        {
            var stored = await Task.WhenAll(some.Select(p => rows.FindAsync<ProductRow>(Tables.Products, Tables.All, p.Key, cancellation).AsTask()));
            for (var i = 0; i < some.Length; i++)
            {
                var after = Merged(stored[i]?.Value, some[i].Value);
                if (after != stored[i]?.Value)
                {
                    changes.Add(new RowOperation.Upsert(some[i].Key, RowCodec.Encode(after)));
                }
            }
        }

        if (changes.Count > 0)
        {
            await rows.CommitAsync(Tables.Products, Tables.All, changes, cancellation);
        }

        batch.Clear();
    }

    private static ProductRow Merged(ProductRow? stored, ProductRow fed) => stored is null ? fed : stored with
    {
        Name = fed.Name ?? stored.Name,
        Category = fed.Category ?? stored.Category,
        Link = fed.Link ?? stored.Link,
        Image = fed.Image ?? stored.Image,
        PriceMinor = fed.PriceMinor ?? stored.PriceMinor,
        Stock = fed.Stock ?? stored.Stock,
        Lowest30DayPrice = fed.Lowest30DayPrice ?? stored.Lowest30DayPrice,
        UnitCostMinorE4 = fed.UnitCostMinorE4 ?? stored.UnitCostMinorE4,
        FedAt = stored.FedAt ?? fed.FedAt,
    };
}
