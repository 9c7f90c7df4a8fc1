using System.Text;
using Campaigns.Core.Profiles;
using Campaigns.Core.Segments.Rules;

namespace Campaigns.Core.Tests.Segments.Rules;

public class RfmCoverageTests
{
    [Fact]
    public void Cells_that_every_rule_rules_out_are_named()
    {
        var scheme = Scheme(
            "{\"all\":[{\"field\":\"rfm.recency\",\"at_least\":{\"parameter\":\"high\"}},{\"field\":\"rfm.frequency\",\"between\":[2,5]}]}",
            "{\"field\":\"rfm.recency\",\"below\":{\"parameter\":\"high\"}}");
        Assert.Equal("R4 F1, R5 F1", RfmCoverage.InWords(RfmCoverage.Uncovered(scheme)));
        Assert.Contains(SchemeAdvice.Of(scheme, FieldCatalogue.BuiltIn), a => a.Message.Contains("R4 F1, R5 F1", StringComparison.Ordinal));
    }

    [Fact]
    public void A_segment_and_its_complement_leave_no_cell() => Assert.Empty(RfmCoverage.Uncovered(Scheme(
        "{\"any\":[{\"field\":\"rfm.recency\",\"one_of\":[1,3]},{\"field\":\"rfm.frequency\",\"is\":2}]}",
        "{\"not\":{\"in\":\"s0\"}}")));

    [Fact]
    public void Where_other_conditions_decide_nothing_is_said() => Assert.Empty(RfmCoverage.Uncovered(Scheme(
        "{\"all\":[{\"field\":\"rfm.recency\",\"at_least\":1},{\"field\":\"country\",\"is\":\"GB\"}]}")));

    [Fact]
    public void Schemes_that_do_not_ask_for_scores_have_no_cells() =>
        Assert.Empty(RfmCoverage.Uncovered(Scheme("{\"all\":[{\"field\":\"orders\",\"below\":1},{\"not\":{\"field\":\"orders\",\"below\":1}}]}")));

    [Fact]
    public void The_map_of_25_cells_covers_all() =>
        Assert.Empty(RfmCoverage.Uncovered(Scheme([.. RfmMap.Standard.Rules.Select(r =>
            $"{{\"all\":[{{\"field\":\"rfm.recency\",\"between\":[{r.LeastRecency},{r.MostRecency}]}},{{\"field\":\"rfm.frequency\",\"between\":[{r.LeastFrequency},{r.MostFrequency}]}}]}}")])));

    private static SegmentScheme Scheme(params string[] rules)
    {
        var segments = string.Join(',', rules.Select((r, i) => $"{{\"id\":\"s{i}\",\"name\":\"S {i}\",\"rule\":{r}}}"));
        var json = $"{{\"id\":\"x\",\"name\":\"X\",\"parameters\":{{\"high\":{{\"value\":4,\"meaning\":\"high\"}}}},\"segments\":[{segments}]}}";
        var reading = SchemeJson.Parse(Encoding.UTF8.GetBytes(json), FieldCatalogue.BuiltIn);
        return reading.Scheme ?? throw new InvalidDataException(string.Join("; ", reading.Faults));
    }
}
