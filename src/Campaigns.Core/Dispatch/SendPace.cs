using Campaigns.Core.Jobs;
using Campaigns.Core.Primitives;
using Campaigns.Core.Storage;
using MemoryPack;

namespace Campaigns.Core.Dispatch;

/// <summary>Whether messages may go out now, for their channel's sake.</summary>
public abstract record PaceAnswer
{
    /// <summary>So many may, until <paramref name="GoodUntil"/> (system time): then what is left of them is void.</summary>
    public sealed record Tokens(int Count, DateTimeOffset GoodUntil) : PaceAnswer;

    /// <summary>None before <paramref name="Until"/> (system time).</summary>
    public sealed record Wait(DateTimeOffset Until) : PaceAnswer;
}

/// <summary>
/// What all instances together have sent on a channel and when they may go on: row <c>pace|{channel}</c> of partition
/// <c>workspace</c> in table work. Instances buy blocks of tokens by changing it under its ETag. Pure; times are system times.
/// </summary>
[MemoryPackable]
public sealed partial record SendPace : IStoredRow
{
    /// <inheritdoc/>
    public static byte Version => 1;

    /// <summary>How long a block lasts at least.</summary>
    private static readonly TimeSpan BlockLength = TimeSpan.FromSeconds(1);

    /// <summary>Until then tokens are sold: no others before.</summary>
    public DateTimeOffset SoldUntil { get; init; }

    /// <summary>The day (UTC) that <see cref="Today"/> counts.</summary>
    public DateOnly Day { get; init; }

    /// <summary>Tokens sold on that day.</summary>
    public int Today { get; init; }

    /// <summary>The warm-up that <see cref="SendingDays"/> belongs to.</summary>
    public DateOnly WarmUpFrom { get; init; }

    /// <summary>Days before <see cref="Day"/> on which any token was sold since the warm-up began.</summary>
    public int SendingDays { get; init; }

    /// <summary>The provider is left alone until then: it asked for it, or failed.</summary>
    public DateTimeOffset RestUntil { get; init; }

    /// <summary>It has not taken a message since it last failed: one at a time until it does.</summary>
    public bool Failing { get; init; }

    /// <summary>Name of the row.</summary>
    public static string NameOf(Channel channel) => "pace|" + channel.ToString().ToLowerInvariant();

    /// <summary>
    /// Buys tokens. Where a rate is set, a block lasts at least a second and the next is sold when it ends, so that in any time t no
    /// more than rate × t + 2 blocks are used, by however many instances; where only days are limited, a block is what is wanted.
    /// </summary>
    /// <param name="limit">The channel's.</param>
    /// <param name="wanted">Messages that are ready, at least 1.</param>
    /// <param name="now">System time.</param>
    public (SendPace Next, PaceAnswer Answer) Buy(SendLimit limit, int wanted, DateTimeOffset now)
    {
        var pace = On(DateOnly.FromDateTime(now.UtcDateTime), limit.WarmUp?.From ?? default);
        var left = limit.Allowance(pace.SendingDays) - pace.Today;
        var tomorrow = new DateTimeOffset(pace.Day.AddDays(1), TimeOnly.MinValue, TimeSpan.Zero);
        if (left <= 0 || SoldUntil > now)
        {
            return (this, new PaceAnswer.Wait(left <= 0 ? tomorrow : SoldUntil));
        }

        var ofDay = limit.PerDay is null && limit.WarmUp is null ? int.MaxValue : Math.Min(left, wanted);
        var count = limit.PerSecond is { } rate ? Math.Min((int)Math.Ceiling(rate * BlockLength.TotalSeconds), ofDay) : Math.Min(ofDay, wanted);
        var until = limit.PerSecond is { } r ? now + TimeSpan.FromSeconds(count / r) : now;
        return (
            pace with { SoldUntil = until, Today = (int)Math.Min((long)pace.Today + count, int.MaxValue) },
            new PaceAnswer.Tokens(count, until < tomorrow ? until : tomorrow));
    }

    /// <summary>The provider failed, or asks to wait.</summary>
    public SendPace Rest(DateTimeOffset until, bool failed) => this with { RestUntil = until > RestUntil ? until : RestUntil, Failing = Failing || failed };

    private SendPace On(DateOnly day, DateOnly warmUpFrom)
    {
        var pace = WarmUpFrom == warmUpFrom ? this : this with { WarmUpFrom = warmUpFrom, SendingDays = 0, Day = day, Today = Day == day ? Today : 0 };
        return pace.Day >= day ? pace : pace with { Day = day, Today = 0, SendingDays = pace.SendingDays + (pace.Today > 0 ? 1 : 0) };
    }
}
