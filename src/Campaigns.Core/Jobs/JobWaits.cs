using Campaigns.Core.Storage;

namespace Campaigns.Core.Jobs;

/// <summary>
/// Jobs that wait for a stage of another job of their kind, before they begin. A part says so in its row and then looks again:
/// whoever completes that stage after the look finds the row and wakes the part; what was completed before is seen.
/// </summary>
internal static class JobWaits
{
    /// <summary>Writes that the part waits; its row then, or null where somebody else changed it meanwhile.</summary>
    public static async ValueTask<Stored<JobPart>?> SayAsync(JobContext context, string key, Stored<JobPart>? found, CancellationToken cancellation)
    {
        // Due since the job began: the timer looks at it as well.
        var waits = new JobPart { DueAt = context.Head.AsOf };
        return await context.Rows.CommitAsync(Tables.Work, context.Head.Job, [RowOperation.Write(key, RowCodec.Encode(waits), found?.ETag)], cancellation)
            is CommitResult.Committed done ? new Stored<JobPart>(key, done.ETags[0]!, waits) : null;
    }

    /// <summary>The parts of other jobs of the kind that wait in its first stage.</summary>
    public static async ValueTask<IReadOnlyList<(JobHead Job, int Part)>> WaitingAsync(
        IReadOnlyList<JobHead> open, JobHead ended, IJobStage first, Func<JobHead, IJobStage, CancellationToken, ValueTask<IReadOnlyList<JobPart?>>> partsOf, CancellationToken cancellation)
    {
        var waiting = new List<(JobHead, int)>();
        foreach (var head in open.Where(h => string.Equals(h.Kind, ended.Kind, StringComparison.Ordinal) && !string.Equals(h.Job, ended.Job, StringComparison.Ordinal)))
        {
            var parts = await partsOf(head, first, cancellation);
            waiting.AddRange(Enumerable.Range(0, parts.Count).Where(i => parts[i] is { Done: false, DueAt: not null, LeaseUntil: null }).Select(i => (head, i)));
        }

        return waiting;
    }
}
