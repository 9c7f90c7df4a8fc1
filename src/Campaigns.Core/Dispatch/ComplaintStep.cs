using Campaigns.Core.Jobs;
using Campaigns.Core.Planning;
using Campaigns.Core.Planning.Brakes;
using Campaigns.Core.Primitives;
using Campaigns.Core.Storage;

namespace Campaigns.Core.Dispatch;

/// <summary>Messages of a run that arrived, and how many recipients complained about theirs.</summary>
public readonly record struct Complaints(long Delivered, long Complained);

/// <summary>Pauses a run about which too many complain. Counts are taken from the sending records, so that repeats and order change nothing.</summary>
public sealed class ComplaintStep(IRowStore rows, Workspace workspace)
{
    /// <summary>Complaints are counted anew when so much more of them were told: a run is read some dozen times, not once per complaint.</summary>
    private const double Growth = 1.25;

    /// <summary>Some recipients complained: counts where it may matter, and pauses the run where it does.</summary>
    /// <param name="run">Run.</param>
    /// <param name="complaints">How many, above 0.</param>
    /// <param name="cancellation">Ends it.</param>
    public async ValueTask ToldAsync(string run, int complaints, CancellationToken cancellation)
    {
        var head = await rows.FindAsync<JobHead>(Tables.Work, run, JobRows.Head, cancellation);
        if (head?.Value is not { Status: JobStatus.Running, Kind: RunInputs.JobKind } running)
        {
            return; // Nothing is left that could be held.
        }

        var told = await RunBrakes.ChangeAsync(rows, run, b => b with { ComplaintsTold = b.ComplaintsTold + complaints }, cancellation);
        var before = told.ComplaintsTold - complaints;
        if (told.IsPaused || told.ComplaintsTold < RunBrakes.LeastComplaints || Steps(before) == Steps(told.ComplaintsTold))
        {
            return;
        }

        var counted = await CountAsync(run, cancellation);
        var (now, brakes) = (await workspace.NowAsync(cancellation), RowCodec.Decode<RunInputs>(running.Inputs).Brakes);
        await RunBrakes.ChangeAsync(
            rows, run, b => b.Counted(brakes, counted.Delivered, counted.Complained, now) is var next && next == b ? null : next, cancellation);
    }

    /// <summary>Lets a run go on that paused itself; what came so far is accepted. False where it was not paused.</summary>
    public async ValueTask<bool> ResumeAsync(string run, CancellationToken cancellation)
    {
        if (!(await RunBrakes.FindAsync(rows, run, cancellation)).IsPaused)
        {
            return false;
        }

        var counted = await CountAsync(run, cancellation);
        await RunBrakes.ChangeAsync(rows, run, b => b.Resumed(counted.Delivered, counted.Complained), cancellation);
        return true;
    }

    private async ValueTask<Complaints> CountAsync(string run, CancellationToken cancellation)
    {
        var (delivered, complained) = (0L, 0L);
        for (var bucket = 0; bucket < (await workspace.SettingsAsync(cancellation)).Buckets; bucket++)
        {
            await foreach (var row in rows.ScanPrefixAsync(Tables.Customers, Bucketing.Partition(bucket), Tables.Assignments(run), cancellation))
            {
                var state = RowCodec.Decode<AssignmentRow>(row.Payload).State;
                delivered += state is SendState.Delivered or SendState.Complained ? 1 : 0;
                complained += state == SendState.Complained ? 1 : 0;
            }
        }

        return new Complaints(delivered, complained);
    }

    private static int Steps(long complaints) => complaints < RunBrakes.LeastComplaints ? 0 : 1 + (int)(Math.Log((double)complaints / RunBrakes.LeastComplaints) / Math.Log(Growth));
}
