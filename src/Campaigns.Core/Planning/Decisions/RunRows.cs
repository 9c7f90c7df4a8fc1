using System.Runtime.CompilerServices;
using Campaigns.Core.Jobs;
using Campaigns.Core.Primitives;
using Campaigns.Core.Storage;

namespace Campaigns.Core.Planning.Decisions;

/// <summary>A customer's assignment as it is stored.</summary>
public readonly record struct RunRowEntry(CustomerKey Customer, AssignmentRow Row);

/// <summary>
/// Streams a run's assignments in the customers' order, whatever the number of buckets: all buckets are read side by side,
/// and memory holds a short page of each.
/// </summary>
public static class RunRows
{
    /// <summary>Rows in memory over all buckets, about: some 2 MiB.</summary>
    private const int RowsInMemory = 4_096;

    /// <summary>Shortest page: with fewer rows a page is mostly the transaction that fetches it.</summary>
    private const int ShortestPage = 32;

    /// <summary>The assignments with from ≤ customer &lt; before.</summary>
    /// <param name="rows">Store.</param>
    /// <param name="buckets">Its buckets.</param>
    /// <param name="run">Run.</param>
    /// <param name="from">Key text to begin with; "" for the first customer.</param>
    /// <param name="before">Key text to end before; "~" for all.</param>
    /// <param name="cancellation">Cancellation.</param>
    public static async IAsyncEnumerable<RunRowEntry> InOrderAsync(
        IRowStore rows, int buckets, string run, string from, string before, [EnumeratorCancellation] CancellationToken cancellation)
    {
        var prefix = Tables.Assignments(run);
        var size = Math.Clamp(RowsInMemory / buckets, ShortestPage, RowLimits.PageSize);
        var next = new PriorityQueue<BucketPages, string>(StringComparer.Ordinal);
        for (var bucket = 0; bucket < buckets; bucket++)
        {
            var pages = new BucketPages(rows, Bucketing.Partition(bucket), prefix + from, prefix + before, size);
            if (await pages.NextAsync(cancellation))
            {
                next.Enqueue(pages, pages.Current.Key);
            }
        }

        while (next.TryDequeue(out var pages, out _))
        {
            yield return new RunRowEntry(new CustomerKey(pages.Current.Key[prefix.Length..]), RowCodec.Decode<AssignmentRow>(pages.Current.Payload));
            if (await pages.NextAsync(cancellation))
            {
                next.Enqueue(pages, pages.Current.Key);
            }
        }
    }

    /// <summary>One bucket's rows, page by page.</summary>
    private sealed class BucketPages(IRowStore rows, string partition, string from, string before, int size)
    {
        private IReadOnlyList<Row> page = [];
        private string? continuation;
        private bool ended;
        private int at = -1;

        public Row Current => page[at];

        public async ValueTask<bool> NextAsync(CancellationToken cancellation)
        {
            at++;
            while (at == page.Count && !ended)
            {
                var read = await rows.RangeAsync(Tables.Customers, partition, from, before, size, continuation, cancellation);
                (page, continuation, ended, at) = (read.Rows, read.Continuation, read.Continuation is null, 0);
            }

            return at < page.Count;
        }
    }
}
