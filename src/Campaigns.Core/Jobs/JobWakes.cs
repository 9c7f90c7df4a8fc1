using Campaigns.Core.Storage;
using MemoryPack;

namespace Campaigns.Core.Jobs;

/// <summary>An unfinished job: row {job} of partition <c>open</c> in table work.</summary>
[MemoryPackable]
internal sealed partial record OpenRow : IStoredRow
{
    /// <inheritdoc/>
    public static byte Version => 1;

    /// <summary>System time at which the row was written.</summary>
    public DateTimeOffset OpenedAt { get; init; }

    /// <summary>The stage that the timer saw last; null before its first look.</summary>
    public string? Stage { get; init; }

    /// <summary>System time of the last time that the timer woke parts of it, or first saw it.</summary>
    public DateTimeOffset WokenAt { get; init; }

    /// <summary>The business time then.</summary>
    public DateTimeOffset WokenNow { get; init; }

    /// <summary>The row; opened long ago where it is one of an earlier version, which had 8 bytes at most.</summary>
    public static OpenRow Of(Row row) => row.Payload.Length <= sizeof(long) ? new() { OpenedAt = DateTimeOffset.UnixEpoch } : RowCodec.Decode<OpenRow>(row.Payload);
}

/// <summary>
/// Which parts of a stage the timer wakes. As a rule their messages are in a queue already, so a part is woken once when it
/// falls due, and again only where the queue is empty, which shows that its message is lost, or after a while: a slow machine
/// would otherwise drown in messages about the same parts.
/// </summary>
internal static class JobWakes
{
    /// <summary>A part that is still due is woken again after so long, however full its queue: other work may keep that full for hours.</summary>
    public static readonly TimeSpan RepeatAfter = TimeSpan.FromMinutes(5);

    /// <summary>The parts to wake.</summary>
    /// <param name="parts">The stage's parts: null where one never began.</param>
    /// <param name="woken">When parts of this stage were woken last; null = the timer sees the stage for the first time.</param>
    /// <param name="isIdle">The stage's queue holds no message, not even a hidden one.</param>
    /// <param name="time">System time.</param>
    /// <param name="now">Business time.</param>
    public static IReadOnlyList<int> Of(IReadOnlyList<JobPart?> parts, OpenRow? woken, bool isIdle, DateTimeOffset time, DateTimeOffset now)
    {
        var again = isIdle || time - woken?.WokenAt >= RepeatAfter;
        if (parts.All(p => p is { Done: true }))
        {
            return again ? [0] : []; // And yet no result: the last one's completion was lost. Waking any part repeats it.
        }

        return [.. Enumerable.Range(0, parts.Count).Where(i => IsDue(parts[i], time, now) && (again || FellDueSince(parts[i], woken)))];
    }

    private static bool IsDue(JobPart? part, DateTimeOffset time, DateTimeOffset now) =>
        part is not { Done: true } && (part?.LeaseUntil is not { } until || until <= time) && (part?.DueAt is not { } at || at <= now);

    /// <summary>A lease ran out or its time came. A part that never began has its first message, and one that failed gets its own again.</summary>
    private static bool FellDueSince(JobPart? part, OpenRow? woken) =>
        part?.LeaseUntil is { } until ? woken is null || until > woken.WokenAt
        : part?.DueAt is { } at && (woken is null || at > woken.WokenNow);
}
