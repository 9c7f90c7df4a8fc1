using Campaigns.Core.Ingest;
using Campaigns.Core.Jobs;
using Campaigns.Core.Planning;
using Campaigns.Core.Storage;

namespace Campaigns.Core.Measurement;

/// <summary>
/// Keeps the outcomes of a customer's open assignments, treated and held out, in step with the orders: in the same
/// transaction. Without an open run a fold reads nothing.
/// </summary>
public sealed class OutcomeFold(MeasuredRuns runs, Workspace workspace, IOutcomeFold outcomes) : ICustomerFold
{
    private Dictionary<string, MeasuredRun> open = [];

    /// <summary>Reads which runs are open: one range read over the campaigns, and the business time.</summary>
    public async ValueTask BeginAsync(CancellationToken cancellation)
    {
        var now = await workspace.NowAsync(cancellation);
        var found = new Dictionary<string, MeasuredRun>(StringComparer.Ordinal);
        await foreach (var run in runs.ListAsync(cancellation))
        {
            if (run.TakesOrders(now))
            {
                found[run.Run] = run;
            }
        }

        open = found;
    }

    /// <inheritdoc/>
    public async ValueTask<IReadOnlyList<RowOperation>> FoldAsync(CustomerChange change, CancellationToken cancellation)
    {
        var current = open;
        if (current.Count == 0)
        {
            return [];
        }

        var operations = new List<RowOperation>();
        var prefix = Tables.RunsOf(change.Key);
        await foreach (var index in change.RowsAsync(prefix, cancellation))
        {
            if (!current.TryGetValue(index.Key[prefix.Length..], out var run)
                || await change.RowAsync(Tables.Assignment(run.Run, change.Key), cancellation) is not { } row)
            {
                continue;
            }

            var assignment = RowCodec.Decode<AssignmentRow>(row.Payload);
            var outcome = outcomes.Fold(assignment, run.Inputs, await change.AllOrdersAsync(cancellation));
            if (outcome != assignment.Outcome)
            {
                operations.Add(new RowOperation.Replace(row.Key, RowCodec.Encode(assignment with { Outcome = outcome }), row.ETag));
            }
        }

        return operations;
    }
}
