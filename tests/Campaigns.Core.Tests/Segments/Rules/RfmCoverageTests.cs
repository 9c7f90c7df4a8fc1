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
        Assert.Equal("R4 F1, R5 F1", RfmCoverage.InWords(RfmCoverage.Uncovered(scheme, new RfmSettings())));
        Assert.Contains(SchemeAdvice.Of(scheme, FieldCatalogue.BuiltIn), a => a.Message.Contains("R4 F1, R5 F1", StringComparison.Ordinal));
    }

    [Fact]
    public void A_segment_and_its_complement_leave_no_cell() => Assert.Empty(RfmCoverage.Uncovered(Scheme(
        "{\"any\":[{\"field\":\"rfm.recency\",\"one_of\":[1,3]},{\"field\":\"rfm.frequency\",\"is\":2}]}",
        "{\"not\":{\"in\":\"s0\"}}"), new RfmSettings()));

    [Fact]
    public void Where_other_conditions_decide_nothing_is_said() => Assert.Empty(RfmCoverage.Uncovered(Scheme(
        "{\"all\":[{\"field\":\"rfm.recency\",\"at_least\":1},{\"field\":\"country\",\"is\":\"GB\"}]}"), new RfmSettings()));

    [Fact]
    public void Schemes_that_do_not_ask_for_scores_have_no_cells() =>
        Assert.Empty(RfmCoverage.Uncovered(Scheme("{\"all\":[{\"field\":\"orders\",\"below\":1},{\"not\":{\"field\":\"orders\",\"below\":1}}]}"), new RfmSettings()));

    [Fact]
    public void The_map_of_25_cells_covers_all() =>
        Assert.Empty(RfmCoverage.Uncovered(Scheme([.. RfmMap.Standard.Rules.Select(r =>
            $"{{\"all\":[{{\"field\":\"rfm.recency\",\"between\":[{r.LeastRecency},{r.MostRecency}]}},{{\"field\":\"rfm.frequency\",\"between\":[{r.LeastFrequency},{r.MostFrequency}]}}]}}")]), new RfmSettings()));

    [Fact]
    public void Cells_are_those_of_the_workspaces_own_bins_and_cuts()
    {
        var scheme = Scheme("{\"field\":\"rfm.recency\",\"below\":{\"parameter\":\"high\"}}");
        var settings = new RfmSettings { RecencyCutsDays = [10, 20, 30], OrderCuts = [1] };
        Assert.Equal("R4 F1, R4 F2", RfmCoverage.InWords(RfmCoverage.Uncovered(scheme, settings)));
        Assert.Contains(SchemeAdvice.Of(scheme, FieldCatalogue.BuiltIn.With(settings)), a => a.Message.Contains("R4 F1, R4 F2", StringComparison.Ordinal));
    }

    [Fact]
    public void Names_of_cells_are_read_by_the_map_and_one_that_no_cell_has_is_told()
    {
        var settings = new RfmSettings { Bins = 2, Map = [new("gone", 1, 1, 1, 2), new("here", 2, 2, 1, 2)] };
        var scheme = Scheme("{\"field\":\"rfm.cell\",\"is\":\"Here\"}", "{\"field\":\"rfm.cell\",\"one_of\":[\"here\",\"champions\"]}");
        Assert.Equal("R1 F1, R1 F2", RfmCoverage.InWords(RfmCoverage.Uncovered(scheme, settings)));
        var told = Assert.Single(SchemeAdvice.Of(scheme, FieldCatalogue.BuiltIn.With(settings)), a => a.Path == "$.segments[1].rule" && a.Message.Contains("no cell of the map is called", StringComparison.Ordinal));
        Assert.Contains("'champions'", told.Message, StringComparison.Ordinal);
        Assert.Contains(SchemeAdvice.Of(scheme, FieldCatalogue.BuiltIn.With(new RfmSettings { Bins = 3 })), a => a.Message.StartsWith("no cell has a name", StringComparison.Ordinal));
    }

    [Fact]
    public void Scores_that_nobody_can_have_are_told() => Assert.Equal(
        3, SchemeAdvice.Of(RetailScheme.Scheme, FieldCatalogue.BuiltIn.With(new RfmSettings { Bins = 3 })).Count(a => a.Message.StartsWith("scores go from 1 to 3 here", StringComparison.Ordinal)));

    private static SegmentScheme Scheme(params string[] rules)
    {
        var segments = string.Join(',', rules.Select((r, i) => $"{{\"id\":\"s{i}\",\"name\":\"S {i}\",\"rule\":{r}}}"));
        var json = $"{{\"id\":\"x\",\"name\":\"X\",\"parameters\":{{\"high\":{{\"value\":4,\"meaning\":\"high\"}}}},\"segments\":[{segments}]}}";
        var reading = SchemeJson.Parse(Encoding.UTF8.GetBytes(json), FieldCatalogue.BuiltIn);
        return reading.Scheme ?? throw new InvalidDataException(string.Join("; ", reading.Faults));
    }
}
