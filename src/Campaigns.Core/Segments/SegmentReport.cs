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
    public static byte Version => 2;

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

    /// <summary>Id of the scheme.</summary>
    public string Scheme { get; init; } = "";

    /// <summary>Name of the scheme, for people.</summary>
    public string SchemeName { get; init; } = "";

    /// <summary>Its version: see <see cref="SchemeRow"/>.</summary>
    public int SchemeNumber { get; init; }

    /// <summary>Business time of the recompute before, against which moves and <see cref="Migration"/> are counted; null in the first.</summary>
    public DateTimeOffset? PreviousAsOf { get; init; }

    /// <summary>Customers by primary segment before and now, without empty cells; read off the memberships, so that whoever moved there and back in between stayed.</summary>
    public Migration[] Migration { get; init; } = [];

    /// <summary>All customers, those known by orders alone included.</summary>
    public long AllCustomers { get; init; }

    /// <summary>Customers with a net order.</summary>
    public long OrderedCustomers { get; init; }

    /// <summary>Of these, in no segment: what the scheme does not cover.</summary>
    public long OrderedInNone { get; init; }

    /// <summary>Net revenue of all time of all customers, minor units.</summary>
    public long RevenueMinor { get; init; }

    /// <summary>Imported attributes with the number of values that do not fit their type.</summary>
    public AttributeCount[] Attributes { get; init; } = [];

    /// <summary>Why memberships are preliminary, a sentence each; empty where they are not.</summary>
    public string[] Preliminary { get; init; } = [];

    /// <summary>Conditions that decided about nobody among the customers looked at.</summary>
    public IdleCondition[] IdleConditions { get; init; } = [];

    /// <summary>Customers looked at for <see cref="IdleConditions"/>.</summary>
    public long ConditionCustomers { get; init; }

    /// <summary>The counts of a segment. Throws for a name that is none.</summary>
    public SegmentCount Of(string segment) => Array.Find(Segments, s => string.Equals(s.Segment, segment, StringComparison.Ordinal))
        ?? throw new ArgumentException($"There is no segment '{segment}' in this report.", nameof(segment));
}

/// <summary>Counts of one segment. Money and contacts are of those whose primary segment it is: the audience that a campaign would have.</summary>
[MemoryPackable]
public sealed partial record SegmentCount
{
    /// <summary>Id: see <see cref="Rules.SegmentDefinition"/>.</summary>
    public required string Segment { get; init; }

    /// <summary>Name for people.</summary>
    public string Name { get; init; } = "";

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

    /// <summary>Memberships that began since the recompute before and still last; all, in the first one.</summary>
    public long MovedIn { get; init; }

    /// <summary>Memberships that ended since the recompute before.</summary>
    public long MovedOut { get; init; }

    /// <summary>Customers to look at whose primary segment it is: those with the smallest keys, which are hashes, so chosen by no property of theirs.</summary>
    public SegmentExample[] Examples { get; init; } = [];
}

/// <summary>A customer to look at: key and raw id.</summary>
[MemoryPackable]
public readonly partial record struct SegmentExample(string Key, string CustomerId);

/// <summary>Customers whose primary segment was <paramref name="From"/> at the recompute before and is <paramref name="To"/> now; "" for none.</summary>
[MemoryPackable]
public readonly partial record struct Migration(string From, string To, long Customers);

/// <summary>An attribute's values in the whole store.</summary>
/// <param name="Name">Attribute.</param>
/// <param name="Type">Its type.</param>
/// <param name="Values">Customers who have a value.</param>
/// <param name="Unknown">Of these, whose value does not fit the type: rules see it as unknown.</param>
[MemoryPackable]
public readonly partial record struct AttributeCount(string Name, Ingest.AttributeKind Type, long Values, long Unknown);

/// <summary>A condition that decided about nobody: without it, the same customers would be in the segment.</summary>
/// <param name="Segment">Id of the segment.</param>
/// <param name="Path">Where the condition stands in the scheme's JSON.</param>
[MemoryPackable]
public readonly partial record struct IdleCondition(string Segment, string Path)
{
    /// <summary>The single conditions that decided nothing among the customers counted; none where nobody was.</summary>
    internal static IdleCondition[] Of(Rules.ConditionCounts counts) =>
        [.. counts.ToList().Where(c => c is { Customers: > 0, Decided: 0 }).Select(c => new IdleCondition(c.Segment, c.Path))];
}
