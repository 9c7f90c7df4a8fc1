using System.Runtime.CompilerServices;
using Campaigns.Core.Ingest;
using Campaigns.Core.Planning.Coordination;
using Campaigns.Core.Primitives;
using Campaigns.Core.Profiles;
using Campaigns.Core.Segments;
using Campaigns.Core.Storage;

namespace Campaigns.Core.Planning;

/// <summary>Members of the audience next to each other in key order, and how many customers the scan passed to find them.</summary>
public sealed record AudienceBatch(IReadOnlyList<AudienceMember> Members, int Passed);

/// <summary>Reads a run's audience bucket by bucket, in batches: memory holds one.</summary>
public static class AudienceScan
{
    /// <summary>Members per batch: some pages of rows, some hundred KiB.</summary>
    private const int BatchSize = 500;

    /// <summary>
    /// Customers passed per batch at most, so that progress shows where the audience is thin.
    /// </summary>
    private const int PassedLimit = 20_000;

    /// <summary>The bucket's members in key order.</summary>
    public static IAsyncEnumerable<AudienceBatch> ScanAsync(IRowStore rows, int bucket, RunFrame frame, CancellationToken cancellation) =>
        ScanAsync(rows, bucket, frame, null, cancellation);

    /// <summary>Of the bucket's members, those whose keys come before <paramref name="before"/>; null = all.</summary>
    public static async IAsyncEnumerable<AudienceBatch> ScanAsync(
        IRowStore rows, int bucket, RunFrame frame, CustomerKey? before, [EnumeratorCancellation] CancellationToken cancellation)
    {
        var partition = Bucketing.Partition(bucket);
        var shared = frame.Buckets > 0 ? new SharedAddresses(rows, frame) : null;
        var found = new List<(CustomerKey Key, string Segment)>();
        var passed = 0;
        await foreach (var row in rows.ScanAsync(Tables.Customers, partition, "m|", before is { } end ? Tables.Membership(end) : Keys.After("m|"), cancellation))
        {
            passed++;
            if (SegmentOf(row, frame) is { } segment)
            {
                found.Add((Tables.CustomerIn(row.Key), segment));
            }

            if (found.Count == BatchSize || passed == PassedLimit)
            {
                yield return new AudienceBatch(await MarkedAsync(), passed);
                found.Clear();
                passed = 0;
            }
        }

        if (passed > 0)
        {
            yield return new AudienceBatch(await MarkedAsync(), passed);
        }

        async ValueTask<IReadOnlyList<AudienceMember>> MarkedAsync()
        {
            var members = await LoadAsync(rows, partition, frame, found, cancellation);
            return shared is null ? members : await shared.MarkAsync(members, cancellation);
        }
    }

    /// <summary>The customer as a member of the audience, or null where it is none. Whether it shares an address is left open.</summary>
    public static async ValueTask<AudienceMember?> FindAsync(IRowStore rows, RunFrame frame, CustomerKey customer, CancellationToken cancellation)
    {
        var partition = new Bucketing(frame.Buckets).PartitionOf(customer);
        return await rows.GetAsync(Tables.Customers, partition, Tables.Membership(customer), cancellation) is { } row && SegmentOf(row, frame) is { } segment
            ? (await LoadAsync(rows, partition, frame, [(customer, segment)], cancellation))[0]
            : null;
    }

    private static string? SegmentOf(Row row, RunFrame frame) =>
        frame.SegmentOf(RowCodec.Decode<MembershipRow>(row.Payload)) is { } segment && frame.Inputs.Campaign.Segments.Contains(segment, StringComparer.Ordinal) ? segment : null;

    private static async ValueTask<List<AudienceMember>> LoadAsync(
        IRowStore rows, string partition, RunFrame frame, List<(CustomerKey Key, string Segment)> found, CancellationToken cancellation)
    {
        var keys = found.ConvertAll(f => f.Key);
        var customers = await RowJoin.LoadAsync<CustomerRow>(rows, partition, "c|", keys, cancellation);
        var standings = await Standings.OfAsync(rows, partition, frame, keys, cancellation);
        var unfit = await UnfitAsync(rows, partition, frame, keys, customers, cancellation);
        return found.ConvertAll(f =>
        {
            var (standing, offers) = standings.GetValueOrDefault(f.Key);
            return new AudienceMember(f.Key, f.Segment, customers.GetValueOrDefault(f.Key), standing) { Offers = offers with { Unfit = unfit.GetValueOrDefault(f.Key) } };
        });
    }

    /// <summary>The variants whose eligibility rules do not hold, as bits, by customer; nothing is read where no offer has one.</summary>
    private static async ValueTask<Dictionary<CustomerKey, int>> UnfitAsync(
        IRowStore rows, string partition, RunFrame frame, List<CustomerKey> keys, Dictionary<CustomerKey, CustomerRow> customers, CancellationToken cancellation)
    {
        if (frame.Rules is not { } rules)
        {
            return [];
        }

        var histories = await RowJoin.LoadAsync<PurchaseHistory>(rows, partition, "h|", keys, cancellation);
        var placements = await RowJoin.LoadAsync<PlacementRow>(rows, partition, "p|", keys, cancellation);
        return keys.ToDictionary(k => k, k => rules.UnfitOf(histories.GetValueOrDefault(k), customers.GetValueOrDefault(k), placements.GetValueOrDefault(k)));
    }
}

/// <summary>Rows of some customers of a bucket: by ranges where the customers stand close together, else one by one.</summary>
internal static class RowJoin
{
    /// <summary>
    /// Whole pages are read where at least one customer in so many is wanted: a page of 1,000 rows costs one transaction, as
    /// a single row does, but reads all their bytes.
    /// </summary>
    private const int Density = 16;

    /// <summary>Rows by customer; customers without one are missing. <paramref name="keys"/> rise.</summary>
    public static async ValueTask<Dictionary<CustomerKey, T>> LoadAsync<T>(
        IRowStore rows, string partition, string prefix, IReadOnlyList<CustomerKey> keys, CancellationToken cancellation)
        where T : IStoredRow, MemoryPack.IMemoryPackable<T> =>
        (await StoredAsync<T>(rows, partition, prefix, keys, cancellation)).ToDictionary(f => f.Key, f => f.Value.Value);

    /// <summary>As <see cref="LoadAsync"/>, with the ETags under which rows are replaced.</summary>
    public static async ValueTask<Dictionary<CustomerKey, Stored<T>>> StoredAsync<T>(
        IRowStore rows, string partition, string prefix, IReadOnlyList<CustomerKey> keys, CancellationToken cancellation)
        where T : IStoredRow, MemoryPack.IMemoryPackable<T>
    {
        var wanted = keys.ToHashSet();
        var found = new Dictionary<CustomerKey, Stored<T>>(keys.Count);
        await foreach (var row in RowsAsync(rows, partition, prefix, keys, cancellation))
        {
            var key = new CustomerKey(row.Key[prefix.Length..]);
            if (wanted.Contains(key))
            {
                found[key] = new Stored<T>(row.Key, row.ETag, RowCodec.Decode<T>(row.Payload));
            }
        }

        return found;
    }

    /// <summary>
    /// Rows whose keys start with the prefix and one of the customers, perhaps with others between them. Every read begins at a
    /// customer that is wanted; where a page held few of them the next one is short, until they stand close again.
    /// </summary>
    public static async IAsyncEnumerable<Row> RowsAsync(
        IRowStore rows, string partition, string prefix, IReadOnlyList<CustomerKey> keys, [EnumeratorCancellation] CancellationToken cancellation)
    {
        if (keys.Count == 0)
        {
            yield break;
        }

        // '~' follows every character that a key holds after the customer.
        var (from, before, limit) = (prefix + keys[0].Text, prefix + keys[^1].Text + "~", RowLimits.PageSize);
        string? continuation = null;
        for (var at = 0; ;)
        {
            var page = await rows.RangeAsync(Tables.Customers, partition, from, before, limit, continuation, cancellation);
            foreach (var row in page.Rows)
            {
                yield return row;
            }

            if (page.Continuation is null)
            {
                yield break;
            }

            if (page.Rows.Count == 0)
            {
                continuation = page.Continuation; // A page may be empty and not the last.
                continue;
            }

            var (last, begun) = (page.Rows[^1].Key, at);
            var reached = last.AsSpan(prefix.Length, CustomerKey.Length);
            while (at < keys.Count && keys[at].Text.AsSpan().SequenceCompareTo(reached) < 0)
            {
                at++;
            }

            // A customer's rows may go on behind the page.
            var within = at < keys.Count && keys[at].Text.AsSpan().SequenceEqual(reached);
            if (at == keys.Count)
            {
                yield break;
            }

            (from, continuation) = (within ? Keys.After(last) : prefix + keys[at].Text, null);
            var density = (long)(at - begun + (within ? 1 : 0)) * Density;
            limit = density < page.Rows.Count ? Density : density < 2 * page.Rows.Count ? limit : Math.Min(limit * 4, RowLimits.PageSize);
        }
    }
}
