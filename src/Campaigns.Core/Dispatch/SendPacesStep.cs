using System.Collections.Concurrent;
using Campaigns.Core.Jobs;
using Campaigns.Core.Primitives;
using Campaigns.Core.Storage;

namespace Campaigns.Core.Dispatch;

/// <summary>
/// The pace of each channel as this instance knows it: tokens that it bought and has not used, and how long the provider rests. A block of
/// tokens costs one commit while nobody else buys. Where no limit is set, two rows are read once in <see cref="LookAfter"/>, and one is
/// written when the provider fails. In stores whose business time is moved by a program there is no pace: nothing really goes out.
/// </summary>
internal sealed class SendPaces(Workspace workspace, TimeProvider time)
{
    /// <summary>How long it may take an instance to learn that the provider failed another.</summary>
    public static readonly TimeSpan LookAfter = TimeSpan.FromMinutes(1);

    /// <summary>Tries to change a row that others change, too.</summary>
    private const int MaxAttempts = 20;

    private readonly ConcurrentDictionary<Channel, Known> channels = [];

    /// <summary>How many of <paramref name="wanted"/> messages could go out now as far as is known, or when to ask again. Takes nothing.</summary>
    public ValueTask<PaceAnswer> LookAsync(IRowStore rows, IMessageChannel channel, SendLimit? limit, int wanted, CancellationToken cancellation) => AskAsync(rows, channel, limit, wanted, take: false, cancellation);

    /// <summary>How many of <paramref name="wanted"/> messages, all ready to leave, may go out now, or when to ask again.</summary>
    public ValueTask<PaceAnswer> TakeAsync(IRowStore rows, IMessageChannel channel, SendLimit? limit, int wanted, CancellationToken cancellation) => AskAsync(rows, channel, limit, wanted, take: true, cancellation);

    private ValueTask<PaceAnswer> AskAsync(IRowStore rows, IMessageChannel channel, SendLimit? limit, int wanted, bool take, CancellationToken cancellation) => AloneAsync(rows, channel, cancellation, async known =>
    {
        if (known.IsSimulated)
        {
            return new PaceAnswer.Tokens(wanted, DateTimeOffset.MaxValue);
        }

        var (now, pace) = (time.GetUtcNow(), known.Pace);
        if (pace.RestUntil > now)
        {
            return new PaceAnswer.Wait(pace.RestUntil);
        }

        wanted = pace.Failing ? 1 : wanted;
        if (limit is null)
        {
            return new PaceAnswer.Tokens(wanted, DateTimeOffset.MaxValue);
        }

        if (known.Left == 0 || known.GoodUntil <= now)
        {
            if (!take)
            {
                return pace.Buy(limit, wanted, now).Answer;
            }

            PaceAnswer answer = new PaceAnswer.Wait(now + TimeSpan.FromSeconds(1)); // Where others change the row all the time.
            await ChangeAsync(rows, channel, known, cancellation, p =>
            {
                (p, answer) = p.Buy(limit, wanted, now);
                return p;
            });
            if (answer is not PaceAnswer.Tokens bought)
            {
                return answer;
            }

            (known.Left, known.GoodUntil) = (bought.Count, bought.GoodUntil);
        }

        var taken = Math.Min(wanted, known.Left);
        known.Left -= take ? taken : 0;
        return new PaceAnswer.Tokens(taken, known.GoodUntil);
    });

    /// <summary>The provider failed, or asks to wait: no instance calls it for so long.</summary>
    public async ValueTask RestAsync(IRowStore rows, IMessageChannel channel, TimeSpan wait, bool failed, CancellationToken cancellation) => await AloneAsync(rows, channel, cancellation, async known =>
    {
        var until = time.GetUtcNow() + wait;
        return known.IsSimulated || await ChangeAsync(rows, channel, known, cancellation, p => p.Rest(until, failed));
    });

    /// <summary>The provider took a message: it no longer fails.</summary>
    public async ValueTask WorksAsync(IRowStore rows, IMessageChannel channel, CancellationToken cancellation) => await AloneAsync(rows, channel, cancellation, async known =>
        !known.Pace.Failing || await ChangeAsync(rows, channel, known, cancellation, p => p with { Failing = false }));

    private async ValueTask<T> AloneAsync<T>(IRowStore rows, IMessageChannel channel, CancellationToken cancellation, Func<Known, ValueTask<T>> act)
    {
        var known = channels.GetOrAdd(channel.Channel, _ => new Known());
        await known.Gate.WaitAsync(cancellation);
        try
        {
            if (known.ReadAt is not { } at || time.GetUtcNow() - at >= LookAfter)
            {
                known.Row = await ReadAsync(rows, channel, cancellation);
                known.IsSimulated = await workspace.SimulatedNowAsync(cancellation) is not null;
                known.ReadAt = time.GetUtcNow();
            }

            return await act(known);
        }
        finally
        {
            known.Gate.Release();
        }
    }

    /// <summary>
    /// Changes the row as known, and as it is where others changed it meanwhile. What is known may be old, but never says "no" too early: what
    /// is sold is never given back. False where others are always faster.
    /// </summary>
    private static async ValueTask<bool> ChangeAsync(IRowStore rows, IMessageChannel channel, Known known, CancellationToken cancellation, Func<SendPace, SendPace> change)
    {
        for (var attempt = 0; attempt < MaxAttempts; attempt++)
        {
            var next = change(known.Pace);
            if (next == known.Pace)
            {
                return true;
            }

            var key = SendPace.NameOf(channel.Channel);
            if (await rows.CommitAsync(Tables.Work, Workspace.Partition, [RowOperation.Write(key, RowCodec.Encode(next), known.Row?.ETag)], cancellation) is CommitResult.Committed committed)
            {
                known.Row = new Stored<SendPace>(key, committed.ETags[0]!, next);
                return true;
            }

            known.Row = await ReadAsync(rows, channel, cancellation);
        }

        return false;
    }

    private static ValueTask<Stored<SendPace>?> ReadAsync(IRowStore rows, IMessageChannel channel, CancellationToken cancellation) =>
        rows.FindAsync<SendPace>(Tables.Work, Workspace.Partition, SendPace.NameOf(channel.Channel), cancellation);

    /// <summary>What this instance knows of a channel.</summary>
    private sealed class Known
    {
        public SemaphoreSlim Gate { get; } = new(1);

        public Stored<SendPace>? Row { get; set; }

        public DateTimeOffset? ReadAt { get; set; }

        public bool IsSimulated { get; set; }

        public int Left { get; set; }

        public DateTimeOffset GoodUntil { get; set; }

        public SendPace Pace => Row?.Value ?? new SendPace();
    }
}
