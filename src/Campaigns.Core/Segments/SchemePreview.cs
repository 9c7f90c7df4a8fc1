using Campaigns.Core.Segments.Rules;

namespace Campaigns.Core.Segments;

/// <summary>What a scheme would come to if it were in force now. Where only some customers were read, counts are scaled up to all and <see cref="Estimated"/>.</summary>
public sealed record SchemePreview
{
    /// <summary>Business time that it was made for.</summary>
    public required DateTimeOffset AsOf { get; init; }

    /// <summary>Customers read.</summary>
    public required long CustomersRead { get; init; }

    /// <summary>Only some customers were read.</summary>
    public required bool Estimated { get; init; }

    /// <summary>All customers.</summary>
    public required long AllCustomers { get; init; }

    /// <summary>Customers with a net order.</summary>
    public required long OrderedCustomers { get; init; }

    /// <summary>Of these, in no segment.</summary>
    public required long OrderedInNone { get; init; }

    /// <summary>The segments by priority.</summary>
    public required IReadOnlyList<SegmentPreview> Segments { get; init; }

    /// <summary>Members that two segments share: element i × n + j for segments i and j by priority; the diagonal holds all members.</summary>
    public required IReadOnlyList<long> Overlap { get; init; }

    /// <summary>Conditions that decided about nobody who was read.</summary>
    public required IReadOnlyList<IdleCondition> IdleConditions { get; init; }

    /// <summary>What the scheme probably does not mean, for example a segment that nobody can be in.</summary>
    public required IReadOnlyList<SchemeFault> Advice { get; init; }
}

/// <summary>One segment of a preview.</summary>
public sealed record SegmentPreview
{
    /// <summary>Id.</summary>
    public required string Segment { get; init; }

    /// <summary>Name for people.</summary>
    public required string Name { get; init; }

    /// <summary>Members, whether or not another segment comes first.</summary>
    public required long Members { get; init; }

    /// <summary>Members whose primary segment it is.</summary>
    public required long Customers { get; init; }

    /// <summary>Members over all customers, in [0, 1]; 0 without customers.</summary>
    public required double CustomerShare { get; init; }

    /// <summary>Net revenue of the members over that of all customers; 0 without revenue.</summary>
    public required double RevenueShare { get; init; }

    /// <summary>Net revenue of the members, minor units.</summary>
    public required long RevenueMinor { get; init; }

    /// <summary>Members who can be contacted by e-mail.</summary>
    public required long ContactableEmail { get; init; }

    /// <summary>Members who can be contacted by SMS.</summary>
    public required long ContactableSms { get; init; }

    /// <summary>Members who are not in the segment of this id by the scheme in force; all, where it has none of this id.</summary>
    public required long In { get; init; }

    /// <summary>Members of the segment of this id by the scheme in force who are not members here.</summary>
    public required long Out { get; init; }

    /// <summary>The members with the smallest keys, which are hashes, so chosen by no property of theirs; at most ten, with their reasons.</summary>
    public required IReadOnlyList<PreviewMember> Examples { get; init; }
}

/// <summary>A member to look at.</summary>
public sealed record PreviewMember(string CustomerId, string Reason);
