using System.Globalization;
using Campaigns.Core.Primitives;

namespace Campaigns.Core.Segments.Rules;

/// <summary>Values in words.</summary>
internal static class ValueText
{
    /// <summary>The value with its unit: "94 days", "£50", "20 %", "unknown". Whole numbers of days: a begun day is none.</summary>
    public static string Of(FieldValue value, FieldUnit unit, string currency) =>
        !value.IsKnown ? "unknown" : value.Type != FieldType.Number ? value.ToString() : unit switch
        {
            FieldUnit.Days => Count(Math.Floor(value.Number), "day"),
            _ => Exact(value, unit, currency),
        };

    /// <summary>The same with what stands behind the point, so that a value and its limit never look alike where they are not.</summary>
    public static string Exact(FieldValue value, FieldUnit unit, string currency) =>
        !value.IsKnown ? "unknown" : value.Type != FieldType.Number ? value.ToString() : unit switch
        {
            FieldUnit.Days => Count(value.Number, "day"),
            FieldUnit.Orders => Count(value.Number, "order"),
            FieldUnit.OrderDays => Count(value.Number, "order day"),
            FieldUnit.Lines => Count(value.Number, "line"),
            FieldUnit.Units => Count(value.Number, "unit"),
            FieldUnit.Events => Count(value.Number, "event"),
            FieldUnit.Messages => Count(value.Number, "message"),
            FieldUnit.Money => Amount(value.Number, currency),
            FieldUnit.Share or FieldUnit.Probability => Text($"{value.Number * 100:0.#} %"),
            _ => Text($"{value.Number:#,0.##}"),
        };

    /// <summary>The number alone, rounded: "31".</summary>
    public static string Number(FieldValue value) => value.Type == FieldType.Number ? Text($"{value.Number:#,0}") : value.ToString();

    /// <summary>"At risk" → "at risk", "VIP" stays.</summary>
    public static string InSentence(string name) =>
        name.Length > 1 && char.IsUpper(name[0]) && !char.IsUpper(name[1]) ? char.ToLowerInvariant(name[0]) + name[1..] : name;

    private static string Amount(double major, string currency)
    {
        // Amounts near the limits of a long are no money; the conversion saturates.
        var money = new Money((long)Math.Round(major * Money.MinorPerMajor(currency)), currency);
        return Math.Abs(major) < 100 && major != Math.Floor(major) ? money.ToString() : money.ToWholeString();
    }

    private static string Count(double number, string noun) => Text($"{number:#,0.#} {noun}{(number == 1 ? "" : "s")}");

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
