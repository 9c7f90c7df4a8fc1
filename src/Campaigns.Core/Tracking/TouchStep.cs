using Campaigns.Core.Dispatch;
using Campaigns.Core.Ingest;
using Campaigns.Core.Jobs;
using Campaigns.Core.Planning;
using Campaigns.Core.Primitives;
using Campaigns.Core.Storage;

namespace Campaigns.Core.Tracking;

/// <summary>What became of a message of queue "touch".</summary>
/// <param name="Applied">Touches that found their record.</param>
/// <param name="Unknown">Touches without one: erased customers, or ids that are not ours.</param>
public readonly record struct TouchResult(int Applied, int Unknown);

/// <summary>Applies the touches of one queue message: suppression first, then in one commit the sending record and what the customer's row keeps of it.</summary>
public sealed class TouchStep(IRowStore rows, Workspace workspace, IOutcomeFold outcomes)
{
    /// <summary>Tries to write a record while others write it.</summary>
    private const int MaxAttempts = 50;

    /// <summary>The sending record and the customer's row.</summary>
    private const int OperationsPerMessage = 2;

    private readonly AddressBook addresses = new(rows, workspace);
    private readonly ComplaintStep complaints = new(rows, workspace);

    /// <summary>Applies them. Safe to repeat.</summary>
    public async ValueTask<TouchResult> HandleAsync(IReadOnlyList<Touch> touches, CancellationToken cancellation)
    {
        var bucketing = new Bucketing((await workspace.SettingsAsync(cancellation)).Buckets);
        var applied = 0;
        foreach (var reply in touches.Where(t => t.Phone is not null))
        {
            await ReplyAsync(reply, cancellation);
            applied++;
        }

        var named = touches.Where(t => t.Phone is null).GroupBy(t => t.Send, StringComparer.Ordinal).Select(g => new Touched(SendId.Parse(g.Key), [.. g])).ToList();
        var known = new Dictionary<string, RunInputs?>(StringComparer.Ordinal);
        foreach (var bucket in named.Where(n => n.Id is not null).GroupBy(n => bucketing.PartitionOf(n.Id!.Value.Customer), StringComparer.Ordinal))
        {
            // By run: two messages to one customer are far apart then, and share no commit.
            applied += await ApplyAsync(bucket.Key, bucket.OrderBy(m => m.Touches[0].Send, StringComparer.Ordinal), known, cancellation);
        }

        foreach (var run in touches.Where(t => t.Kind == TouchKind.Complained).DistinctBy(t => t.Send).GroupBy(t => SendId.Parse(t.Send)?.Run).Where(g => g.Key is not null))
        {
            await complaints.ToldAsync(run.Key!, run.Count(), cancellation);
        }

        return new TouchResult(applied, touches.Count - applied);
    }

    /// <summary>A reply opts the number out, or in again after it opted out; whoever has it.</summary>
    private ValueTask ReplyAsync(Touch reply, CancellationToken cancellation) => reply.Kind switch
    {
        TouchKind.Unsubscribed => addresses.SuppressAsync(Channel.Sms, reply.Phone!, SuppressionRow.Unsubscribed, reply.At, cancellation),
        TouchKind.Resubscribed => addresses.ResubscribeAsync(Channel.Sms, reply.Phone!, reply.At, cancellation),
        _ => throw new InvalidDataException($"A reply opts out or in again; {reply.Kind} is neither."),
    };

    /// <summary>Applies the touches of one bucket, many records in a commit; gives how many touches found their record.</summary>
    private async ValueTask<int> ApplyAsync(string partition, IEnumerable<Touched> messages, Dictionary<string, RunInputs?> known, CancellationToken cancellation)
    {
        var (applied, open, customers) = (0, new List<Change>(), new HashSet<CustomerKey>());
        foreach (var message in messages)
        {
            // A row stands once in a commit, and two messages to one customer change the same row.
            if (!customers.Add(message.Id!.Value.Customer) || open.Sum(c => c.Operations.Count) + OperationsPerMessage > RowLimits.OperationsPerCommit)
            {
                await CommitAsync(partition, open, known, cancellation);
                (open, customers) = ([], [message.Id.Value.Customer]);
            }

            if (await ReadAsync(message, partition, known, suppress: true, cancellation) is { } change)
            {
                applied += message.Touches.Count;
                open.AddRange(change.Operations.Count > 0 ? [change] : []);
            }
        }

        await CommitAsync(partition, open, known, cancellation);
        return applied;
    }

    private async ValueTask CommitAsync(string partition, List<Change> open, Dictionary<string, RunInputs?> known, CancellationToken cancellation)
    {
        while (open.Count > 0 && await rows.CommitAsync(Tables.Customers, partition, [.. open.SelectMany(c => c.Operations)], cancellation) is CommitResult.Conflict conflict)
        {
            var at = open.SelectMany((c, i) => Enumerable.Repeat(i, c.Operations.Count)).ElementAt(conflict.Index);
            await ApplyAloneAsync(open[at].Message, partition, known, cancellation);
            open.RemoveAt(at);
        }
    }

    private async ValueTask ApplyAloneAsync(Touched message, string partition, Dictionary<string, RunInputs?> known, CancellationToken cancellation)
    {
        for (var attempt = 0; attempt < MaxAttempts; attempt++)
        {
            if (await ReadAsync(message, partition, known, suppress: false, cancellation) is not { Operations: { Count: > 0 } operations }
                || await rows.CommitAsync(Tables.Customers, partition, operations, cancellation) is CommitResult.Committed)
            {
                return;
            }
        }

        throw new IOException($"The sending record {message.Id} was changed by others {MaxAttempts} times in a row; try again.");
    }

    /// <summary>What the touches change: nothing where they say nothing new. Null where there is no such record.</summary>
    private async ValueTask<Change?> ReadAsync(Touched message, string partition, Dictionary<string, RunInputs?> known, bool suppress, CancellationToken cancellation)
    {
        var id = message.Id!.Value;
        if (await rows.FindAsync<AssignmentRow>(Tables.Customers, partition, Tables.Assignment(id.Run, id.Customer), cancellation) is not { } record)
        {
            return null;
        }

        if (suppress)
        {
            await SuppressAsync(id.Customer, partition, record.Value, message.Touches, cancellation);
        }

        var next = message.Touches.Aggregate(record.Value, TouchFold.Apply);
        if (next == record.Value)
        {
            return new Change(message, []);
        }

        next = await WithOutcomeAsync(id, partition, next, known, cancellation);
        List<RowOperation> operations = [new RowOperation.Replace(record.Key, RowCodec.Encode(next), record.ETag)];
        var customer = await rows.FindAsync<CustomerRow>(Tables.Customers, partition, Tables.Customer(id.Customer), cancellation);
        if (customer is not null && MessageFold.Apply(customer.Value, id.Run, next) is { } told)
        {
            operations.Add(new RowOperation.Replace(customer.Key, RowCodec.Encode(told), customer.ETag));
        }

        return new Change(message, operations);
    }

    private async ValueTask SuppressAsync(CustomerKey customer, string partition, AssignmentRow row, IReadOnlyList<Touch> touches, CancellationToken cancellation)
    {
        var reports = touches.Select(t => (Reason: TouchFold.Suppression(t.Kind), t.At)).Where(r => r.Reason is not null).ToList();
        if (row.HeldOut || reports.Count == 0)
        {
            return;
        }

        // The address first: it blocks whoever else has it, and a later import. Then the customer's own copy, should the book not know the address.
        var reason = reports.Aggregate((string?)null, (strongest, r) => SuppressionRow.Stronger(strongest, r.Reason!))!;
        var (key, since) = (Tables.Customer(customer), reports.Where(r => r.Reason == reason).Min(r => r.At));
        var holder = await rows.FindAsync<CustomerRow>(Tables.Customers, partition, key, cancellation);
        if (holder?.Value.AddressOn(row.Channel) is { } address)
        {
            await addresses.SuppressAsync(row.Channel, address, reason, since, cancellation);
        }

        await rows.UpdateAsync<CustomerRow>(
            Tables.Customers, partition, key, found => found is null || found.SuppressionOn(row.Channel) == SuppressionRow.Stronger(found.SuppressionOn(row.Channel), reason) ? null : found.Suppressed(row.Channel, reason), cancellation);
    }

    /// <summary>Credit rests on clicks and deliveries, so the outcome is folded anew from all orders, which were read after the record: an order that lands meanwhile changes the record's ETag.</summary>
    private async ValueTask<AssignmentRow> WithOutcomeAsync(SendId id, string partition, AssignmentRow row, Dictionary<string, RunInputs?> known, CancellationToken cancellation)
    {
        if (!known.TryGetValue(id.Run, out var inputs))
        {
            inputs = await rows.FindAsync<JobHead>(Tables.Work, id.Run, JobRows.Head, cancellation) is { } head ? RowCodec.Decode<RunInputs>(head.Value.Inputs) : null;
            known[id.Run] = inputs;
        }

        if (inputs is null || inputs.WindowEnd.AddDays(RunInputs.LateDays) < await workspace.NowAsync(cancellation))
        {
            return row; // A closed run's results stay as they were reported.
        }

        var orders = new List<OrderRow>();
        await foreach (var order in rows.ScanPrefixAsync(Tables.Customers, partition, Tables.Orders(id.Customer), cancellation))
        {
            orders.Add(RowCodec.Decode<OrderRow>(order.Payload));
        }

        orders.Sort((a, b) => a.OrderedAt != b.OrderedAt ? a.OrderedAt.CompareTo(b.OrderedAt) : string.CompareOrdinal(a.OrderId, b.OrderId));
        return row with { Outcome = outcomes.Fold(row, inputs, orders) };
    }

    /// <summary>A message and what happened to it; no id where it is none of ours.</summary>
    private sealed record Touched(SendId? Id, IReadOnlyList<Touch> Touches);

    /// <summary>What becomes of a message's rows; no operations where nothing is new.</summary>
    private sealed record Change(Touched Message, List<RowOperation> Operations);
}
