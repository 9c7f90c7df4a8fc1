using Campaigns.Core.Ingest;
using Campaigns.Core.Jobs;
using Campaigns.Core.Offers.Codes;
using Campaigns.Core.Planning;
using Campaigns.Core.Primitives;
using Campaigns.Core.Profiles;
using Campaigns.Core.Segments;
using Campaigns.Core.Storage;

namespace Campaigns.Core.Privacy;

/// <summary>
/// The one stage of an erasure. The mark that keeps the customer from coming back was written before the job; imports that began
/// before it are waited for, so that none of them writes behind. Then what stands outside the customer's rows (suppression kept,
/// addresses, codes, outbox, imports' files, failed messages), then the sending records, and the customer's own rows last: until
/// they are gone, the step finds what to do again after a crash. Records keep what they count for and get a key that is nobody's
/// once their run has ended.
/// </summary>
/// <param name="workspace">The clock.</param>
/// <param name="poison">Where failed messages lie.</param>
/// <param name="imports">Files of imports.</param>
/// <param name="recomputes">Results of recomputes.</param>
/// <param name="newKeys">Keys that no customer has.</param>
public sealed class EraseStep(Workspace workspace, PoisonSearch poison, ImportTraces imports, RecomputeTraces recomputes, Func<CustomerKey> newKeys) : IJobStage
{
    /// <summary>Name of the stage.</summary>
    public const string StageName = "erase";

    /// <summary>When to look again where a run or an import is still under way.</summary>
    private static readonly TimeSpan Glance = TimeSpan.FromMinutes(1);

    /// <inheritdoc/>
    public string Kind => ErasureInputs.JobKind;

    /// <inheritdoc/>
    public string Name => StageName;

    /// <inheritdoc/>
    public int Order => 0;

    /// <inheritdoc/>
    public string Queue => SurveyStep.SegmentQueue;

    /// <inheritdoc/>
    public bool PerBucket => false;

    /// <inheritdoc/>
    public async ValueTask<PartOutcome> RunAsync(JobContext context, int part, CancellationToken cancellation)
    {
        var key = context.Inputs<ErasureInputs>().Key;
        var partition = context.Bucketing.PartitionOf(key);
        if (await ImportsBeforeAsync(context, cancellation))
        {
            return await LaterAsync(cancellation);
        }

        var customer = await context.Rows.FindAsync<CustomerRow>(Tables.Customers, partition, Tables.Customer(key), cancellation);
        var history = await context.Rows.FindAsync<PurchaseHistory>(Tables.Customers, partition, Tables.History(key), cancellation);
        if ((customer?.Value.CustomerId ?? history?.Value.CustomerId) is { } id)
        {
            var identity = new Identity(id, key, customer?.Value.Email, customer?.Value.Phone);
            await SuppressAsync(context, identity, cancellation);
            await imports.RemoveAsync(identity, cancellation);
            await recomputes.RemoveAsync(identity, cancellation);
            await poison.RemoveAsync(identity, cancellation);
        }

        // Before the rows: they say which runs there are. Open ones are stopped first of all.
        var left = await RecordsAsync(context, partition, key, cancellation);
        if (left != Left.Claimed)
        {
            await RowsAsync(context, partition, key, cancellation);
        }

        return left == Left.Nothing ? new PartOutcome.Done(ReadOnlyMemory<byte>.Empty) : await LaterAsync(cancellation);
    }

    /// <inheritdoc/>
    public ValueTask<ReadOnlyMemory<byte>> MergeAsync(JobContext context, IAsyncEnumerable<ReadOnlyMemory<byte>> summaries, CancellationToken cancellation) =>
        ValueTask.FromResult(ReadOnlyMemory<byte>.Empty);

    private async ValueTask<PartOutcome> LaterAsync(CancellationToken cancellation) => new PartOutcome.Later(await workspace.NowAsync(cancellation) + Glance);

    /// <summary>An import that may have read who is erased before the mark stood is under way.</summary>
    private static async ValueTask<bool> ImportsBeforeAsync(JobContext context, CancellationToken cancellation)
    {
        await foreach (var row in context.Rows.ScanAsync(Tables.Work, JobRows.Open, " ", "~", cancellation))
        {
            var head = (await context.Rows.FindAsync<JobHead>(Tables.Work, row.Key, JobRows.Head, cancellation))?.Value;
            if (head is { Status: JobStatus.Running, Kind: ParseStep.ImportKind } && head.CreatedAt <= context.Head.CreatedAt)
            {
                return true;
            }
        }

        return false;
    }

    private static async ValueTask SuppressAsync(JobContext context, Identity identity, CancellationToken cancellation)
    {
        var addresses = new AddressBook(context.Rows, context.Settings);
        foreach (var (channel, address) in new[] { (Channel.Email, identity.Email), (Channel.Sms, identity.Phone) })
        {
            if (address is not null)
            {
                await addresses.SuppressAsync(channel, address, Erasure.Suppression, context.Head.AsOf, cancellation);
                await addresses.ForgetAsync(address, identity.Key, cancellation);
            }
        }
    }

    /// <summary>What is left of the customer in its runs; the larger, the more.</summary>
    private enum Left
    {
        Nothing,
        Key,
        Claimed,
    }

    /// <summary>Takes the customer out of its sending records.</summary>
    private async ValueTask<Left> RecordsAsync(JobContext context, string partition, CustomerKey key, CancellationToken cancellation)
    {
        var most = Left.Nothing;
        var runs = new List<string>();
        await foreach (var index in context.Rows.ScanPrefixAsync(Tables.Customers, partition, Tables.RunsOf(key), cancellation))
        {
            runs.Add(index.Key[Tables.RunsOf(key).Length..]);
        }

        foreach (var run in runs)
        {
            var left = await RecordAsync(context, partition, key, run, cancellation);
            most = left > most ? left : most;
        }

        return most;
    }

    private async ValueTask<Left> RecordAsync(JobContext context, string partition, CustomerKey key, string run, CancellationToken cancellation)
    {
        var head = (await context.Rows.FindAsync<JobHead>(Tables.Work, run, JobRows.Head, cancellation))?.Value;
        var ended = head is not { Status: JobStatus.Running };
        var record = await context.Rows.FindAsync<AssignmentRow>(Tables.Customers, partition, Tables.Assignment(run, key), cancellation);
        if (record is { } found && ErasedRecord.MustWait(found.Value))
        {
            return Left.Claimed; // Its message may be going out at this moment, and its end is written with the customer's row.
        }

        await CodeAsync(context, head, record?.Value, cancellation);
        await context.Rows.CommitAsync(Tables.Outbox, run, [new RowOperation.Delete(key.Text)], cancellation);
        var operations = new List<RowOperation>();
        if (record is not null)
        {
            var left = RowCodec.Encode(ErasedRecord.Of(record.Value));
            operations.AddRange(ended
                ? [new RowOperation.Delete(record.Key, record.ETag), new RowOperation.Insert(Tables.Assignment(run, newKeys()), left)]
                : [new RowOperation.Replace(record.Key, left, record.ETag)]);
        }

        if (ended)
        {
            operations.Add(new RowOperation.Delete(Tables.RunOf(key, run)));
        }

        var committed = operations.Count == 0 || await context.Rows.CommitAsync(Tables.Customers, partition, operations, cancellation) is CommitResult.Committed;
        return !committed ? Left.Claimed // Somebody else changed the record, perhaps to claim it: the next look tells.
            : ended ? Left.Nothing : Left.Key;
    }

    private static async ValueTask CodeAsync(JobContext context, JobHead? head, AssignmentRow? record, CancellationToken cancellation)
    {
        if (head is not null && record?.Code is { } code && RowCodec.Decode<RunInputs>(head.Inputs).Campaign.OfferOf(record.Treatment)?.CodePool is { } pool)
        {
            await new CodeOwners(context.Rows).ForgetAsync(pool, code, cancellation);
        }
    }

    /// <summary>Requests to confirm consent, each with its message in the outbox.</summary>
    private static async ValueTask ConsentRequestsAsync(JobContext context, string partition, CustomerKey key, CancellationToken cancellation)
    {
        await foreach (var row in context.Rows.ScanPrefixAsync(Tables.Customers, partition, Tables.ConsentRequests(key), cancellation))
        {
            await context.Rows.CommitAsync(Tables.Outbox, row.Key[Tables.ConsentRequests(key).Length..], [new RowOperation.Delete(key.Text)], cancellation);
            await context.Rows.CommitAsync(Tables.Customers, partition, [new RowOperation.Delete(row.Key)], cancellation);
        }
    }

    /// <summary>Orders first, then everything else in one commit with what it leaves in the shop's sums.</summary>
    private static async ValueTask RowsAsync(JobContext context, string partition, CustomerKey key, CancellationToken cancellation)
    {
        var orders = new List<RowOperation>();
        await foreach (var row in context.Rows.ScanPrefixAsync(Tables.Customers, partition, Tables.Orders(key), cancellation))
        {
            orders.Add(new RowOperation.Delete(row.Key));
        }

        foreach (var chunk in orders.Chunk(RowLimits.OperationsPerCommit))
        {
            await context.Rows.CommitAsync(Tables.Customers, partition, chunk, cancellation);
        }

        await ConsentRequestsAsync(context, partition, key, cancellation);
        for (var committed = false; !committed;)
        {
            var operations = new List<RowOperation>();
            foreach (var name in new[] { Tables.Customer(key), Tables.Membership(key), Tables.Placement(key), Tables.History(key) })
            {
                if (await context.Rows.GetAsync(Tables.Customers, partition, name, cancellation) is { } row)
                {
                    operations.Add(new RowOperation.Delete(name, row.ETag));
                }
            }

            if (operations.Count == 0)
            {
                return;
            }

            var history = (await context.Rows.FindAsync<PurchaseHistory>(Tables.Customers, partition, Tables.History(key), cancellation))?.Value;
            if (history is { Orders: > 0 })
            {
                var days = await context.Rows.FindAsync<ErasedDays>(Tables.Customers, partition, ErasedDays.Key, cancellation);
                var after = (days?.Value ?? new ErasedDays()).With(history.RecentOrders.Select(o => (o.At, o.AmountMinor)));
                operations.Add(RowOperation.Write(ErasedDays.Key, RowCodec.Encode(after), days?.ETag));
            }

            committed = await context.Rows.CommitAsync(Tables.Customers, partition, operations, cancellation) is CommitResult.Committed;
        }
    }
}
