namespace Campaigns.Core.Segments.Rules;

/// <summary>
/// Says what is wrong with a scheme, whether it was read from JSON or built: names, types, limits, cycles. Pure; an empty
/// list means that it can be compiled.
/// </summary>
public static class SchemeCheck
{
    /// <summary>The faults, in the order of the document.</summary>
    /// <param name="scheme">The scheme.</param>
    /// <param name="catalogue">The workspace's fields.</param>
    public static IReadOnlyList<SchemeFault> Faults(SegmentScheme scheme, FieldCatalogue catalogue)
    {
        var faults = new List<SchemeFault>();
        CheckId(faults, scheme.Id, "$.id");
        CheckName(faults, scheme.Name, "$.name");
        CheckText(faults, scheme.Description, "$.description");
        var fields = CheckFields(faults, scheme, catalogue);
        CheckSegments(faults, scheme, fields);
        if (faults.Count == 0)
        {
            faults.AddRange(SegmentOrder.Cycles(scheme));
        }

        return faults;
    }

    /// <summary>The id can stand in keys and URLs: small letters, digits and "-", not at the ends.</summary>
    internal static bool IsId(string id) =>
        id.Length is > 0 and <= SegmentScheme.MaxIdLength && id[0] != '-' && id[^1] != '-' && id.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c == '-');

    private static FieldCatalogue CheckFields(List<SchemeFault> faults, SegmentScheme scheme, FieldCatalogue catalogue)
    {
        CheckNames(faults, scheme.Attributes.Select(a => a.Name), "$.attributes", n => n.Length is > 0 and <= SchemeLimits.NameLength, $"an attribute's name has 1 to {SchemeLimits.NameLength} letters");
        foreach (var attribute in scheme.Attributes)
        {
            if (catalogue.Find(AttributeFields.Prefix + attribute.Name) is { } known && known.Type != attribute.Type)
            {
                faults.Add(new SchemeFault(
                    $"$.attributes.{attribute.Name}",
                    $"the workspace has '{attribute.Name}' as {RuleWords.Of(known.Type)}, the scheme needs {RuleWords.Of(attribute.Type)}: change the attribute's type, or the scheme"));
            }
        }

        CheckNames(faults, scheme.Parameters.Select(p => p.Name), "$.parameters", IsId, $"a parameter's name has small letters, digits and '-', at most {SegmentScheme.MaxIdLength}");
        foreach (var parameter in scheme.Parameters)
        {
            CheckText(faults, parameter.Meaning, $"$.parameters.{parameter.Name}.meaning");
            CheckLabel(faults, parameter.Label, $"$.parameters.{parameter.Name}.label");
            if (!double.IsFinite(parameter.Value) || parameter.Value < parameter.Least || parameter.Value > parameter.Most)
            {
                faults.Add(new SchemeFault($"$.parameters.{parameter.Name}.value", FormattableString.Invariant($"{parameter.Value} is outside {parameter.Least} to {parameter.Most}, where '{parameter.Name}' makes sense")));
            }
        }

        var basis = catalogue = catalogue.With(scheme.Attributes);
        CheckNames(faults, scheme.Fields.Select(f => f.Name), "$.fields", n => IsId(n.Replace('_', '-')) && !n.Contains('-', StringComparison.Ordinal), $"a field's name has small letters, digits and '_', at most {SegmentScheme.MaxIdLength}");
        foreach (var field in scheme.Fields)
        {
            var path = $"$.fields.{field.Name}";
            CheckText(faults, field.Meaning, path + ".meaning");
            CheckLabel(faults, field.Label, path + ".label");
            if (catalogue.Find(field.Name) is { Group: not FieldGroup.Derived })
            {
                faults.Add(new SchemeFault(path, $"there is a field '{field.Name}' already; choose another name"));
                continue;
            }

            new RuleCheck(scheme, basis, faults).CheckOperand(field.Value, FieldType.Number, path + ".value");
            catalogue = catalogue.With([field.ToField((in _) => default)]);
        }

        CheckNames(faults, scheme.BarredFields, "$.barred", _ => true, "");
        for (var i = 0; i < scheme.BarredFields.Count; i++)
        {
            if (catalogue.Find(scheme.BarredFields[i]) is null)
            {
                faults.Add(RuleCheck.UnknownField(scheme.BarredFields[i], $"$.barred[{i}]", catalogue));
            }
        }

        return catalogue;
    }

    private static void CheckSegments(List<SchemeFault> faults, SegmentScheme scheme, FieldCatalogue catalogue)
    {
        if (scheme.Segments.Count is 0 or > SegmentScheme.MaxSegments)
        {
            faults.Add(new SchemeFault("$.segments", $"a scheme has 1 to {SegmentScheme.MaxSegments} segments, not {scheme.Segments.Count}"));
            return;
        }

        var (seen, names) = (new HashSet<string>(StringComparer.Ordinal), new HashSet<string>(StringComparer.OrdinalIgnoreCase));
        var conditions = 0;
        for (var i = 0; i < scheme.Segments.Count; i++)
        {
            var (segment, path) = (scheme.Segments[i], $"$.segments[{i}]");
            CheckId(faults, segment.Id, path + ".id");
            CheckName(faults, segment.Name, path + ".name");
            CheckText(faults, segment.Description, path + ".description");
            if (!seen.Add(segment.Id))
            {
                faults.Add(new SchemeFault(path + ".id", $"the id '{segment.Id}' stands twice; give each segment its own"));
            }

            if (!names.Add(segment.Name))
            {
                faults.Add(new SchemeFault(path + ".name", $"the name '{segment.Name}' stands twice; nobody could tell the two apart"));
            }

            var rules = new RuleCheck(scheme, catalogue, faults);
            rules.Check(segment.Rule, path + ".rule");
            conditions += rules.Conditions;
            if (rules.Conditions > SchemeLimits.ConditionsPerSegment)
            {
                faults.Add(new SchemeFault(path + ".rule", $"the rule has {rules.Conditions:N0} conditions; {SchemeLimits.ConditionsPerSegment:N0} are the most. Move a part into a segment of its own and ask for it with \"in\""));
            }

            CheckTexts(faults, scheme, catalogue, segment.Because, path + ".because");
            CheckTexts(faults, scheme, catalogue, segment.Leaves, path + ".leaves");
        }

        if (conditions > SchemeLimits.Conditions)
        {
            faults.Add(new SchemeFault("$.segments", $"the scheme has {conditions:N0} conditions; {SchemeLimits.Conditions:N0} are the most"));
        }
    }

    private static void CheckTexts(List<SchemeFault> faults, SegmentScheme scheme, FieldCatalogue catalogue, ValueList<string> texts, string path)
    {
        if (texts.Count > SchemeLimits.Alternatives)
        {
            faults.Add(new SchemeFault(path, $"{texts.Count} texts; {SchemeLimits.Alternatives} are the most"));
        }

        for (var i = 0; i < texts.Count; i++)
        {
            if (ReasonText.FaultIn(texts[i], scheme, catalogue) is { } fault)
            {
                faults.Add(new SchemeFault($"{path}[{i}]", fault));
            }
        }
    }

    private static void CheckNames(List<SchemeFault> faults, IEnumerable<string> names, string path, Func<string, bool> valid, string rule)
    {
        var seen = new HashSet<string>(StringComparer.Ordinal);
        foreach (var name in names)
        {
            if (!valid(name))
            {
                faults.Add(new SchemeFault($"{path}.{name}", rule));
            }

            if (!seen.Add(name))
            {
                faults.Add(new SchemeFault(path, $"'{name}' stands twice"));
            }
        }

        if (seen.Count > SchemeLimits.Names)
        {
            faults.Add(new SchemeFault(path, $"{seen.Count} entries; {SchemeLimits.Names} are the most"));
        }
    }

    private static void CheckId(List<SchemeFault> faults, string id, string path)
    {
        if (!IsId(id))
        {
            faults.Add(new SchemeFault(path, $"an id has 1 to {SegmentScheme.MaxIdLength} small letters, digits and '-' (not at the ends), as 'at-risk'"));
        }
    }

    private static void CheckName(List<SchemeFault> faults, string name, string path)
    {
        if (string.IsNullOrWhiteSpace(name) || name.Length > SchemeLimits.NameLength || name.Any(char.IsControl))
        {
            faults.Add(new SchemeFault(path, $"a name has 1 to {SchemeLimits.NameLength} letters"));
        }
    }

    private static void CheckLabel(List<SchemeFault> faults, string label, string path)
    {
        if (label.Length > 0)
        {
            CheckName(faults, label, path);
        }
    }

    private static void CheckText(List<SchemeFault> faults, string text, string path)
    {
        if (text.Length > SchemeLimits.TextLength)
        {
            faults.Add(new SchemeFault(path, $"the text has {text.Length:N0} letters; {SchemeLimits.TextLength} are the most"));
        }
    }
}
