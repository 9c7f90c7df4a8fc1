using System.Globalization;

namespace Campaigns.Functions.Console.Editing;

/// <summary>What a row of a rule's form is.</summary>
public enum RowKind
{
    /// <summary>Rows that must hold all, or at least one.</summary>
    Group,

    /// <summary>A question to a field.</summary>
    Field,

    /// <summary>The customer is in another segment.</summary>
    Segment,

    /// <summary>Anything that has no rows of its own: shown as JSON.</summary>
    Json,
}

/// <summary>What a field is compared with, as the form has it.</summary>
public static class With
{
    /// <summary>A value.</summary>
    public const string Value = "value";

    /// <summary>A parameter of the scheme.</summary>
    public const string Parameter = "parameter";

    /// <summary>Another field, perhaps multiplied: "usual_gap × 2".</summary>
    public const string Field = "field";

    /// <summary>Anything else, as JSON.</summary>
    public const string Json = "json";

    /// <summary>All, with their words.</summary>
    public static IReadOnlyList<(string Value, string Text)> All { get; } = [(Value, "the value"), (Parameter, "the threshold"), (Field, "the field"), (Json, "the formula")];
}

/// <summary>A rule as rows of a form: one row with those below it. What it says in JSON is worked out by <see cref="RuleRowJson"/>.</summary>
public sealed record RuleRow
{
    /// <summary>Rows of a rule that a form shows: a form of a browser holds some 1,000 fields, a row ten of them.</summary>
    public const int MostRows = 80;

    /// <summary>Kind.</summary>
    public required RowKind Kind { get; init; }

    /// <summary>It must not hold.</summary>
    public bool Not { get; init; }

    /// <summary>Group: "all" or "any".</summary>
    public string Word { get; init; } = "all";

    /// <summary>Group: its rows.</summary>
    public IReadOnlyList<RuleRow> Rows { get; init; } = [];

    /// <summary>Group: a single row stands without a group around it in JSON.</summary>
    public bool Bare { get; init; }

    /// <summary>Field: its name.</summary>
    public string Field { get; init; } = "";

    /// <summary>Field: what is asked: see <see cref="Questions"/>.</summary>
    public string Question { get; init; } = "at_least";

    /// <summary>Field: what it is compared with: see <see cref="Editing.With"/>.</summary>
    public string Mode { get; init; } = With.Value;

    /// <summary>Field: the value as text. Segment: its id. JSON: the text.</summary>
    public string Text { get; init; } = "";

    /// <summary>Field: the upper end of "between".</summary>
    public string Second { get; init; } = "";

    /// <summary>All rows, this one included.</summary>
    public int Count => 1 + Rows.Sum(r => r.Count);

    /// <summary>A condition to begin with.</summary>
    public static RuleRow New { get; } = new() { Kind = RowKind.Field, Field = "orders", Text = "1" };

    /// <summary>What may be asked of a field, in JSON's words and in people's.</summary>
    public static IReadOnlyList<(string Word, string Text)> Questions { get; } =
    [
        ("is", "is"), ("at_least", "is at least"), ("above", "is more than"), ("at_most", "is at most"), ("below", "is less than"),
        ("between", "lies between"), ("one_of", "is one of"), ("starts_with", "begins with"), ("contains", "contains"),
        ("last_days", "was in the last … days"), ("next_days", "is in the next … days"),
        ("yearly_last", "had its day of the year in the last … days"), ("yearly_next", "has its day of the year in the next … days"), ("known", "is known"),
    ];

    /// <summary>Questions whose value is a number of days and nothing else.</summary>
    private static readonly string[] Dated = ["last_days", "next_days", "yearly_last", "yearly_next"];

    /// <summary>The tree with the row at a place (indices from the top) changed; null removes it.</summary>
    public RuleRow Changed(ReadOnlySpan<int> place, Func<RuleRow, RuleRow?> change)
    {
        if (place.IsEmpty)
        {
            return change(this) ?? this with { Rows = [] };
        }

        var rows = Rows.ToList();
        if (place[0] < 0 || place[0] >= rows.Count)
        {
            return this;
        }

        if (place.Length > 1)
        {
            rows[place[0]] = rows[place[0]].Changed(place[1..], change);
        }
        else if (change(rows[place[0]]) is { } changed)
        {
            rows[place[0]] = changed;
        }
        else
        {
            rows.RemoveAt(place[0]);
        }

        return this with { Rows = rows };
    }

    /// <summary>The rows as a form sent them, below a prefix of names.</summary>
    public static RuleRow Of(IFormCollection form, string prefix)
    {
        string Text(string name) => form[prefix + name].ToString().Trim();
        var kind = Enum.TryParse<RowKind>(Text(".k"), out var k) ? k : RowKind.Field;
        var count = int.TryParse(Text(".c"), NumberStyles.None, CultureInfo.InvariantCulture, out var c) ? Math.Clamp(c, 0, MostRows) : 0;
        return new RuleRow
        {
            Kind = kind,
            Not = Text(".n") == "not" || Text(".w").StartsWith("not-", StringComparison.Ordinal),
            Word = Text(".w").EndsWith("any", StringComparison.Ordinal) ? "any" : "all",
            Bare = Text(".b") == "yes",
            Rows = kind == RowKind.Group ? [.. Enumerable.Range(0, count).Select(i => Of(form, $"{prefix}.{i}"))] : [],
            Field = Text(".f") is { Length: > 0 } chosen ? chosen : Text(".o"),
            Question = Text(".q"),
            Mode = Text(".m") is { Length: > 0 } mode ? mode : With.Value,
            // A list of thresholds stands beside the value; which of the two counts, the mode says.
            Text = Text(".m") == With.Parameter && !Dated.Contains(Text(".q")) && Text(".t") is { Length: > 0 } threshold ? threshold : Text(".v"),
            Second = Text(".s"),
        };
    }
}
