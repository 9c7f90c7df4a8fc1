using Campaigns.Core.Primitives;
using Campaigns.Core.Segments.Rules;
using Campaigns.Core.Storage;

namespace Campaigns.Core.Segments;

/// <summary>Gathers the memberships that change and commits them in full batches; nothing is written where nothing changed.</summary>
internal sealed class MembershipWrites(IRowStore rows, string partition, SegmentScheme scheme, DateTimeOffset asOf)
{
    /// <summary>Others write memberships only when the same part runs twice at once; more conflicts than this mean a fault.</summary>
    private const int MaxConflicts = 10 * RowLimits.OperationsPerCommit;

    private readonly List<RowOperation> pending = new(RowLimits.OperationsPerCommit);
    private readonly List<SegmentSet> sets = new(RowLimits.OperationsPerCommit);

    /// <summary>Notes what the classification changes, and gives the row as it stands afterwards; null where there is none.</summary>
    public ValueTask<MembershipRow?> ApplyAsync(CustomerKey key, SegmentSet set, BufferedRow? stored, CancellationToken cancellation)
    {
        // Mostly nothing changes, and then nothing waits.
        var before = RowCodec.Decode<MembershipRow>(stored);
        return MembershipChange.Apply(before, scheme, set, asOf) is { } after ? NoteAsync(key, set, after, stored, cancellation) : new(before);
    }

    private async ValueTask<MembershipRow?> NoteAsync(CustomerKey key, SegmentSet set, MembershipRow after, BufferedRow? stored, CancellationToken cancellation)
    {
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
