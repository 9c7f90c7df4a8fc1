using Campaigns.Core.Storage;

namespace Campaigns.Core.Ingest;

/// <summary>
/// What product feeds say of products, for orders that say less: lines without unit cost or category take the product's as it is
/// when the order is first stored, and keep it. Where there never was a feed, nothing is read.
/// </summary>
internal sealed class ProductFacts
{
    /// <summary>Row of partition <c>workspace</c>, table work: there was a feed.</summary>
    private const string FedRow = "fed";

    /// <summary>From so many records on, the table of products is read at once instead of product by product.</summary>
    private const int ManyRecords = 500;

    private static readonly byte[] Present = [1];

    private readonly IRowStore? rows;
    private readonly Dictionary<string, ProductRow?> known = new(StringComparer.Ordinal);
    private bool complete;

    private ProductFacts(IRowStore? rows) => this.rows = rows;

    /// <summary>Nothing is known of products.</summary>
    public static ProductFacts None { get; } = new(null);

    /// <summary>Notes that there was a feed.</summary>
    public static async ValueTask FedAsync(IRowStore rows, CancellationToken cancellation) =>
        await rows.CommitAsync(Tables.Work, Jobs.Workspace.Partition, [new RowOperation.Upsert(FedRow, Present)], cancellation);

    /// <summary>The facts for an import of so many records.</summary>
    public static async ValueTask<ProductFacts> OpenAsync(IRowStore rows, long records, CancellationToken cancellation)
    {
        if (await rows.GetAsync(Tables.Work, Jobs.Workspace.Partition, FedRow, cancellation) is null)
        {
            return None;
        }

        var facts = new ProductFacts(rows);
        if (records >= ManyRecords)
        {
            await foreach (var row in rows.ScanAsync(Tables.Products, Tables.All, " ", "\x7f", cancellation))
            {
                var product = RowCodec.Decode<ProductRow>(row.Payload);
                if (product.FedAt is not null)
                {
                    facts.known[product.Sku] = product;
                }
            }

            facts.complete = true;
        }

        return facts;
    }

    /// <summary>The order with what its lines leave open; the same object where nothing is added.</summary>
    public async ValueTask<OrderRow> FilledAsync(OrderRow order, CancellationToken cancellation)
    {
        if (rows is null)
        {
            return order;
        }

        OrderLine[]? filled = null;
        for (var i = 0; i < order.Lines.Length; i++)
        {
            var line = order.Lines[i];
            if (line.Sku.Length > 0 && (line.UnitCostMinorE4 is null || line.Category is null) && await FindAsync(line.Sku, cancellation) is { } product)
            {
                filled ??= [.. order.Lines];
                filled[i] = line with { UnitCostMinorE4 = line.UnitCostMinorE4 ?? product.UnitCostMinorE4, Category = line.Category ?? product.Category };
            }
        }

        return filled is null ? order : order with { Lines = filled };
    }

    private async ValueTask<ProductRow?> FindAsync(string sku, CancellationToken cancellation)
    {
        if (!known.TryGetValue(sku, out var product) && !complete)
        {
            var found = (await rows!.FindAsync<ProductRow>(Tables.Products, Tables.All, Tables.Escape(sku), cancellation))?.Value;
            known[sku] = product = found?.FedAt is null ? null : found;
        }

        return product;
    }
}
