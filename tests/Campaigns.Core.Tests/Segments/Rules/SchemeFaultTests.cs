using System.Text;
using Campaigns.Core.Segments.Rules;

namespace Campaigns.Core.Tests.Segments.Rules;

public class SchemeFaultTests
{
    private const string Orders = """{"field": "orders", "at_least": 1}""";

    public static TheoryData<string, string, string> BadRules => new()
    {
        { """{"field": "order", "at_least": 1}""", ".field", "there is no field 'order'. Did you mean" },
        { """{"field": "orders", "atleast": 1}""", "", "'atleast' is none. Did you mean 'at_least'?" },
        { """{"field": "orders", "at_least": "1"}""", ".at_least", "'1' is a text, but a number is asked for" },
        { """{"field": "country", "above": "GB"}""", ".above", "'country' is a text; ask is, starts_with, contains or one_of" },
        { """{"field": "email.consent", "is": "yes"}""", ".is", "'yes' is a text, but yes or no (true or false) is asked for" },
        { """{"field": "last_order_at", "below": "soon"}""", ".below", "'soon' is no date; write it as 2026-03-01" },
        { """{"field": "orders", "within": {"last_days": 3}}""", ".within", "only dates lie within days" },
        { """{"field": "last_order_at", "within": {"last_days": 3, "next_days": 3}}""", ".within", "give {\"last_days\": 30} or {\"next_days\": 14}" },
        { """{"field": "orders", "at_least": {"parameter": "mini"}}""", ".at_least.parameter", "no parameter 'mini'" },
        { """{"field": "orders", "at_least": {"field": "country"}}""", ".at_least.field", "'country' is a text, but a number is asked for" },
        { """{"field": "orders", "between": [3, 1]}""", ".between", "nothing lies between 3 and 1" },
        { """{"field": "orders", "one_of": []}""", ".one_of", "give a list of 1 to" },
        { """{"all": []}""", ".all", "at least one condition" },
        { """{"any": []}""", ".any", "at least one condition" },
        { """{"all": [{"any": [{"field": "orders", "is": 1}, {"known": "attribute.citty"}]}]}""", ".all[0].any[1].known", "No import brought the attribute 'citty'" },
        { """{"not": {"in": "b"}, "any": []}""", "", "exactly one of all, any, not, field, known, in; this one has not and any" },
        { """{"al": []}""", "", "this one has none. Did you mean 'all'?" },
        { """{"in": "nobody"}""", ".in", "the scheme has no segment 'nobody'" },
        { """{"in": "a"}""", ".in", "the segments ask for each other in a circle (a → a)" },
        { """[]""", "", "a condition is an object" },
        { """{"field": "orders", "at_least": null}""", ".at_least", "give a number, a text, true or false, not null" },
        { """{"field": "product.x.colour", "is": "red"}""", ".field", "Of a product you can ask product.SKU.bought" },
    };

    [Theory]
    [MemberData(nameof(BadRules))]
    public void A_bad_rule_is_refused_with_the_path_to_the_fault(string rule, string path, string message)
    {
        var read = Parse($$"""{"id": "s", "name": "S", "segments": [{"id": "a", "name": "A", "rule": {{rule}}}]}""");
        Assert.Null(read.Scheme);
        var fault = Assert.Single(read.Faults);
        Assert.Equal("$.segments[0].rule" + path, fault.Path);
        Assert.Contains(message, fault.Message, StringComparison.Ordinal);
    }

    public static TheoryData<string, string, string> BadSchemes => new()
    {
        { "{", "$", "this is no JSON that can be read" },
        { """{"id": "s", "id": "t"}""", "$", "a name stands twice" },
        { "[]", "$", "a scheme is an object" },
        { """{"id": "s", "name": "S", "segments": []}""", "$.segments", "1 to 64 segments" },
        { $$"""{"id": "s", "name": "S", "segments": [{"id": "a", "name": "A", "rule": {{Orders}}}, {"id": "a", "name": "B", "rule": {{Orders}}}]}""", "$.segments[1].id", "'a' stands twice" },
        { $$"""{"id": "s", "name": "S", "segments": [{"id": "A b", "name": "A", "rule": {{Orders}}}]}""", "$.segments[0].id", "small letters" },
        { $$"""{"id": "s", "name": "S", "segment": [], "segments": [{"id": "a", "name": "A", "rule": {{Orders}}}]}""", "$.segment", "Did you mean 'segments'?" },
        { $$"""{"id": "s", "name": "S", "segments": [{"id": "a", "name": "A", "rule": {{Orders}}, "because": ["{oders}"]}]}""", "$.segments[0].because[0]", "no field or parameter 'oders'. Did you mean 'orders'" },
        { $$$"""{"id": "s", "name": "S", "parameters": {"p": {"value": 9, "meaning": "m", "most": 3}}, "segments": [{"id": "a", "name": "A", "rule": {{{Orders}}}}]}""", "$.parameters.p.value", "9 is outside" },
        { $$"""{"id": "s", "name": "S", "attributes": {"age": "text"}, "segments": [{"id": "a", "name": "A", "rule": {{Orders}}}]}""", "$.attributes.age", "the workspace has 'age' as number, the scheme needs text" },
        { $$$"""{"id": "s", "name": "S", "fields": {"orders": {"value": 1, "meaning": "m"}}, "segments": [{"id": "a", "name": "A", "rule": {{{Orders}}}}]}""", "$.fields.orders", "already" },
        { $$"""{"id": "s", "name": "S", "barred": ["attribute.sex"], "segments": [{"id": "a", "name": "A", "rule": {{Orders}}}]}""", "$.barred[0]", "there is no field 'attribute.sex'" },
    };

    [Theory]
    [MemberData(nameof(BadSchemes))]
    public void A_bad_scheme_is_refused_with_the_path_to_the_fault(string json, string path, string message)
    {
        var read = Parse(json);
        Assert.Null(read.Scheme);
        Assert.Equal(path, read.Faults[0].Path);
        Assert.Contains(message, read.Faults[0].Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Segments_that_ask_for_each_other_in_a_circle_are_refused()
    {
        var scheme = RuleGen.Scheme(new Rule.InSegment("s1"), new Rule.Not(new Rule.InSegment("s2")), new Rule.Any([new Rule.Known("orders"), new Rule.InSegment("s0")]));
        var fault = Assert.Single(SchemeCheck.Faults(scheme, RuleGen.Catalogue));
        Assert.Equal("$.segments[2].rule.any[1].in", fault.Path);
        Assert.Contains("s0 → s1 → s2 → s0", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_sixty_fifth_segment_a_deep_rule_and_a_wide_one_are_refused()
    {
        Rule known = new Rule.Known("orders");
        var deep = Enumerable.Range(0, 20).Aggregate(known, (r, _) => new Rule.Not(r));
        Assert.Empty(Faults(Enumerable.Repeat(known, 64)));
        Assert.Contains("64 segments, not 65", Assert.Single(Faults(Enumerable.Repeat(known, 65))).Message, StringComparison.Ordinal);
        Assert.Contains("nested more than 16 deep", Assert.Single(Faults([deep])).Message, StringComparison.Ordinal);
        Assert.Contains("501 conditions; 500 are the most", Assert.Single(Faults([new Rule.All([.. Enumerable.Repeat(known, 500)])])).Message, StringComparison.Ordinal);
        var json = Encoding.UTF8.GetBytes(string.Concat(Enumerable.Repeat("""{"not": """, 60)) + "1" + new string('}', 60));
        Assert.Contains("nested more than 16 deep", Parse($$"""{"id": "s", "name": "S", "segments": [{"id": "a", "name": "A", "rule": {{Encoding.UTF8.GetString(json)}}}]}""").Faults[0].Message, StringComparison.Ordinal);
        Assert.Contains("262,144 are the most", SchemeJson.Parse(new byte[SchemeJson.MaxBytes + 1], RuleGen.Catalogue).Faults[0].Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_barred_field_may_keep_customers_out_of_an_audience_but_not_decide_who_is_in_it()
    {
        var scheme = RuleGen.Scheme(
            new Rule.Not(new Rule.Known("attribute.age")),
            new Rule.Compare("older", Comparison.Above, new Operand.Literal(FieldValue.Of(9d))),
            new Rule.All([new Rule.Known("orders"), new Rule.InSegment("s1")]),
            new Rule.Any([new Rule.Known("orders"), new Rule.Not(new Rule.InSegment("s0"))])) with
        {
            BarredFields = ["attribute.age"],
            Fields = [new DerivedField("older", FieldUnit.None, "m", new Operand.OfField("attribute.age", new Operand.Literal(FieldValue.Of(2d))))],
        };
        Assert.Empty(SchemeCheck.Faults(scheme, RuleGen.Catalogue));
        Assert.Equal(["attribute.age", "attribute.age", "attribute.age", null], scheme.SegmentIds.Select(id => BarredUse.FieldOf(scheme, id)));
        Assert.All(scheme.SegmentIds, id => Assert.Null(BarredUse.FieldOf(scheme with { BarredFields = [] }, id)));
    }

    private static IReadOnlyList<SchemeFault> Faults(IEnumerable<Rule> rules) => SchemeCheck.Faults(RuleGen.Scheme([.. rules]), RuleGen.Catalogue);

    private static SchemeReading Parse(string json) => SchemeJson.Parse(Encoding.UTF8.GetBytes(json), RuleGen.Catalogue);
}
