namespace Campaigns.Core.Segments.Rules;

/// <summary>Walks over rules.</summary>
internal static class RuleTree
{
    /// <summary>The rule and all below it, from the top, with their paths.</summary>
    public static IEnumerable<(Rule Rule, string Path)> Walk(Rule rule, string path)
    {
        yield return (rule, path);
        var below = rule switch
        {
            Rule.All all => all.Rules.Select((r, i) => (r, $"{path}.{RuleWords.All}[{i}]")),
            Rule.Any any => any.Rules.Select((r, i) => (r, $"{path}.{RuleWords.Any}[{i}]")),
            Rule.Not not => [(not.Inner, $"{path}.{RuleWords.Not}")],
            _ => [],
        };
        foreach (var (child, childPath) in below)
        {
            foreach (var found in Walk(child, childPath))
            {
                yield return found;
            }
        }
    }

    /// <summary>The fields that the condition itself asks for, operands included.</summary>
    public static IEnumerable<string> FieldsOf(Rule rule) => rule switch
    {
        Rule.Compare compare => FieldsOf(compare.Operand).Prepend(compare.Field),
        Rule.Between between => FieldsOf(between.Low).Concat(FieldsOf(between.High)).Prepend(between.Field),
        Rule.OneOf oneOf => [oneOf.Field],
        Rule.Within within => [within.Field],
        Rule.Known known => [known.Field],
        _ => [],
    };

    /// <summary>The fields that the operand asks for.</summary>
    public static IEnumerable<string> FieldsOf(Operand operand) => operand switch
    {
        Operand.OfField field => [field.Field],
        Operand.Greatest greatest => greatest.Of.SelectMany(FieldsOf),
        Operand.Least least => least.Of.SelectMany(FieldsOf),
        Operand.First first => first.Of.SelectMany(FieldsOf),
        _ => [],
    };

    /// <summary>All fields that the scheme's rules rest on, those behind derived fields included, in ordinal order.</summary>
    public static IReadOnlyList<string> FieldsOf(SegmentScheme scheme)
    {
        var fields = new SortedSet<string>(StringComparer.Ordinal);
        foreach (var segment in scheme.Segments)
        {
            foreach (var (rule, _) in Walk(segment.Rule, ""))
            {
                fields.UnionWith(FieldsOf(rule).SelectMany(f => Behind(scheme, f)));
            }
        }

        return [.. fields];
    }

    /// <summary>The field, or where the scheme works it out, the fields that it is worked out from.</summary>
    public static IEnumerable<string> Behind(SegmentScheme scheme, string field) =>
        scheme.Fields.FirstOrDefault(f => string.Equals(f.Name, field, StringComparison.Ordinal)) is { } derived
            ? FieldsOf(derived.Value).SelectMany(f => Behind(scheme, f))
            : [field];
}

/// <summary>The order in which segments can be worked out: those that others ask for with "in" come first.</summary>
internal static class SegmentOrder
{
    /// <summary>Positions, each after those that its rule asks for. The scheme has no cycles.</summary>
    public static int[] Of(SegmentScheme scheme)
    {
        var (order, done) = (new List<int>(), new bool[scheme.Segments.Count]);
        for (var i = 0; i < done.Length; i++)
        {
            Visit(i);
        }

        return [.. order];

        void Visit(int index)
        {
            if (done[index])
            {
                return;
            }

            done[index] = true;
            foreach (var (target, _) in References(scheme, index))
            {
                Visit(target);
            }

            order.Add(index);
        }
    }

    /// <summary>A fault for every reference that closes a circle.</summary>
    public static IEnumerable<SchemeFault> Cycles(SegmentScheme scheme)
    {
        var (faults, state, trail) = (new List<SchemeFault>(), new int[scheme.Segments.Count], new List<int>());
        for (var i = 0; i < state.Length; i++)
        {
            Visit(i);
        }

        return faults;

        void Visit(int index)
        {
            if (state[index] != 0)
            {
                return;
            }

            state[index] = 1;
            trail.Add(index);
            foreach (var (target, path) in References(scheme, index))
            {
                if (state[target] == 1)
                {
                    var circle = trail.Skip(trail.IndexOf(target)).Append(target).Select(t => scheme.SegmentIds[t]);
                    faults.Add(new SchemeFault($"{path}.{RuleWords.In}", $"the segments ask for each other in a circle ({string.Join(" → ", circle)}); one of them must stand on its own"));
                }

                Visit(target);
            }

            trail.RemoveAt(trail.Count - 1);
            state[index] = 2;
        }
    }

    private static IEnumerable<(int Target, string Path)> References(SegmentScheme scheme, int index) =>
        RuleTree.Walk(scheme.Segments[index].Rule, $"$.segments[{index}].rule")
            .Where(r => r.Rule is Rule.InSegment)
            .Select(r => (scheme.IndexOf(((Rule.InSegment)r.Rule).Segment), r.Path));
}

/// <summary>Finds segments that rest on fields which must not decide who gets an offer.</summary>
public static class BarredUse
{
    /// <summary>
    /// A barred field that decides who is in the segment, also through derived fields and through segments that it asks for; null
    /// where there is none. A segment that is asked for under "not" may rest on one: barred fields may keep customers out.
    /// </summary>
    public static string? FieldOf(SegmentScheme scheme, string segment)
    {
        var barred = scheme.BarredFields.ToHashSet(StringComparer.Ordinal);
        return barred.Count == 0 || scheme.IndexOf(segment) is not (>= 0 and var index) ? null : FieldOf(scheme, scheme.Segments[index].Rule, barred);
    }

    /// <summary>The same for a rule that is no segment's.</summary>
    public static string? FieldOf(SegmentScheme scheme, Rule rule)
    {
        var barred = scheme.BarredFields.ToHashSet(StringComparer.Ordinal);
        return barred.Count == 0 ? null : FieldOf(scheme, rule, barred);
    }

    /// <summary>Ends, since a valid scheme has no circles.</summary>
    private static string? FieldOf(SegmentScheme scheme, Rule rule, HashSet<string> barred) => rule switch
    {
        Rule.All all => First(scheme, all.Rules, barred),
        Rule.Any any => First(scheme, any.Rules, barred),
        Rule.Not { Inner: Rule.InSegment } => null,
        Rule.Not not => FieldOf(scheme, not.Inner, barred),
        Rule.InSegment asked => scheme.IndexOf(asked.Segment) is >= 0 and var index ? FieldOf(scheme, scheme.Segments[index].Rule, barred) : null,
        _ => RuleTree.FieldsOf(rule).SelectMany(f => RuleTree.Behind(scheme, f)).FirstOrDefault(barred.Contains),
    };

    private static string? First(SegmentScheme scheme, IEnumerable<Rule> rules, HashSet<string> barred) =>
        rules.Select(r => FieldOf(scheme, r, barred)).FirstOrDefault(found => found is not null);
}
