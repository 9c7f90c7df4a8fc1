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

    /// <summary>Uses named where something cannot go: enough to begin with.</summary>
    private const int MostUses = 5;

    /// <summary>Writes what the form says into the document; what was not changed stays as it was.</summary>
    public static void Apply(JsonObject document, IFormCollection sent)
    {
        foreach (var (name, json) in Named(document, "parameters"))
        {
            SetText(json, "label", sent, "pn." + name, required: false);
            SetNumber(json, "value", sent, "p." + name, required: true);
            SetText(json, "unit", sent, "pu." + name, required: false);
            SetText(json, "meaning", sent, "pm." + name, required: true);
            SetNumber(json, "least", sent, "pl." + name, required: false);
            SetNumber(json, "most", sent, "pt." + name, required: false);
        }

        foreach (var (name, json) in Named(document, "fields"))
        {
            SetText(json, "label", sent, "dn." + name, required: false);
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
                var parameter = SegmentIds.Free(meaning, Names(form.Document, "parameters"), "threshold");
                Add(form, "parameters", parameter, Labelled(new JsonObject { ["value"] = 1, ["meaning"] = meaning.Length == 0 ? "threshold" : meaning }, parameter, meaning));
                return true;
            case "add-field":
                var what = sent("new.field").Trim();
                var field = SegmentIds.Free(what, Names(form.Document, "fields").Select(n => n.Replace('_', '-')), "field").Replace('-', '_');
                Add(form, "fields", field, Labelled(new JsonObject { ["meaning"] = what.Length == 0 ? "worked out" : what, ["value"] = new JsonObject { ["field"] = "orders" } }, field, what));
                return true;
            case "add-attribute":
                if (sent("new.attribute").Trim() is { Length: > 0 } attribute && !Names(form.Document, "attributes").Contains(attribute))
                {
                    Add(form, "attributes", attribute, JsonValue.Create(sent("new.attribute-type")));
                }

                return true;
            case "remove-parameter" or "remove-field" or "remove-attribute":
                Remove(form, verb["remove-".Length..] + "s", name);
                return true;
            default:
                return false;
        }
    }

    /// <summary>What people call a threshold or a field that is worked out: its label, else its name as words.</summary>
    public static string Title(string name, JsonObject json) => SchemeParameter.TitleOf(name, SchemeForm.Text(json, "label"));

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

    /// <summary>Keeps the name as somebody wrote it, where an id cannot say it.</summary>
    private static JsonObject Labelled(JsonObject json, string name, string written)
    {
        if (written.Length > 0 && !string.Equals(SchemeParameter.TitleOf(name, ""), written, StringComparison.OrdinalIgnoreCase))
        {
            json["label"] = written;
        }

        return json;
    }

    /// <summary>What is in use stays: without it the rules that ask for it could not be read.</summary>
    private static void Remove(SchemeForm form, string property, string name)
    {
        var uses = NameUses.Of(form.Document!, property, name);
        if (uses.Count == 0)
        {
            form.Change(f => (f.Document![property] as JsonObject)?.Remove(name));
            return;
        }

        var title = (form.Document![property] as JsonObject)?[name] is JsonObject json ? Title(name, json) : name;
        form.Refused = $"“{title}” is in use and stays: {string.Join(", ", uses.Take(MostUses))}{(uses.Count > MostUses ? $" and {uses.Count - MostUses} more" : "")} would no longer know what to ask for. Change them first.";
    }

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
