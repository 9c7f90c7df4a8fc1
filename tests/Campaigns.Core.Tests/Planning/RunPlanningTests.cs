using Campaigns.Core.Ingest;
using Campaigns.Core.Planning;
using Campaigns.Core.Primitives;
using Campaigns.Core.Profiles;
using Campaigns.Core.Segments;
using Campaigns.Core.Storage;

namespace Campaigns.Core.Tests.Planning;

/// <summary>Runs planned by the real steps on a real store.</summary>
public sealed class RunPlanningTests
{
    private const int Customers = 600;

    private static async Task<(string Text, RunPlan Plan, SortedDictionary<string, (string Text, AssignmentRow Row)> Rows)> PlanAsync(
        int buckets, Campaign campaign, int? seed = null, int parallel = 1)
    {
        await using var world = await PlanWorld.CreateAsync(buckets);
        await world.AddMixAsync(Customers);
        var run = await world.PlanAsync(campaign, seed, parallel);
        return (await world.TextAsync(run), await world.PlanOfAsync(run), await world.RowsAsync(run));
    }

    public static TheoryData<int?, long?> Ceilings() => new() { { null, null }, { 37, null }, { null, 11 }, { 90, 900 }, { 100_000, 100_000 } };

    [Theory]
    [MemberData(nameof(Ceilings))]
    public async Task One_16_and_256_buckets_give_the_same_rows_and_plan_within_every_ceiling(int? maxSends, long? maxCostMinor)
    {
        var campaign = PlanWorld.TwoVariants() with { MaxSends = maxSends, MaxSendCostMinor = maxCostMinor, HoldoutShare = 0.25 };
        var (text, plan, rows) = await PlanAsync(16, campaign);
        Assert.Equal(text, (await PlanAsync(1, campaign)).Text);
        Assert.Equal(text, (await PlanAsync(256, campaign)).Text);

        // Of 600, two thirds are in the audience; each has a row or a reason.
        Assert.Equal(Customers * 2 / 3, plan.AudienceCustomers);
        Assert.Equal(plan.AudienceCustomers, plan.Treated + plan.HeldOut + plan.SkippedCustomers);
        Assert.Equal(rows.Count, plan.Treated + plan.HeldOut);
        var treated = rows.Values.Where(r => !r.Row.HeldOut).ToList();
        Assert.Equal(treated.Count, plan.Treated);
        Assert.True(treated.Count <= (maxSends ?? int.MaxValue));
        var costMinor = treated.Sum(t => t.Row.Channel == Channel.Email ? 0.1 : 4.0);
        Assert.True(costMinor <= (maxCostMinor ?? double.MaxValue));
        var over = plan.SkippedByReason().GetValueOrDefault(ExclusionReasons.OverCeiling);
        Assert.Equal(maxSends is 37 or 90 || maxCostMinor is 11, over > 0);
        if (maxSends == 37)
        {
            Assert.InRange(treated.Count, 34, 37); // It is used, too.
        }
    }

    [Fact]
    public async Task A_stock_is_a_ceiling_on_its_variant_alike_for_any_number_of_buckets()
    {
        var campaign = PlanWorld.TwoVariants();
        campaign = campaign with { Treatments = [campaign.Treatments[0] with { Offer = campaign.Treatments[0].Offer with { Stock = 25 } }, campaign.Treatments[1]] };
        var (text, plan, rows) = await PlanAsync(16, campaign);
        Assert.Equal(text, (await PlanAsync(1, campaign)).Text);
        Assert.Equal(text, (await PlanAsync(256, campaign)).Text);
        Assert.InRange(rows.Values.Count(r => !r.Row.HeldOut && r.Row.Treatment == "gift"), 23, 25);
        Assert.Equal(plan.AudienceCustomers, plan.Treated + plan.HeldOut + plan.SkippedCustomers);
    }

    [Theory]
    [InlineData(1, 1)]
    [InlineData(2, 4)]
    [InlineData(3, 8)]
    public async Task Messages_shuffled_repeated_and_handled_at_once_change_nothing(int seed, int parallel)
    {
        var campaign = PlanWorld.TwoVariants() with { MaxSends = 60 };
        var (text, _, _) = await PlanAsync(16, campaign);
        Assert.Equal(text, (await PlanAsync(16, campaign, seed, parallel)).Text);
    }

    [Fact]
    public async Task A_part_cut_short_and_run_again_ends_the_same()
    {
        await using var world = await PlanWorld.CreateAsync(4);
        await world.AddMixAsync(Customers);
        var run = await world.PlanAsync(PlanWorld.TwoVariants() with { MaxSends = 60 });
        var text = await world.TextAsync(run);
        var rows = await world.RowsAsync(run);

        // As after a crash: some rows are gone, and so is what the parts and the job said of themselves.
        foreach (var (key, _) in rows.Where((_, i) => i % 3 == 0))
        {
            var customer = new CustomerKey(key);
            await world.Store.Rows.CommitAsync(
                Tables.Customers,
                new Bucketing(4).PartitionOf(customer),
                [new RowOperation.Delete(Tables.Assignment(run, customer)), new RowOperation.Delete(Tables.RunOf(customer, run))],
                PlanWorld.None);
        }

        var head = (await world.Runner.FindAsync(run, PlanWorld.None))!;
        var gone = Enumerable.Range(0, 4).Select(p => (RowOperation)new RowOperation.Delete(Core.Jobs.JobRows.Part(AssignStep.StageName, p))).ToList();
        gone.Add(new RowOperation.Delete(Core.Jobs.JobRows.Result(AssignStep.StageName)));
        gone.Add(new RowOperation.Upsert(Core.Jobs.JobRows.Head, RowCodec.Encode(head with { Status = Core.Jobs.JobStatus.Running })));
        await world.Store.Rows.CommitAsync(Tables.Work, run, gone, PlanWorld.None);
        await world.Runner.CreateAsync(head, PlanWorld.None);
        await new JobDriver(world.Runner).WakeAsync(PlanWorld.None);
        Assert.Equal(text, await world.TextAsync(run));
    }

    [Fact]
    public async Task Reasons_are_counted_by_segment_and_only_for_the_audience()
    {
        var (_, plan, _) = await PlanAsync(16, PlanWorld.TwoVariants());
        // Of ten customers: one without a row, one without consent, one suppressed, two by SMS only, one over the cap.
        var reasons = plan.SkippedByReason();
        Assert.Equal([ExclusionReasons.DoNotContact, ExclusionReasons.FrequencyCap, ExclusionReasons.NoAddress, ExclusionReasons.NoConsent], reasons.Keys.Order(StringComparer.Ordinal));
        Assert.All(reasons.Values, count => Assert.Equal(Customers * 2 / 3 / 10, count));
        Assert.Equal([SegmentNames.AtRisk, SegmentNames.Loyal], plan.Audience.Select(a => a.Segment));
    }

    [Fact]
    public async Task A_holdout_of_nothing_holds_nobody_out_and_of_half_about_half()
    {
        var (_, none, _) = await PlanAsync(16, PlanWorld.TwoVariants() with { HoldoutShare = 0 });
        Assert.Equal(0, none.HeldOut);
        var (_, half, rows) = await PlanAsync(16, PlanWorld.TwoVariants() with { HoldoutShare = 0.5 });
        Assert.InRange(half.HeldOut, (rows.Count / 2) - 40, (rows.Count / 2) + 40);
        Assert.Equal(rows.Count * 500_000L, half.Cells.Sum(c => c.TreatedPartsPerMillion));
        Assert.All(rows.Values, r => Assert.Equal(r.Row.HeldOut ? SendState.HeldOut : SendState.Decided, r.Row.State));
    }

    [Fact]
    public async Task An_assignment_keeps_what_its_result_will_rest_on()
    {
        await using var world = await PlanWorld.CreateAsync();
        var history = new PurchaseHistory
        {
            CustomerId = "c",
            RecentOrders =
            [
                new(PlanWorld.Start.AddDays(-31), 1), new(PlanWorld.Start.AddDays(-30), 20), new(PlanWorld.Start.AddDays(-1), 300), new(PlanWorld.Start, 4000),
            ],
        };
        await world.AddAsync("c", SegmentNames.Loyal, history: history);
        var run = await world.PlanAsync(PlanWorld.TwoVariants() with { HoldoutShare = 0 });
        var row = (await world.RowsAsync(run)).Single().Value.Row;
        Assert.Equal(("c", "spring", SegmentNames.Loyal, PlanWorld.Start), (row.CustomerId, row.Campaign, row.Segment, row.AssignedAt));
        Assert.Equal("o-" + row.Treatment, row.Offer);
        Assert.Equal(320, row.Outcome.PriorMinor);
        Assert.NotNull(await world.Store.Rows.GetAsync(Tables.Customers, world.Partition("c"), Tables.RunOf(world.Key("c"), run), PlanWorld.None));
    }

    [Fact]
    public async Task Memberships_count_as_the_frozen_recompute_left_them()
    {
        await using var world = await PlanWorld.CreateAsync();
        await world.AddAsync("was", SegmentNames.Loyal);
        await world.AddAsync("became", SegmentNames.Regular);
        var later = PlanWorld.Start.AddHours(-1);
        async Task Move(string id, string from, string to) => await world.Store.Rows.UpdateAsync<MembershipRow>(
            Tables.Customers,
            world.Partition(id),
            Tables.Membership(world.Key(id)),
            m => new MembershipRow { Primary = to, Present = [new(to, later)], Past = [new(from, m!.Present[0].Since, later)] },
            PlanWorld.None);
        await Move("was", SegmentNames.Loyal, SegmentNames.Regular);
        await Move("became", SegmentNames.Regular, SegmentNames.Loyal);
        var run = await world.PlanAsync(PlanWorld.TwoVariants());
        Assert.Equal(["was"], (await world.RowsAsync(run)).Values.Select(r => r.Row.CustomerId));
    }

    [Fact]
    public async Task Whoever_is_being_measured_is_left_out_of_the_next_run_in_both_arms()
    {
        await using var world = await PlanWorld.CreateAsync();
        await world.AddMixAsync(60);
        var first = await world.PlanAsync(PlanWorld.TwoVariants() with { HoldoutShare = 0.5 });
        await world.Store.Workspace.SetNowAsync(PlanWorld.Start.AddDays(29), PlanWorld.None);
        var second = await world.PlanAsync(PlanWorld.TwoVariants());
        var assigned = (await world.RowsAsync(first)).Keys;
        Assert.NotEmpty(assigned);
        Assert.Empty((await world.RowsAsync(second)).Keys.Intersect(assigned));
        Assert.Equal(assigned.Count, (await world.PlanOfAsync(second)).SkippedByReason()[ExclusionReasons.StillMeasured]);

        // Nobody was written to, so when the window closes they are free again.
        await world.Store.Workspace.SetNowAsync(PlanWorld.Start.AddDays(30), PlanWorld.None);
        var third = await world.PlanAsync(PlanWorld.TwoVariants());
        Assert.Equal(assigned, (await world.RowsAsync(third)).Keys.Intersect(assigned));
    }

    [Fact]
    public async Task Somebody_reachable_only_since_the_count_never_takes_a_bucket_over_its_allowance()
    {
        await using var world = await PlanWorld.CreateAsync(1);
        await world.AddMixAsync(100);
        Assert.IsType<SaveResult.Saved>(await world.Catalog.SaveAsync(PlanWorld.TwoVariants() with { MaxSends = 10, HoldoutShare = 0 }, null, PlanWorld.None));
        var launched = Assert.IsType<LaunchResult.Launched>(await world.Launch.LaunchNowAsync("spring", null, PlanWorld.None));
        var assign = await world.Runner.HandleAsync(Core.Jobs.Envelope.Parse(launched.Messages.Single().Body).Work!, PlanWorld.None);
        await world.AddMixAsync(1000);
        await new JobDriver(world.Runner).RunAsync(assign);
        Assert.Equal(10, (await world.PlanOfAsync(launched.Run)).Treated);
    }
}
