using System.Text.Json;

namespace Campaigns.Core.Segments.Rules;

/// <summary>Small steps of reading JSON, each with a fault that names the path.</summary>
internal static class JsonPaths
{
    /// <summary>The kind of value in words.</summary>
    public static string KindOf(JsonElement json) => json.ValueKind switch
    {
        JsonValueKind.Array => "a list",
        JsonValueKind.Object => "an object",
        JsonValueKind.String => "a text",
        JsonValueKind.Number => "a number",
        JsonValueKind.True or JsonValueKind.False => "true or false",
        JsonValueKind.Null => "null",
        _ => "nothing",
    };

    /// <summary>The object has no other properties than these.</summary>
    public static bool Only(JsonElement json, string path, IReadOnlyList<string> names, List<SchemeFault> faults)
    {
        var clean = true;
        foreach (var property in json.EnumerateObject())
        {
            if (!names.Contains(property.Name, StringComparer.Ordinal))
            {
                clean = false;
                faults.Add(new SchemeFault($"{path}.{property.Name}", $"there is no '{property.Name}' here; known are {string.Join(", ", names)}.{NearNames.Question(property.Name, names)}"));
            }
        }

        return clean;
    }

    /// <summary>The text; null, with a fault, where it is none or empty.</summary>
    public static string? Text(JsonElement json, string path, List<SchemeFault> faults)
    {
        if (json.ValueKind == JsonValueKind.String && json.GetString() is { Length: > 0 } text)
        {
            return text;
        }

        faults.Add(new SchemeFault(path, $"give a text, not {(json.ValueKind == JsonValueKind.String ? "an empty one" : KindOf(json))}"));
        return null;
    }

    /// <summary>The property's text; <paramref name="missing"/> where there is no such property, and a fault where that is null.</summary>
    public static string? Text(JsonElement json, string name, string path, string? missing, List<SchemeFault> faults)
    {
        if (json.TryGetProperty(name, out var value))
        {
            return missing is not null && value.ValueKind == JsonValueKind.String ? value.GetString() : Text(value, $"{path}.{name}", faults);
        }

        if (missing is null)
        {
            faults.Add(new SchemeFault($"{path}.{name}", $"give a '{name}'"));
        }

        return missing;
    }
}
