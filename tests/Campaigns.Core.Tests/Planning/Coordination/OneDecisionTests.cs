using Campaigns.Core.Jobs;
using Campaigns.Core.Offers.Learning;
using Campaigns.Core.Planning;
using Campaigns.Core.Planning.Brakes;
using Campaigns.Core.Planning.Coordination;
using Campaigns.Core.Primitives;
using Campaigns.Core.Segments;
using Campaigns.Core.Storage;

namespace Campaigns.Core.Tests.Planning.Coordination;

/// <summary>One run decides per customer and business day, on a real store with the real steps.</summary>
public sealed class OneDecisionTests
{
    private static readonly CancellationToken None = CancellationToken.None;

    /// <summary>Three campaigns on overlapping audiences; the last wants everybody.</summary>
    private static Campaign[] Three() =>
    [
        PlanWorld.TwoVariants("spring") with { Priority = 30, MaxSends = 25 },
        PlanWorld.TwoVariants("summer") with { Priority = 10, Segments = [SegmentNames.Loyal] },
        PlanWorld.TwoVariants("autumn") with { Priority = 20, Segments = [SegmentNames.Loyal, SegmentNames.AtRisk, SegmentNames.Regular], HoldoutShare = 0.5, MaxSends = 40 },
    ];

    private static async Task ActivateAsync(PlanWorld world, IEnumerable<Campaign> campaigns)
    {
        foreach (var campaign in campaigns)
        {
            Assert.IsType<SaveResult.Saved>(await world.Catalog.SaveAsync(campaign, null, None));
            Assert.IsType<StateChange.Changed>(await world.Catalog.ActivateAsync(campaign.Id, None));
        }
    }

    private static string Run(string campaign) => Campaign.RunId(campaign, 0);

    /// <summary>What all three came to, as one text; nobody is in two of them.</summary>
    private static async Task<string> OutcomeAsync(PlanWorld world)
    {
        var texts = new List<string>();
        var seen = new HashSet<string>(StringComparer.Ordinal);
        foreach (var campaign in Three())
        {
            var rows = await world.RowsAsync(Run(campaign.Id));
            Assert.All(rows.Keys, key => Assert.True(seen.Add(key), $"{key} is in two runs of a day."));
            var plan = await world.PlanOfAsync(Run(campaign.Id));
            Assert.Equal(rows.Count, plan.Treated + plan.HeldOut);
            Assert.Equal(plan.AudienceCustomers, plan.Treated + plan.HeldOut + plan.SkippedCustomers);
            texts.Add(await world.TextAsync(Run(campaign.Id)));
        }

        return string.Join('\n', texts);
    }

    private static async Task<string> PlayAsync(int buckets, IEnumerable<Campaign> campaigns, int? seed = null, int parallel = 1)
    {
        await using var world = await PlanWorld.CreateAsync(buckets);
        await world.AddMixAsync(400);
        await ActivateAsync(world, campaigns);
        var driver = new JobDriver(world.Runner, seed, parallel);
        await driver.RunAsync(await world.Launch.RunAsync(None));
        return await OutcomeAsync(world);
    }

    [Fact]
    public async Task A_customer_is_in_one_run_a_day_alike_for_any_number_of_buckets_and_order_of_the_messages()
    {
        var text = await PlayAsync(16, Three());
        Assert.Equal(text, await PlayAsync(1, Three()));
        Assert.Equal(text, await PlayAsync(64, Three()));
        Assert.Equal(text, await PlayAsync(16, Three(), seed: 1));
        Assert.Equal(text, await PlayAsync(16, Three(), seed: 2, parallel: 4));
    }

    [Fact]
    public async Task With_distinct_priorities_the_order_in_which_campaigns_were_made_changes_nothing()
    {
        var text = await PlayAsync(4, Three());
        Assert.Equal(text, await PlayAsync(4, Three().Reverse()));
        Assert.Equal(text, await PlayAsync(4, [Three()[2], Three()[0], Three()[1]]));
    }

    [Fact]
    public async Task Launches_by_hand_in_any_order_leave_a_customer_in_one_run()
    {
        foreach (var order in new[] { new[] { 0, 1, 2 }, [2, 0, 1], [1, 2, 0] })
        {
            await using var world = await PlanWorld.CreateAsync(4);
            await world.AddMixAsync(200);
            var messages = new List<Outgoing>();
            foreach (var campaign in order.Select(i => Three()[i]))
            {
                Assert.IsType<SaveResult.Saved>(await world.Catalog.SaveAsync(campaign, null, None));
                messages.InsertRange(0, Assert.IsType<LaunchResult.Launched>(await world.Launch.LaunchNowAsync(campaign.Id, null, None)).Messages);
            }

            await new JobDriver(world.Runner, seed: 7).RunAsync(messages);
            await OutcomeAsync(world);
            var (first, second) = (Three()[order[0]], Three()[order[1]]);
            Assert.False((await world.PlanOfAsync(Run(first.Id))).SkippedByReason().ContainsKey(ExclusionReasons.Outranked));
            Assert.True((await world.PlanOfAsync(Run(second.Id))).SkippedByReason()[ExclusionReasons.Outranked] > 0);
        }
    }

    [Fact]
    public async Task A_run_assigns_nobody_until_the_run_before_it_has_and_then_goes_on_without_the_timer()
    {
        await using var world = await PlanWorld.CreateAsync(4);
        await world.AddMixAsync(100);
        await ActivateAsync(world, Three());
        var messages = await world.Launch.RunAsync(None);
        IEnumerable<Outgoing> Of(string campaign) => messages.Where(m => Envelope.Parse(m.Body).Work!.Job == Run(campaign));
        var driver = new JobDriver(world.Runner);
        await driver.RunAsync(Of("autumn"));
        await driver.RunAsync(Of("spring"));
        Assert.Empty(await world.RowsAsync(Run("autumn")));
        Assert.Empty(await world.RowsAsync(Run("spring")));
        await driver.WakeAsync(world, Run("autumn")); // The timer comes in between, and changes nothing.
        Assert.Empty(await world.RowsAsync(Run("autumn")));
        await driver.RunAsync(Of("summer"));
        Assert.NotEmpty(await world.RowsAsync(Run("autumn")));
        Assert.Equal(JobStatus.Done, (await world.Runner.FindAsync(Run("spring"), None))!.Status);
        await OutcomeAsync(world);
    }

    [Fact]
    public async Task Launches_at_the_same_moment_leave_a_customer_in_one_run()
    {
        await using var world = await PlanWorld.CreateAsync(4);
        await world.AddMixAsync(200);
        await ActivateAsync(world, Three());
        var launched = await Task.WhenAll(Three().Select(c => Task.Run(async () => await world.Launch.LaunchNowAsync(c.Id, 0, None))));
        await new JobDriver(world.Runner, seed: 3, parallel: 3).RunAsync(launched.SelectMany(l => Assert.IsType<LaunchResult.Launched>(l).Messages));
        await OutcomeAsync(world);
    }

    [Theory, InlineData(true), InlineData(false)]
    public async Task A_run_that_failed_or_was_cancelled_lets_the_others_go_on(bool failed)
    {
        await using var world = await PlanWorld.CreateAsync(4);
        await world.AddMixAsync(60);
        await ActivateAsync(world, Three());
        var messages = await world.Launch.RunAsync(None);
        var driver = new JobDriver(world.Runner);
        await driver.RunAsync(messages.Where(m => Envelope.Parse(m.Body).Work!.Job != Run("summer")));
        Assert.Empty(await world.RowsAsync(Run("autumn")));
        if (failed)
        {
            await world.Store.Rows.UpdateAsync<JobHead>(Tables.Work, Run("summer"), JobRows.Head, head => head! with { Status = JobStatus.Failed, Problem = "test" }, None);
        }
        else
        {
            await RunBrakes.ChangeAsync(world.Store.Rows, Run("summer"), b => b with { CancelledAt = DateTimeOffset.UtcNow }, None);
        }

        await driver.WakeAsync(world, Run("autumn"));
        Assert.NotEmpty(await world.RowsAsync(Run("autumn")));
        Assert.Empty(await world.RowsAsync(Run("summer")));
        Assert.Equal(JobStatus.Done, (await world.Runner.FindAsync(Run("spring"), None))!.Status);
    }

    [Fact]
    public async Task Audiences_that_cannot_meet_do_not_wait_for_each_other()
    {
        await using var world = await PlanWorld.CreateAsync(4);
        await world.AddMixAsync(60);
        await ActivateAsync(world, [PlanWorld.TwoVariants("first") with { Segments = [SegmentNames.Loyal] }, PlanWorld.TwoVariants("second") with { Segments = [SegmentNames.AtRisk] }]);
        var messages = await world.Launch.RunAsync(None);
        await new JobDriver(world.Runner).RunAsync(messages.Where(m => Envelope.Parse(m.Body).Work!.Job == Run("second")));
        Assert.NotEmpty(await world.RowsAsync(Run("second")));
    }

    [Fact]
    public async Task A_run_shortly_after_midnight_waits_for_one_of_shortly_before_and_midnight_is_the_shops()
    {
        await using var world = await PlanWorld.CreateAsync(4);
        await world.AddMixAsync(100);
        await world.Store.Workspace.ChangeAsync(s => s with { TimeZone = "America/New_York" }, None);
        // 23:59 and 00:01 in New York.
        var late = new DateTimeOffset(2026, 3, 3, 4, 59, 0, TimeSpan.Zero);
        await world.Store.Workspace.SetNowAsync(late, None);
        await world.Catalog.SaveAsync(PlanWorld.TwoVariants("late"), null, None);
        await world.Catalog.SaveAsync(PlanWorld.TwoVariants("early"), null, None);
        var first = Assert.IsType<LaunchResult.Launched>(await world.Launch.LaunchNowAsync("late", null, None));
        await world.Store.Workspace.SetNowAsync(late.AddMinutes(2), None);
        var second = Assert.IsType<LaunchResult.Launched>(await world.Launch.LaunchNowAsync("early", null, None));
        Assert.Equal((await world.Runs.FindAsync(first.Run, None))!.Inputs.Day + 1, (await world.Runs.FindAsync(second.Run, None))!.Inputs.Day);

        await new JobDriver(world.Runner).RunAsync(second.Messages);
        Assert.Empty(await world.RowsAsync(second.Run));
        await new JobDriver(world.Runner).RunAsync(first.Messages);
        // Not outranked, as it is another day; but all of them are being measured.
        var reasons = (await world.PlanOfAsync(second.Run)).SkippedByReason();
        Assert.Equal((await world.RowsAsync(first.Run)).Count, reasons[ExclusionReasons.StillMeasured]);
        Assert.False(reasons.ContainsKey(ExclusionReasons.Outranked));
    }

    [Fact]
    public async Task Another_campaigns_open_window_keeps_customers_out_unless_the_campaign_is_switched_to_its_own()
    {
        await using var world = await PlanWorld.CreateAsync();
        await world.AddMixAsync(60);
        var first = (await world.RowsAsync(await world.PlanAsync(PlanWorld.TwoVariants("first")))).Keys;
        Assert.NotEmpty(first);
        await world.Store.Workspace.SetNowAsync(PlanWorld.Start.AddDays(29), None);
        var shy = await world.PlanAsync(PlanWorld.TwoVariants("shy"));
        Assert.Empty((await world.RowsAsync(shy)).Keys.Intersect(first));
        Assert.Equal(first.Count, (await world.PlanOfAsync(shy)).SkippedByReason()[ExclusionReasons.StillMeasured]);

        await using var other = await PlanWorld.CreateAsync();
        await other.AddMixAsync(60);
        await other.PlanAsync(PlanWorld.TwoVariants("first"));
        await other.Store.Workspace.SetNowAsync(PlanWorld.Start.AddDays(29), None);
        var bold = await other.PlanAsync(PlanWorld.TwoVariants("bold") with { OnlyOwnWindows = true });
        Assert.Equal(first, (await other.RowsAsync(bold)).Keys.Intersect(first));

        await world.Store.Workspace.SetNowAsync(PlanWorld.Start.AddDays(30), None);
        Assert.Equal(first, (await world.RowsAsync(await world.PlanAsync(PlanWorld.TwoVariants("later")))).Keys.Intersect(first));
    }

    [Fact]
    public async Task On_the_same_day_even_a_campaign_that_heeds_only_its_own_windows_takes_nobody_elses_customers()
    {
        await using var world = await PlanWorld.CreateAsync();
        await world.AddMixAsync(60);
        var first = (await world.RowsAsync(await world.PlanAsync(PlanWorld.TwoVariants("first")))).Keys;
        var bold = PlanWorld.TwoVariants("bold") with { OnlyOwnWindows = true };
        Assert.IsType<SaveResult.Saved>(await world.Catalog.SaveAsync(bold, null, None));
        var preview = (await new AudiencePreviews(world.Store.Rows, world.Store.Blobs, world.Store.Workspace, world.Runs).OfAsync(bold, None))!;
        var run = await world.PlanAsync(bold);
        Assert.Equal(first.Count, (await world.PlanOfAsync(run)).SkippedByReason()[ExclusionReasons.Outranked]);
        Assert.Equal((await world.PlanOfAsync(run)).SkippedByReason(), preview.Plan.SkippedByReason());
    }

    [Fact]
    public async Task What_is_promised_to_everyone_reaches_those_whom_others_have_and_keeps_nobody_from_them()
    {
        await using var world = await PlanWorld.CreateAsync();
        await world.Store.Workspace.ChangeAsync(s => ControlGroup.Set(s, 0.2, PlanWorld.Start.AddMonths(-3)), None);
        await world.AddMixAsync(60);
        var promise = PlanWorld.TwoVariants("promise") with { Purpose = CampaignPurpose.PromisedBenefit, HoldoutShare = 0 };
        var promised = (await world.RowsAsync(await world.PlanAsync(promise))).Keys.ToList();
        var first = (await world.RowsAsync(await world.PlanAsync(PlanWorld.TwoVariants("first")))).Keys;
        Assert.NotEmpty(first);
        Assert.Subset(promised.ToHashSet(), first.ToHashSet());
        Assert.True(promised.Count > first.Count); // The global control group is among them.
        Assert.Equal(promised, (await world.RowsAsync(await world.PlanAsync(promise with { Id = "again" }))).Keys);
    }

    [Fact]
    public void Priority_goes_first_then_expected_profit_then_the_id()
    {
        Campaign Of(string id, int priority) => PlanWorld.TwoVariants(id) with { Priority = priority };
        var order = LaunchOrder.Of([Of("d", 2), Of("c", 2), Of("b", 2), Of("a", 3), Of("e", 1)], c => c.Id is "c" ? 5 : c.Id is "a" ? 100 : -1);
        Assert.Equal(["e", "c", "b", "d", "a"], order.Select(c => c.Id));
    }

    [Fact]
    public void What_a_run_is_expected_to_earn_per_customer_follows_from_its_table()
    {
        static PolicyCell Cell(string segment, string eligible, params PolicyArm[] arms) => new()
        {
            Segment = segment,
            Eligible = eligible,
            NothingPartsPerMillion = StableHash.Million - arms.Sum(a => a.PartsPerMillion),
            Arms = arms,
        };
        var table = new PolicyTable
        {
            Policy = "test",
            Seed = 1,
            Runs = 1,
            Cells =
            [
                Cell("x", "a", new PolicyArm("a", 900_000, ProfitMinor: 1000)), // Not all variants: does not count.
                Cell("x", "a|b", new PolicyArm("a", 500_000, ProfitMinor: 10), new PolicyArm("b", 250_000, ProfitMinor: -4)),
                Cell("y", "a|b", new PolicyArm("a", 400_000, ProfitMinor: 20), new PolicyArm("b", 400_000)),
            ],
        };
        Assert.Equal((4 + 8) / 2.0, LaunchOrder.ExpectedProfitMinor(table), 12);
        Assert.Equal(0, LaunchOrder.ExpectedProfitMinor(null));
    }
}

file static class Timer
{
    /// <summary>The wake-ups of the timer that concern a run.</summary>
    public static async Task WakeAsync(this JobDriver driver, PlanWorld world, string run)
    {
        var due = new List<Outgoing>();
        await foreach (var message in world.Runner.WakeAsync(null, CancellationToken.None))
        {
            due.Add(message);
        }

        due.RemoveAll(m => Envelope.Parse(m.Body).Work!.Job != run);
        Assert.NotEmpty(due);
        await driver.RunAsync(due);
    }
}
