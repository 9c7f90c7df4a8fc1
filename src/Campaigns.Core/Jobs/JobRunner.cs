using System.Globalization;
using System.Runtime.CompilerServices;
using Campaigns.Core.Primitives;
using Campaigns.Core.Storage;

namespace Campaigns.Core.Jobs;

/// <summary>A message to put into a queue.</summary>
public sealed record Outgoing(string Queue, string Body);

/// <summary>
/// Runs jobs: parts, completion, merging, following stages. One mechanism for two-pass work, deferrals, lost messages and
/// resuming after a crash: a part writes its row last, then whoever sees all parts done merges them and enqueues what
/// follows; whatever is repeated ends in the same state.
/// </summary>
public sealed class JobRunner(IRowStore rows, IBlobStore blobs, Workspace workspace, TimeProvider time, IEnumerable<IJobStage> stages, TimeSpan lease)
{
    /// <summary>An open row without a head is left by a crash only after so long: a creator that stalls between the two rows takes seconds.</summary>
    public static readonly TimeSpan HeadFollows = TimeSpan.FromHours(1);

    private readonly Dictionary<string, IJobStage[]> kinds = stages
        .GroupBy(s => s.Kind, StringComparer.Ordinal)
        .ToDictionary(g => g.Key, g => g.OrderBy(s => s.Order).ToArray(), StringComparer.Ordinal);

    private readonly StageMerges merges = new(rows, blobs);
    private readonly PartLeases leases = new(rows, time, lease);
    private readonly RecentJobs met = new();

    /// <summary>The stages of a kind, in order.</summary>
    public IReadOnlyList<IJobStage> StagesOf(string kind) => kinds[kind];

    /// <summary>Creates the job unless it exists, and gives its first messages. Calling it again for the same id changes nothing.</summary>
    public async ValueTask<IReadOnlyList<Outgoing>> CreateAsync(JobHead head, CancellationToken cancellation)
    {
        RowLimits.CheckKey(head.Job);
        // "Open" first: a crash between the two leaves an open row without a head, which WakeJobs clears later; never a job that nobody wakes.
        await rows.CommitAsync(Tables.Work, JobRows.Open, [new RowOperation.Upsert(head.Job, RowCodec.Encode(new OpenRow { OpenedAt = time.GetUtcNow() }))], cancellation);
        await rows.CommitAsync(Tables.Work, head.Job, [new RowOperation.Insert(JobRows.Head, RowCodec.Encode(head))], cancellation);
        return await MessagesAsync(head, kinds[head.Kind][0], cancellation);
    }

    /// <summary>The job's head, or null.</summary>
    public async ValueTask<JobHead?> FindAsync(string job, CancellationToken cancellation) =>
        (await rows.FindAsync<JobHead>(Tables.Work, job, JobRows.Head, cancellation))?.Value;

    /// <summary>The result of a job's stage, or null while it has none.</summary>
    public ValueTask<ReadOnlyMemory<byte>?> ResultAsync(string job, string stage, CancellationToken cancellation) =>
        JobRows.ResultAsync(rows, blobs, job, stage, cancellation);

    /// <summary>Handles one wake-up: runs the part unless it is done, completes the stage if it was the last, and gives the messages that follow.</summary>
    public async ValueTask<IReadOnlyList<Outgoing>> HandleAsync(WorkMessage message, CancellationToken cancellation)
    {
        var head = await FindAsync(message.Job, cancellation);
        if (head is null || head.Status != JobStatus.Running)
        {
            return [];
        }

        var stage = Array.Find(kinds[head.Kind], s => string.Equals(s.Name, message.Stage, StringComparison.Ordinal))
            ?? throw new InvalidDataException($"Job {head.Job} of kind {head.Kind} has no stage '{message.Stage}'.");
        var settings = met.Add(head.Job) ? await workspace.ReadSettingsAsync(cancellation) : await workspace.SettingsAsync(cancellation);
        var context = new JobContext(head, settings, rows, blobs);
        try
        {
            if (await rows.GetAsync(Tables.Work, head.Job, JobRows.Result(stage.Name), cancellation) is not null)
            {
                return await RepeatAsync(head, cancellation);
            }

            return await RunPartAsync(context, stage, message.Part, cancellation) ? await CompleteAsync(context, stage, cancellation) : [];
        }
        catch (JobFailedException failure)
        {
            await EndAsync(head.Job, JobStatus.Failed, failure.Message, cancellation);
            return await WokenAsync(head, cancellation); // Nobody waits for a failed job.
        }
    }

    /// <summary>
    /// The messages of everything that should be under way but may not be: parts never started, parts whose lease ran
    /// out, parts whose time has come, stages whose completion was lost.
    /// </summary>
    /// <param name="waiting">Messages in a queue, hidden ones included: what has its message there is not woken again at once. Null: all that is due is woken.</param>
    /// <param name="cancellation">Ends the enumeration.</param>
    public async IAsyncEnumerable<Outgoing> WakeAsync(Func<string, CancellationToken, ValueTask<int>>? waiting, [EnumeratorCancellation] CancellationToken cancellation)
    {
        var now = await workspace.NowAsync(cancellation);
        var open = new List<Row>();
        await foreach (var row in rows.ScanAsync(Tables.Work, JobRows.Open, " ", "~", cancellation))
        {
            open.Add(row);
        }

        // Asked once for all jobs: the messages of this very call must not hide those of the next job.
        var idle = new Dictionary<string, bool>(StringComparer.Ordinal);
        foreach (var row in open)
        {
            var (opened, head) = (OpenRow.Of(row), await FindAsync(row.Key, cancellation));
            if (head is null && opened.OpenedAt > time.GetUtcNow() - HeadFollows)
            {
                continue; // Its creator is between the two rows. Cleared here, nobody would ever wake the job.
            }

            if (head is null || head.Status != JobStatus.Running)
            {
                await rows.CommitAsync(Tables.Work, JobRows.Open, [new RowOperation.Delete(row.Key)], cancellation);
                continue;
            }

            var (stage, parts) = await CurrentAsync(head, cancellation);
            if (!idle.TryGetValue(stage.Queue, out var isIdle))
            {
                idle[stage.Queue] = isIdle = waiting is null || await waiting(stage.Queue, cancellation) == 0;
            }

            var woken = string.Equals(opened.Stage, stage.Name, StringComparison.Ordinal) ? opened : null;
            var due = JobWakes.Of(parts, woken, isIdle, time.GetUtcNow(), now);
            if (due.Count == 0 && woken is not null)
            {
                continue;
            }

            // Before the messages: where they are lost with this process, the queue will be empty.
            var seen = opened with { Stage = stage.Name, WokenAt = time.GetUtcNow(), WokenNow = now };
            if (await rows.CommitAsync(Tables.Work, JobRows.Open, [RowOperation.Write(row.Key, RowCodec.Encode(seen), row.ETag)], cancellation) is CommitResult.Committed)
            {
                foreach (var part in due)
                {
                    yield return Message(head, stage, part);
                }
            }
        }
    }

    /// <summary>The unfinished jobs.</summary>
    public async ValueTask<IReadOnlyList<JobHead>> OpenAsync(CancellationToken cancellation)
    {
        var heads = new List<JobHead>();
        await foreach (var row in rows.ScanAsync(Tables.Work, JobRows.Open, " ", "~", cancellation))
        {
            if (await FindAsync(row.Key, cancellation) is { Status: JobStatus.Running } head)
            {
                heads.Add(head);
            }
        }

        return heads;
    }

    /// <summary>The parts of a stage as they stand: null where one never started.</summary>
    public async ValueTask<IReadOnlyList<JobPart?>> PartsAsync(JobHead head, IJobStage stage, CancellationToken cancellation)
    {
        var count = await PartCountAsync(stage, cancellation);
        var parts = new JobPart?[count];
        await foreach (var row in rows.ScanPrefixAsync(Tables.Work, head.Job, $"p|{stage.Name}|", cancellation))
        {
            parts[int.Parse(row.Key.AsSpan(row.Key.Length - 3), NumberStyles.None, CultureInfo.InvariantCulture)] = RowCodec.Decode<JobPart>(row.Payload);
        }

        return parts;
    }

    /// <summary>The stage that a job is in, and its parts. Where all are complete, the last one: the job's end was lost.</summary>
    private async ValueTask<(IJobStage Stage, IReadOnlyList<JobPart?> Parts)> CurrentAsync(JobHead head, CancellationToken cancellation)
    {
        var all = kinds[head.Kind];
        foreach (var stage in all)
        {
            if (stage == all[^1] || await rows.GetAsync(Tables.Work, head.Job, JobRows.Result(stage.Name), cancellation) is null)
            {
                return (stage, await PartsAsync(head, stage, cancellation));
            }
        }

        throw new InvalidOperationException($"Jobs of kind {head.Kind} have no stages.");
    }

    private async ValueTask<bool> RunPartAsync(JobContext context, IJobStage stage, int part, CancellationToken cancellation)
    {
        var key = JobRows.Part(stage.Name, part);
        var found = await rows.FindAsync<JobPart>(Tables.Work, context.Head.Job, key, cancellation);
        if (found?.Value.Done == true)
        {
            return true;
        }

        if (found?.Value.LeaseUntil > time.GetUtcNow() || found?.Value.DueAt > await workspace.NowAsync(cancellation))
        {
            return false; // Somebody works on it, or it is not due: WakeJobs comes back should they fail.
        }

        if (await stage.WaitsAsync(context, cancellation))
        {
            found = await JobWaits.SayAsync(context, key, found, cancellation);
            if (found is null || await stage.WaitsAsync(context, cancellation))
            {
                return false; // The end of what it waits for wakes it.
            }
        }

        var held = new JobPart { LeaseUntil = time.GetUtcNow() + lease, Progress = found?.Value.Progress ?? 0 };
        if (await rows.CommitAsync(Tables.Work, context.Head.Job, [RowOperation.Write(key, RowCodec.Encode(held), found?.ETag)], cancellation) is not CommitResult.Committed)
        {
            return false;
        }

        PartOutcome outcome;
        using (var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellation))
        {
            var renewal = leases.RenewAsync(context, key, stop.Token);
            try
            {
                outcome = await stage.RunAsync(context, part, cancellation);
            }
            catch
            {
                await stop.CancelAsync();
                await renewal;
                await leases.ReleaseAsync(context, key);
                throw;
            }

            await stop.CancelAsync();
            await renewal;
        }

        var done = outcome as PartOutcome.Done;
        var (inline, blob) = done is null
            ? (null, null)
            : await JobRows.StoreAsync(blobs, $"jobs/{context.Head.Job}/{stage.Name}/{part.ToString("000", CultureInfo.InvariantCulture)}", done.Summary, cancellation);
        var row = new JobPart { Done = done is not null, DueAt = (outcome as PartOutcome.Later)?.DueAt, Summary = inline, SummaryBlob = blob, Progress = context.Progress };
        await rows.CommitAsync(Tables.Work, context.Head.Job, [new RowOperation.Upsert(key, RowCodec.Encode(row))], cancellation);
        return done is not null;
    }

    /// <summary>
    /// A message for a stage that is complete. Whoever completed the last one may have died before the job's end, which is then
    /// repeated. The messages of a following stage are not: each repetition would multiply by the parts of that stage. What is
    /// missing there, the timer wakes.
    /// </summary>
    private async ValueTask<IReadOnlyList<Outgoing>> RepeatAsync(JobHead head, CancellationToken cancellation)
    {
        var last = kinds[head.Kind][^1];
        return await rows.GetAsync(Tables.Work, head.Job, JobRows.Result(last.Name), cancellation) is null ? [] : await FollowAsync(head, last, cancellation);
    }

    private async ValueTask<IReadOnlyList<Outgoing>> CompleteAsync(JobContext context, IJobStage stage, CancellationToken cancellation) =>
        await merges.CompleteAsync(context, stage, PartsAsync, cancellation) ? await FollowAsync(context.Head, stage, cancellation) : [];

    /// <summary>What follows from a stage being complete.</summary>
    private async ValueTask<IReadOnlyList<Outgoing>> FollowAsync(JobHead head, IJobStage stage, CancellationToken cancellation)
    {
        var next = Array.IndexOf(kinds[head.Kind], stage) + 1;
        var woken = stage.IsAwaited ? await WokenAsync(head, cancellation) : [];
        if (next < kinds[head.Kind].Length)
        {
            return [.. await MessagesAsync(head, kinds[head.Kind][next], cancellation), .. woken];
        }

        await EndAsync(head.Job, JobStatus.Done, null, cancellation);
        return woken;
    }

    /// <summary>Wake-ups of the kind's jobs that wait for another.</summary>
    private async ValueTask<IReadOnlyList<Outgoing>> WokenAsync(JobHead head, CancellationToken cancellation)
    {
        var first = kinds[head.Kind][0];
        return [.. (await JobWaits.WaitingAsync(await OpenAsync(cancellation), head, first, PartsAsync, cancellation)).Select(w => Message(w.Job, first, w.Part))];
    }

    private async ValueTask EndAsync(string job, JobStatus status, string? problem, CancellationToken cancellation)
    {
        await rows.UpdateAsync<JobHead>(
            Tables.Work,
            job,
            JobRows.Head,
            found => found is { Status: JobStatus.Running } ? found with { Status = status, Problem = problem, EndedAt = time.GetUtcNow() } : null,
            cancellation);
        await rows.CommitAsync(Tables.Work, JobRows.Open, [new RowOperation.Delete(job)], cancellation);
    }

    private async ValueTask<int> PartCountAsync(IJobStage stage, CancellationToken cancellation) =>
        stage.PerBucket ? (await workspace.SettingsAsync(cancellation)).Buckets : 1;

    private async ValueTask<IReadOnlyList<Outgoing>> MessagesAsync(JobHead head, IJobStage stage, CancellationToken cancellation) =>
        [.. Enumerable.Range(0, await PartCountAsync(stage, cancellation)).Select(part => Message(head, stage, part))];

    private static Outgoing Message(JobHead head, IJobStage stage, int part) =>
        new(stage.Queue, new Envelope { Work = new WorkMessage(head.Job, stage.Name, part, head.AsOf) }.ToJson());
}
