using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Campaigns.Core.Segments.Rules;

namespace Campaigns.Functions.Console.Editing;

/// <summary>What a scheme names besides its segments: thresholds, fields that it works out, attributes that it needs. Form and document.</summary>
public static class SchemeNames
{
    /// <summary>Units in JSON's words: see docs/segments.md.</summary>
    public static IReadOnlyList<(string Word, FieldUnit Unit)> Units { get; } =
        [.. Enum.GetValues<FieldUnit>().Select(u => (u == FieldUnit.None ? "" : JsonNamingPolicy.SnakeCaseLower.ConvertName(u.ToString()), u))];

    /// <summary>Types of attributes in JSON's words and in people's.</summary>
    public static IReadOnlyList<(string Word, string Text)> Types { get; } =
        [.. Enum.GetValues<FieldType>().Select(t => (JsonNamingPolicy.SnakeCaseLower.ConvertName(t.ToString()), Words.Type(t)))];

    /// <summary>Writes what the form says into the document; what was not changed stays as it was.</summary>
    public static void Apply(JsonObject document, IFormCollection sent)
    {
        foreach (var (name, json) in Named(document, "parameters"))
        {
            SetNumber(json, "value", sent, "p." + name, required: true);
            SetText(json, "unit", sent, "pu." + name, required: false);
            SetText(json, "meaning", sent, "pm." + name, required: true);
            SetNumber(json, "least", sent, "pl." + name, required: false);
            SetNumber(json, "most", sent, "pt." + name, required: false);
        }

        foreach (var (name, json) in Named(document, "fields"))
        {
            SetText(json, "unit", sent, "du." + name, required: false);
            SetText(json, "meaning", sent, "dm." + name, required: true);
            if (sent.TryGetValue("dv." + name, out var text) && Parsed(text.ToString()) is var value && !JsonNode.DeepEquals(value, json["value"]))
            {
                json["value"] = value;
            }
        }

        if (document["attributes"] is JsonObject attributes)
        {
            foreach (var name in attributes.Select(a => a.Key).ToList())
            {
                SetText(attributes, name, sent, "a." + name, required: true);
            }
        }
    }

    /// <summary>Adds or removes; false where the action is none of these. <paramref name="sent"/> gives the form's fields.</summary>
    public static bool Do(SchemeForm form, string verb, string name, Func<string, string> sent)
    {
        if (form.Document is null)
        {
            return false;
        }

        switch (verb)
        {
            case "add-parameter":
                var meaning = sent("new.parameter").Trim();
                Add(form, "parameters", SegmentIds.Free(meaning, Names(form.Document, "parameters"), "threshold"), new JsonObject { ["value"] = 1, ["meaning"] = meaning.Length == 0 ? "threshold" : meaning });
                return true;
            case "add-field":
                var what = sent("new.field").Trim();
                Add(
                    form,
                    "fields",
                    SegmentIds.Free(what, Names(form.Document, "fields").Select(n => n.Replace('_', '-')), "field").Replace('-', '_'),
                    new JsonObject { ["meaning"] = what.Length == 0 ? "worked out" : what, ["value"] = new JsonObject { ["field"] = "orders" } });
                return true;
            case "add-attribute":
                if (sent("new.attribute").Trim() is { Length: > 0 } attribute && !Names(form.Document, "attributes").Contains(attribute))
                {
                    Add(form, "attributes", attribute, JsonValue.Create(sent("new.attribute-type")));
                }

                return true;
            case "remove-parameter" or "remove-field" or "remove-attribute":
                var property = verb["remove-".Length..] + "s";
                form.Change(f => (f.Document![property] as JsonObject)?.Remove(name));
                return true;
            default:
                return false;
        }
    }

    /// <summary>The entries of a property of the document that are objects.</summary>
    public static IReadOnlyList<(string Name, JsonObject Json)> Named(JsonObject document, string property) =>
        [.. (document[property] as JsonObject ?? []).Where(p => p.Value is JsonObject).Select(p => (p.Key, (JsonObject)p.Value!))];

    private static IEnumerable<string> Names(JsonObject document, string property) => (document[property] as JsonObject ?? []).Select(p => p.Key);

    private static void Add(SchemeForm form, string property, string name, JsonNode? value) => form.Change(f =>
    {
        if (f.Document![property] is not JsonObject all)
        {
            f.Document[property] = all = [];
        }

        all[name] = value;
        f.Added = $"{property}.{name}";
    });

    private static void SetText(JsonObject json, string property, IFormCollection sent, string name, bool required)
    {
        if (!sent.TryGetValue(name, out var text) || text.ToString().Trim() is var value && value == SchemeForm.Text(json, property))
        {
            return;
        }

        if (value.Length == 0 && !required)
        {
            json.Remove(property);
        }
        else
        {
            json[property] = value;
        }
    }

    private static void SetNumber(JsonObject json, string property, IFormCollection sent, string name, bool required)
    {
        if (!sent.TryGetValue(name, out var text) || text.ToString().Trim() is var value && value == SchemeForm.Text(json, property))
        {
            return;
        }

        if (value.Length == 0 && !required)
        {
            json.Remove(property);
        }
        else
        {
            json[property] = double.TryParse(value, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) && double.IsFinite(number) ? JsonValue.Create(number) : JsonValue.Create(value);
        }
    }

    private static JsonNode? Parsed(string text)
    {
        try
        {
            return JsonNode.Parse(text);
        }
        catch (JsonException)
        {
            return JsonValue.Create(text); // The fault is said beside it.
        }
    }
}
