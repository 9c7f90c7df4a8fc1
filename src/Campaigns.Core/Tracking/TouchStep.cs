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

    private readonly AddressBook addresses = new(rows, workspace);
    private readonly ComplaintStep complaints = new(rows, workspace);

    /// <summary>Applies them. Safe to repeat.</summary>
    public async ValueTask<TouchResult> HandleAsync(IReadOnlyList<Touch> touches, CancellationToken cancellation)
    {
        var bucketing = new Bucketing((await workspace.SettingsAsync(cancellation)).Buckets);
        var (applied, unknown) = (0, 0);
        foreach (var reply in touches.Where(t => t.Phone is not null))
        {
            await ReplyAsync(reply, cancellation);
            applied++;
        }

        foreach (var message in touches.Where(t => t.Phone is null).GroupBy(t => t.Send, StringComparer.Ordinal))
        {
            var found = SendId.Parse(message.Key) is { } id
                && await ApplyAsync(id, bucketing.PartitionOf(id.Customer), [.. message], cancellation);
            applied += found ? message.Count() : 0;
            unknown += found ? 0 : message.Count();
        }

        foreach (var run in touches.Where(t => t.Kind == TouchKind.Complained).DistinctBy(t => t.Send).GroupBy(t => SendId.Parse(t.Send)?.Run).Where(g => g.Key is not null))
        {
            await complaints.ToldAsync(run.Key!, run.Count(), cancellation);
        }

        return new TouchResult(applied, unknown);
    }

    /// <summary>A reply opts the number out, or in again after it opted out; whoever has it.</summary>
    private ValueTask ReplyAsync(Touch reply, CancellationToken cancellation) => reply.Kind switch
    {
        TouchKind.Unsubscribed => addresses.SuppressAsync(Channel.Sms, reply.Phone!, SuppressionRow.Unsubscribed, reply.At, cancellation),
        TouchKind.Resubscribed => addresses.ResubscribeAsync(Channel.Sms, reply.Phone!, reply.At, cancellation),
        _ => throw new InvalidDataException($"A reply opts out or in again; {reply.Kind} is neither."),
    };

    private async ValueTask<bool> ApplyAsync(SendId id, string partition, IReadOnlyList<Touch> touches, CancellationToken cancellation)
    {
        var key = Tables.Assignment(id.Run, id.Customer);
        var suppressed = false;
        for (var attempt = 0; attempt < MaxAttempts; attempt++)
        {
            var record = await rows.FindAsync<AssignmentRow>(Tables.Customers, partition, key, cancellation);
            if (record is null)
            {
                return false;
            }

            if (!suppressed)
            {
                await SuppressAsync(id.Customer, partition, record.Value, touches, cancellation);
                suppressed = true;
            }

            var next = touches.Aggregate(record.Value, TouchFold.Apply);
            if (next == record.Value)
            {
                return true;
            }

            next = await WithOutcomeAsync(id, partition, next, cancellation);
            List<RowOperation> operations = [new RowOperation.Replace(key, RowCodec.Encode(next), record.ETag)];
            var customer = await rows.FindAsync<CustomerRow>(Tables.Customers, partition, Tables.Customer(id.Customer), cancellation);
            if (customer is not null && MessageFold.Apply(customer.Value, id.Run, next) is { } told)
            {
                operations.Add(new RowOperation.Replace(customer.Key, RowCodec.Encode(told), customer.ETag));
            }

            if (await rows.CommitAsync(Tables.Customers, partition, operations, cancellation) is CommitResult.Committed)
            {
                return true;
            }
        }

        throw new IOException($"The sending record {id} was changed by others {MaxAttempts} times in a row; try again.");
    }

    private async ValueTask SuppressAsync(CustomerKey customer, string partition, AssignmentRow row, IReadOnlyList<Touch> touches, CancellationToken cancellation)
    {
        if (row.HeldOut || touches.Where(t => TouchFold.Suppression(t.Kind) is not null).MinBy(t => (t.At, t.Kind)) is not { } first)
        {
            return;
        }

        // The address first: it blocks whoever else has it, and a later import. Then the customer's own copy, should the book not know the address.
        var (key, reason) = (Tables.Customer(customer), TouchFold.Suppression(first.Kind)!);
        var holder = await rows.FindAsync<CustomerRow>(Tables.Customers, partition, key, cancellation);
        if (holder?.Value.AddressOn(row.Channel) is { } address)
        {
            await addresses.SuppressAsync(row.Channel, address, reason, first.At, cancellation);
        }

        await rows.UpdateAsync<CustomerRow>(
            Tables.Customers, partition, key, found => found is null || found.SuppressionOn(row.Channel) is not null ? null : found.Suppressed(row.Channel, reason), cancellation);
    }

    /// <summary>Credit rests on clicks and deliveries, so the outcome is folded anew from all orders, which were read after the record: an order that lands meanwhile changes the record's ETag.</summary>
    private async ValueTask<AssignmentRow> WithOutcomeAsync(SendId id, string partition, AssignmentRow row, CancellationToken cancellation)
    {
        if (await rows.FindAsync<JobHead>(Tables.Work, id.Run, JobRows.Head, cancellation) is not { } head
            || RowCodec.Decode<RunInputs>(head.Value.Inputs) is not { } inputs
            || inputs.WindowEnd.AddDays(RunInputs.LateDays) < await workspace.NowAsync(cancellation))
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
}
