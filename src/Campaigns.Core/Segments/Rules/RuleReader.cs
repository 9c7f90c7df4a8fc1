using System.Globalization;
using System.Text.Json;
using Campaigns.Core.Ingest;

namespace Campaigns.Core.Segments.Rules;

/// <summary>Reads one rule from JSON. What it cannot read is a fault with its path; what the words mean is checked afterwards.</summary>
/// <param name="catalogue">Fields, the scheme's own included: a text is read as a date where the field is one.</param>
/// <param name="faults">Takes the faults.</param>
internal sealed class RuleReader(FieldCatalogue catalogue, List<SchemeFault> faults)
{
    /// <summary>The rule, or null where it has a fault.</summary>
    public Rule? Read(JsonElement json, string path, int depth = 0)
    {
        if (json.ValueKind != JsonValueKind.Object)
        {
            return Fault(path, $"a condition is an object such as {{\"field\": \"orders\", \"at_least\": 3}}, not {JsonPaths.KindOf(json)}");
        }

        if (depth > SchemeLimits.Depth)
        {
            return Fault(path, $"conditions are nested more than {SchemeLimits.Depth} deep; move a part into a segment of its own and ask for it with \"in\"");
        }

        var kinds = json.EnumerateObject().Select(p => p.Name).Where(n => RuleWords.Rules.Contains(n, StringComparer.Ordinal)).ToList();
        if (kinds.Count != 1)
        {
            var first = json.EnumerateObject().Select(p => p.Name).FirstOrDefault();
            return Fault(path, $"a condition has exactly one of {string.Join(", ", RuleWords.Rules)}; this one has {(kinds.Count == 0 ? "none" : string.Join(" and ", kinds))}.{(kinds.Count == 0 && first is not null ? NearNames.Question(first, RuleWords.Rules) : "")}");
        }

        var value = json.GetProperty(kinds[0]);
        var inner = $"{path}.{kinds[0]}";
        if (kinds[0] != RuleWords.Field && !JsonPaths.Only(json, path, [kinds[0]], faults))
        {
            return null;
        }

        switch (kinds[0])
        {
            case RuleWords.All:
                return List(value, inner, depth) is { } all ? new Rule.All(all) : null;
            case RuleWords.Any:
                return List(value, inner, depth) is { } any ? new Rule.Any(any) : null;
            case RuleWords.Not:
                return Read(value, inner, depth + 1) is { } not ? new Rule.Not(not) : null;
            case RuleWords.Known:
                return JsonPaths.Text(value, inner, faults) is { } known ? new Rule.Known(known) : null;
            case RuleWords.In:
                return JsonPaths.Text(value, inner, faults) is { } segment ? new Rule.InSegment(segment) : null;
            default:
                return JsonPaths.Text(value, inner, faults) is { } field ? Question(json, path, field) : null;
        }
    }

    private ValueList<Rule>? List(JsonElement json, string path, int depth)
    {
        if (json.ValueKind != JsonValueKind.Array || json.GetArrayLength() == 0)
        {
            Fault(path, "give a list of at least one condition; an empty one would mean everybody or nobody by accident");
            return null;
        }

        var rules = new List<Rule>();
        var index = 0;
        foreach (var item in json.EnumerateArray())
        {
            if (Read(item, $"{path}[{index++}]", depth + 1) is { } rule)
            {
                rules.Add(rule);
            }
        }

        return rules.Count == index ? [.. rules] : null;
    }

    private Rule? Question(JsonElement json, string path, string field)
    {
        var asked = json.EnumerateObject().Where(p => p.Name != RuleWords.Field).ToList();
        if (asked.Count != 1 || !RuleWords.Questions.Contains(asked[0].Name, StringComparer.Ordinal))
        {
            var wrong = asked.FirstOrDefault(p => !RuleWords.Questions.Contains(p.Name, StringComparer.Ordinal)).Name;
            return Fault(path, $"a condition on a field asks exactly one of {string.Join(", ", RuleWords.Questions)}{(wrong is null ? "" : $"; '{wrong}' is none.{NearNames.Question(wrong, RuleWords.Questions)}")}");
        }

        var (word, value) = (asked[0].Name, asked[0].Value);
        var inner = $"{path}.{word}";
        switch (word)
        {
            case RuleWords.Within:
                return Within(value, inner, field);
            case RuleWords.OneOf:
                return Values(value, inner, field);
            case RuleWords.Between:
                if (value.ValueKind != JsonValueKind.Array || value.GetArrayLength() != 2)
                {
                    return Fault(inner, "give two values, the lower first: [1, 3]; both are included");
                }

                return ReadOperand(value[0], inner + "[0]", field) is { } low && ReadOperand(value[1], inner + "[1]", field) is { } high ? new Rule.Between(field, low, high) : null;
            default:
                return ReadOperand(value, inner, field) is { } operand ? new Rule.Compare(field, RuleWords.ComparisonOf(word)!.Value, operand) : null;
        }
    }

    private Rule? Values(JsonElement json, string path, string field)
    {
        if (json.ValueKind != JsonValueKind.Array || json.GetArrayLength() is 0 or > SchemeLimits.Values)
        {
            return Fault(path, $"give a list of 1 to {SchemeLimits.Values:N0} values");
        }

        var values = new List<FieldValue>();
        var index = 0;
        foreach (var item in json.EnumerateArray())
        {
            if (Literal(item, $"{path}[{index++}]", field) is { } value)
            {
                values.Add(value);
            }
        }

        return values.Count == index ? new Rule.OneOf(field, [.. values]) : null;
    }

    private Rule? Within(JsonElement json, string path, string field)
    {
        const string Example = "give {\"last_days\": 30} or {\"next_days\": 14}, for a birthday with \"every_year\": true";
        if (json.ValueKind != JsonValueKind.Object || json.TryGetProperty(RuleWords.LastDays, out var last) == json.TryGetProperty(RuleWords.NextDays, out var next))
        {
            return Fault(path, Example);
        }

        if (!JsonPaths.Only(json, path, [RuleWords.LastDays, RuleWords.NextDays, RuleWords.EveryYear], faults))
        {
            return null;
        }

        var ahead = next.ValueKind != JsonValueKind.Undefined;
        var days = ahead ? next : last;
        if (days.ValueKind != JsonValueKind.Number || !days.TryGetInt32(out var number) || number is < 0 or > SchemeLimits.Days)
        {
            return Fault($"{path}.{(ahead ? RuleWords.NextDays : RuleWords.LastDays)}", $"give whole days, 0 to {SchemeLimits.Days:N0}");
        }

        var everyYear = json.TryGetProperty(RuleWords.EveryYear, out var yearly);
        return everyYear && yearly.ValueKind is not (JsonValueKind.True or JsonValueKind.False)
            ? Fault($"{path}.{RuleWords.EveryYear}", "give true or false")
            : new Rule.Within(field, number, ahead, everyYear && yearly.GetBoolean());
    }

    /// <summary>An operand for the field (null: a number), or null where it has a fault.</summary>
    public Operand? ReadOperand(JsonElement json, string path, string? field, int depth = 0)
    {
        if (json.ValueKind != JsonValueKind.Object)
        {
            return Literal(json, path, field) is { } value ? new Operand.Literal(value) : null;
        }

        var kind = json.EnumerateObject().Select(p => p.Name).FirstOrDefault(n => n is RuleWords.Parameter or RuleWords.Field or RuleWords.Greatest or RuleWords.Least or RuleWords.First);
        if (kind is null || depth > SchemeLimits.Depth)
        {
            return (Operand?)FaultOf(path, "give a value, {\"parameter\": name}, {\"field\": name, \"times\": 2}, or {\"greatest\" (or \"least\", \"first\"): [ … ]}");
        }

        var (value2, inner) = (json.GetProperty(kind), $"{path}.{kind}");
        if (!JsonPaths.Only(json, path, kind == RuleWords.Field ? [RuleWords.Field, RuleWords.Times] : [kind], faults))
        {
            return null;
        }

        switch (kind)
        {
            case RuleWords.Parameter:
                return JsonPaths.Text(value2, inner, faults) is { } name ? new Operand.Parameter(name) : null;
            case RuleWords.Field:
                if (JsonPaths.Text(value2, inner, faults) is not { } other)
                {
                    return null;
                }

                if (!json.TryGetProperty(RuleWords.Times, out var times))
                {
                    return new Operand.OfField(other, null);
                }

                return ReadOperand(times, $"{path}.{RuleWords.Times}", null, depth + 1) is { } factor ? new Operand.OfField(other, factor) : null;
            default:
                return Choice(kind, value2, inner, field, depth);
        }
    }

    private Operand? Choice(string kind, JsonElement json, string path, string? field, int depth)
    {
        if (json.ValueKind != JsonValueKind.Array || json.GetArrayLength() is 0 or > SchemeLimits.Alternatives)
        {
            return (Operand?)FaultOf(path, $"give a list of 1 to {SchemeLimits.Alternatives} values");
        }

        var operands = new List<Operand>();
        var index = 0;
        foreach (var item in json.EnumerateArray())
        {
            if (ReadOperand(item, $"{path}[{index++}]", field, depth + 1) is { } operand)
            {
                operands.Add(operand);
            }
        }

        if (operands.Count != index)
        {
            return null;
        }

        ValueList<Operand> of = [.. operands];
        return kind switch
        {
            RuleWords.Greatest => new Operand.Greatest(of),
            RuleWords.Least => new Operand.Least(of),
            _ => new Operand.First(of),
        };
    }

    private FieldValue? Literal(JsonElement json, string path, string? field)
    {
        switch (json.ValueKind)
        {
            case JsonValueKind.Number when json.TryGetDouble(out var number) && double.IsFinite(number):
                return FieldValue.Of(number);
            case JsonValueKind.True or JsonValueKind.False:
                return FieldValue.Of(json.GetBoolean());
            case JsonValueKind.String:
                var text = json.GetString()!;
                if (field is null || catalogue.Find(field) is not { Type: FieldType.Date })
                {
                    return FieldValue.Of(text);
                }

                if (AttributeValues.TryDate(text, out var at))
                {
                    return FieldValue.Of(at);
                }

                FaultOf(path, $"'{text}' is no date; write it as {string.Create(CultureInfo.InvariantCulture, $"{new DateTime(2026, 3, 1):yyyy-MM-dd}")}");
                return null;
            default:
                FaultOf(path, $"give a number, a text, true or false, not {JsonPaths.KindOf(json)}");
                return null;
        }
    }

    private Rule? Fault(string path, string message) => (Rule?)FaultOf(path, message);

    private object? FaultOf(string path, string message)
    {
        faults.Add(new SchemeFault(path, message));
        return null;
    }
}
