using System.Text;
using Campaigns.Core.Segments.Rules;
using CsCheck;

namespace Campaigns.Core.Tests.Segments.Rules;

public class SchemeAdviceTests
{
    public static TheoryData<string[], string> Schemes => new()
    {
        { ["""{"field": "orders", "at_least": 3}""", """{"field": "orders", "at_least": 5}"""], "'s1': 's0' before it takes all whom it fits" },
        { ["""{"field": "orders", "at_least": 5}""", """{"field": "orders", "at_least": 3}"""], "" },
        { ["""{"field": "orders", "below": 3}""", """{"field": "orders", "at_least": 3}""", """{"field": "orders", "is": 7}"""], "'s2': 's1' before it takes" },
        { ["""{"field": "orders", "below": 3}""", """{"field": "orders", "at_least": 3}""", """{"all": [{"known": "orders"}, {"known": "country"}]}"""], "'s2': several earlier ones together before it take" },
        { ["""{"field": "orders", "below": 3}""", """{"field": "orders", "above": 3}""", """{"field": "orders", "between": [2, 3]}"""], "" },
        { ["""{"field": "country", "one_of": ["GB", "IE"]}""", """{"all": [{"field": "country", "is": "gb"}, {"field": "orders", "is": 1}]}"""], "'s1': 's0' before it takes" },
        { ["""{"not": {"field": "country", "is": "GB"}}""", """{"field": "country", "is": "FR"}"""], "'s1': 's0' before it takes" },
        { ["""{"field": "country", "is": "GB"}""", """{"not": {"known": "country"}}"""], "" },
        { ["""{"all": [{"field": "orders", "above": 5}, {"field": "orders", "below": 3}]}"""], "'s0': its conditions contradict" },
        { ["""{"field": "own_gap", "above": {"field": "shop.gap_p80"}}""", """{"all": [{"field": "own_gap", "above": {"field": "shop.gap_p80"}}, {"known": "country"}]}"""], "'s1': 's0' before it takes" },
        { ["""{"any": [{"in": "s1"}, {"field": "orders", "is": 1}]}""", """{"known": "country"}"""], "'s1': 's0' before it takes" },
    };

    [Theory]
    [MemberData(nameof(Schemes))]
    public void Segments_that_nobody_can_be_in_are_named(string[] rules, string advice)
    {
        var segments = string.Join(", ", rules.Select((r, i) => $$"""{"id": "s{{i}}", "name": "S{{i}}", "rule": {{r}}}"""));
        var scheme = SchemeJson.Parse(Encoding.UTF8.GetBytes($$"""{"id": "s", "name": "S", "exclusive": true, "segments": [{{segments}}]}"""), RuleGen.Catalogue).Scheme;
        var all = SchemeAdvice.Of(scheme!, RuleGen.Catalogue);
        if (advice.Length == 0)
        {
            Assert.Empty(all);
        }
        else
        {
            Assert.Contains(advice, Assert.Single(all).Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Nobody_is_ever_in_a_segment_that_advice_calls_empty() =>
        Gen.Select(RuleGen.Any.Array[1, 4], RuleGen.Customer).Sample(
            (rules, customer) =>
            {
                var scheme = RuleGen.Scheme(rules) with { Exclusive = true };
                var set = new CompiledScheme(scheme, RuleGen.Catalogue).Classify(RuleGen.Facts(customer));
                foreach (var advice in SchemeAdvice.Of(scheme, RuleGen.Catalogue).Where(a => a.Message.StartsWith("nobody can be in", StringComparison.Ordinal)))
                {
                    var index = int.Parse(advice.Path.Split('[', ']')[1], System.Globalization.CultureInfo.InvariantCulture);
                    Assert.False(set.Contains(index), $"{advice}: {rules[index]}");
                }
            },
            iter: 3_000);

    [Fact]
    public void The_retail_scheme_needs_no_advice() => Assert.Empty(SchemeAdvice.Of(RetailScheme.Scheme, FieldCatalogue.BuiltIn));
}
