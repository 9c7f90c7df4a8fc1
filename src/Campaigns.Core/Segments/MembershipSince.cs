using System.Globalization;
using Campaigns.Core.Segments.Rules;

namespace Campaigns.Core.Segments;

/// <summary>Says in a reason since when a membership holds. Pure.</summary>
public static class MembershipSince
{
    /// <summary>
    /// "at risk: 94 days since the last order" → "at risk since 3 Nov: 94 days since the last order"; the year where it is another
    /// than that of <paramref name="at"/> (UTC). Reasons that begin otherwise, as of who was placed by hand, stay.
    /// </summary>
    public static string InWords(string reason, string segmentName, DateTimeOffset since, DateTimeOffset at)
    {
        var name = ValueText.InSentence(segmentName);
        var (day, today) = (since.UtcDateTime, at.UtcDateTime);
        return reason.StartsWith(name + ":", StringComparison.Ordinal)
            ? $"{name} since {day.ToString(day.Year == today.Year ? "d MMM" : "d MMM yyyy", CultureInfo.InvariantCulture)}{reason[name.Length..]}"
            : reason;
    }

    /// <summary>The explanation of a segment with the time since when the customer is in it, where that is recorded.</summary>
    internal static SegmentExplanation Of(SegmentExplanation explanation, SegmentScheme scheme, MembershipRow? row, DateTimeOffset at)
    {
        foreach (var membership in row?.Present ?? [])
        {
            if (explanation.Member && string.Equals(membership.Segment, explanation.Segment, StringComparison.Ordinal))
            {
                return explanation with { Reason = InWords(explanation.Reason, scheme.Segments[scheme.IndexOf(membership.Segment)].Name, membership.Since, at) };
            }
        }

        return explanation;
    }
}
