using Campaigns.Core.Jobs;
using Campaigns.Core.Offers.Learning;
using Campaigns.Core.Planning;
using Campaigns.Core.Planning.Brakes;
using Campaigns.Core.Segments;
using Campaigns.Core.Storage;
using CsCheck;

namespace Campaigns.Core.Tests.Planning.Brakes;

public class AutomaticLaunchTests
{
    private static readonly DateTimeOffset Now = PlanWorld.Start;
    private static readonly SendBrakes Brakes = new();

    [Fact]
    public void A_campaign_asks_where_no_order_came_for_more_than_two_days()
    {
        Assert.Null(AutomaticLaunch.Question(Brakes, Now.AddDays(-2), [], [], Now));
        Assert.Contains("the newest order is 3 days old", AutomaticLaunch.Question(Brakes, Now.AddDays(-3), [], [], Now), StringComparison.Ordinal);
        Assert.Null(AutomaticLaunch.Question(Brakes with { StaleOrderDays = 7 }, Now.AddDays(-3), [], [], Now));
        Assert.Null(AutomaticLaunch.Question(SendBrakes.Off, Now.AddDays(-300), [("a", 1)], [("a", 1_000_000)], Now));
    }

    [Fact]
    public void A_campaign_asks_where_a_segment_grew_or_shrank_by_more_than_thirty_percent() =>
        Gen.Select(Gen.Long[0, 100_000], Gen.Long[0, 100_000]).Sample((then, size) =>
        {
            var moved = Math.Abs(size - then);
            Assert.Equal(
                moved >= AutomaticLaunch.LeastMoved && moved * 10 > then * 3,
                AutomaticLaunch.Question(Brakes, Now, [("other", 5), ("at-risk", then)], [("at-risk", size)], Now) is not null);
        });

    [Fact]
    public async Task A_scheduled_send_stops_and_asks_and_a_launch_by_hand_is_the_answer()
    {
        await using var world = await PlanWorld.CreateAsync();
        await world.AddMixAsync(60);
        await world.Store.Workspace.ChangeAsync(s => s with { Brakes = new SendBrakes { StaleOrderDays = 0 } }, PlanWorld.None);
        var campaign = PlanWorld.TwoVariants() with { RepeatDays = 7 };
        await PointAsync(world, PlanWorld.Start.AddDays(-1), 100);
        await world.PlanAsync(campaign);
        await world.Store.Workspace.SetNowAsync(PlanWorld.Start.AddDays(8), PlanWorld.None);
        await PointAsync(world, PlanWorld.Start.AddDays(7), 900);
        Assert.Empty(await world.Launch.RunAsync(PlanWorld.None));
        var asked = (await world.Catalog.FindAsync(campaign.Id, PlanWorld.None))!.Value;
        Assert.Equal(1, asked.Occurrences);
        Assert.Contains("has 900 customers now and had 100", asked.LaunchProblem, StringComparison.Ordinal);
        await world.PlanAsync(campaign);
        var sent = (await world.Catalog.FindAsync(campaign.Id, PlanWorld.None))!.Value;
        Assert.Equal((2, null), (sent.Occurrences, sent.LaunchProblem));
    }

    [Fact]
    public async Task Nothing_is_learnt_from_a_run_that_was_a_mistake_whatever_is_measured_of_it_later()
    {
        await using var world = await PlanWorld.CreateAsync();
        await world.AddMixAsync(20);
        var run = await world.PlanAsync(PlanWorld.TwoVariants());
        var evidence = new EvidenceRows(world.Store.Rows);
        await evidence.WriteAsync("spring", new RunEvidence { Run = run, Occurrence = 0, Cells = [] }, PlanWorld.None);
        await evidence.WriteAsync("spring", new RunEvidence { Run = "next", Occurrence = 1, Cells = [] }, PlanWorld.None);
        var step = new RunBrakeStep(world.Store.Rows, world.Store.Workspace, world.Runs);
        Assert.Null(await step.MarkAsync(run, "wrong prices", PlanWorld.None));
        await evidence.WriteAsync("spring", new RunEvidence { Run = run, Occurrence = 0, Cells = [] }, PlanWorld.None);
        Assert.Equal("next", Assert.Single(await evidence.BeforeAsync("spring", 2, PlanWorld.None)).Run);
        Assert.Equal("wrong prices", (await RunBrakes.FindAsync(world.Store.Rows, run, PlanWorld.None)).MistakeNote);
    }

    private static async Task PointAsync(PlanWorld world, DateTimeOffset at, long customers)
    {
        await world.SegmentedAsync(at);
        await SegmentSeries.AddAsync(
            world.Store.Rows,
            new SegmentPoint { Job = "recompute-" + at.Ticks, AsOf = at, Segments = [new SegmentPointCount(SegmentNames.Loyal, 50, 0, 0, 0), new SegmentPointCount(SegmentNames.AtRisk, customers, 0, 0, 0)] },
            PlanWorld.None);
    }
}
