using System.Runtime.CompilerServices;
using Campaigns.Core.Primitives;
using Campaigns.Core.Storage;

namespace Campaigns.Core.Ingest;

/// <summary>How much of a bucket an import touches.</summary>
internal enum Extent
{
    /// <summary>The bucket was empty when the part began: there is nothing to read.</summary>
    Empty,

    /// <summary>A few customers: single reads.</summary>
    Few,

    /// <summary>Many customers, in key order: scans that run beside the import.</summary>
    Many,
}

/// <summary>
/// Reads customers' rows for an import that goes through a bucket in key order. Where it touches many customers, each kind of
/// row is read by a scan that runs along; its pages grow while neighbouring customers are asked for and shrink when
/// customers are skipped. What was read ahead may be stale: commits carry ETags, so a stale read ends in a conflict.
/// </summary>
internal sealed class StoredCustomers(IRowStore rows, string partition, Extent extent)
{
    private readonly Dictionary<char, KindScan> scans = [];

    /// <summary>There is nothing to read.</summary>
    public bool IsEmpty => extent == Extent.Empty;

    /// <summary>A single read costs no more than its row.</summary>
    public bool ReadsOneByOne => extent == Extent.Few;

    /// <summary>The row, or null.</summary>
    public ValueTask<Row?> RowAsync(string key, CancellationToken cancellation) => extent switch
    {
        Extent.Empty => new ValueTask<Row?>((Row?)null),
        Extent.Many when key.Length == CustomerKey.Length + 2 => ScanOneAsync(key, cancellation),
        _ => rows.GetAsync(Tables.Customers, partition, key, cancellation),
    };

    /// <summary>The rows whose keys start with the prefix.</summary>
    public async IAsyncEnumerable<Row> RowsAsync(string prefix, [EnumeratorCancellation] CancellationToken cancellation)
    {
        if (extent == Extent.Empty)
        {
            yield break;
        }

        if (extent == Extent.Many && prefix.Length == CustomerKey.Length + 3)
        {
            foreach (var row in await ScanOf(prefix[0]).TakeAsync(prefix, Keys.After(prefix), cancellation))
            {
                yield return row;
            }

            yield break;
        }

        await foreach (var row in rows.ScanPrefixAsync(Tables.Customers, partition, prefix, cancellation))
        {
            yield return row;
        }
    }

    private async ValueTask<Row?> ScanOneAsync(string key, CancellationToken cancellation)
    {
        var found = await ScanOf(key[0]).TakeAsync(key, key + " ", cancellation);
        return found.Count > 0 ? found[0] : null;
    }

    private KindScan ScanOf(char kind)
    {
        if (!scans.TryGetValue(kind, out var scan))
        {
            scans[kind] = scan = new KindScan(rows, partition, kind);
        }

        return scan;
    }

    /// <summary>A scan over one kind of row ("o|…") that goes forward only, jumping over what is not asked for.</summary>
    private sealed class KindScan(IRowStore rows, string partition, char kind)
    {
        private const int SmallestPage = 16;

        private readonly string end = Keys.After(kind + "|");
        private IReadOnlyList<Row> page = [];
        private string? continuation;
        private bool started;
        private int at;
        private int asked;
        private int limit = SmallestPage;
        private (string From, IReadOnlyList<Row> Rows) last = ("", []);

        public async ValueTask<IReadOnlyList<Row>> TakeAsync(string from, string before, CancellationToken cancellation)
        {
            // Two folds may ask for the same rows; the scan itself never goes back.
            if (!string.Equals(last.From, from, StringComparison.Ordinal))
            {
                last = (from, await GoOnAsync(from, before, cancellation));
            }

            return last.Rows;
        }

        private async ValueTask<IReadOnlyList<Row>> GoOnAsync(string from, string before, CancellationToken cancellation)
        {
            asked++;
            if (!started || (continuation is not null && (page.Count == 0 || string.CompareOrdinal(page[^1].Key, from) < 0)))
            {
                // Several hits on the last page: the import is dense here. None but one: it jumps.
                limit = asked > 2 ? Math.Min(RowLimits.PageSize, limit * 4) : SmallestPage;
                asked = 0;
                started = true;
                await FetchAsync(from, null, cancellation);
            }

            List<Row>? taken = null;
            while (true)
            {
                for (; at < page.Count; at++)
                {
                    var row = page[at];
                    if (string.CompareOrdinal(row.Key, before) >= 0)
                    {
                        return taken ?? (IReadOnlyList<Row>)[];
                    }

                    if (string.CompareOrdinal(row.Key, from) >= 0)
                    {
                        (taken ??= []).Add(row);
                    }
                }

                if (continuation is null)
                {
                    return taken ?? (IReadOnlyList<Row>)[];
                }

                limit = Math.Min(RowLimits.PageSize, limit * 4);
                await FetchAsync(from, continuation, cancellation);
            }
        }

        private async ValueTask FetchAsync(string from, string? more, CancellationToken cancellation)
        {
            var next = await rows.RangeAsync(Tables.Customers, partition, from, end, limit, more, cancellation);
            (page, continuation, at) = (next.Rows, next.Continuation, 0);
        }
    }
}
