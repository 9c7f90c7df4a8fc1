using System.Runtime.CompilerServices;
using Campaigns.Core.Ingest;
using Campaigns.Core.Jobs;
using Campaigns.Core.Planning;
using Campaigns.Core.Primitives;
using Campaigns.Core.Profiles;
using Campaigns.Core.Segments;
using Campaigns.Core.Storage;

namespace Campaigns.Core.Measurement;

/// <summary>
/// Stage "measure": one pass over a bucket. Histories, memberships and the open runs' assignments are all in customer order,
/// so they are read side by side, each row once, a page of each in memory.
/// </summary>
public sealed class MeasureStep(MeasuredRuns runs, Recount recount) : IJobStage
{
    /// <inheritdoc/>
    public string Kind => MeasureInputs.JobKind;

    /// <summary>Name of the stage.</summary>
    public const string StageName = "measure";

    /// <inheritdoc/>
    public string Name => StageName;

    /// <inheritdoc/>
    public int Order => 0;

    /// <inheritdoc/>
    public string Queue => MeasureInputs.Queue;

    /// <inheritdoc/>
    public bool PerBucket => true;

    /// <inheritdoc/>
    public async ValueTask<PartOutcome> RunAsync(JobContext context, int part, CancellationToken cancellation)
    {
        var partition = Bucketing.Partition(part);
        var inputs = context.Inputs<MeasureInputs>();
        var shop = new ShopTally(context.Head.AsOf, inputs.ChurnDays, inputs.SegmentOrder);
        if (await context.Rows.FindAsync<ErasedDays>(Tables.Customers, partition, ErasedDays.Key, cancellation) is { Value: var erased })
        {
            shop.Add(erased);
        }

        var open = await OpenAsync(context, inputs, partition, cancellation);
        await using var memberships = new CustomerCursor(context.Rows, partition, "m|", cancellation);
        await using var histories = new CustomerCursor(context.Rows, partition, "h|", cancellation);
        try
        {
            while (await histories.NextAsync() is { } row)
            {
                var history = RowCodec.Decode<PurchaseHistory>(row.Payload);
                var membership = await memberships.AtAsync(histories.Customer);
                shop.Add(history, membership is null ? null : RowCodec.Decode<MembershipRow>(membership.Payload));
                foreach (var run in open)
                {
                    await run.AdvanceAsync(histories.Customer, history, cancellation);
                }

                context.Advance(1);
            }

            foreach (var run in open)
            {
                await run.AdvanceAsync(null, null, cancellation);
            }
        }
        finally
        {
            foreach (var run in open)
            {
                await run.DisposeAsync();
            }
        }

        var summary = new MeasureSummary { Runs = [.. open.Select(r => r.Tally.ToSummary())], Shop = shop.ToSummary() };
        return new PartOutcome.Done(RowCodec.Encode(summary));
    }

    /// <inheritdoc/>
    public async ValueTask<ReadOnlyMemory<byte>> MergeAsync(JobContext context, IAsyncEnumerable<ReadOnlyMemory<byte>> summaries, CancellationToken cancellation)
    {
        var inputs = context.Inputs<MeasureInputs>();
        var shop = new ShopTally(context.Head.AsOf, inputs.ChurnDays, inputs.SegmentOrder);
        RunTally[]? tallies = null;
        await foreach (var payload in summaries.WithCancellation(cancellation))
        {
            var summary = RowCodec.Decode<MeasureSummary>(payload);
            tallies ??= [.. summary.Runs.Select(r => new RunTally(r with { Cells = [], Draws = [] }))];
            shop.Add(summary.Shop);
            for (var i = 0; i < tallies.Length; i++)
            {
                tallies[i].Add(summary.Runs[i]);
            }
        }

        var merged = new List<RunSummary>();
        foreach (var summary in (tallies ?? []).Select(t => t.ToSummary()))
        {
            merged.Add(summary with { NotAssigned = await NotAssignedAsync(context, summary.Run, cancellation) });
        }

        return RowCodec.Encode(new MeasureSummary { Runs = [.. merged], Shop = shop.ToSummary() });
    }

    /// <summary>Whom planning left out of the run; nobody while it has not finished.</summary>
    private static async ValueTask<NotAssigned[]> NotAssignedAsync(JobContext context, string run, CancellationToken cancellation) =>
        await JobRows.ResultAsync(context.Rows, context.Blobs, run, AssignStep.StageName, cancellation) is { } plan
            ? [.. RowCodec.Decode<RunPlan>(plan).Skipped.Select(s => new NotAssigned(s.Segment, s.Reason, s.Customers))]
            : [];

    private async ValueTask<List<RunScan>> OpenAsync(JobContext context, MeasureInputs inputs, string partition, CancellationToken cancellation)
    {
        var open = new List<RunScan>(inputs.Runs.Length);
        for (var i = 0; i < inputs.Runs.Length; i++)
        {
            var id = inputs.Runs[i];
            var run = await runs.FindAsync(id, cancellation) ?? throw new InvalidDataException($"Run {id} is to be measured, but its job is gone.");
            var empty = new RunSummary
            {
                Run = id,
                Campaign = run.Inputs.Campaign.Id,
                CampaignName = run.Inputs.Campaign.Name,
                Occurrence = run.Inputs.Occurrence,
                At = run.At,
                WindowEnd = run.Inputs.WindowEnd,
                MeasuredAt = context.Head.AsOf,
                MarginKnown = run.Inputs.Margin.Known,
                ChurnDays = inputs.ChurnDays,
                MicrosPerMinor = Money.MicrosPerMajor / Money.MinorPerMajor(inputs.Currency),
                Promised = run.Inputs.Campaign.IsPromised,
                SpendCapMinor = inputs.SpendCapsMinor.ElementAtOrDefault(i),
            };
            open.Add(new RunScan(run, new RunTally(empty), new CustomerCursor(context.Rows, partition, Tables.Assignments(id), cancellation), partition, context.Head.AsOf, inputs.ChurnDays, recount));
        }

        return open;
    }
}

/// <summary>One run's assignments of a bucket, read in step with the histories.</summary>
internal sealed class RunScan(
    MeasuredRun run, RunTally tally, CustomerCursor assignments, string partition, DateTimeOffset asOf, int churnDays, Recount recount) : IAsyncDisposable
{
    /// <summary>What was added up so far.</summary>
    public RunTally Tally => tally;

    /// <summary>Adds the assignments up to and including the customer's; all that are left where it is null.</summary>
    public async ValueTask AdvanceAsync(string? customer, PurchaseHistory? history, CancellationToken cancellation)
    {
        while (await assignments.PeekAsync() is { } row && (customer is null || string.CompareOrdinal(assignments.Customer, customer) <= 0))
        {
            var own = string.Equals(assignments.Customer, customer, StringComparison.Ordinal) ? history : null;
            var assignment = RowCodec.Decode<AssignmentRow>(row.Payload);
            var outcome = assignment.Outcome;
            if (own is not null && !assignment.IsErased && run.TakesOrders(asOf) && Missed(assignment, own))
            {
                outcome = await recount.MendAsync(partition, new CustomerKey(assignments.Customer), row, run, cancellation);
            }

            // Of an erased customer nobody knows whether it stayed; its outcome is as it was.
            var known = !assignment.IsErased && Churn.Known(assignment.AssignedAt, churnDays, asOf);
            tally.Add(assignment, outcome, known ? Churn.Of(own, assignment.AssignedAt, churnDays) : null);
            assignments.Take();
        }
    }

    /// <summary>
    /// The history holds other orders in the window than the outcome: one that landed while planning was writing the
    /// assignment found none to fold into.
    /// </summary>
    private bool Missed(AssignmentRow assignment, PurchaseHistory history)
    {
        if (run.Inputs.Campaign.ConversionEvent is not null)
        {
            return false; // The history knows orders only.
        }

        var (orders, revenue) = (0, 0L);
        foreach (var order in history.RecentOrders)
        {
            if (order.At >= assignment.AssignedAt && order.At < run.Inputs.WindowEnd)
            {
                orders++;
                revenue += order.AmountMinor;
            }
        }

        return orders != assignment.Outcome.Orders || revenue != assignment.Outcome.RevenueMinor;
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => assignments.DisposeAsync();
}

/// <summary>Rows of one kind in a bucket, by customer: the key's part after the prefix.</summary>
internal sealed class CustomerCursor(IRowStore rows, string partition, string prefix, CancellationToken cancellation) : IAsyncDisposable
{
    private readonly IAsyncEnumerator<Row> scan = rows.ScanPrefixAsync(Tables.Customers, partition, prefix, cancellation).GetAsyncEnumerator(cancellation);
    private Row? current;
    private bool ended;

    /// <summary>Key text of the customer that <see cref="PeekAsync"/> or <see cref="NextAsync"/> gave.</summary>
    public string Customer { get; private set; } = "";

    /// <summary>The next row without passing it, or null at the end.</summary>
    public async ValueTask<Row?> PeekAsync()
    {
        if (current is null && !ended)
        {
            ended = !await scan.MoveNextAsync();
            current = ended ? null : scan.Current;
            Customer = current is null ? "" : current.Key[prefix.Length..];
        }

        return current;
    }

    /// <summary>Passes the row that was peeked at.</summary>
    public void Take() => current = null;

    /// <summary>The next row, passed, or null at the end.</summary>
    public async ValueTask<Row?> NextAsync()
    {
        var row = await PeekAsync();
        Take();
        return row;
    }

    /// <summary>The customer's row, or null; rows before it are passed over.</summary>
    public async ValueTask<Row?> AtAsync(string customer)
    {
        while (await PeekAsync() is { } row)
        {
            var order = string.CompareOrdinal(Customer, customer);
            if (order >= 0)
            {
                return order == 0 ? row : null;
            }

            Take();
        }

        return null;
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => scan.DisposeAsync();
}
