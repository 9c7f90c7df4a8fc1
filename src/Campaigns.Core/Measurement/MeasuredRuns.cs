using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using Campaigns.Core.Jobs;
using Campaigns.Core.Planning;
using Campaigns.Core.Storage;

namespace Campaigns.Core.Measurement;

/// <summary>A run as measurement sees it.</summary>
/// <param name="Run">Run id.</param>
/// <param name="At">Business time of the run.</param>
/// <param name="Inputs">Frozen inputs.</param>
public sealed record MeasuredRun(string Run, DateTimeOffset At, RunInputs Inputs)
{
    /// <summary>Orders within the window still change outcomes: until <see cref="RunInputs.LateDays"/> after its end.</summary>
    public bool TakesOrders(DateTimeOffset now) => now <= Inputs.WindowEnd.AddDays(RunInputs.LateDays);

    /// <summary>From this business time on nothing of the run can change: outcomes are closed and churn is known.</summary>
    public DateTimeOffset FreezesAt(int churnDays)
    {
        var churn = At.AddDays(churnDays);
        return (churn > Inputs.WindowEnd ? churn : Inputs.WindowEnd).AddDays(RunInputs.LateDays);
    }
}

/// <summary>
/// The runs of all campaigns. A run's id follows from its campaign and occurrence, so the campaigns' rows are the index; a
/// run's inputs never change, so each is read once per process. Listing costs one range read, and one read per new run.
/// </summary>
public sealed class MeasuredRuns(IRowStore rows)
{
    private readonly ConcurrentDictionary<string, MeasuredRun> known = new(StringComparer.Ordinal);

    /// <summary>All runs, by campaign and occurrence.</summary>
    public async IAsyncEnumerable<MeasuredRun> ListAsync([EnumeratorCancellation] CancellationToken cancellation)
    {
        await foreach (var row in rows.ScanAsync(Tables.Campaigns, Tables.All, " ", "~", cancellation))
        {
            var campaign = RowCodec.Decode<Campaign>(row.Payload);
            // One beyond the count: a launch may have created the run and not yet counted it.
            for (var occurrence = 0; occurrence <= campaign.Occurrences; occurrence++)
            {
                if (await FindAsync(Campaign.RunId(campaign.Id, occurrence), cancellation) is { } run)
                {
                    yield return run;
                }
            }
        }
    }

    /// <summary>The run, or null.</summary>
    public async ValueTask<MeasuredRun?> FindAsync(string run, CancellationToken cancellation)
    {
        if (known.TryGetValue(run, out var found))
        {
            return found;
        }

        var head = await rows.FindAsync<JobHead>(Tables.Work, run, JobRows.Head, cancellation);
        if (head is null || !string.Equals(head.Value.Kind, RunInputs.JobKind, StringComparison.Ordinal))
        {
            return null;
        }

        return known.GetOrAdd(run, new MeasuredRun(run, head.Value.AsOf, RowCodec.Decode<RunInputs>(head.Value.Inputs)));
    }
}
