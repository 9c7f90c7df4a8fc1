using System.Globalization;
using Campaigns.Core.Segments.Rules;

namespace Campaigns.Core.Segments;

/// <summary>What changed between two versions of a scheme, in words: for the list of versions.</summary>
public static class SchemeChanges
{
    /// <summary>Sentences kept per version: beyond, the document says it better.</summary>
    public const int Limit = 100;

    /// <summary>A sentence for each change that decides something, in the order of the scheme; empty where nothing did.</summary>
    public static IReadOnlyList<string> Between(SegmentScheme before, SegmentScheme after)
    {
        var changes = new List<string>();
        if (before.Id != after.Id)
        {
            changes.Add($"The scheme is now \"{after.Name}\" ({after.Id}) instead of \"{before.Name}\" ({before.Id}).");
        }

        if (before.Exclusive != after.Exclusive)
        {
            changes.Add(after.Exclusive ? "A customer is now in one segment at most." : "A customer may now be in several segments.");
        }

        changes.AddRange(Segments(before, after));
        changes.AddRange(Parameters(before, after));
        foreach (var field in after.BarredFields.Except(before.BarredFields, StringComparer.Ordinal))
        {
            changes.Add($"Field {field} is barred from offers.");
        }

        foreach (var field in before.BarredFields.Except(after.BarredFields, StringComparer.Ordinal))
        {
            changes.Add($"Field {field} is no longer barred from offers.");
        }

        if (!before.Fields.Equals(after.Fields))
        {
            changes.Add("The fields that the scheme works out itself were changed.");
        }

        return changes.Count <= Limit ? changes : [.. changes.Take(Limit - 1), $"And {changes.Count - Limit + 1} further changes."];
    }

    private static IEnumerable<string> Segments(SegmentScheme before, SegmentScheme after)
    {
        foreach (var segment in after.Segments)
        {
            var earlier = before.Segments.FirstOrDefault(s => s.Id == segment.Id);
            if (earlier is null)
            {
                yield return $"Segment \"{segment.Name}\" ({segment.Id}) is new.";
            }
            else if (!earlier.Rule.Equals(segment.Rule))
            {
                yield return $"The rule of \"{segment.Name}\" ({segment.Id}) was changed.";
            }
            else if (earlier.Name != segment.Name)
            {
                yield return $"Segment {segment.Id} is now called \"{segment.Name}\".";
            }
        }

        foreach (var gone in before.Segments.Where(s => after.IndexOf(s.Id) < 0))
        {
            yield return $"Segment \"{gone.Name}\" ({gone.Id}) was removed.";
        }

        if (!before.SegmentIds.Where(s => after.IndexOf(s) >= 0).SequenceEqual(after.SegmentIds.Where(s => before.IndexOf(s) >= 0), StringComparer.Ordinal))
        {
            yield return "The order of priority was changed: " + string.Join(", ", after.SegmentIds) + ".";
        }
    }

    private static IEnumerable<string> Parameters(SegmentScheme before, SegmentScheme after)
    {
        foreach (var parameter in after.Parameters)
        {
            var earlier = before.Parameters.FirstOrDefault(p => p.Name == parameter.Name);
            if (earlier is null)
            {
                yield return Text($"Parameter {parameter.Name} is new: {parameter.Value}.");
            }
            else if (earlier.Value != parameter.Value)
            {
                yield return Text($"Parameter {parameter.Name} went from {earlier.Value} to {parameter.Value}.");
            }
        }
    }

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
