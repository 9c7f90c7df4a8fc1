using Campaigns.Core.Segments.Rules;

namespace Campaigns.Core.Segments;

/// <summary>What a classification changes in a customer's memberships. Pure; applying it twice changes nothing more.</summary>
public static class MembershipChange
{
    /// <summary>
    /// The row after the classification, or null where nothing changes: the same segments, no row and no segment, or a row
    /// that a recompute of a later as-of time already wrote.
    /// </summary>
    public static MembershipRow? Apply(MembershipRow? row, SegmentScheme scheme, SegmentSet set, DateTimeOffset asOf)
    {
        if (row is null ? set.IsEmpty : Holds(row, scheme, set) || IsLater(row, asOf))
        {
            return null;
        }

        var present = new List<Membership>(2);
        foreach (var index in set)
        {
            var segment = scheme.SegmentIds[index];
            present.Add(Find(row, segment) ?? new Membership(segment, asOf));
        }

        var past = new List<Membership>(row?.Past ?? []);
        foreach (var membership in row?.Present ?? [])
        {
            // One that began and ended at the same business time never lasted.
            if (!set.Contains(scheme.IndexOf(membership.Segment)) && membership.Since < asOf)
            {
                past.Add(membership with { Until = asOf });
            }
        }

        var dropped = Math.Max(0, past.Count - MembershipRow.PastLimit);
        return new MembershipRow
        {
            Primary = scheme.PrimaryOf(set),
            Present = [.. present],
            Past = [.. past[dropped..]],
            ForgottenUntil = dropped > 0 ? past[dropped - 1].Until : row?.ForgottenUntil,
        };
    }

    /// <summary>The row holds exactly these segments now, by the scheme's priority.</summary>
    private static bool Holds(MembershipRow row, SegmentScheme scheme, SegmentSet set)
    {
        if (row.Present.Length != set.Count)
        {
            return false;
        }

        var next = 0;
        foreach (var index in set)
        {
            if (!string.Equals(row.Present[next++].Segment, scheme.SegmentIds[index], StringComparison.Ordinal))
            {
                return false;
            }
        }

        return true;
    }

    private static Membership? Find(MembershipRow? row, string segment)
    {
        foreach (var membership in row?.Present ?? [])
        {
            if (string.Equals(membership.Segment, segment, StringComparison.Ordinal))
            {
                return membership;
            }
        }

        return null;
    }

    private static bool IsLater(MembershipRow row, DateTimeOffset asOf)
    {
        foreach (var membership in row.Present)
        {
            if (membership.Since > asOf)
            {
                return true;
            }
        }

        return row.Past.Length > 0 && row.Past[^1].Until > asOf;
    }
}
