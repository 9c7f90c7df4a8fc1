namespace Campaigns.Core.Segments.Rules;

/// <summary>The words of the rule language in JSON: one table for reading, writing, paths and messages.</summary>
internal static class RuleWords
{
    public const string All = "all";
    public const string Any = "any";
    public const string Not = "not";
    public const string Known = "known";
    public const string In = "in";
    public const string Field = "field";
    public const string Between = "between";
    public const string OneOf = "one_of";
    public const string Within = "within";
    public const string LastDays = "last_days";
    public const string NextDays = "next_days";
    public const string EveryYear = "every_year";
    public const string Parameter = "parameter";
    public const string Times = "times";
    public const string Greatest = "greatest";
    public const string Least = "least";
    public const string First = "first";

    private static readonly (Comparison Comparison, string Word)[] Comparisons =
    [
        (Comparison.Is, "is"), (Comparison.Above, "above"), (Comparison.AtLeast, "at_least"), (Comparison.Below, "below"),
        (Comparison.AtMost, "at_most"), (Comparison.StartsWith, "starts_with"), (Comparison.Contains, "contains"),
    ];

    private static readonly (FieldUnit Unit, string Word)[] Units =
    [
        (FieldUnit.None, ""), (FieldUnit.Days, "days"), (FieldUnit.Orders, "orders"), (FieldUnit.OrderDays, "order_days"), (FieldUnit.Lines, "lines"),
        (FieldUnit.Units, "units"), (FieldUnit.Events, "events"), (FieldUnit.Money, "money"), (FieldUnit.Share, "share"),
        (FieldUnit.Probability, "probability"), (FieldUnit.Score, "score"), (FieldUnit.Times, "times"),
        (FieldUnit.Messages, "messages"),
    ];

    private static readonly (FieldType Type, string Word)[] Types =
        [(FieldType.Number, "number"), (FieldType.Text, "text"), (FieldType.YesNo, "yes_no"), (FieldType.Date, "date")];

    /// <summary>What a condition may begin with.</summary>
    public static IReadOnlyList<string> Rules { get; } = [All, Any, Not, Field, Known, In];

    /// <summary>What may be asked of a field.</summary>
    public static IReadOnlyList<string> Questions { get; } = [.. Comparisons.Select(c => c.Word), Between, OneOf, Within];

    public static IReadOnlyList<string> UnitWords { get; } = [.. Units.Skip(1).Select(u => u.Word)];

    public static IReadOnlyList<string> TypeWords { get; } = [.. Types.Select(t => t.Word)];

    public static string Of(Comparison comparison) => Comparisons[(int)comparison].Word;

    public static string Of(FieldUnit unit) => Units[(int)unit].Word;

    public static string Of(FieldType type) => Types[(int)type].Word;

    public static Comparison? ComparisonOf(string word) => Find(Comparisons, word);

    public static FieldUnit? UnitOf(string word) => Find(Units, word);

    public static FieldType? TypeOf(string word) => Find(Types, word);

    private static T? Find<T>((T Value, string Word)[] words, string word)
        where T : struct
    {
        var index = Array.FindIndex(words, w => string.Equals(w.Word, word, StringComparison.Ordinal));
        return index < 0 ? null : words[index].Value;
    }
}
