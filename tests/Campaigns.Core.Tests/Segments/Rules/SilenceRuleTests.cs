using System.Text;
using Campaigns.Core.Segments.Rules;

namespace Campaigns.Core.Tests.Segments.Rules;

public class SilenceRuleTests
{
    [Fact]
    public void In_retail_an_order_ends_at_risk_and_lost_and_nothing_else() =>
        Assert.Equal(["lost", "at-risk"], SilenceRule.SegmentsOf(RetailScheme.Scheme));

    [Theory]
    [InlineData("""{ "field": "days_since_last_order", "above": 60 }""", true)]
    [InlineData("""{ "field": "days_since_last_order", "at_most": 60 }""", false)]
    [InlineData("""{ "not": { "field": "days_since_last_order", "at_most": 60 } }""", true)]
    [InlineData("""{ "field": "days_since_last_order", "between": [60, 90] }""", true)]
    [InlineData("""{ "field": "silence_ratio", "at_least": 2 }""", true)]
    [InlineData("""{ "field": "rfm.recency", "at_most": 2 }""", true)]
    [InlineData("""{ "field": "last_order_at", "within": { "last_days": 30 } }""", false)]
    [InlineData("""{ "not": { "field": "last_order_at", "within": { "last_days": 30 } } }""", true)]
    [InlineData("""{ "any": [{ "field": "days_since_last_order", "above": 60 }, { "field": "orders", "at_least": 2 }] }""", false)]
    [InlineData("""{ "any": [{ "field": "days_since_last_order", "above": 60 }, { "field": "silence_ratio", "above": 2 }] }""", true)]
    [InlineData("""{ "all": [{ "field": "days_since_last_order", "above": 60 }, { "field": "orders", "at_least": 2 }] }""", true)]
    [InlineData("""{ "not": { "all": [{ "field": "days_since_last_order", "at_most": 60 }, { "field": "orders", "at_least": 2 }] } }""", false)]
    [InlineData("""{ "field": "orders", "at_least": 2 }""", false)]
    public void A_segment_needs_silence_where_every_way_into_it_does(string rule, bool needs)
    {
        var json = $$"""{ "id": "s", "name": "S", "segments": [{ "id": "one", "name": "One", "rule": {{rule}} }, { "id": "two", "name": "Two", "rule": { "in": "one" } }] }""";
        var reading = SchemeJson.Parse(Encoding.UTF8.GetBytes(json), FieldCatalogue.BuiltIn);
        Assert.Empty(reading.Faults);
        Assert.Equal(needs ? ["one", "two"] : [], SilenceRule.SegmentsOf(reading.Scheme!));
    }
}
