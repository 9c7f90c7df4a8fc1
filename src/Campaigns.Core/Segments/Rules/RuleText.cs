namespace Campaigns.Core.Segments.Rules;

/// <summary>Rules in words, as they stand in the scheme, without a customer: "days since last order: more than silence limit". Pure.</summary>
public static class RuleText
{
    /// <summary>The condition at a path ("$.segments[0].rule.all[1]") in words; the path itself where the scheme has none there.</summary>
    public static string At(string path, SegmentScheme scheme, FieldCatalogue catalogue, string currency)
    {
        for (var i = 0; i < scheme.Segments.Count; i++)
        {
            foreach (var (rule, place) in RuleTree.Walk(scheme.Segments[i].Rule, $"$.segments[{i}].rule"))
            {
                if (string.Equals(place, path, StringComparison.Ordinal))
                {
                    return new Words(scheme, catalogue.With(scheme.Attributes).With(scheme.Fields.Select(f => f.ToField((in _) => default))), currency).Of(rule);
                }
            }
        }

        return path;
    }

    private sealed class Words(SegmentScheme scheme, FieldCatalogue catalogue, string currency)
    {
        public string Of(Rule rule) => rule switch
        {
            Rule.All all => string.Join(" and ", all.Rules.Select(Inner)),
            Rule.Any any => string.Join(" or ", any.Rules.Select(Inner)),
            Rule.Not not => $"not ({Of(not.Inner)})",
            Rule.InSegment segment => $"in segment “{NameOf(segment.Segment)}”",
            Rule.Known known => $"{Label(known.Field)}: known",
            Rule.Compare c => $"{Label(c.Field)}: {Comparing(c.Comparison, c.Field)} {Of(c.Operand, UnitOf(c.Field))}",
            Rule.Between b => $"{Label(b.Field)}: {Of(b.Low, UnitOf(b.Field))} to {Of(b.High, UnitOf(b.Field))}",
            Rule.OneOf o => $"{Label(o.Field)}: one of {string.Join(", ", o.Values.Select(v => ValueText.Exact(v, UnitOf(o.Field), currency)))}",
            Rule.Within w => $"{Label(w.Field)}: within the {(w.Ahead ? "next" : "last")} {ValueText.Exact(FieldValue.Of(w.Days), FieldUnit.Days, "")}{(w.EveryYear ? ", every year" : "")}",
            _ => "",
        };

        private string Inner(Rule rule) => rule is Rule.All or Rule.Any ? $"({Of(rule)})" : Of(rule);

        private string Of(Operand operand, FieldUnit unit) => operand switch
        {
            Operand.Literal literal => ValueText.Exact(literal.Value, unit, currency),
            Operand.Parameter parameter => Titled(parameter.Name),
            Operand.OfField { Times: null } field => Label(field.Field),
            Operand.OfField field => $"{Label(field.Field)} × {Of(field.Times!, FieldUnit.Times)}",
            Operand.Greatest greatest => $"the greatest of {List(greatest.Of, unit)}",
            Operand.Least least => $"the least of {List(least.Of, unit)}",
            Operand.First first => $"the first known of {List(first.Of, unit)}",
            _ => "",
        };

        private string List(IEnumerable<Operand> operands, FieldUnit unit) => string.Join(", ", operands.Select(o => Of(o, unit)));

        private string Comparing(Comparison comparison, string field)
        {
            var dates = catalogue.Find(field)?.Type == FieldType.Date;
            return comparison switch
            {
                Comparison.Above => dates ? "after" : "more than",
                Comparison.AtLeast => dates ? "on or after" : "at least",
                Comparison.Below => dates ? "before" : "less than",
                Comparison.AtMost => dates ? "on or before" : "at most",
                Comparison.StartsWith => "begins with",
                Comparison.Contains => "contains",
                _ => "is",
            };
        }

        private string Label(string field) => catalogue.Find(field)?.Label ?? FieldNames.Of(field);

        private FieldUnit UnitOf(string field) => catalogue.Find(field)?.Unit ?? FieldUnit.None;

        private string Titled(string parameter) =>
            scheme.Parameters.FirstOrDefault(p => string.Equals(p.Name, parameter, StringComparison.Ordinal)) is { } known
                ? $"{ValueText.Exact(FieldValue.Of(known.Value), known.Unit, currency)} ({known.Title})"
                : parameter;

        private string NameOf(string segment) => scheme.IndexOf(segment) is >= 0 and var index ? scheme.Segments[index].Name : segment;
    }
}
