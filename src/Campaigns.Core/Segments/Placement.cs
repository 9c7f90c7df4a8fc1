using Campaigns.Core.Storage;
using MemoryPack;

namespace Campaigns.Core.Segments;

/// <summary>
/// What people decided by hand about a customer's segments, whatever the rules say: row <c>p|{customer}</c>. Honoured by every
/// classification from <see cref="Placement.At"/> on, until it ends or is taken back.
/// </summary>
[MemoryPackable]
public sealed partial record PlacementRow : IStoredRow
{
    /// <inheritdoc/>
    public static byte Version => 1;

    /// <summary>Placements kept per customer: one for every segment that a scheme can have.</summary>
    public const int Limit = 64;

    /// <summary>Raw id of the customer.</summary>
    public required string CustomerId { get; init; }

    /// <summary>At most one per segment, by the segment's id.</summary>
    public Placement[] All { get; init; } = [];

    /// <summary>With the placement instead of an earlier one in the same segment. Those that ended before it make room; null where there is none.</summary>
    public PlacementRow? With(Placement placement)
    {
        var others = All.Where(p => !Same(p.Segment, placement.Segment)).ToList();
        if (others.Count >= Limit)
        {
            others.RemoveAll(p => p.Until <= placement.At);
        }

        return others.Count >= Limit ? null : this with { All = [.. others.Append(placement).OrderBy(p => p.Segment, StringComparer.Ordinal)] };
    }

    /// <summary>Without a placement in the segment; null where there was none.</summary>
    public PlacementRow? Without(string segment)
    {
        var rest = All.Where(p => !Same(p.Segment, segment)).ToArray();
        return rest.Length == All.Length ? null : this with { All = rest };
    }

    /// <summary>The placement in the segment that holds at the time, or null.</summary>
    public Placement? Of(string segment, DateTimeOffset at)
    {
        foreach (var placement in All)
        {
            if (Same(placement.Segment, segment) && placement.HoldsAt(at))
            {
                return placement;
            }
        }

        return null;
    }

    private static bool Same(string a, string b) => string.Equals(a, b, StringComparison.Ordinal);
}

/// <summary>A customer put into a segment, or kept out of it, by hand.</summary>
/// <param name="Segment">Id of the segment.</param>
/// <param name="Member">True: in it; false: kept out.</param>
/// <param name="Reason">Why, in the words of who did it: 1 … <see cref="MaxReasonLength"/> characters.</param>
/// <param name="By">Who did it.</param>
/// <param name="At">Business time from which it holds.</param>
/// <param name="Until">Business time at which it ends, or null.</param>
[MemoryPackable]
public readonly partial record struct Placement(string Segment, bool Member, string Reason, string By, DateTimeOffset At, DateTimeOffset? Until)
{
    /// <summary>A sentence or two.</summary>
    public const int MaxReasonLength = 300;

    /// <summary>It holds at the time.</summary>
    public bool HoldsAt(DateTimeOffset at) => At <= at && !(Until <= at);

    /// <summary>"placed by hand by Ann until 3 Nov 2026: agreed on the phone".</summary>
    public string InWords()
    {
        var end = Until is { } until ? string.Create(System.Globalization.CultureInfo.InvariantCulture, $" until {until.UtcDateTime:d MMM yyyy}") : "";
        return $"{(Member ? "placed" : "kept out")} by hand by {By}{end}: {Reason}";
    }
}
