namespace Campaigns.Core.Segments.Rules;

/// <summary>Finds what somebody probably meant to write.</summary>
internal static class NearNames
{
    /// <summary>Suggestions in a message: more would hide the right one.</summary>
    public const int Most = 3;

    /// <summary>The known names nearest to <paramref name="name"/>: at most a third of its letters differ (Levenshtein distance), or one is part of the other.</summary>
    public static IReadOnlyList<string> Of(string name, IEnumerable<string> known)
    {
        // Names have tens of letters; a longer one is no typing error, and the distance costs the product of the lengths.
        var asked = Plain(name.Length > 80 ? name[..80] : name);
        return [.. known
            .Select(k => (Name: k, Distance: Score(asked, Plain(k))))
            .Where(k => k.Distance <= Math.Max(1, asked.Length / 3))
            .OrderBy(k => k.Distance)
            .ThenBy(k => k.Name, StringComparer.Ordinal)
            .Take(Most)
            .Select(k => k.Name)];
    }

    /// <summary>" Did you mean a, b or c?", or "".</summary>
    public static string Question(string name, IEnumerable<string> known) => Of(name, known) switch
    {
        [] => "",
        [var one] => $" Did you mean '{one}'?",
        var some => $" Did you mean {string.Join(", ", some.SkipLast(1).Select(s => $"'{s}'"))} or '{some[^1]}'?",
    };

    private static string Plain(string name) => name.ToLowerInvariant().Replace('-', '_').Replace(' ', '_');

    private static int Score(string asked, string known) =>
        asked.Length > 2 && (known.Contains(asked, StringComparison.Ordinal) || asked.Contains(known, StringComparison.Ordinal)) ? 1 : Distance(asked, known);

    private static int Distance(string a, string b)
    {
        var row = new int[b.Length + 1];
        for (var j = 0; j <= b.Length; j++)
        {
            row[j] = j;
        }

        for (var i = 1; i <= a.Length; i++)
        {
            var diagonal = row[0];
            row[0] = i;
            for (var j = 1; j <= b.Length; j++)
            {
                var replaced = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.Min(replaced, 1 + Math.Min(row[j], row[j - 1]));
            }
        }

        return row[^1];
    }
}
