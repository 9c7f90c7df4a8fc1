using Campaigns.Core.Storage;
using MemoryPack;

namespace Campaigns.Core.Segments;

/// <summary>
/// The segments a customer is and was in: row <c>m|{customer}</c>. Only facts; the reason in words is worked out on
/// reading from the history and the parameters. Rewritten only when a membership changes.
/// </summary>
[MemoryPackable]
public sealed partial record MembershipRow : IStoredRow
{
    /// <inheritdoc/>
    public static byte Version => 1;

    /// <summary>Ended memberships kept per customer, newest last.</summary>
    public const int PastLimit = 32;

    /// <summary>Name of the segment that decides where memberships overlap: the first by priority, "" where there is none. See <see cref="SegmentNames"/>.</summary>
    [RepeatedText]
    public required string Primary { get; init; }

    /// <summary>Present memberships, by priority.</summary>
    public Membership[] Present { get; init; } = [];

    /// <summary>Ended memberships.</summary>
    public Membership[] Past { get; init; } = [];

    /// <summary>End of the newest membership that was dropped beyond <see cref="PastLimit"/>: what was before it is not known. Null where none was.</summary>
    public DateTimeOffset? ForgottenUntil { get; init; }

    /// <summary>The memberships that held at the time, by <paramref name="priority"/> (segments that it does not name last, by id); null where that is no longer known.</summary>
    public IReadOnlyList<Membership>? At(DateTimeOffset at, IReadOnlyList<string> priority)
    {
        if (at < ForgottenUntil)
        {
            return null;
        }

        var held = new List<Membership>(2);
        foreach (var membership in Present)
        {
            if (membership.HeldAt(at))
            {
                held.Add(membership);
            }
        }

        foreach (var membership in Past)
        {
            if (membership.HeldAt(at))
            {
                held.Add(membership);
            }
        }

        var order = priority.ToList();
        held.Sort((a, b) => (PlaceOf(a), PlaceOf(b)) is var (x, y) && x != y ? x.CompareTo(y) : string.CompareOrdinal(a.Segment, b.Segment));
        return held;

        int PlaceOf(Membership membership) => order.IndexOf(membership.Segment) is >= 0 and var index ? index : int.MaxValue;
    }
}

/// <summary>A membership from <paramref name="Since"/> (the recompute's business time) to <paramref name="Until"/>, null while it lasts.</summary>
[MemoryPackable]
public readonly partial record struct Membership([property: RepeatedText] string Segment, DateTimeOffset Since, DateTimeOffset? Until = null)
{
    /// <summary>It held at the time: from since on, and no longer at until.</summary>
    public bool HeldAt(DateTimeOffset at) => Since <= at && !(Until <= at);
}

/// <summary>Names of the fixed segments, in order of priority.</summary>
public static class SegmentNames
{
    /// <summary>Silent for longer than the shop's 95th percentile of gaps.</summary>
    public const string Lost = "lost";

    /// <summary>Silent for longer than twice the own gap, or the shop's 80th percentile of gaps.</summary>
    public const string AtRisk = "at-risk";

    /// <summary>One order, recently.</summary>
    public const string New = "new";

    /// <summary>Often, recently and much.</summary>
    public const string Loyal = "loyal";

    /// <summary>Buys mostly at a discount.</summary>
    public const string PriceSensitive = "price-sensitive";

    /// <summary>None of the others.</summary>
    public const string Regular = "regular";

    /// <summary>All, in order of priority.</summary>
    public static IReadOnlyList<string> ByPriority { get; } = [Lost, AtRisk, New, Loyal, PriceSensitive, Regular];
}
