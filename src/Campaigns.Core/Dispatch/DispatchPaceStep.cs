using Campaigns.Core.Jobs;

namespace Campaigns.Core.Dispatch;

/// <summary>The pace of one pass: waits a little in place for tokens of a channel, and says when a pass had better come back.</summary>
internal sealed class DispatchPace(SendPaces paces, JobContext context, TimeProvider time)
{
    /// <summary>A longer wait makes the part come back …</summary>
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(5);

    /// <summary>… and so do many: another part's messages may be due.</summary>
    private static readonly TimeSpan MostPauses = TimeSpan.FromMinutes(2);

    /// <summary>What waits for another day looks whether that still holds.</summary>
    private static readonly TimeSpan LongestWait = TimeSpan.FromHours(1);

    private TimeSpan paused;

    /// <summary>How many of <paramref name="wanted"/> messages are worth preparing now, at least one; or none, and how long to wait.</summary>
    public async ValueTask<(int Count, TimeSpan Wait)> ReadyAsync(IMessageChannel channel, int wanted, CancellationToken cancellation)
    {
        while (true)
        {
            var answer = await paces.LookAsync(context.Rows, channel, LimitOf(channel), wanted, cancellation);
            if (answer is PaceAnswer.Tokens tokens)
            {
                return (Math.Min(wanted, tokens.Count), TimeSpan.Zero);
            }

            var wait = ((PaceAnswer.Wait)answer).Until - time.GetUtcNow();
            if (wait > LongestPause || paused + wait > MostPauses)
            {
                return (0, wait < LongestWait ? wait : LongestWait);
            }

            if (wait > TimeSpan.Zero)
            {
                paused += wait;
                await Task.Delay(TimeSpan.FromMilliseconds(Math.Ceiling(wait.TotalMilliseconds)), time, cancellation); // A timer knows no less.
            }
        }
    }

    /// <summary>
    /// How many of so many prepared messages may leave; 0 where another instance was faster. Asked after all gates, so that messages which wait for
    /// their recipients' morning use up nothing.
    /// </summary>
    public async ValueTask<int> TakeAsync(IMessageChannel channel, int prepared, CancellationToken cancellation) =>
        prepared > 0 && await paces.TakeAsync(context.Rows, channel, LimitOf(channel), prepared, cancellation) is PaceAnswer.Tokens tokens ? Math.Min(prepared, tokens.Count) : 0;

    /// <summary>Tells all instances what the answers say of the provider. After a lost answer, none sends more than one message in a call until one is taken.</summary>
    /// <param name="channel">The channel.</param>
    /// <param name="results">Its answers.</param>
    /// <param name="rest">How long it is left alone; null where it goes on.</param>
    /// <param name="asked">It asked for the rest, and has not failed.</param>
    /// <param name="cancellation">Stops.</param>
    public async ValueTask AnsweredAsync(IMessageChannel channel, IReadOnlyList<SendResult> results, TimeSpan? rest, bool asked, CancellationToken cancellation)
    {
        var lost = results.Any(r => r is SendResult.Unknown);
        if (lost || rest is not null)
        {
            await paces.RestAsync(context.Rows, channel, rest ?? TimeSpan.Zero, failed: lost || !asked, cancellation);
        }
        else if (results.Any(r => r is SendResult.Accepted))
        {
            await paces.WorksAsync(context.Rows, channel, cancellation);
        }
    }

    private SendLimit? LimitOf(IMessageChannel channel) => SendLimit.Of(context.Settings, channel.Channel, channel.MessagesPerSecond);
}
