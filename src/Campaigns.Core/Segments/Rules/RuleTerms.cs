namespace Campaigns.Core.Segments.Rules;

/// <summary>One way to satisfy a rule: for each field the values that it may have, and conditions that are only compared as a whole.</summary>
internal sealed class Term
{
    private readonly Dictionary<string, ValueSet> fields = new(StringComparer.Ordinal);
    private readonly HashSet<(Rule Rule, bool Holds)> others = [];

    /// <summary>It cannot be satisfied.</summary>
    public bool IsEmpty => fields.Values.Any(s => s.IsEmpty) || others.Any(o => others.Contains((o.Rule, !o.Holds)));

    public static Term Of(string field, ValueSet values)
    {
        var term = new Term();
        term.fields[field] = values;
        return term;
    }

    public static Term Of(Rule rule, bool holds)
    {
        var term = new Term();
        term.others.Add((rule, holds));
        return term;
    }

    /// <summary>Both.</summary>
    public Term And(Term other)
    {
        var both = new Term();
        foreach (var (field, values) in fields.Concat(other.fields))
        {
            both.fields[field] = both.fields.TryGetValue(field, out var known) ? known.And(values) : values;
        }

        both.others.UnionWith(others);
        both.others.UnionWith(other.others);
        return both;
    }

    /// <summary>Whoever satisfies this satisfies the other.</summary>
    public bool Implies(Term other) =>
        other.others.IsSubsetOf(others) && other.fields.All(f => fields.TryGetValue(f.Key, out var values) && values.IsWithin(f.Value));

    /// <summary>The terms that ask for one field alone leave none of the values over that this one allows the field.</summary>
    public bool IsCoveredBySingles(IEnumerable<Term> terms)
    {
        var singles = terms.Where(t => t.others.Count == 0 && t.fields.Count == 1).Select(t => t.fields.First()).GroupBy(f => f.Key, f => f.Value, StringComparer.Ordinal);
        return singles.Any(s => fields.TryGetValue(s.Key, out var values) && values.IsWithin(s.Aggregate((a, b) => a.Or(b))));
    }
}

/// <summary>Turns rules into terms: a rule is the alternative of its terms (disjunctive normal form).</summary>
internal sealed class RuleTerms(SegmentScheme scheme, FieldCatalogue catalogue)
{
    /// <summary>Terms of one rule: normal forms grow exponentially, and beyond this the advice is not worth the time.</summary>
    private const int Most = 64;

    private readonly Dictionary<(string Segment, bool Holds), List<Term>?> segments = [];

    /// <summary>The terms; null where they would be too many.</summary>
    public IReadOnlyList<Term>? Of(Rule rule) => Of(rule, true);

    private List<Term>? Of(Rule rule, bool holds) => rule switch
    {
        Rule.Not not => Of(not.Inner, !holds),
        Rule.All all => holds ? Both(all.Rules, true) : Either(all.Rules, false),
        Rule.Any any => holds ? Either(any.Rules, true) : Both(any.Rules, false),
        Rule.InSegment segment => Of(segment.Segment, holds),
        _ => [Single(rule, holds)],
    };

    /// <summary>A segment's terms, worked out once: segments may ask for each other many times over.</summary>
    private List<Term>? Of(string segment, bool holds)
    {
        if (!segments.TryGetValue((segment, holds), out var terms))
        {
            segments[(segment, holds)] = terms = Of(scheme.Segments[scheme.IndexOf(segment)].Rule, holds);
        }

        return terms;
    }

    private List<Term>? Either(ValueList<Rule> rules, bool holds)
    {
        var terms = new List<Term>();
        foreach (var rule in rules)
        {
            if (Of(rule, holds) is not { } more || terms.Count + more.Count > Most)
            {
                return null;
            }

            terms.AddRange(more);
        }

        return terms;
    }

    private List<Term>? Both(ValueList<Rule> rules, bool holds)
    {
        List<Term>? terms = null;
        foreach (var rule in rules)
        {
            if (Of(rule, holds) is not { } more || (terms?.Count ?? 1) * more.Count > Most)
            {
                return null;
            }

            terms = terms is null ? more : [.. terms.SelectMany(_ => more, (a, b) => a.And(b))];
        }

        return terms;
    }

    private Term Single(Rule rule, bool holds)
    {
        var (field, values) = rule switch
        {
            Rule.Known known => (known.Field, ValueSet.Known(IsText(known.Field))),
            Rule.OneOf oneOf => (oneOf.Field, oneOf.Values[0].Type == FieldType.Text
                ? ValueSet.Texts(oneOf.Values.Select(v => v.Text!))
                : ValueSet.Numbers([.. oneOf.Values.Select(v => Point(Number(v)))])),
            Rule.Between between when Constant(between.Low) is { } low && Constant(between.High) is { } high =>
                (between.Field, ValueSet.Numbers(new Interval(Number(low), false, Number(high), false))),
            Rule.Compare { Comparison: Comparison.Is } compare when Constant(compare.Operand) is { Type: FieldType.Text } text =>
                (compare.Field, ValueSet.Texts([text.Text!])),
            Rule.Compare { Comparison: not (Comparison.StartsWith or Comparison.Contains) } compare when Constant(compare.Operand) is { } limit =>
                (compare.Field, ValueSet.Numbers(Side(compare.Comparison, Number(limit)))),
            _ => ("", null),
        };
        return values is null ? Term.Of(rule, holds) : Term.Of(field, holds ? values : values.Complement());
    }

    private bool IsText(string field) => catalogue.Find(field) is { Type: FieldType.Text };

    private FieldValue? Constant(Operand operand) => operand switch
    {
        Operand.Literal literal => literal.Value,
        Operand.Parameter parameter => FieldValue.Of(scheme.Parameters.First(p => string.Equals(p.Name, parameter.Name, StringComparison.Ordinal)).Value),
        _ => null,
    };

    /// <summary>Numbers, dates and yes or no on one line. As doubles, times differ by microseconds at most.</summary>
    private static double Number(FieldValue value) => value.Type switch
    {
        FieldType.Date => value.Ticks,
        FieldType.YesNo => value.IsYes ? 1 : 0,
        _ => value.Number,
    };

    private static Interval Point(double at) => new(at, false, at, false);

    private static Interval Side(Comparison comparison, double limit) => comparison switch
    {
        Comparison.Above => new Interval(limit, true, double.PositiveInfinity, false),
        Comparison.AtLeast => new Interval(limit, false, double.PositiveInfinity, false),
        Comparison.Below => new Interval(double.NegativeInfinity, false, limit, true),
        Comparison.AtMost => new Interval(double.NegativeInfinity, false, limit, false),
        _ => Point(limit),
    };
}
