using Campaigns.Core.Ingest;
using Campaigns.Core.Jobs;
using Campaigns.Core.Planning;
using Campaigns.Core.Primitives;
using Campaigns.Core.Profiles;
using Campaigns.Core.Storage;

namespace Campaigns.Core.Measurement;

/// <summary>A stored outcome that the orders do not bear out.</summary>
public sealed record RecountDifference(string CustomerId, Outcome Stored, Outcome Recounted);

/// <summary>What a recount found.</summary>
/// <param name="Run">Run.</param>
/// <param name="Customers">Assigned customers.</param>
/// <param name="Different">Of these, with another outcome than the stored one.</param>
/// <param name="Examples">The first of them, at most <see cref="Recount.ExampleLimit"/>.</param>
public sealed record RecountReport(string Run, long Customers, long Different, IReadOnlyList<RecountDifference> Examples)
{
    /// <summary>Every stored outcome follows from the orders.</summary>
    public bool Agrees => Different == 0;
}

/// <summary>
/// Refolds a run from the orders and compares with what was folded step by step: they must agree. For a run that no longer
/// takes orders, versions of orders made after it closed are left out.
/// </summary>
public sealed class Recount(IRowStore rows, MeasuredRuns runs, Workspace workspace, IOutcomeFold outcomes)
{
    /// <summary>Differences reported one by one: enough to see a pattern.</summary>
    public const int ExampleLimit = 20;

    /// <summary>Recounts the run; null where there is no such run.</summary>
    public async ValueTask<RecountReport?> RunAsync(string run, CancellationToken cancellation)
    {
        if (await runs.FindAsync(run, cancellation) is not { } found)
        {
            return null;
        }

        var buckets = (await workspace.SettingsAsync(cancellation)).Buckets;
        var closed = !found.TakesOrders(await workspace.NowAsync(cancellation));
        var (customers, different, examples) = (0L, 0L, new List<RecountDifference>());
        for (var bucket = 0; bucket < buckets; bucket++)
        {
            var partition = Bucketing.Partition(bucket);
            var prefix = Tables.Assignments(run);
            await foreach (var row in rows.ScanPrefixAsync(Tables.Customers, partition, prefix, cancellation))
            {
                var assignment = RowCodec.Decode<AssignmentRow>(row.Payload);
                if (assignment.IsErased)
                {
                    continue; // Its orders are gone: its outcome is as it was.
                }

                customers++;
                var outcome = await FoldAsync(partition, new CustomerKey(row.Key[prefix.Length..]), assignment, found, closed, cancellation);
                if (outcome != assignment.Outcome)
                {
                    different++;
                    if (examples.Count < ExampleLimit)
                    {
                        examples.Add(new RecountDifference(assignment.CustomerId, assignment.Outcome, outcome));
                    }
                }
            }
        }

        return new RecountReport(run, customers, different, examples);
    }

    /// <summary>Recounts one assignment and writes what the orders say, unless others change it meanwhile. Gives the outcome that holds.</summary>
    internal async ValueTask<Outcome> MendAsync(string partition, CustomerKey customer, Row row, MeasuredRun run, CancellationToken cancellation)
    {
        var assignment = RowCodec.Decode<AssignmentRow>(row.Payload);
        var outcome = await FoldAsync(partition, customer, assignment, run, closed: false, cancellation);
        if (outcome != assignment.Outcome)
        {
            // A conflict means that ingest or dispatch just folded it themselves; the next measure sees theirs.
            await rows.CommitAsync(Tables.Customers, partition, [new RowOperation.Replace(row.Key, RowCodec.Encode(assignment with { Outcome = outcome }), row.ETag)], cancellation);
        }

        return outcome;
    }

    private async ValueTask<Outcome> FoldAsync(
        string partition, CustomerKey customer, AssignmentRow assignment, MeasuredRun run, bool closed, CancellationToken cancellation)
    {
        var orders = new List<OrderRow>();
        var last = run.Inputs.WindowEnd.AddDays(RunInputs.LateDays);
        await foreach (var row in rows.ScanPrefixAsync(Tables.Customers, partition, Tables.Orders(customer), cancellation))
        {
            var order = RowCodec.Decode<OrderRow>(row.Payload);
            if (!closed || order.RevisedAt <= last)
            {
                orders.Add(order);
            }
        }

        orders.Sort(NetOrders.Compare);
        return outcomes.Fold(assignment, run.Inputs, orders);
    }
}
