using Campaigns.Core.Offers.Codes;
using Campaigns.Core.Primitives;
using Campaigns.Core.Storage;
using MemoryPack;

namespace Campaigns.Core.Planning.Codes;

/// <summary>
/// How many codes of each of the run's ranges a bucket has dealt: row <c>k|{run}</c> of the bucket's partition. It is replaced in
/// the commit that writes the assignments with these codes, so that whoever works on the bucket, how often and how many at
/// a time, no code is dealt twice.
/// </summary>
[MemoryPackable]
internal sealed partial record CodesDealt : IStoredRow
{
    public static byte Version => 1;

    /// <summary>Codes dealt, in the order of <see cref="CeilingPlan.Codes"/>.</summary>
    public required int[] Dealt { get; init; }
}

/// <summary>A run's codes in one bucket: of each range of the run a stretch of its own, dealt in order.</summary>
internal sealed class BucketCodes
{
    private readonly IRowStore rows;
    private readonly CodePools pools;
    private readonly CodeOwners owners;
    private readonly string partition;
    private readonly string run;
    private readonly Stretch[] stretches;
    private string? etag;
    private int[] dealt;
    private int[] next;

    public BucketCodes(IRowStore rows, int bucket, RunFrame frame, CeilingPlan plan)
    {
        (this.rows, pools, owners) = (rows, new CodePools(rows), new CodeOwners(rows));
        (partition, run) = (Bucketing.Partition(bucket), frame.Run);
        stretches = Array.ConvertAll(plan.Codes, range => StretchOf(range, plan.Limited.Single(l => string.Equals(l.Treatment, range.Treatment, StringComparison.Ordinal)), bucket));
        dealt = next = new int[stretches.Length];
    }

    /// <summary>The run deals codes.</summary>
    public bool Any => stretches.Length > 0;

    /// <summary>Reads how far the bucket's codes are dealt; true where that is further than we knew.</summary>
    public async ValueTask<bool> LoadAsync(CancellationToken cancellation)
    {
        var known = etag;
        if (Any && await rows.FindAsync<CodesDealt>(Tables.Customers, partition, Tables.CodesDealt(run), cancellation) is { } found)
        {
            (etag, dealt) = (found.ETag, found.Value.Dealt);
        }

        return !string.Equals(etag, known, StringComparison.Ordinal);
    }

    /// <summary>What was dealt last is committed; its row was the last of the commit.</summary>
    public void Committed(CommitResult.Committed committed)
    {
        if (!next.AsSpan().SequenceEqual(dealt))
        {
            (etag, dealt) = (committed.ETags[^1], next);
        }
    }

    /// <summary>
    /// Gives the next codes to those whose variant has them, and the operations that say so. Those for whom none is left are
    /// missing: customers who became reachable since the run reserved its codes.
    /// </summary>
    public async ValueTask<(Dictionary<CustomerKey, AssignmentRow> Rows, IReadOnlyList<RowOperation> Operations)> DealAsync(
        Dictionary<CustomerKey, AssignmentRow> pending, CancellationToken cancellation)
    {
        var given = new Dictionary<CustomerKey, AssignmentRow>(pending.Count);
        next = (int[])dealt.Clone();
        foreach (var (key, row) in pending)
        {
            var place = row.HeldOut ? -1 : Array.FindIndex(stretches, s => string.Equals(s.Treatment, row.Treatment, StringComparison.Ordinal));
            if (place < 0)
            {
                given.Add(key, row);
            }
            else if (await CodeAsync(stretches[place], next[place], cancellation) is { } code)
            {
                next[place]++;
                given.Add(key, row with { Code = code });
            }
        }

        return (given, next.AsSpan().SequenceEqual(dealt) ? [] : [RowOperation.Write(Tables.CodesDealt(run), RowCodec.Encode(new CodesDealt { Dealt = next }), etag)]);
    }

    /// <summary>Notes whose codes these rows hold, for orders that carry them. Again: no change.</summary>
    public async ValueTask OwnAsync(IEnumerable<KeyValuePair<CustomerKey, AssignmentRow>> assigned, CancellationToken cancellation)
    {
        var coded = assigned.Where(a => a.Value.Code is not null).ToList();
        foreach (var pool in stretches.DistinctBy(s => s.Pool, StringComparer.Ordinal).Select(s => s.Pool))
        {
            var own = coded
                .Where(a => Array.Exists(stretches, s => s.Pool == pool && string.Equals(s.Treatment, a.Value.Treatment, StringComparison.Ordinal)))
                .Select(a => new CodeOwner { Code = a.Value.Code!, Run = run, Customer = a.Key.Text, CustomerId = a.Value.CustomerId })
                .ToList();
            await owners.GiveAsync(pool, own, cancellation);
        }
    }

    private async ValueTask<string?> CodeAsync(Stretch stretch, int index, CancellationToken cancellation)
    {
        if (index >= stretch.Count)
        {
            return null;
        }

        if (index < stretch.ReadFrom || index >= stretch.ReadFrom + stretch.Read.Count)
        {
            (stretch.ReadFrom, stretch.Read) = (index, []);
            await foreach (var code in pools.CodesAsync(stretch.Pool, stretch.First + index, Math.Min(CodePage.Size, stretch.Count - index), cancellation))
            {
                stretch.Read.Add(code);
            }
        }

        return index < stretch.ReadFrom + stretch.Read.Count
            ? stretch.Read[index - stretch.ReadFrom]
            : throw new InvalidDataException($"Code {stretch.First + index} of pool {stretch.Pool} belongs to run {run} and is not there.");
    }

    /// <summary>The buckets' stretches follow each other in the range.</summary>
    private static Stretch StretchOf(CodeReservation range, LimitedVariant variant, int bucket) => new(
        range.Pool, range.Treatment, range.First + (int)variant.ByBucket.Take(bucket).Sum(), (int)variant.ByBucket[bucket]);

    private sealed class Stretch(string pool, string treatment, int first, int count)
    {
        public string Pool { get; } = pool;

        public string Treatment { get; } = treatment;

        public int First { get; } = first;

        public int Count { get; } = count;

        /// <summary>Codes read ahead, from this index of the stretch on.</summary>
        public int ReadFrom { get; set; }

        public List<string> Read { get; set; } = [];
    }
}
