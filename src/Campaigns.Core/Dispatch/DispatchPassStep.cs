using Campaigns.Core.Ingest;
using Campaigns.Core.Jobs;
using Campaigns.Core.Planning;
using Campaigns.Core.Primitives;
using Campaigns.Core.Storage;

namespace Campaigns.Core.Dispatch;

/// <summary>
/// One pass through a bucket's sending records: prepare → claim → call → record, a batch at a time. What it leaves undone
/// makes the part come back at <see cref="ComeBackAt"/>.
/// </summary>
internal sealed class DispatchPass(
    JobContext context, string partition, Workspace workspace, IRecommendations recommendations, MessageRenderer renderer, IMessageLinks links, TimeProvider time, Func<string> attemptIds, TimeSpan claimLease, SendPaces paces, SemaphoreSlim turns)
{
    /// <summary>The most messages of a batch: as many as SendGrid takes in a call.</summary>
    private const int MaxBatch = 1_000;

    /// <summary>Characters of rendered text in memory after which a batch goes out as it is: 16 MiB. A newsletter's HTML has some 50,000.</summary>
    private const int MaxCharacters = 8 << 20;

    /// <summary>Calls with lost answers in a row after which the channel rests.</summary>
    private const int MaxLostCalls = 3;

    /// <summary>How long a channel rests after lost answers, or after a refusal that names no time.</summary>
    private static readonly TimeSpan Rest = TimeSpan.FromMinutes(5);

    /// <summary>When to look again at what others hold.</summary>
    private static readonly TimeSpan Glance = TimeSpan.FromSeconds(5);

    private readonly string run = context.Head.Job;
    private readonly RunInputs inputs = context.Inputs<RunInputs>();
    private readonly DispatchHold hold = new(context, workspace);
    private readonly SendStore store = new(context.Rows, partition);
    private readonly DispatchPace pace = new(paces, context, time);
    private readonly AddressBook addresses = new(context.Rows, context.Settings);
    private readonly Dictionary<Channel, int> lostCalls = [];
    private readonly HashSet<Channel> resting = [];
    private DateTimeOffset seenNow = context.Head.AsOf;

    private readonly Preparation preparation = new(context, partition, recommendations, renderer, links);

    /// <summary>Counts of the records that are settled.</summary>
    public RunDispatch Counts { get; private set; } = new();

    /// <summary>Business time at which something is left to do; null where nothing is.</summary>
    public DateTimeOffset? ComeBackAt { get; private set; }

    /// <summary>Messages per call: one after a lost answer, until one succeeds.</summary>
    public int BatchSizeOf(IMessageChannel channel) => lostCalls.GetValueOrDefault(channel.Channel) > 0 ? 1 : Math.Min(channel.BatchSize, MaxBatch);

    /// <summary>Counts a settled record.</summary>
    public void Settle(AssignmentRow row) => Counts = Counts.With(row);

    /// <summary>The record if it can be sent now; otherwise null, and what follows is seen to: a wait, or a claim to be closed whose holder died.</summary>
    public async ValueTask<Stored<AssignmentRow>?> ReadyAsync(Stored<AssignmentRow> record, IMessageChannel channel, CancellationToken cancellation)
    {
        var row = record.Value;
        if (row.State == SendState.Claimed)
        {
            if (row.ClaimedUntil is { } until && until > time.GetUtcNow())
            {
                await WaitAsync(until - time.GetUtcNow(), cancellation);
                return null;
            }

            return await CloseAsync(record, channel, cancellation);
        }

        // As the last batch saw it: a record that fell due since is found by the next pass.
        var now = seenNow;
        if ((row.DueAt > now ? row.DueAt : hold.HeldBackUntil(Preparation.KeyOf(record), now)) is { } later)
        {
            Wait(later);
            return null;
        }

        return record;
    }

    /// <summary>When the run may begin, where that is still to come; else null. Must be asked first.</summary>
    public async ValueTask<DateTimeOffset?> OpensAtAsync(CancellationToken cancellation)
    {
        seenNow = await workspace.NowAsync(cancellation);
        return await hold.OpensAtAsync(seenNow, cancellation);
    }

    /// <summary>Sends what is open of the batch.</summary>
    public async ValueTask SendAsync(IMessageChannel channel, IReadOnlyList<Stored<AssignmentRow>> batch, CancellationToken cancellation)
    {
        var queue = new Queue<Stored<AssignmentRow>>(batch);
        var retried = new HashSet<string>(StringComparer.Ordinal);
        while (queue.Count > 0)
        {
            var size = Math.Min(BatchSizeOf(channel), queue.Count);
            if (!hold.Cancelled && !resting.Contains(channel.Channel))
            {
                (size, var wait) = await pace.ReadyAsync(channel, size, cancellation);
                if (size == 0)
                {
                    await WaitAsync(wait, cancellation);
                    return;
                }
            }

            var status = await hold.StatusAsync(cancellation);
            if (status is null || resting.Contains(channel.Channel))
            {
                await WaitAsync(status is null ? SendGate.HoldCheck : Rest, cancellation);
                return;
            }

            var chunk = new List<Stored<AssignmentRow>>();
            while (chunk.Count < size && queue.TryDequeue(out var record))
            {
                chunk.Add(record);
            }

            foreach (var key in await SendChunkAsync(channel, chunk, queue, status.Value, cancellation))
            {
                if (retried.Add(key) && await ReloadAsync(key, channel, cancellation) is { } again)
                {
                    queue.Enqueue(again);
                }
                else
                {
                    await WaitAsync(Glance, cancellation);
                }
            }
        }
    }

    /// <summary>Leaves a record unsent for a reason.</summary>
    public async ValueTask SkipAsync(Stored<AssignmentRow> record, string reason, CancellationToken cancellation)
    {
        if (SendLedger.IsOpen(record.Value) && await store.WriteAsync([record with { Value = SendLedger.Skip(record.Value, reason) }], Settle, cancellation) is [])
        {
            return;
        }

        await WaitAsync(Glance, cancellation);
    }

    /// <summary>One batch; gives the keys of the records that somebody else changed meanwhile. What its texts or the channel's pace leave goes back to <paramref name="queue"/>.</summary>
    private async ValueTask<IReadOnlyList<string>> SendChunkAsync(
        IMessageChannel channel, List<Stored<AssignmentRow>> chunk, Queue<Stored<AssignmentRow>> queue, CampaignStatus status, CancellationToken cancellation)
    {
        var conflicts = new List<string>();
        await turns.WaitAsync(cancellation);
        ClaimTerms terms;
        List<Prepared> claimed;
        try
        {
            terms = new ClaimTerms(attemptIds(), time.GetUtcNow() + claimLease, seenNow = await workspace.NowAsync(cancellation));
            claimed = await ClaimChunkAsync(channel, chunk, queue, status, terms, conflicts, cancellation);
        }
        finally
        {
            turns.Release();
        }

        if (claimed.Count > 0 && time.GetUtcNow() >= terms.Until)
        {
            // Claiming took longer than the claim holds: somebody may be closing it. Whoever finds it next does.
            await WaitAsync(Glance, cancellation);
            claimed = [];
        }

        if (claimed.Count == 0)
        {
            return conflicts;
        }

        var results = await channel.SendAsync(claimed.ConvertAll(c => c.Message), cancellation);
        if (results.Count != claimed.Count)
        {
            throw new InvalidOperationException($"Channel {channel.Name} was given {claimed.Count} messages and answered for {results.Count}.");
        }

        foreach (var (message, result) in claimed.Select(c => c.Message).Zip(results))
        {
            if (result is SendResult.Rejected { Suppression: { } why })
            {
                await addresses.SuppressAsync(channel.Channel, message.To, why, terms.Now, cancellation);
            }
        }

        var retryAt = await JudgeAsync(channel, results, cancellation);
        await store.RecordAsync(run, claimed, results, retryAt, Left, cancellation);
        return conflicts;
    }

    /// <summary>Prepares and claims what goes out of the chunk; tells the keys of the records that somebody else changed to <paramref name="conflicts"/>.</summary>
    private async ValueTask<List<Prepared>> ClaimChunkAsync(
        IMessageChannel channel, List<Stored<AssignmentRow>> chunk, Queue<Stored<AssignmentRow>> queue, CampaignStatus status, ClaimTerms terms, List<string> conflicts, CancellationToken cancellation)
    {
        await preparation.LoadAsync(chunk, cancellation);
        var (prepared, unsent) = (new List<Prepared>(), new List<Stored<AssignmentRow>>());
        var (characters, put) = (0, 0);
        for (; put < chunk.Count && characters < MaxCharacters; put++)
        {
            var record = chunk[put];
            switch (await preparation.PrepareAsync(record, channel, status, hold, terms, cancellation))
            {
                case Prepared p:
                    prepared.Add(p);
                    characters += p.Message.Text.Length + (p.Message.Html?.Length ?? 0);
                    break;
                case AssignmentRow left: unsent.Add(record with { Value = left }); break;
            }
        }

        conflicts.AddRange(await store.WriteAsync(unsent, Left, cancellation));
        var allowed = prepared[..await pace.TakeAsync(channel, prepared.Count, cancellation)];
        chunk[put..].ForEach(queue.Enqueue);
        prepared[allowed.Count..].ForEach(p => queue.Enqueue(chunk.Find(r => r.Key == p.Key)!));
        var claimed = await store.ClaimAsync(allowed, conflicts, cancellation);
        if (claimed.Count > 0 || unsent.Exists(r => r.Value.State == SendState.Skipped))
        {
            await hold.BegunAsync(terms.Now, cancellation);
        }

        return claimed;
    }

    private void Left(AssignmentRow row)
    {
        if (RunDispatch.IsSettled(row))
        {
            Settle(row);
            return;
        }

        Wait(row.DueAt ?? seenNow);
    }

    /// <summary>What the results say about the channel itself; gives when what was not sent is due again.</summary>
    private async ValueTask<DateTimeOffset?> JudgeAsync(IMessageChannel channel, IReadOnlyList<SendResult> results, CancellationToken cancellation)
    {
        await hold.AnsweredAsync(channel, results, seenNow, cancellation);
        var refusals = results.OfType<SendResult.NotSent>().ToList();
        var lost = results.Any(r => r is SendResult.Unknown);
        lostCalls[channel.Channel] = lost ? lostCalls.GetValueOrDefault(channel.Channel) + 1
            : results.Any(r => r is SendResult.Accepted) ? 0
            : lostCalls.GetValueOrDefault(channel.Channel);
        var rests = refusals.Exists(r => !r.Alone) || lostCalls[channel.Channel] >= MaxLostCalls;
        var asked = refusals.Max(r => r.RetryAfter);
        await pace.AnsweredAsync(channel, results, rests ? asked ?? Rest : null, asked is not null, cancellation);
        if (rests)
        {
            resting.Add(channel.Channel);
        }

        return rests || refusals.Count > 0 ? await WaitAsync(asked ?? Rest, cancellation) : null;
    }

    /// <summary>A claim ran out: its holder died, or its answer never came. The channel may know.</summary>
    private async ValueTask<Stored<AssignmentRow>?> CloseAsync(Stored<AssignmentRow> record, IMessageChannel channel, CancellationToken cancellation)
    {
        var found = await channel.FindAsync(new SendId(run, Preparation.KeyOf(record)), cancellation);
        if (SendLedger.Found(record.Value, found) is not { } next || await store.CloseAsync(run, record, next, cancellation) is not { } closed)
        {
            await WaitAsync(Glance, cancellation);
            return null;
        }

        if (!RunDispatch.IsSettled(closed.Value))
        {
            return closed;
        }

        Settle(closed.Value);
        return null;
    }

    private async ValueTask<Stored<AssignmentRow>?> ReloadAsync(string key, IMessageChannel channel, CancellationToken cancellation)
    {
        var record = await context.Rows.FindAsync<AssignmentRow>(Tables.Customers, partition, key, cancellation);
        if (record is null || !RunDispatch.IsSettled(record.Value))
        {
            return record is null ? null : await ReadyAsync(record, channel, cancellation);
        }

        Settle(record.Value);
        return null;
    }

    private void Wait(DateTimeOffset until) => ComeBackAt = ComeBackAt < until ? ComeBackAt : until;

    /// <summary>Waits by the system's clock: in a store whose business time stands still, that is "as soon as somebody asks".</summary>
    private async ValueTask<DateTimeOffset> WaitAsync(TimeSpan wait, CancellationToken cancellation)
    {
        var simulated = await workspace.SimulatedNowAsync(cancellation);
        var due = simulated ?? time.GetUtcNow() + wait;
        Wait(due);
        return due;
    }
}
