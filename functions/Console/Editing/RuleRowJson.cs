using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using Campaigns.Core.Segments.Rules;

namespace Campaigns.Functions.Console.Editing;

/// <summary>Rules between JSON and the rows of a form. Whatever rows cannot say stays JSON, so that nothing is lost on the way.</summary>
public static class RuleRowJson
{
    private static readonly JsonSerializerOptions Compact = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>The rule of a segment: always a group at the top.</summary>
    public static RuleRow ReadTop(JsonNode? rule) =>
        Read(rule) is { Kind: RowKind.Group } group ? group : new RuleRow { Kind = RowKind.Group, Bare = true, Rows = [Read(rule)] };

    /// <summary>A rule as a row.</summary>
    public static RuleRow Read(JsonNode? rule)
    {
        if (rule is not JsonObject { Count: > 0 and <= 2 } json)
        {
            return Raw(rule);
        }

        var (word, value) = json.First();
        return (json.Count, word) switch
        {
            (1, "not") when Read(value) is { Not: false, Kind: not RowKind.Json } inner => inner with { Not = true },
            (1, "all" or "any") when value is JsonArray list => new RuleRow { Kind = RowKind.Group, Word = word, Rows = [.. list.Select(Read)] },
            (1, "in") when TextOf(value) is { } segment => new RuleRow { Kind = RowKind.Segment, Text = segment },
            (1, "known") when TextOf(value) is { } field => new RuleRow { Kind = RowKind.Field, Field = field, Question = "known" },
            (2, _) when TextOf(json["field"]) is { } field => Question(json, field),
            _ => Raw(rule),
        };
    }

    /// <summary>The row as JSON. <paramref name="typeOf"/> says what a field holds, null where it is not known.</summary>
    public static JsonNode? Write(RuleRow row, Func<string, FieldType?> typeOf)
    {
        var inner = row.Kind switch
        {
            RowKind.Group when row is { Bare: true, Rows: [var only], Not: false } => Write(only, typeOf),
            RowKind.Group => new JsonObject { [row.Word] = new JsonArray([.. row.Rows.Select(r => Write(r, typeOf))]) },
            RowKind.Segment => new JsonObject { ["in"] = row.Text },
            RowKind.Json => Parsed(row.Text),
            _ => Field(row, typeOf(row.Field)),
        };
        return row.Not ? new JsonObject { ["not"] = inner } : inner;
    }

    /// <summary>Where the row's own JSON stands (behind "not"), and where those below it.</summary>
    public static string PathOf(RuleRow row, string path) => row.Not ? path + ".not" : path;

    /// <summary>Where a row of a group stands.</summary>
    public static string PathOf(RuleRow group, string path, int index) =>
        group is { Bare: true, Rows.Count: 1, Not: false } ? path : string.Create(CultureInfo.InvariantCulture, $"{PathOf(group, path)}.{group.Word}[{index}]");

    private static RuleRow Raw(JsonNode? node) => new() { Kind = RowKind.Json, Text = TextOf(node) ?? node?.ToJsonString(Compact) ?? "" };

    private static RuleRow Question(JsonObject json, string field)
    {
        var (word, value) = json.First(p => p.Key != "field");
        var row = new RuleRow { Kind = RowKind.Field, Field = field, Question = word };
        switch (word)
        {
            case "within" when value is JsonObject { Count: 1 or 2 } within && within.First() is { Key: "last_days" or "next_days", Value: { } days }:
                var yearly = within["every_year"] is JsonValue y && y.TryGetValue<bool>(out var yes) && yes;
                return within.Count == 2 && !yearly ? Raw(json) : row with { Question = yearly ? within.First().Key == "last_days" ? "yearly_last" : "yearly_next" : within.First().Key, Text = Plain(days) ?? days.ToJsonString(Compact) };
            case "between" when value is JsonArray { Count: 2 } ends:
                return Plain(ends[0]) is { } low && Plain(ends[1]) is { } high
                    ? row with { Text = low, Second = high }
                    : row with { Mode = With.Json, Text = ends.ToJsonString(Compact) };
            case "one_of" when value is JsonArray list:
                var texts = list.Select(Plain).ToList();
                return texts.All(t => t is { Length: > 0 } && !t.Contains(',', StringComparison.Ordinal))
                    ? row with { Text = string.Join(", ", texts) }
                    : row with { Mode = With.Json, Text = list.ToJsonString(Compact) };
            case "is" or "at_least" or "above" or "at_most" or "below" or "starts_with" or "contains":
                return Operand(row, value);
            default:
                return Raw(json);
        }
    }

    private static RuleRow Operand(RuleRow row, JsonNode? value)
    {
        if (Plain(value) is { } text)
        {
            return row with { Text = text };
        }

        if (value is JsonObject { Count: 1 } one && TextOf(one["parameter"]) is { } parameter)
        {
            return row with { Mode = With.Parameter, Text = parameter };
        }

        if (value is JsonObject { Count: 1 or 2 } other && TextOf(other["field"]) is { } field)
        {
            var times = other.Count == 1 ? "" : Plain(other["times"]) ?? TextOf((other["times"] as JsonObject)?["parameter"]);
            if (times is not null)
            {
                return row with { Mode = With.Field, Text = times.Length == 0 ? field : $"{field} × {times}" };
            }
        }

        return row with { Mode = With.Json, Text = value?.ToJsonString(Compact) ?? "null" };
    }

    private static JsonObject Field(RuleRow row, FieldType? type) => row.Question switch
    {
        "known" => new JsonObject { ["known"] = row.Field },
        "last_days" or "next_days" => Within(row, row.Question, false),
        "yearly_last" => Within(row, "last_days", true),
        "yearly_next" => Within(row, "next_days", true),
        "between" => new JsonObject { ["field"] = row.Field, ["between"] = row.Mode == With.Json ? Parsed(row.Text) : new JsonArray(Literal(row.Text, type), Literal(row.Second, type)) },
        "one_of" => new JsonObject
        {
            ["field"] = row.Field,
            ["one_of"] = row.Mode == With.Json || row.Text.StartsWith('[')
                ? Parsed(row.Text)
                : new JsonArray([.. row.Text.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries).Select(t => Literal(t, type))]),
        },
        var word => new JsonObject { ["field"] = row.Field, [word] = Operand(row, type) },
    };

    private static JsonObject Within(RuleRow row, string word, bool yearly)
    {
        var within = new JsonObject { [word] = Literal(row.Text, FieldType.Number) };
        if (yearly)
        {
            within["every_year"] = true;
        }

        return new JsonObject { ["field"] = row.Field, ["within"] = within };
    }

    private static JsonNode? Operand(RuleRow row, FieldType? type)
    {
        switch (row.Mode)
        {
            case With.Parameter:
                return new JsonObject { ["parameter"] = row.Text };
            case With.Json:
                return Parsed(row.Text);
            case With.Field:
                var parts = row.Text.Split(['×', '*'], 2, StringSplitOptions.TrimEntries);
                return parts.Length == 1
                    ? new JsonObject { ["field"] = parts[0] }
                    : new JsonObject { ["field"] = parts[0], ["times"] = Number(parts[1]) is { } times ? JsonValue.Create(times) : new JsonObject { ["parameter"] = parts[1] } };
            default:
                return Literal(row.Text, type);
        }
    }

    /// <summary>A value as the field holds it; where it is none of that kind, the text, so that the fault is said beside it.</summary>
    private static JsonNode? Literal(string text, FieldType? type) => type switch
    {
        FieldType.Number or null when Number(text) is { } number => JsonValue.Create(number),
        FieldType.YesNo when text.ToLowerInvariant() is "yes" or "true" => JsonValue.Create(true),
        FieldType.YesNo when text.ToLowerInvariant() is "no" or "false" => JsonValue.Create(false),
        _ => JsonValue.Create(text),
    };

    private static double? Number(string text) =>
        double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) && double.IsFinite(number) ? number : null;

    private static JsonNode? Parsed(string text)
    {
        try
        {
            return JsonNode.Parse(text);
        }
        catch (JsonException)
        {
            return JsonValue.Create(text);
        }
    }

    /// <summary>A single value as text; null where it is none.</summary>
    private static string? Plain(JsonNode? node) => node is not JsonValue value ? null : value.GetValueKind() switch
    {
        JsonValueKind.True => "yes",
        JsonValueKind.False => "no",
        JsonValueKind.String => value.GetValue<string>(),
        _ => value.ToJsonString(),
    };

    private static string? TextOf(JsonNode? node) => node is JsonValue value && value.GetValueKind() == JsonValueKind.String ? value.GetValue<string>() : null;
}
