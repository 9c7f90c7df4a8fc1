using Campaigns.Core.Storage;
using MemoryPack;

namespace Campaigns.Core.Segments;

/// <summary>
/// What a recompute found: the result of its stage "classify". Pages read only this, never the customers. Sums of
/// integers, so the same for any number of buckets.
/// </summary>
[MemoryPackable]
public sealed partial record SegmentReport : IStoredRow
{
    /// <inheritdoc/>
    public static byte Version => 1;

    /// <summary>Examples per segment.</summary>
    public const int ExampleLimit = 10;

    /// <summary>Days of "last year" in <see cref="SegmentCount.LastYearMinor"/>.</summary>
    public const int LastYearDays = 365;

    /// <summary>The recompute.</summary>
    public required string Job { get; init; }

    /// <summary>Its business time.</summary>
    public required DateTimeOffset AsOf { get; init; }

    /// <summary>Customers in a segment: those with a net order.</summary>
    public long Customers { get; init; }

    /// <summary>All customers known, also those without orders.</summary>
    public long KnownCustomers { get; init; }

    /// <summary>Of all customers known, those who can be contacted by e-mail.</summary>
    public long ContactableEmail { get; init; }

    /// <summary>Of all customers known, those who can be contacted by SMS.</summary>
    public long ContactableSms { get; init; }

    /// <summary>The segments by priority.</summary>
    public SegmentCount[] Segments { get; init; } = [];

    /// <summary>Members that two segments share: element i × n + j for segments i and j by priority, n = number of segments; the diagonal holds all members.</summary>
    public long[] Overlap { get; init; } = [];

    /// <summary>The counts of a segment. Throws for a name that is none.</summary>
    public SegmentCount Of(string segment) => Array.Find(Segments, s => string.Equals(s.Segment, segment, StringComparison.Ordinal))
        ?? throw new ArgumentException($"There is no segment '{segment}' in this report.", nameof(segment));
}

/// <summary>Counts of one segment. Money and contacts are of those whose primary segment it is: the audience that a campaign would have.</summary>
[MemoryPackable]
public sealed partial record SegmentCount
{
    /// <summary>Name: see <see cref="SegmentNames"/>.</summary>
    public required string Segment { get; init; }

    /// <summary>Members, whether or not another segment comes first.</summary>
    public long Members { get; init; }

    /// <summary>Customers whose primary segment it is. These add up to all customers.</summary>
    public long Customers { get; init; }

    /// <summary>Their net revenue of all time, minor units.</summary>
    public long RevenueMinor { get; init; }

    /// <summary>Their net revenue of the last 365 days, minor units (of the last 128 orders of each).</summary>
    public long LastYearMinor { get; init; }

    /// <summary>Of them, contactable by e-mail.</summary>
    public long ContactableEmail { get; init; }

    /// <summary>Of them, contactable by SMS.</summary>
    public long ContactableSms { get; init; }

    /// <summary>Of them, contactable by either.</summary>
    public long Contactable { get; init; }

    /// <summary>Memberships that began with this recompute; all, in the first one.</summary>
    public long MovedIn { get; init; }

    /// <summary>Memberships that ended with it.</summary>
    public long MovedOut { get; init; }

    /// <summary>Customers to look at whose primary segment it is: those with the smallest keys, which are hashes, so chosen by no property of theirs.</summary>
    public SegmentExample[] Examples { get; init; } = [];
}

/// <summary>A customer to look at: key and raw id.</summary>
[MemoryPackable]
public readonly partial record struct SegmentExample(string Key, string CustomerId);
