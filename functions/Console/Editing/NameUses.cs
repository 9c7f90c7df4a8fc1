using System.Text.Json.Nodes;
using Campaigns.Core.Segments.Rules;

namespace Campaigns.Functions.Console.Editing;

/// <summary>Where a scheme's document uses a threshold, a field that it works out, or an attribute. Such a name stays until nothing uses it.</summary>
public static class NameUses
{
    /// <summary>What uses the name, in words ("the segment “Loyal”"); empty where it may go.</summary>
    /// <param name="document">The scheme.</param>
    /// <param name="property">"parameters", "fields" or "attributes".</param>
    /// <param name="name">Name of the entry.</param>
    public static IReadOnlyList<string> Of(JsonObject document, string property, string name)
    {
        var asked = property == "attributes" ? "attribute." + name : name;
        var uses = new List<string>();
        foreach (var segment in document["segments"] as JsonArray ?? [])
        {
            if (Asks(segment?["rule"], property, asked) || IsWritten(segment?["because"], asked) || IsWritten(segment?["leaves"], asked))
            {
                uses.Add($"the segment “{(SchemeForm.Text(segment, "name") is { Length: > 0 } called ? called : SchemeForm.Text(segment, "id"))}”");
            }
        }

        foreach (var (field, json) in SchemeNames.Named(document, "fields"))
        {
            if (Asks(json["value"], property, asked))
            {
                uses.Add($"the field “{SchemeNames.Title(field, json)}”");
            }
        }

        if (property != "parameters" && (document["barred"] as JsonArray ?? []).Any(b => IsText(b, asked)))
        {
            uses.Add("the list of barred fields");
        }

        return uses;
    }

    /// <summary>A rule or operand names it: {"parameter": name}, or {"field": name} and {"known": name}.</summary>
    private static bool Asks(JsonNode? node, string property, string name) => node switch
    {
        JsonArray list => list.Any(item => Asks(item, property, name)),
        JsonObject json => json.Any(p => IsText(p.Value, name) && (property == "parameters" ? p.Key == "parameter" : p.Key is "field" or "known") || Asks(p.Value, property, name)),
        _ => false,
    };

    /// <summary>A text has it in braces.</summary>
    private static bool IsWritten(JsonNode? texts, string name) => (texts as JsonArray ?? []).Any(t =>
        t is JsonValue value && value.ToString() is var text
        && (text.Contains($"{{{name}}}", StringComparison.Ordinal) || text.Contains($"{{{name}:", StringComparison.Ordinal)));

    private static bool IsText(JsonNode? node, string text) => node is JsonValue value && value.TryGetValue<string>(out var own) && own == text;
}
