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

    /// <summary>The stages of a kind, in order.</summary>
    public IReadOnlyList<IJobStage> StagesOf(string kind) => kinds[kind];

    /// <summary>Creates the job unless it exists, and gives its first messages. Calling it again for the same id changes nothing.</summary>
    public async ValueTask<IReadOnlyList<Outgoing>> CreateAsync(JobHead head, CancellationToken cancellation)
    {
        RowLimits.CheckKey(head.Job);
        // "Open" first: a crash between the two leaves an open row without a head, which WakeJobs clears later; never a job that nobody wakes.
        await rows.CommitAsync(Tables.Work, JobRows.Open, [new RowOperation.Upsert(head.Job, JobRows.OpenedAt(time.GetUtcNow()))], cancellation);
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
        var settings = await workspace.SettingsAsync(cancellation);
        var context = new JobContext(head, settings, rows, blobs);
        try
        {
            if (await rows.GetAsync(Tables.Work, head.Job, JobRows.Result(stage.Name), cancellation) is not null)
            {
                return await RepeatAsync(context, stage, cancellation);
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
    public async IAsyncEnumerable<Outgoing> WakeAsync([EnumeratorCancellation] CancellationToken cancellation)
    {
        var now = await workspace.NowAsync(cancellation);
        var open = new List<(string Job, DateTimeOffset At)>();
        await foreach (var row in rows.ScanAsync(Tables.Work, JobRows.Open, " ", "~", cancellation))
        {
            open.Add((row.Key, JobRows.OpenedAt(row.Payload)));
        }

        foreach (var (job, at) in open)
        {
            var head = await FindAsync(job, cancellation);
            if (head is null && at > time.GetUtcNow() - HeadFollows)
            {
                continue; // Its creator is between the two rows. Cleared here, nobody would ever wake the job.
            }

            if (head is null || head.Status != JobStatus.Running)
            {
                await rows.CommitAsync(Tables.Work, JobRows.Open, [new RowOperation.Delete(job)], cancellation);
                continue;
            }

            foreach (var message in await DueAsync(head, now, cancellation))
            {
                yield return message;
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

    private async ValueTask<IReadOnlyList<Outgoing>> DueAsync(JobHead head, DateTimeOffset now, CancellationToken cancellation)
    {
        foreach (var stage in kinds[head.Kind])
        {
            if (await rows.GetAsync(Tables.Work, head.Job, JobRows.Result(stage.Name), cancellation) is not null)
            {
                continue;
            }

            var parts = await PartsAsync(head, stage, cancellation);
            var due = Enumerable.Range(0, parts.Count)
                .Where(i => parts[i] is not { Done: true }
                    && (parts[i]?.LeaseUntil is not { } until || until <= time.GetUtcNow())
                    && (parts[i]?.DueAt is not { } at || at <= now))
                .ToList();
            // All parts done and yet no result: the last one's completion was lost. Waking any part repeats it.
            return parts.All(p => p is { Done: true }) ? [Message(head, stage, 0)] : due.ConvertAll(i => Message(head, stage, i));
        }

        return [Message(head, kinds[head.Kind][^1], 0)];
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
    /// A message for a stage that is complete: whoever completed it may have died before the messages that follow went out, and
    /// so they are given again while nothing that follows has begun. Later each would multiply by the parts of every further
    /// stage; what is still missing then, the timer wakes.
    /// </summary>
    private async ValueTask<IReadOnlyList<Outgoing>> RepeatAsync(JobContext context, IJobStage stage, CancellationToken cancellation)
    {
        var (head, all) = (context.Head, kinds[context.Head.Kind]);
        foreach (var next in all.Where(s => s.Order > stage.Order))
        {
            if (await rows.GetAsync(Tables.Work, head.Job, JobRows.Result(next.Name), cancellation) is null)
            {
                return (await PartsAsync(head, next, cancellation)).Any(p => p is not null) ? [] : await MessagesAsync(head, next, cancellation);
            }
        }

        return await FollowAsync(head, all[^1], cancellation);
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
