using Campaigns.Core.Primitives;
using Campaigns.Core.Segments.Rules;
using Campaigns.Core.Storage;

namespace Campaigns.Core.Segments;

/// <summary>Reads one kind of a partition's customer rows in step with another, forwards only.</summary>
internal sealed class RowCursor(IRowStore rows, string partition, string prefix, CancellationToken cancellation) : IAsyncDisposable
{
    private readonly IAsyncEnumerator<Row> source = rows.ScanPrefixAsync(Tables.Customers, partition, prefix, cancellation).GetAsyncEnumerator(cancellation);
    private Row? ahead;
    private bool ended;

    /// <summary>The next row whose customer is no greater than the key (any, where it is null); null where the next is greater or there is none.</summary>
    public async ValueTask<Row?> NextAsync(CustomerKey? upTo)
    {
        if (ahead is null && !ended)
        {
            ended = !await source.MoveNextAsync();
            ahead = ended ? null : source.Current;
        }

        if (ahead is null || (upTo is { } key && ahead.Key.AsSpan(2).SequenceCompareTo(key.Text) > 0))
        {
            return null;
        }

        var next = ahead;
        ahead = null;
        return next;
    }

    /// <summary>The customer's row, passing over those before it; or null.</summary>
    public async ValueTask<Row?> FindAsync(CustomerKey key)
    {
        while (await NextAsync(key) is { } row)
        {
            if (row.Key.AsSpan(2).SequenceEqual(key.Text))
            {
                return row;
            }
        }

        return null;
    }

    public ValueTask DisposeAsync() => source.DisposeAsync();
}

/// <summary>Gathers the memberships that change and commits them in full batches; nothing is written where nothing changed.</summary>
internal sealed class MembershipWrites(IRowStore rows, string partition, SegmentScheme scheme, DateTimeOffset asOf)
{
    /// <summary>Others write memberships only when the same part runs twice at once; more conflicts than this mean a fault.</summary>
    private const int MaxConflicts = 10 * RowLimits.OperationsPerCommit;

    private readonly List<RowOperation> pending = new(RowLimits.OperationsPerCommit);
    private readonly List<SegmentSet> sets = new(RowLimits.OperationsPerCommit);

    /// <summary>Notes what the classification changes, and gives the row as it stands afterwards; null where there is none.</summary>
    public async ValueTask<MembershipRow?> ApplyAsync(CustomerKey key, SegmentSet set, Row? stored, CancellationToken cancellation)
    {
        var before = stored is null ? null : RowCodec.Decode<MembershipRow>(stored.Payload);
        if (MembershipChange.Apply(before, scheme, set, asOf) is not { } after)
        {
            return before;
        }

        pending.Add(RowOperation.Write(Tables.Membership(key), RowCodec.Encode(after), stored?.ETag));
        sets.Add(set);
        if (pending.Count == RowLimits.OperationsPerCommit)
        {
            await FlushAsync(cancellation);
        }

        return after;
    }

    /// <summary>Commits what is pending; a row that somebody else changed is read and decided anew.</summary>
    public async ValueTask FlushAsync(CancellationToken cancellation)
    {
        for (var conflicts = 0; pending.Count > 0; conflicts++)
        {
            if (await rows.CommitAsync(Tables.Customers, partition, pending, cancellation) is not CommitResult.Conflict(var index))
            {
                break;
            }

            if (conflicts == MaxConflicts)
            {
                throw new IOException($"Memberships of partition {partition} keep being changed by others; the part will be tried again.");
            }

            var key = pending[index].Key;
            var found = await rows.FindAsync<MembershipRow>(Tables.Customers, partition, key, cancellation);
            if (MembershipChange.Apply(found?.Value, scheme, sets[index], asOf) is { } after)
            {
                pending[index] = RowOperation.Write(key, RowCodec.Encode(after), found?.ETag);
            }
            else
            {
                pending.RemoveAt(index);
                sets.RemoveAt(index);
            }
        }

        pending.Clear();
        sets.Clear();
    }
}
