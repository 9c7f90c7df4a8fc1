using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using Campaigns.Core.Planning;

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
/// The runs of all campaigns, from planning's lists. A run's inputs never change, so each is read once per process: listing
/// costs one range read, and one read per new run.
/// </summary>
public sealed class MeasuredRuns(Runs runs)
{
    /// <summary>Runs read at a time.</summary>
    private const int PageSize = 200;

    private readonly ConcurrentDictionary<string, MeasuredRun> known = new(StringComparer.Ordinal);

    /// <summary>All runs, newest first.</summary>
    public async IAsyncEnumerable<MeasuredRun> ListAsync([EnumeratorCancellation] CancellationToken cancellation)
    {
        string? from = null;
        do
        {
            var page = await runs.ListAsync(PageSize, from, cancellation);
            foreach (var row in page.Runs)
            {
                yield return await FindAsync(row.Run, cancellation) ?? throw new InvalidDataException($"Run {row.Run} is listed, but its job is gone.");
            }

            from = page.Next;
        }
        while (from is not null);
    }

    /// <summary>The run, or null.</summary>
    public async ValueTask<MeasuredRun?> FindAsync(string run, CancellationToken cancellation)
    {
        if (known.TryGetValue(run, out var found))
        {
            return found;
        }

        return await runs.FindAsync(run, cancellation) is { } frozen
            ? known.GetOrAdd(run, new MeasuredRun(run, frozen.Head.AsOf, frozen.Inputs))
            : null;
    }
}
