using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using Campaigns.Core.Segments.Rules;

namespace Campaigns.Functions.Console.Editing;

/// <summary>Ids made from the names that people give.</summary>
public static class SegmentIds
{
    /// <summary>Pages below /segments/ and addresses below /api/segments/: a segment of such an id could not be looked at.</summary>
    private static readonly HashSet<string> Reserved =
        new(["edit", "fields", "presets", "versions", "recompute", "scheme", "preview", "series", "diagnostics"], StringComparer.Ordinal);

    /// <summary>"Übersee &amp; Große" → "ubersee-gro-e": small ASCII letters, digits and hyphens; <paramref name="otherwise"/> where nothing is left.</summary>
    public static string Of(string name, string otherwise = "segment")
    {
        var id = new StringBuilder(name.Length);
        foreach (var c in name.Normalize(NormalizationForm.FormD))
        {
            if (char.IsAsciiLetterOrDigit(c))
            {
                id.Append(char.ToLowerInvariant(c));
            }
            else if (CharUnicodeInfo.GetUnicodeCategory(c) != UnicodeCategory.NonSpacingMark && id.Length > 0 && id[^1] != '-')
            {
                id.Append('-');
            }
        }

        var text = id.ToString();
        text = text[..Math.Min(text.Length, SegmentScheme.MaxIdLength)].Trim('-');
        return text.Length == 0 ? otherwise : text;
    }

    /// <summary>The id of a name, with a number behind it where others have it.</summary>
    public static string Free(string name, IEnumerable<string> taken, string otherwise = "segment")
    {
        var all = taken.ToHashSet(StringComparer.Ordinal);
        var id = Of(name, otherwise);
        for (var n = 2; all.Contains(id) || Reserved.Contains(id); n++)
        {
            var suffix = string.Create(CultureInfo.InvariantCulture, $"-{n}");
            var stem = Of(name, otherwise);
            id = stem[..Math.Min(stem.Length, SegmentScheme.MaxIdLength - suffix.Length)].TrimEnd('-') + suffix;
        }

        return id;
    }

    /// <summary>Gives a segment another id, and says so to the rules that name it.</summary>
    public static void Rename(JsonArray segments, JsonObject segment, string id)
    {
        var before = SchemeForm.Text(segment, "id");
        segment["id"] = id;
        foreach (var other in segments)
        {
            Follow((other as JsonObject)?["rule"], before, id);
        }
    }

    private static void Follow(JsonNode? rule, string before, string id)
    {
        switch (rule)
        {
            case JsonArray list:
                foreach (var item in list)
                {
                    Follow(item, before, id);
                }

                break;
            case JsonObject json:
                if (json.Count == 1 && json.ContainsKey("in") && SchemeForm.Text(json, "in") == before)
                {
                    json["in"] = id;
                }

                foreach (var (_, value) in json)
                {
                    Follow(value, before, id);
                }

                break;
        }
    }
}
