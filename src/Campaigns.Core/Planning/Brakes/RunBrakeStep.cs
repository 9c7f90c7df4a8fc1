using Campaigns.Core.Jobs;
using Campaigns.Core.Offers.Learning;
using Campaigns.Core.Storage;

namespace Campaigns.Core.Planning.Brakes;

/// <summary>What people do to a run under way, or to one that should not have been: cancel it, or call it a mistake.</summary>
public sealed class RunBrakeStep(IRowStore rows, Workspace workspace, Runs runs)
{
    /// <summary>The most characters of a note.</summary>
    public const int MaxNoteLength = 500;

    /// <summary>Ends a run for good: what is not sent is skipped. Null where it was done, else why not and what to do.</summary>
    public async ValueTask<string?> CancelAsync(string run, CancellationToken cancellation)
    {
        if (await runs.FindAsync(run, cancellation) is not { } found)
        {
            return "There is no such run.";
        }

        if (found.Head.Status == JobStatus.Done)
        {
            return "Nothing is left to cancel: everything has gone out. Mark the send as a mistake to leave it out of learning and to write a correction.";
        }

        var now = await workspace.NowAsync(cancellation);
        await LeaveOutAsync(found, cancellation);
        await RunBrakes.ChangeAsync(rows, run, b => b.CancelledAt is null ? b with { CancelledAt = now } : null, cancellation);
        return null;
    }

    /// <summary>
    /// Calls a run a mistake: what is not sent is skipped, and nothing is learnt from it; what it cost stays in the figures. Null
    /// where it was done, else why not.
    /// </summary>
    public async ValueTask<string?> MarkAsync(string run, string note, CancellationToken cancellation)
    {
        if (note.Length > MaxNoteLength)
        {
            return $"The note has at most {MaxNoteLength} characters.";
        }

        if (await runs.FindAsync(run, cancellation) is not { } found)
        {
            return "There is no such run.";
        }

        var now = await workspace.NowAsync(cancellation);
        await LeaveOutAsync(found, cancellation);
        await RunBrakes.ChangeAsync(rows, run, b => b with { MistakeAt = b.MistakeAt ?? now, MistakeNote = note }, cancellation);
        return null;
    }

    private ValueTask LeaveOutAsync(FrozenRun run, CancellationToken cancellation) =>
        new EvidenceRows(rows).LeaveOutAsync(run.Inputs.Campaign.Id, run.Inputs.Occurrence, cancellation);
}
