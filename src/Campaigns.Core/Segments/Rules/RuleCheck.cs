namespace Campaigns.Core.Segments.Rules;

/// <summary>Checks one rule: every field known, every operand of the field's type, every name there.</summary>
internal sealed class RuleCheck(SegmentScheme scheme, FieldCatalogue catalogue, List<SchemeFault> faults)
{
    /// <summary>Conditions seen.</summary>
    public int Conditions { get; private set; }

    public static SchemeFault UnknownField(string name, string path, FieldCatalogue catalogue)
    {
        var hint = name.StartsWith(AttributeFields.Prefix, StringComparison.Ordinal) && name.Length > AttributeFields.Prefix.Length
            ? $" No import brought the attribute '{name[AttributeFields.Prefix.Length..]}'; where one will, name it and its type under \"attributes\"."
            : name.StartsWith(ProductFields.Prefix, StringComparison.Ordinal) ? $" Of a product you can ask product.SKU.{string.Join(", .", ProductFields.Suffixes)}."
            : name.StartsWith(CategoryFields.Prefix, StringComparison.Ordinal) ? $" Of a category you can ask category.NAME.{string.Join(", .", CategoryFields.Suffixes)}."
            : name.StartsWith(RecentFields.Prefix, StringComparison.Ordinal) ? $" Of the last days you can ask last_90_days.{string.Join(", .", RecentFields.Suffixes)}, for 1 to {SchemeLimits.Days} days."
            : name.StartsWith(EventFields.Prefix, StringComparison.Ordinal) ? $" Of an event you can ask event.NAME.{string.Join(", .", EventFields.Suffixes)}."
            : "";
        return new SchemeFault(path, $"there is no field '{name}'.{NearNames.Question(name, catalogue.Fields.Select(f => f.Name))}{hint}");
    }

    public void Check(Rule rule, string path, int depth = 0)
    {
        Conditions++;
        if (depth > SchemeLimits.Depth)
        {
            Fault(path, $"conditions are nested more than {SchemeLimits.Depth} deep; move a part into a segment of its own and ask for it with \"in\"");
            return;
        }

        switch (rule)
        {
            case Rule.All all:
                CheckList(all.Rules, $"{path}.{RuleWords.All}", depth);
                break;
            case Rule.Any any:
                CheckList(any.Rules, $"{path}.{RuleWords.Any}", depth);
                break;
            case Rule.Not not:
                Check(not.Inner, $"{path}.{RuleWords.Not}", depth + 1);
                break;
            case Rule.Known known:
                Find(known.Field, $"{path}.{RuleWords.Known}");
                break;
            case Rule.InSegment segment:
                if (scheme.IndexOf(segment.Segment) < 0)
                {
                    Fault($"{path}.{RuleWords.In}", $"the scheme has no segment '{segment.Segment}'.{NearNames.Question(segment.Segment, scheme.SegmentIds)}");
                }

                break;
            case Rule.Compare compare:
                CheckCompare(compare, path);
                break;
            case Rule.Between between:
                CheckBetween(between, path);
                break;
            case Rule.OneOf oneOf:
                CheckOneOf(oneOf, path);
                break;
            case Rule.Within within:
                if (Find(within.Field, $"{path}.{RuleWords.Field}") is { Type: not FieldType.Date } notDate)
                {
                    Fault($"{path}.{RuleWords.Within}", $"'{within.Field}' is {Words(notDate.Type)}, and only dates lie within days; compare days with \"at_most\"");
                }

                if (within.Days is < 0 or > SchemeLimits.Days)
                {
                    Fault($"{path}.{RuleWords.Within}", $"give whole days, 0 to {SchemeLimits.Days:N0}");
                }

                break;
        }
    }

    /// <summary>Checks that the operand gives the type.</summary>
    public void CheckOperand(Operand operand, FieldType type, string path, int depth = 0)
    {
        if (depth > SchemeLimits.Depth)
        {
            Fault(path, $"values are nested more than {SchemeLimits.Depth} deep");
            return;
        }

        switch (operand)
        {
            case Operand.Literal literal:
                CheckLiteral(literal.Value, type, path);
                break;
            case Operand.Parameter parameter:
                CheckParameter(parameter, type, path);
                break;
            case Operand.OfField field:
                if (Find(field.Field, $"{path}.{RuleWords.Field}") is { } other && other.Type != type)
                {
                    Fault($"{path}.{RuleWords.Field}", $"'{field.Field}' is {Words(other.Type)}, but {Words(type)} is asked for");
                }

                if (field.Times is { } times)
                {
                    CheckTimes(times, type, $"{path}.{RuleWords.Times}");
                }

                break;
            case Operand.Greatest or Operand.Least or Operand.First:
                var (of, word) = operand switch
                {
                    Operand.Greatest g => (g.Of, RuleWords.Greatest),
                    Operand.Least l => (l.Of, RuleWords.Least),
                    _ => (((Operand.First)operand).Of, RuleWords.First),
                };
                if (word != RuleWords.First && type != FieldType.Number)
                {
                    Fault(path, $"\"{word}\" is of numbers, but {Words(type)} is asked for");
                }

                if (of.Count is 0 or > SchemeLimits.Alternatives)
                {
                    Fault($"{path}.{word}", $"give a list of 1 to {SchemeLimits.Alternatives} values");
                }

                for (var i = 0; i < of.Count; i++)
                {
                    CheckOperand(of[i], type, $"{path}.{word}[{i}]", depth + 1);
                }

                break;
        }
    }

    private void CheckTimes(Operand times, FieldType type, string path)
    {
        if (type != FieldType.Number)
        {
            Fault(path, $"only numbers can be multiplied, not {Words(type)}");
        }

        if (times is Operand.Literal or Operand.Parameter)
        {
            CheckOperand(times, FieldType.Number, path);
        }
        else
        {
            Fault(path, "give a number or a parameter");
        }
    }

    private void CheckList(ValueList<Rule> rules, string path, int depth)
    {
        if (rules.Count == 0)
        {
            Fault(path, "give a list of at least one condition; an empty one would mean everybody or nobody by accident");
        }

        for (var i = 0; i < rules.Count; i++)
        {
            Check(rules[i], $"{path}[{i}]", depth + 1);
        }
    }

    private void CheckCompare(Rule.Compare compare, string path)
    {
        var inner = $"{path}.{RuleWords.Of(compare.Comparison)}";
        if (Find(compare.Field, $"{path}.{RuleWords.Field}") is not { } field)
        {
            return;
        }

        var fits = compare.Comparison switch
        {
            Comparison.Is => true,
            Comparison.StartsWith or Comparison.Contains => field.Type == FieldType.Text,
            _ => field.Type is FieldType.Number or FieldType.Date,
        };
        if (!fits)
        {
            var may = field.Type == FieldType.Text ? "is, starts_with, contains or one_of" : field.Type == FieldType.YesNo ? "is" : "is, above, at_least, below, at_most or between";
            Fault(inner, $"'{compare.Field}' is {Words(field.Type)}; ask {may}");
            return;
        }

        CheckOperand(compare.Operand, field.Type, inner);
    }

    private void CheckBetween(Rule.Between between, string path)
    {
        var inner = $"{path}.{RuleWords.Between}";
        if (Find(between.Field, $"{path}.{RuleWords.Field}") is not { } field)
        {
            return;
        }

        if (field.Type is not (FieldType.Number or FieldType.Date))
        {
            Fault(inner, $"'{between.Field}' is {Words(field.Type)}; only numbers and dates lie between others");
            return;
        }

        CheckOperand(between.Low, field.Type, inner + "[0]");
        CheckOperand(between.High, field.Type, inner + "[1]");
        if (between is { Low: Operand.Literal { Value: var low }, High: Operand.Literal { Value: var high } }
            && low.Type == high.Type && (low.Type == FieldType.Date ? low.Ticks > high.Ticks : low.Number > high.Number))
        {
            Fault(inner, $"nothing lies between {low} and {high}; give the lower value first");
        }
    }

    private void CheckOneOf(Rule.OneOf oneOf, string path)
    {
        var inner = $"{path}.{RuleWords.OneOf}";
        if (oneOf.Values.Count is 0 or > SchemeLimits.Values)
        {
            Fault(inner, $"give a list of 1 to {SchemeLimits.Values:N0} values");
        }

        if (Find(oneOf.Field, $"{path}.{RuleWords.Field}") is not { } field)
        {
            return;
        }

        for (var i = 0; i < oneOf.Values.Count; i++)
        {
            CheckLiteral(oneOf.Values[i], field.Type, $"{inner}[{i}]");
        }
    }

    private void CheckLiteral(FieldValue value, FieldType type, string path)
    {
        if (!value.IsKnown || value.Type != type)
        {
            Fault(path, $"{(value.IsKnown ? $"'{value}' is {Words(value.Type)}" : "there is no value")}, but {Words(type)} is asked for");
        }
        else if (value.Text is { Length: 0 or > SchemeLimits.ValueLength })
        {
            Fault(path, $"give a text of 1 to {SchemeLimits.ValueLength:N0} letters");
        }
        else if (type == FieldType.Number && !double.IsFinite(value.Number))
        {
            Fault(path, "give a finite number");
        }
    }

    private void CheckParameter(Operand.Parameter parameter, FieldType type, string path)
    {
        if (scheme.Parameters.All(p => !string.Equals(p.Name, parameter.Name, StringComparison.Ordinal)))
        {
            Fault($"{path}.{RuleWords.Parameter}", $"the scheme has no parameter '{parameter.Name}'.{NearNames.Question(parameter.Name, scheme.Parameters.Select(p => p.Name))}");
        }
        else if (type != FieldType.Number)
        {
            Fault($"{path}.{RuleWords.Parameter}", $"'{parameter.Name}' is a number, but {Words(type)} is asked for");
        }
    }

    private Field? Find(string name, string path)
    {
        var field = catalogue.Find(name);
        if (field is null)
        {
            faults.Add(UnknownField(name, path, catalogue));
        }

        return field;
    }

    private static string Words(FieldType type) => type switch
    {
        FieldType.Number => "a number",
        FieldType.YesNo => "yes or no (true or false)",
        FieldType.Date => "a date",
        _ => "a text",
    };

    private void Fault(string path, string message) => faults.Add(new SchemeFault(path, message));
}
