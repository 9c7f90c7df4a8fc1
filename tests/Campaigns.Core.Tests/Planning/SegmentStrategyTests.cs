using Campaigns.Core.Offers.Learning;
using Campaigns.Core.Planning;
using Campaigns.Core.Planning.Decisions;
using Campaigns.Core.Primitives;
using Campaigns.Core.Segments;

namespace Campaigns.Core.Tests.Planning;

/// <summary>Segments that choose in their own way within a campaign that learns.</summary>
public sealed class SegmentStrategyTests
{
    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    private static Campaign With(Strategy loyal) => AdaptiveRunTests.Learning() with { SegmentStrategies = [new(SegmentNames.Loyal, loyal)] };

    /// <summary>The second run of a campaign whose first one taught that "gift" earns most.</summary>
    private static async Task<(string Run, RunInputs Inputs)> SecondRunAsync(PlanWorld world, Campaign campaign)
    {
        await AdaptiveRunTests.BuyAsync(world, await world.PlanAsync(campaign));
        await AdaptiveRunTests.MeasureAsync(world, PlanWorld.Start.AddDays(10));
        await AdaptiveRunTests.NextAsync(world, 11);
        var run = await world.PlanAsync(campaign);
        return (run, (await world.Runs.FindAsync(run, Cancelled))!.Inputs);
    }

    private static IEnumerable<int> Parts(AssignmentRow row) => row.Candidates.Select(c => c.PartsPerMillion);

    [Theory]
    [InlineData(Strategy.Fixed)]
    [InlineData(Strategy.Split)]
    public async Task A_segment_that_does_not_learn_keeps_its_shares_while_the_others_follow_results_for_any_number_of_buckets(Strategy strategy)
    {
        var texts = new List<string>();
        foreach (var buckets in new[] { 1, 16, 256 })
        {
            await using var world = await AdaptiveRunTests.WorldAsync(buckets);
            var (run, inputs) = await SecondRunAsync(world, With(strategy));
            var holdout = inputs.HoldoutPartsPerMillion;
            var loyal = strategy == Strategy.Fixed
                ? new[] { holdout, StableHash.Million - holdout }
                : [holdout, (StableHash.Million - holdout + 1) / 2, (StableHash.Million - holdout) / 2];
            Assert.Equal((strategy, Strategy.Adaptive), (inputs.StrategyOf(SegmentNames.Loyal), inputs.StrategyOf(SegmentNames.AtRisk)));
            Assert.All(inputs.Policy!.Cells, c => Assert.Equal(SegmentNames.AtRisk, c.Segment));
            var rows = (await world.RowsAsync(run)).Values.Select(r => r.Row).ToList();
            Assert.All(rows.Where(r => r.Segment == SegmentNames.Loyal), r => Assert.Equal(loyal, Parts(r)));
            Assert.All(rows.Where(r => r.Segment == SegmentNames.AtRisk), r => Assert.True(r.Candidates[1].PartsPerMillion > 700_000, $"{r.Candidates[1]}"));

            var decisions = new RunDecisions(world.Store.Rows, world.Store.Blobs, world.Store.Workspace, world.Runs);
            Assert.True((await decisions.CheckAsync(run, Cancelled))!.Agrees);
            var explained = Assert.IsType<DecisionAnswer.Found>(await decisions.FindAsync(run, "c0", Cancelled)).Decision;
            Assert.Equal((strategy, null, true), (explained.Strategy, explained.Policy, explained.Repeats));
            texts.Add(await world.TextAsync(run));
        }

        Assert.Equal(texts[0], texts[1]);
        Assert.Equal(texts[0], texts[2]);
    }

    [Fact]
    public async Task Where_messages_are_short_only_the_segment_that_learns_gives_way_and_the_ceiling_holds()
    {
        await using var world = await AdaptiveRunTests.WorldAsync();
        var (run, inputs) = await SecondRunAsync(world, With(Strategy.Split) with { MaxSends = 500 });
        var holdout = inputs.HoldoutPartsPerMillion;

        var rows = (await world.RowsAsync(run)).Values.Select(r => r.Row).ToList();
        Assert.InRange(rows.Count(r => !r.HeldOut), 400, 500);
        Assert.All(rows.Where(r => r.Segment == SegmentNames.Loyal), r => Assert.Equal(holdout, r.Candidates[0].PartsPerMillion));
        Assert.All(rows.Where(r => r.Segment == SegmentNames.AtRisk), r => Assert.True(r.Candidates[0].PartsPerMillion > 500_000, $"{r.Candidates[0]}"));
        Assert.True((await new RunDecisions(world.Store.Rows, world.Store.Blobs, world.Store.Workspace, world.Runs).CheckAsync(run, Cancelled))!.Agrees);
    }

    [Fact]
    public async Task A_segment_may_learn_in_a_campaign_that_does_not()
    {
        await using var world = await AdaptiveRunTests.WorldAsync();
        var (_, inputs) = await SecondRunAsync(world, With(Strategy.Adaptive) with { Strategy = Strategy.Fixed });
        Assert.Equal((Strategy.Adaptive, Strategy.Fixed), (inputs.StrategyOf(SegmentNames.Loyal), inputs.StrategyOf(SegmentNames.AtRisk)));
        Assert.All(inputs.Policy!.Cells, c => Assert.Equal(SegmentNames.Loyal, c.Segment));
    }

    [Fact]
    public void Automatic_in_a_segment_looks_at_the_variants_that_are_for_it()
    {
        var campaign = AdaptiveRunTests.Learning();
        var two = campaign with
        {
            Strategy = Strategy.Fixed,
            Treatments = [campaign.Treatments[0], campaign.Treatments[1] with { Segments = [SegmentNames.Loyal] }],
            SegmentStrategies = [new(SegmentNames.Loyal, Strategy.Automatic), new(SegmentNames.AtRisk, Strategy.Automatic)],
        };
        Assert.Equal([new SegmentStrategy(SegmentNames.AtRisk, Strategy.Split), new(SegmentNames.Loyal, Strategy.Adaptive)], two.SegmentStrategiesWith(marginKnown: true));
        Assert.All(two.SegmentStrategiesWith(marginKnown: false), s => Assert.Equal(Strategy.Split, s.Strategy));
        Assert.Empty((campaign with { SegmentStrategies = [new(SegmentNames.Loyal, Strategy.Automatic)] }).SegmentStrategiesWith(marginKnown: true));
    }
}
