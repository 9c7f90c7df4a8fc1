using System.Text;

namespace Campaigns.Core.Segments.Rules;

/// <summary>
/// A text with fields and parameters in braces: "{days_since_last_order} since the last order, usual gap {usual_gap:number}".
/// ":number" leaves the unit out.
/// </summary>
internal sealed class ReasonText
{
    private const string NumberOnly = ":number";

    private readonly List<(string Text, Field? Field, bool NumberOnly)> parts = [];

    private ReasonText()
    {
    }

    /// <summary>What is wrong with the text, or null.</summary>
    public static string? FaultIn(string text, SegmentScheme scheme, FieldCatalogue catalogue)
    {
        if (text.Length > SchemeLimits.TextLength)
        {
            return $"the text has {text.Length:N0} letters; {SchemeLimits.TextLength} are the most";
        }

        foreach (var (part, asked) in Split(text))
        {
            if (!asked && part.AsSpan().IndexOfAny('{', '}') >= 0)
            {
                return "a brace stands alone; a field stands between two: {orders}";
            }

            var name = asked ? Name(part) : "";
            if (asked && FieldOf(name, scheme, catalogue) is null)
            {
                return $"there is no field or parameter '{name}'.{NearNames.Question(name, catalogue.Fields.Select(f => f.Name).Concat(scheme.Parameters.Select(p => p.Name)))}";
            }
        }

        return null;
    }

    /// <summary>The text ready to be filled in; it has no fault.</summary>
    public static ReasonText Of(string text, SegmentScheme scheme, FieldCatalogue catalogue)
    {
        var reason = new ReasonText();
        foreach (var (part, asked) in Split(text))
        {
            reason.parts.Add(asked ? ("", FieldOf(Name(part), scheme, catalogue), part.EndsWith(NumberOnly, StringComparison.Ordinal)) : (part, null, false));
        }

        return reason;
    }

    /// <summary>The text for a customer; null where a field is unknown.</summary>
    public string? Fill(in CustomerFacts facts)
    {
        var text = new StringBuilder();
        foreach (var (words, field, number) in parts)
        {
            if (field is null)
            {
                text.Append(words);
                continue;
            }

            var value = field.Read(facts);
            if (!value.IsKnown)
            {
                return null;
            }

            text.Append(number ? ValueText.Number(value) : ValueText.Of(value, field.Unit, facts.Shop.Currency));
        }

        return text.ToString();
    }

    private static Field? FieldOf(string name, SegmentScheme scheme, FieldCatalogue catalogue)
    {
        if (scheme.Parameters.FirstOrDefault(p => string.Equals(p.Name, name, StringComparison.Ordinal)) is not { } parameter)
        {
            return catalogue.Find(name);
        }

        var value = FieldValue.Of(parameter.Value);
        return new Field(name, FieldType.Number, parameter.Unit, FieldGroup.Derived, parameter.Meaning, (in _) => value);
    }

    private static string Name(string asked) => asked.EndsWith(NumberOnly, StringComparison.Ordinal) ? asked[..^NumberOnly.Length] : asked;

    private static IEnumerable<(string Part, bool Asked)> Split(string text)
    {
        var at = 0;
        while (at < text.Length)
        {
            var open = text.IndexOf('{', at);
            var close = open < 0 ? -1 : text.IndexOf('}', open);
            if (close < 0)
            {
                yield return (text[at..], false);
                yield break;
            }

            if (open > at)
            {
                yield return (text[at..open], false);
            }

            yield return (text[(open + 1)..close], true);
            at = close + 1;
        }
    }
}
