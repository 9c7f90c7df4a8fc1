using System.Text.Json;

namespace Campaigns.Core.Segments.Rules;

/// <summary>Reads a scheme from JSON: what stands there, with faults where that cannot be read.</summary>
internal sealed class SchemeReader(FieldCatalogue workspace, List<SchemeFault> faults)
{
    private static readonly string[] Known = ["id", "name", "description", "exclusive", "attributes", "parameters", "fields", "barred", "segments"];
    private static readonly string[] KnownOfSegment = ["id", "name", "description", "rule", "because", "leaves"];

    /// <summary>The scheme, or null where too much is missing.</summary>
    public SegmentScheme? Read(JsonElement root)
    {
        if (root.ValueKind != JsonValueKind.Object)
        {
            Fault("$", "a scheme is an object with id, name and segments");
            return null;
        }

        JsonPaths.Only(root, "$", Known, faults);
        var attributes = Named(root, "attributes", Attribute);
        var catalogue = workspace.With(attributes);
        var fields = new List<DerivedField>();
        foreach (var field in Named(root, "fields", (name, json, path) => Derived(name, json, path, catalogue)))
        {
            fields.Add(field);
        }

        catalogue = catalogue.With(fields.Select(f => f.ToField((in _) => default)));
        var (id, name) = (JsonPaths.Text(root, "id", "$", null, faults), JsonPaths.Text(root, "name", "$", null, faults));
        var segments = Segments(root, catalogue);
        var exclusive = root.TryGetProperty("exclusive", out var flag) && flag.ValueKind == JsonValueKind.True;
        if (flag.ValueKind is not (JsonValueKind.Undefined or JsonValueKind.True or JsonValueKind.False))
        {
            Fault("$.exclusive", "give true (a customer is in the first segment that fits) or false (in all that fit)");
        }

        return id is null || name is null ? null : new SegmentScheme
        {
            Id = id,
            Name = name,
            Description = JsonPaths.Text(root, "description", "$", "", faults) ?? "",
            Exclusive = exclusive,
            Segments = [.. segments],
            Parameters = [.. Named(root, "parameters", Parameter)],
            Fields = [.. fields],
            Attributes = [.. attributes],
            BarredFields = Texts(root, "barred", "$"),
        };
    }

    private List<SegmentDefinition> Segments(JsonElement root, FieldCatalogue catalogue)
    {
        var segments = new List<SegmentDefinition>();
        if (!root.TryGetProperty("segments", out var json) || json.ValueKind != JsonValueKind.Array || json.GetArrayLength() is 0 or > SegmentScheme.MaxSegments)
        {
            Fault("$.segments", $"give a list of 1 to {SegmentScheme.MaxSegments} segments, the most important first");
            return segments;
        }

        var rules = new RuleReader(catalogue, faults);
        var index = 0;
        foreach (var item in json.EnumerateArray())
        {
            var path = $"$.segments[{index++}]";
            if (item.ValueKind != JsonValueKind.Object)
            {
                Fault(path, "a segment is an object with id, name and rule");
                continue;
            }

            JsonPaths.Only(item, path, KnownOfSegment, faults);
            var (id, name) = (JsonPaths.Text(item, "id", path, null, faults), JsonPaths.Text(item, "name", path, null, faults));
            var rule = item.TryGetProperty("rule", out var ruleJson) ? rules.Read(ruleJson, path + ".rule") : null;
            if (ruleJson.ValueKind == JsonValueKind.Undefined)
            {
                Fault(path + ".rule", "say who belongs to the segment");
            }

            if (id is not null && name is not null && rule is not null)
            {
                segments.Add(new SegmentDefinition
                {
                    Id = id,
                    Name = name,
                    Description = JsonPaths.Text(item, "description", path, "", faults) ?? "",
                    Rule = rule,
                    Because = Texts(item, "because", path),
                    Leaves = Texts(item, "leaves", path),
                });
            }
        }

        return segments;
    }

    private AttributeType? Attribute(string name, JsonElement json, string path)
    {
        if (json.ValueKind == JsonValueKind.String && RuleWords.TypeOf(json.GetString()!) is { } type)
        {
            return new AttributeType(name, type);
        }

        return Fault<AttributeType>(path, $"say what the attribute holds: one of {string.Join(", ", RuleWords.TypeWords)}");
    }

    private SchemeParameter? Parameter(string name, JsonElement json, string path)
    {
        if (json.ValueKind != JsonValueKind.Object)
        {
            return Fault<SchemeParameter>(path, "a parameter is an object with value and meaning, perhaps label, unit, least and most");
        }

        JsonPaths.Only(json, path, ["label", "value", "unit", "meaning", "least", "most"], faults);
        var value = Number(json, "value", path, null);
        var meaning = JsonPaths.Text(json, "meaning", path, null, faults);
        return value is null || meaning is null
            ? null
            : new SchemeParameter(name, value.Value, Unit(json, path), meaning, Number(json, "least", path, double.MinValue) ?? 0, Number(json, "most", path, double.MaxValue) ?? 0, Label(json, path));
    }

    private DerivedField? Derived(string name, JsonElement json, string path, FieldCatalogue catalogue)
    {
        if (json.ValueKind != JsonValueKind.Object)
        {
            return Fault<DerivedField>(path, "a field of the scheme is an object with value and meaning, perhaps label and unit");
        }

        JsonPaths.Only(json, path, ["label", "value", "unit", "meaning"], faults);
        if (!json.TryGetProperty("value", out var value))
        {
            return Fault<DerivedField>(path + ".value", "say how the field is worked out");
        }

        var operand = new RuleReader(catalogue, faults).ReadOperand(value, path + ".value", null);
        var meaning = JsonPaths.Text(json, "meaning", path, null, faults);
        return operand is null || meaning is null ? null : new DerivedField(name, Unit(json, path), meaning, operand, Label(json, path));
    }

    private string Label(JsonElement json, string path) => JsonPaths.Text(json, "label", path, "", faults) ?? "";

    private FieldUnit Unit(JsonElement json, string path)
    {
        if (!json.TryGetProperty("unit", out var unit))
        {
            return FieldUnit.None;
        }

        if (unit.ValueKind == JsonValueKind.String && unit.GetString() is { Length: > 0 } word && RuleWords.UnitOf(word) is { } known)
        {
            return known;
        }

        Fault(path + ".unit", $"give one of {string.Join(", ", RuleWords.UnitWords)}, or leave it out");
        return FieldUnit.None;
    }

    private double? Number(JsonElement json, string name, string path, double? missing)
    {
        if (!json.TryGetProperty(name, out var value))
        {
            if (missing is null)
            {
                Fault($"{path}.{name}", $"give a number as '{name}'");
            }

            return missing;
        }

        if (value.ValueKind == JsonValueKind.Number && value.TryGetDouble(out var number) && double.IsFinite(number))
        {
            return number;
        }

        Fault($"{path}.{name}", $"give a number, not {JsonPaths.KindOf(value)}");
        return null;
    }

    private List<T> Named<T>(JsonElement root, string property, Func<string, JsonElement, string, T?> read)
        where T : class
    {
        var all = new List<T>();
        if (!root.TryGetProperty(property, out var json))
        {
            return all;
        }

        if (json.ValueKind != JsonValueKind.Object)
        {
            Fault($"$.{property}", "give an object whose names are the names");
            return all;
        }

        foreach (var item in json.EnumerateObject())
        {
            if (read(item.Name, item.Value, $"$.{property}.{item.Name}") is { } value)
            {
                all.Add(value);
            }
        }

        return all;
    }

    private ValueList<string> Texts(JsonElement json, string name, string path)
    {
        if (!json.TryGetProperty(name, out var value))
        {
            return [];
        }

        if (value.ValueKind != JsonValueKind.Array)
        {
            Fault($"{path}.{name}", $"give a list of texts, not {JsonPaths.KindOf(value)}");
            return [];
        }

        var texts = new List<string>();
        var index = 0;
        foreach (var item in value.EnumerateArray())
        {
            if (JsonPaths.Text(item, $"{path}.{name}[{index++}]", faults) is { } text)
            {
                texts.Add(text);
            }
        }

        return [.. texts];
    }

    private void Fault(string path, string message) => faults.Add(new SchemeFault(path, message));

    private T? Fault<T>(string path, string message)
        where T : class
    {
        Fault(path, message);
        return null;
    }
}
