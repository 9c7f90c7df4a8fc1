using Campaigns.Core.Profiles;
using CsCheck;

namespace Campaigns.Core.Tests.Profiles;

public class RfmMapTests
{
    private static readonly Gen<RfmRule> Rule =
        from r in Gen.Int[1, 5]
        from r2 in Gen.Int[1, 5]
        from f in Gen.Int[1, 5]
        from f2 in Gen.Int[1, 5]
        from name in Gen.Int[1, 9]
        select new RfmRule($"s{name}", Math.Min(r, r2), Math.Max(r, r2), Math.Min(f, f2), Math.Max(f, f2));

    [Theory]
    [InlineData(1, "hibernating", "hibernating", "at risk", "at risk", "can't lose")]
    [InlineData(2, "hibernating", "hibernating", "at risk", "at risk", "can't lose")]
    [InlineData(3, "about to sleep", "about to sleep", "need attention", "loyal", "loyal")]
    [InlineData(4, "promising", "potential loyalist", "potential loyalist", "loyal", "loyal")]
    [InlineData(5, "new", "potential loyalist", "potential loyalist", "champions", "champions")]
    public void The_usual_map_names_all_25_cells(int recency, params string[] byFrequency)
    {
        for (var f = 1; f <= 5; f++)
        {
            Assert.Equal(byFrequency[f - 1], RfmMap.Standard.NameOf(recency, f));
        }
    }

    [Fact]
    public void The_usual_map_has_no_fault() => Assert.Empty(RfmMap.Standard.Faults());

    [Fact]
    public void A_rule_behind_others_that_take_all_its_cells_is_named_with_them()
    {
        var map = new RfmMap(5, 5, [new("all but the best", 1, 5, 1, 4), new("best", 1, 5, 5, 5), new("loyal", 3, 4, 4, 5)]);
        var fault = Assert.Single(map.Faults());
        Assert.Equal("Rule 3 \"loyal\" (R3–4, F4–5) never matches: rule 1 \"all but the best\", rule 2 \"best\" before it take all of its cells. Move it up, or remove it.", fault);
    }

    [Fact]
    public void Cells_that_no_rule_covers_are_named()
    {
        var map = new RfmMap(2, 3, [new("low", 1, 2, 1, 1), new("high", 2, 2, 2, 3)]);
        Assert.Equal("No rule covers R1 F2, R1 F3: customers there have no name. Add a rule, or widen one.", Assert.Single(map.Faults()));
        Assert.Null(map.NameOf(1, 2));
    }

    [Fact]
    public void A_rule_outside_of_the_map_is_refused() =>
        Assert.Contains("outside of the map", new RfmMap(5, 5, [new("all", 1, 5, 1, 5), new("six", 5, 6, 1, 1)]).Faults()[0], StringComparison.Ordinal);

    [Fact]
    public void Shadowed_rules_and_uncovered_cells_are_exactly_those_that_no_cell_and_no_rule_use() =>
        Rule.Array[1, 12].Sample(rules =>
        {
            var map = new RfmMap(5, 5, rules);
            var cells = Enumerable.Range(1, 5).SelectMany(r => Enumerable.Range(1, 5).Select(f => (r, f))).ToList();
            var used = cells.Select(c => Array.FindIndex(rules, rule => rule.Matches(c.r, c.f))).ToHashSet();
            var faults = map.Faults();
            for (var i = 0; i < rules.Length; i++)
            {
                Assert.Equal(!used.Contains(i), faults.Any(f => f.StartsWith($"Rule {i + 1} ", StringComparison.Ordinal)));
            }

            var uncovered = cells.Where(c => map.NameOf(c.r, c.f) is null).Select(c => $"R{c.r} F{c.f}").ToList();
            Assert.Equal(uncovered.Count > 0, faults.Any(f => f.StartsWith("No rule covers " + string.Join(", ", uncovered) + ":", StringComparison.Ordinal)));
        });
}
