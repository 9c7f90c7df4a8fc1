using Campaigns.Core.Jobs;
using Campaigns.Core.Planning;
using Campaigns.Core.Segments;
using Campaigns.Core.Segments.Rules;
using Campaigns.Core.Storage;

namespace Campaigns.Core.Tests.Planning;

public sealed class LaunchTests
{
    private static readonly CancellationToken None = CancellationToken.None;

    private static async Task<Campaign> ActiveAsync(PlanWorld world, Campaign campaign)
    {
        Assert.IsType<SaveResult.Saved>(await world.Catalog.SaveAsync(campaign, null, None));
        return Assert.IsType<StateChange.Changed>(await world.Catalog.ActivateAsync(campaign.Id, None)).Campaign;
    }

    private static async Task<Campaign> StandsAsync(PlanWorld world) => (await world.Catalog.FindAsync("spring", None))!.Value;

    [Fact]
    public async Task A_due_campaign_is_launched_once_however_often_the_timer_ticks()
    {
        await using var world = await PlanWorld.CreateAsync();
        await ActiveAsync(world, PlanWorld.TwoVariants());
        Assert.Equal(16, (await world.Launch.RunAsync(None)).Count);
        Assert.Empty(await world.Launch.RunAsync(None));
        var row = Assert.Single((await world.Runs.ListAsync(10, null, None)).Runs);
        Assert.Equal((Campaign.RunId("spring", 0), "spring", 0, PlanWorld.Start.AddDays(30)), (row.Run, row.Campaign, row.Occurrence, row.WindowEnd));
    }

    [Fact]
    public async Task A_crash_between_the_job_and_the_campaign_neither_skips_nor_doubles_a_run()
    {
        await using var world = await PlanWorld.CreateAsync();
        var before = await ActiveAsync(world, PlanWorld.TwoVariants() with { RepeatDays = 7 });
        await world.Launch.RunAsync(None);
        var after = await StandsAsync(world);

        // The crash: the job is there, the campaign does not know it. The next tick comes an hour later.
        await world.Store.Rows.CommitAsync(Tables.Campaigns, Tables.All, [new RowOperation.Upsert("spring", RowCodec.Encode(before))], None);
        await world.Store.Workspace.SetNowAsync(PlanWorld.Start.AddHours(1), None);
        Assert.NotEmpty(await world.Launch.RunAsync(None));
        Assert.Equal(RowCodec.Encode(after).ToArray(), RowCodec.Encode(await StandsAsync(world)).ToArray());
        Assert.Single((await world.Runs.ListAsync(10, null, None)).Runs);
        Assert.Single((await world.Runs.OfCampaignAsync("spring", 10, null, None)).Runs);
        Assert.Equal(PlanWorld.Start, (await world.Runs.FindAsync(Campaign.RunId("spring", 0), None))!.Head.AsOf);
        Assert.Empty(await world.Launch.RunAsync(None));
    }

    [Fact]
    public async Task A_button_pressed_twice_is_one_run()
    {
        await using var world = await PlanWorld.CreateAsync();
        await world.Catalog.SaveAsync(PlanWorld.TwoVariants(), null, None);
        var first = Assert.IsType<LaunchResult.Launched>(await world.Launch.LaunchNowAsync("spring", 0, None));
        var second = Assert.IsType<LaunchResult.Launched>(await world.Launch.LaunchNowAsync("spring", 0, None));
        Assert.Equal(first.Run, second.Run);
        Assert.Empty(second.Messages);
        var next = Assert.IsType<LaunchResult.Launched>(await world.Launch.LaunchNowAsync("spring", 1, None));
        Assert.NotEqual(first.Run, next.Run);
    }

    [Fact]
    public async Task A_field_barred_after_the_launch_stops_further_runs_with_a_reason_until_the_bar_is_lifted()
    {
        await using var world = await PlanWorld.CreateAsync();
        await ActiveAsync(world, PlanWorld.TwoVariants() with { RepeatDays = 7 });
        Assert.NotEmpty(await world.Launch.RunAsync(None));
        var barred = RetailScheme.Scheme with { BarredFields = ["rfm.monetary"] };
        Assert.IsType<SchemeSaved.Saved>(await world.Schemes.SaveAsync(SchemeJson.Write(barred), 0, "Ann", None));

        await world.Store.Workspace.SetNowAsync(PlanWorld.Start.AddDays(7), None);
        await world.SegmentedAsync(PlanWorld.Start.AddDays(7));
        Assert.Empty(await world.Launch.RunAsync(None));
        Assert.Single((await world.Runs.ListAsync(10, null, None)).Runs);
        Assert.Contains("rests on rfm.monetary, which this workspace bars from offers", (await StandsAsync(world)).LaunchProblem, StringComparison.Ordinal);

        Assert.IsType<SchemeSaved.Saved>(await world.Schemes.SaveAsync(SchemeJson.Write(RetailScheme.Scheme), 1, "Ann", None));
        Assert.NotEmpty(await world.Launch.RunAsync(None));
        Assert.Equal(2, (await world.Runs.ListAsync(10, null, None)).Runs.Count);
        Assert.Null((await StandsAsync(world)).LaunchProblem);
    }

    [Fact]
    public async Task Without_segments_a_launch_is_refused_and_the_campaign_says_why_until_it_works()
    {
        await using var world = await PlanWorld.CreateAsync(segmented: false);
        await ActiveAsync(world, PlanWorld.TwoVariants());
        Assert.Empty(await world.Launch.RunAsync(None));
        Assert.StartsWith("There are no segments yet", (await StandsAsync(world)).LaunchProblem, StringComparison.Ordinal);
        Assert.Empty((await world.Runs.ListAsync(10, null, None)).Runs);
        await world.SegmentedAsync(PlanWorld.Start);
        Assert.NotEmpty(await world.Launch.RunAsync(None));
        Assert.Null((await StandsAsync(world)).LaunchProblem);
    }

    [Fact]
    public async Task Nothing_is_launched_while_everything_is_stopped()
    {
        await using var world = await PlanWorld.CreateAsync();
        await world.Catalog.SaveAsync(PlanWorld.TwoVariants(), null, None);
        await world.Store.Workspace.ChangeAsync(s => s with { Stopped = true }, None);
        Assert.IsType<LaunchResult.Refused>(await world.Launch.LaunchNowAsync("spring", null, None));
        Assert.Equal(CampaignStatus.Draft, (await StandsAsync(world)).Status);
    }

    [Fact]
    public async Task A_run_freezes_what_settings_say_at_launch()
    {
        await using var world = await PlanWorld.CreateAsync();
        await world.Store.Workspace.ChangeAsync(s => s with { HoldoutShare = 0.3, MarginShare = 0.4, EmailCostMicros = 2_000 }, None);
        await ActiveAsync(world, PlanWorld.TwoVariants() with { MaxSendCostMinor = 250 });
        await world.Launch.RunAsync(None);
        await world.Store.Workspace.ChangeAsync(s => s with { HoldoutShare = 0.1, MarginShare = null }, None);
        var inputs = (await world.Runs.FindAsync(Campaign.RunId("spring", 0), None))!.Inputs;
        Assert.Equal((300_000, 0.4, 2_000L, 2_500_000L), (inputs.HoldoutPartsPerMillion, inputs.Margin.Share, inputs.EmailCostMicros, inputs.MaxSendCostMicros));
        Assert.Equal(PlanWorld.Start.AddDays(-1), inputs.SegmentsAsOf);
    }

    [Fact]
    public async Task A_single_run_ends_its_campaign_when_its_window_closes()
    {
        await using var world = await PlanWorld.CreateAsync();
        await ActiveAsync(world, PlanWorld.TwoVariants());
        await world.Launch.RunAsync(None);
        await world.Store.Workspace.SetNowAsync(PlanWorld.Start.AddDays(30), None);
        await world.Launch.RunAsync(None);
        Assert.Equal(CampaignStatus.Finished, (await StandsAsync(world)).Status);
    }

    [Theory]
    [InlineData(0, null, 0)]
    [InlineData(1, 0.1, 7)]
    [InlineData(1, 6.9, 7)]
    [InlineData(1, 7.0, 14)]
    [InlineData(1, 40.0, 42)]
    [InlineData(1, -3.0, 0)]
    public void Repeated_runs_keep_to_their_grid_and_missed_ones_come_as_one(int occurrences, double? lastDay, int dueDay)
    {
        var campaign = PlanWorld.TwoVariants() with
        {
            Status = CampaignStatus.Active,
            RepeatDays = 7,
            StartAt = PlanWorld.Start,
            ActivatedAt = PlanWorld.Start.AddDays(-5),
            Occurrences = occurrences,
            LastRunAt = lastDay is { } day ? PlanWorld.Start.AddDays(day) : null,
        };
        Assert.Equal(PlanWorld.Start.AddDays(dueDay), Schedule.NextDueAt(campaign));
        Assert.Null(Schedule.NextDueAt(campaign with { Status = CampaignStatus.Paused }));
    }

    [Fact]
    public async Task Runs_are_listed_newest_first_page_by_page()
    {
        await using var world = await PlanWorld.CreateAsync();
        await ActiveAsync(world, PlanWorld.TwoVariants() with { RepeatDays = 1 });
        await ActiveAsync(world, PlanWorld.TwoVariants("autumn"));
        for (var day = 0; day < 5; day++)
        {
            await world.Store.Workspace.SetNowAsync(PlanWorld.Start.AddDays(day), None);
            await world.Launch.RunAsync(None);
        }

        var first = await world.Runs.OfCampaignAsync("spring", 3, null, None);
        var second = await world.Runs.OfCampaignAsync("spring", 3, first.Next, None);
        Assert.Equal([4, 3, 2, 1, 0], first.Runs.Concat(second.Runs).Select(r => r.Occurrence));
        Assert.Null(second.Next);
        Assert.Equal(6, (await world.Runs.ListAsync(10, null, None)).Runs.Count);
    }
}
