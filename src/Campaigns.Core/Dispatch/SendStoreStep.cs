using Campaigns.Core.Ingest;
using Campaigns.Core.Planning;
using Campaigns.Core.Storage;

namespace Campaigns.Core.Dispatch;

/// <summary>A message that is about to go out: the record and the customer as loaded, and what they become by the claim.</summary>
internal sealed record Prepared(string Key, string ETag, AssignmentRow Claimed, string CustomerKey, string CustomerETag, CustomerRow Customer, OutgoingMessage Message);

/// <summary>Commits of sending records and of the customers' counts beside them, under the ETags under which they were read.</summary>
internal sealed class SendStore(IRowStore rows, string partition)
{
    /// <summary>Customers per commit: two rows each.</summary>
    private const int PerCommit = RowLimits.OperationsPerCommit / 2;

    /// <summary>Tries to record one answer while others write the same rows.</summary>
    private const int MaxAttempts = 20;

    /// <summary>Replaces records; gives the keys of those that others changed, and tells the others to <paramref name="written"/>.</summary>
    public async ValueTask<IReadOnlyList<string>> WriteAsync(IReadOnlyList<Stored<AssignmentRow>> records, Action<AssignmentRow> written, CancellationToken cancellation)
    {
        var conflicts = new List<string>();
        foreach (var chunk in records.Chunk(RowLimits.OperationsPerCommit))
        {
            var open = chunk.ToList();
            while (open.Count > 0)
            {
                var operations = open.ConvertAll(RowOperation (r) => new RowOperation.Replace(r.Key, RowCodec.Encode(r.Value), r.ETag));
                if (await rows.CommitAsync(Tables.Customers, partition, operations, cancellation) is not CommitResult.Conflict conflict)
                {
                    open.ForEach(r => written(r.Value));
                    break;
                }

                conflicts.Add(open[conflict.Index].Key);
                open.RemoveAt(conflict.Index);
            }
        }

        return conflicts;
    }

    /// <summary>Claims: record and customer in one commit, so that an unsubscribe that lands first makes the claim fail. Gives those claimed, with their new ETags.</summary>
    public async ValueTask<List<Prepared>> ClaimAsync(IReadOnlyList<Prepared> prepared, List<string> conflicts, CancellationToken cancellation)
    {
        var claimed = new List<Prepared>();
        foreach (var chunk in prepared.Chunk(PerCommit))
        {
            var open = chunk.ToList();
            while (open.Count > 0)
            {
                var operations = open.SelectMany(IEnumerable<RowOperation> (p) =>
                [
                    new RowOperation.Replace(p.Key, RowCodec.Encode(p.Claimed), p.ETag),
                    new RowOperation.Replace(p.CustomerKey, RowCodec.Encode(p.Customer), p.CustomerETag),
                ]).ToList();
                var result = await rows.CommitAsync(Tables.Customers, partition, operations, cancellation);
                if (result is CommitResult.Committed committed)
                {
                    claimed.AddRange(open.Select((p, i) => p with { ETag = committed.ETags[2 * i]!, CustomerETag = committed.ETags[(2 * i) + 1]! }));
                    break;
                }

                var at = ((CommitResult.Conflict)result).Index / 2;
                conflicts.Add(open[at].Key);
                open.RemoveAt(at);
            }
        }

        return claimed;
    }

    /// <summary>Records the answers; tells each record as it then stands to <paramref name="written"/>.</summary>
    public async ValueTask RecordAsync(
        string run, IReadOnlyList<Prepared> claimed, IReadOnlyList<SendResult> results, DateTimeOffset? retryAt, Action<AssignmentRow> written, CancellationToken cancellation)
    {
        // A message that was taken changes its record alone; one that reached nobody, the customer's counts too.
        var perCommit = results.Any(r => r is SendResult.NotSent or SendResult.Rejected) ? PerCommit : RowLimits.OperationsPerCommit;
        var answered = claimed.Zip(results, (p, r) => (Message: p, Result: r, Next: SendLedger.Record(p.Claimed, p.Claimed.Attempt!, r, retryAt)!));
        foreach (var chunk in answered.Chunk(perCommit))
        {
            var open = chunk.ToList();
            while (open.Count > 0)
            {
                var operations = new List<RowOperation>();
                var owners = new List<int>();
                for (var i = 0; i < open.Count; i++)
                {
                    var (p, result, next) = open[i];
                    Add(operations, owners, i, new RowOperation.Replace(p.Key, RowCodec.Encode(next), p.ETag));
                    if (result is SendResult.NotSent or SendResult.Rejected)
                    {
                        Add(operations, owners, i, new RowOperation.Replace(p.CustomerKey, RowCodec.Encode(Undo(p.Customer, run, p.Claimed, result)), p.CustomerETag));
                    }
                }

                if (await rows.CommitAsync(Tables.Customers, partition, operations, cancellation) is not CommitResult.Conflict conflict)
                {
                    open.ForEach(o => written(o.Next));
                    break;
                }

                var at = owners[conflict.Index];
                written(await RecordAloneAsync(run, open[at].Message, open[at].Result, retryAt, cancellation));
                open.RemoveAt(at);
            }
        }
    }

    /// <summary>Ends a claim that ran out. Null where others changed the rows meanwhile.</summary>
    public async ValueTask<Stored<AssignmentRow>?> CloseAsync(string run, Stored<AssignmentRow> record, AssignmentRow next, CancellationToken cancellation)
    {
        var operations = new List<RowOperation> { new RowOperation.Replace(record.Key, RowCodec.Encode(next), record.ETag) };
        var key = Tables.Customer(new Primitives.CustomerKey(record.Key[^Primitives.CustomerKey.Length..]));
        if (SendLedger.IsOpen(next) && await rows.FindAsync<CustomerRow>(Tables.Customers, partition, key, cancellation) is { } customer)
        {
            operations.Add(new RowOperation.Replace(key, RowCodec.Encode(SendLedger.Uncount(customer.Value, run)), customer.ETag));
        }

        return await rows.CommitAsync(Tables.Customers, partition, operations, cancellation) is CommitResult.Committed committed
            ? new Stored<AssignmentRow>(record.Key, committed.ETags[0]!, next)
            : null;
    }

    private async ValueTask<AssignmentRow> RecordAloneAsync(string run, Prepared p, SendResult result, DateTimeOffset? retryAt, CancellationToken cancellation)
    {
        for (var attempt = 0; attempt < MaxAttempts; attempt++)
        {
            var record = await rows.FindAsync<AssignmentRow>(Tables.Customers, partition, p.Key, cancellation)
                ?? throw new InvalidDataException($"The sending record {p.Key} is gone.");
            if (SendLedger.Record(record.Value, p.Claimed.Attempt!, result, retryAt) is not { } next)
            {
                return record.Value; // A webhook, or whoever closed the claim, knew more.
            }

            var operations = new List<RowOperation> { new RowOperation.Replace(p.Key, RowCodec.Encode(next), record.ETag) };
            if (result is SendResult.NotSent or SendResult.Rejected && await rows.FindAsync<CustomerRow>(Tables.Customers, partition, p.CustomerKey, cancellation) is { } customer)
            {
                operations.Add(new RowOperation.Replace(p.CustomerKey, RowCodec.Encode(Undo(customer.Value, run, p.Claimed, result)), customer.ETag));
            }

            if (await rows.CommitAsync(Tables.Customers, partition, operations, cancellation) is CommitResult.Committed)
            {
                return next;
            }
        }

        throw new IOException($"The sending record {p.Key} was changed by others {MaxAttempts} times in a row; try again.");
    }

    private static CustomerRow Undo(CustomerRow customer, string run, AssignmentRow row, SendResult result)
    {
        var uncounted = SendLedger.Uncount(customer, run);
        return result is SendResult.Rejected { Suppression: { } why } ? uncounted.Suppressed(row.Channel, why) : uncounted;
    }

    private static void Add(List<RowOperation> operations, List<int> owners, int owner, RowOperation operation)
    {
        operations.Add(operation);
        owners.Add(owner);
    }
}
