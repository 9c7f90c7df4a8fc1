using Campaigns.Core.Offers;
using Campaigns.Core.Offers.Learning;
using Campaigns.Core.Planning;
using Campaigns.Core.Planning.Constraints;
using Campaigns.Core.Primitives;
using Campaigns.Core.Profiles;
using Campaigns.Core.Segments;
using Campaigns.Core.Storage;

namespace Campaigns.Core.Tests.Planning.Constraints;

/// <summary>Runs with something short, through the real steps and a real store.</summary>
public sealed class ConstrainedRunTests
{
    private const int Customers = 800;

    /// <summary>"gift" costs little; "discount" gives a fifth away and is worth more to at-risk customers than to loyal ones.</summary>
    private static Campaign Spring() => PlanWorld.TwoVariants() with
    {
        ReentryPauseDays = 0,
        OutcomeWindowDays = 10,
        HoldoutShare = 0.2,
        Treatments =
        [
            PlanWorld.Variant("gift", Channel.Email),
            PlanWorld.Variant("discount", Channel.Email) with
            {
                Offer = new Offer { Id = "o-discount", Name = "discount", Kind = OfferKind.TimeLimitedDiscount, DiscountShare = 0.2, ValidHours = 72, Code = "SPRING" },
            },
        ],
    };

    private static async Task<PlanWorld> WorldAsync(int buckets = 16, bool bought = false)
    {
        var world = await PlanWorld.CreateAsync(buckets);
        await world.Store.Workspace.ChangeAsync(s => s with { MarginShare = 0.5 }, default);
        for (var i = 0; i < Customers; i++)
        {
            var id = "c" + i;
            await world.AddAsync(id, i % 2 == 0 ? SegmentNames.Loyal : SegmentNames.AtRisk, history: !bought ? null : new PurchaseHistory
            {
                CustomerId = id,
                Orders = 2,
                SpendMinor = 10_000,
                FirstOrderAt = PlanWorld.Start.AddDays(-40),
                LastOrderAt = PlanWorld.Start.AddDays(-5),
                RecentOrders = [new RecentOrder(PlanWorld.Start.AddDays(-40), 5_000), new RecentOrder(PlanWorld.Start.AddDays(-5), 5_000)],
            });
        }

        return world;
    }

    /// <summary>A first run that is over, and what it taught: of loyal customers 10 % buy whatever comes and 12 % with either message; of those at risk 2 %, 4 % with the gift and 9 % with the discount.</summary>
    private static async Task<string> SecondRunAsync(PlanWorld world, Campaign campaign)
    {
        await world.PlanAsync(campaign);
        ArmTotals Totals(double rate)
        {
            var sum = default(ArmTotals);
            for (var i = 0; i < 4_000; i++)
            {
                sum = sum.With(i < 4_000 * rate ? 5_000 : 0);
            }

            return sum;
        }

        CellEvidence Cell(string segment, double nothing, double gift, double discount) => new(
            segment, "gift|discount", Totals(nothing), [new ArmEvidence("gift", Totals(gift)), new ArmEvidence("discount", Totals(discount), (long)(4_000 * discount * 1_000))]);
        await new EvidenceRows(world.Store.Rows).WriteAsync(
            campaign.Id,
            new RunEvidence { Run = Campaign.RunId(campaign.Id, 0), Occurrence = 0, Cells = [Cell(SegmentNames.Loyal, 0.1, 0.12, 0.12), Cell(SegmentNames.AtRisk, 0.02, 0.04, 0.09)] },
            default);
        await world.Store.Workspace.SetNowAsync(PlanWorld.Start.AddDays(11), default);
        await world.SegmentedAsync(PlanWorld.Start.AddDays(10));
        return await world.PlanAsync(campaign);
    }

    private static async Task<Weighing> WeighingAsync(PlanWorld world, string run) =>
        RowCodec.Decode<Weighing>((await world.Runner.ResultAsync(run, WeighStep.StageName, default))!.Value);

    private static double ReservedMinor(PlanWorld world, Weighing weighing, IEnumerable<AssignmentRow> rows) =>
        rows.Where(r => !r.HeldOut).Sum(r => weighing.ReservedMicros(r.Segment, r.Treatment) + 1_000) / (double)Money.MicrosPerMinor("GBP");

    [Fact]
    public async Task A_budget_goes_where_it_earns_most_is_reserved_in_full_and_gives_the_same_for_any_number_of_buckets()
    {
        var texts = new List<string>();
        foreach (var buckets in new[] { 16, 1, 256 })
        {
            await using var world = await WorldAsync(buckets);
            var run = await SecondRunAsync(world, Spring() with { BudgetMinor = 20_000 });
            texts.Add(await world.TextAsync(run));
            var weighing = await WeighingAsync(world, run);
            var report = weighing.Report!;
            Assert.Equal(["budget"], report.Binding);
            Assert.InRange(report.ReservedMinor, 0.97 * 20_000, 20_000);
            Assert.True(report.ReservedMinor > report.ExpectedSpendMinor);
            Assert.InRange(report.GapShare!.Value, 0, 0.005);
            Assert.InRange(report.CurveGapShare!.Value, 0, 0.005);
            Assert.True(report.BudgetPrice > 0);
            Assert.True(report.Curve[0].ProfitMinor < report.Curve[1].ProfitMinor && report.Curve[1].ProfitMinor < report.Curve[2].ProfitMinor);

            var rows = (await world.RowsAsync(run)).Values.Select(r => r.Row).ToList();
            Assert.True(ReservedMinor(world, weighing, rows) <= 20_000);
            double Discounted(string segment) => rows.Count(r => r.Segment == segment && !r.HeldOut && r.Treatment == "discount");
            Assert.True(Discounted(SegmentNames.AtRisk) > 4 * Discounted(SegmentNames.Loyal), $"{Discounted(SegmentNames.AtRisk)} against {Discounted(SegmentNames.Loyal)}");
            Assert.All(rows, r => Assert.True(r.Candidates[0].PartsPerMillion >= 200_000));
            Assert.All(rows, r => Assert.Equal(StableHash.Million, r.Candidates.Sum(c => c.PartsPerMillion)));
        }

        Assert.Equal(texts[0], texts[1]);
        Assert.Equal(texts[0], texts[2]);
    }

    [Fact]
    public async Task A_smaller_budget_never_reserves_more_nor_earns_more()
    {
        var reports = new List<BudgetReport>();
        foreach (var budget in new long[] { 2_000, 10_000, 40_000, 1_000_000 })
        {
            await using var world = await WorldAsync();
            reports.Add((await WeighingAsync(world, await SecondRunAsync(world, Spring() with { BudgetMinor = budget }))).Report!);
        }

        Assert.Equal(reports.Select(r => r.ReservedMinor).Order(), reports.Select(r => r.ReservedMinor));
        Assert.Equal(reports.Select(r => r.ExpectedProfitMinor!.Value).Order(), reports.Select(r => r.ExpectedProfitMinor!.Value));
        Assert.Equal(reports.Select(r => r.BudgetPrice!.Value).OrderDescending(), reports.Select(r => r.BudgetPrice!.Value));
        Assert.Empty(reports[^1].Binding);
        Assert.Equal((0, 0), (reports[^1].BudgetPrice, reports[^1].GapShare));
    }

    [Fact]
    public async Task A_limit_on_messages_is_met_by_the_choice_not_by_leaving_customers_out()
    {
        await using var world = await WorldAsync();
        var run = await SecondRunAsync(world, Spring() with { MaxSends = 200 });
        var rows = (await world.RowsAsync(run)).Values.Select(r => r.Row).ToList();
        Assert.InRange(rows.Count(r => !r.HeldOut), 150, 200);
        Assert.True(rows.Count > 0.8 * Customers, "Who is not written to is held out with a logged probability, not left out.");
        Assert.True(rows.Count(r => !r.HeldOut && r.Segment == SegmentNames.AtRisk) > 3 * rows.Count(r => !r.HeldOut && r.Segment == SegmentNames.Loyal));
        Assert.Equal(["messages"], (await WeighingAsync(world, run)).Report!.Binding);
    }

    [Fact]
    public async Task Several_constraints_hold_together_and_the_gap_is_reported()
    {
        await using var world = await WorldAsync();
        var campaign = Spring();
        campaign = campaign with
        {
            BudgetMinor = 20_000,
            MaxSends = 300,
            Treatments = [campaign.Treatments[0], campaign.Treatments[1] with { Offer = campaign.Treatments[1].Offer with { Stock = 90 } }],
        };
        var run = await SecondRunAsync(world, campaign);
        var rows = (await world.RowsAsync(run)).Values.Select(r => r.Row).ToList();
        var weighing = await WeighingAsync(world, run);
        Assert.True(rows.Count(r => !r.HeldOut) <= 300);
        Assert.True(rows.Count(r => !r.HeldOut && r.Treatment == "discount") <= 90);
        Assert.True(ReservedMinor(world, weighing, rows) <= 20_000);
        Assert.InRange(weighing.Report!.GapShare!.Value, 0, 0.02);
        Assert.Contains("stock of discount", weighing.Report.Binding);
    }

    [Fact]
    public async Task Before_anything_was_learnt_a_budget_reserves_what_earlier_buying_leads_to_expect()
    {
        await using var world = await WorldAsync(bought: true);
        var run = await world.PlanAsync(Spring() with { BudgetMinor = 8_000 });
        var (weighing, rows) = (await WeighingAsync(world, run), (await world.RowsAsync(run)).Values.Select(r => r.Row).ToList());
        // One order per ten days and customer, of 50.00, half more with a message: 1.5 × 10.00 given away per discount, and some for chance.
        var each = weighing.ReservedMicros(SegmentNames.Loyal, "discount") / (double)Money.MicrosPerMinor("GBP");
        Assert.InRange(each, 1_500, 2_500);
        Assert.Equal(0, weighing.ReservedMicros(SegmentNames.Loyal, "gift"));
        Assert.InRange(ReservedMinor(world, weighing, rows), 0.5 * 8_000, 8_000);
        Assert.Equal("budget", Assert.Single(weighing.Report!.Binding));
        Assert.Null(weighing.Report.BudgetPrice);
    }

    [Fact]
    public async Task Before_anything_was_learnt_a_small_stock_goes_to_a_few_and_the_other_variant_to_the_rest()
    {
        await using var world = await WorldAsync();
        var campaign = Spring();
        campaign = campaign with { Treatments = [campaign.Treatments[0] with { Offer = campaign.Treatments[0].Offer with { Stock = 50 } }, campaign.Treatments[1]] };
        var run = await world.PlanAsync(campaign);
        var rows = (await world.RowsAsync(run)).Values.Select(r => r.Row).ToList();
        Assert.Equal(Customers, rows.Count);
        Assert.InRange(rows.Count(r => !r.HeldOut && r.Treatment == "gift"), 15, 50);
        Assert.True(rows.Count(r => !r.HeldOut && r.Treatment == "discount") > 0.65 * Customers);
        Assert.Equal(ConstrainedPolicy.SharesName, (await WeighingAsync(world, run)).Policy!.Policy);
    }

    [Fact]
    public async Task A_run_where_nothing_is_short_is_not_weighed()
    {
        await using var world = await WorldAsync();
        var weighing = await WeighingAsync(world, await SecondRunAsync(world, Spring()));
        Assert.Null(weighing.Policy);
        Assert.Null(weighing.Report);
    }

    /// <summary>The campaign runs every 11 days until it is refused; what each run reserved, micro-units, and the refusal. <paramref name="measured"/>: what a run has cost when the next is launched, null = not measured.</summary>
    private static async Task<(IReadOnlyList<long> Reserved, string Refusal)> UntilRefusedAsync(PlanWorld world, Campaign campaign, Func<long, long?> measured)
    {
        var reserved = new List<long>();
        Assert.IsType<SaveResult.Saved>(await world.Catalog.SaveAsync(campaign, null, default));
        for (var occurrence = 0; occurrence < 8; occurrence++)
        {
            var now = PlanWorld.Start.AddDays(11 * occurrence);
            await world.Store.Workspace.SetNowAsync(now, default);
            await world.SegmentedAsync(now.AddDays(-1));
            switch (await world.Launch.LaunchNowAsync(campaign.Id, null, default))
            {
                case LaunchResult.Refused refused:
                    return (reserved, refused.Reason);
                case LaunchResult.Launched launched:
                    await new JobDriver(world.Runner).RunAsync(launched.Messages);
                    var counted = RowCodec.Decode<CeilingPlan>((await world.Runner.ResultAsync(launched.Run, CountStep.StageName, default))!.Value);
                    reserved.Add(counted.Allowances.Sum(a => a.ReservedMicros));
                    if (measured(reserved[^1]) is { } spent)
                    {
                        await RunSpend.WriteAsync(world.Store.Rows, launched.Run, new RunSpend { SpentMicros = spent, MeasuredAt = now.AddDays(10), Closed = true }, default);
                    }

                    break;
            }
        }

        return (reserved, "");
    }

    private const long TotalMinor = 20_000;

    private static long TotalMicros => TotalMinor * (long)Money.MicrosPerMinor("GBP");

    [Fact]
    public async Task What_all_runs_of_a_campaign_reserve_never_passes_its_total_budget_and_then_it_is_refused()
    {
        await using var world = await WorldAsync(bought: true);
        await world.Store.Workspace.ChangeAsync(s => s with { EmailCostMicros = 10_000 }, default);
        var campaign = Spring() with { TotalBudgetMinor = TotalMinor, BudgetMinor = 19_000 };

        var (reserved, refusal) = await UntilRefusedAsync(world, campaign, _ => null);

        Assert.True(reserved.Count >= 2 && reserved[1] > 0, string.Join(' ', reserved));
        Assert.InRange(reserved.Sum(), TotalMicros * 99 / 100, TotalMicros);
        Assert.StartsWith("Total budget: of £200.00, earlier sends have cost £0.00 and still reserve £", refusal, StringComparison.Ordinal);
        Assert.Equal(refusal, (await world.Catalog.FindAsync(campaign.Id, default))!.Value.LaunchProblem);
        var preview = await new AudiencePreviews(world.Store.Rows, world.Store.Blobs, world.Store.Workspace, world.Runs)
            .OfAsync((await world.Catalog.FindAsync(campaign.Id, default))!.Value, default);
        Assert.Equal(refusal, preview!.BudgetUsedUp);
        Assert.Equal(0, preview.ExpectedSends);
    }

    [Fact]
    public async Task A_run_whose_window_has_closed_takes_what_it_cost_of_the_total_budget_not_what_it_reserved()
    {
        await using var world = await WorldAsync(bought: true);
        var campaign = Spring() with { TotalBudgetMinor = TotalMinor };

        var (reserved, refusal) = await UntilRefusedAsync(world, campaign, r => r / 2);

        Assert.InRange(reserved[1], 1, TotalMicros - (reserved[0] / 2));
        Assert.True(reserved[0] + reserved[1] > TotalMicros, "Half of the first run's reserve is there again.");
        Assert.True(reserved.SkipLast(1).Sum() / 2 + reserved[^1] <= TotalMicros);
        Assert.True(refusal.Length == 0 || refusal.Contains("have cost", StringComparison.Ordinal));

        await using var dearer = await WorldAsync(bought: true);
        var (once, refused) = await UntilRefusedAsync(dearer, campaign, _ => TotalMicros + 1);
        Assert.Single(once);
        Assert.Equal("Total budget: of £200.00, earlier sends have cost £200.00; £0.00 is left, too little for another send. Raise the total budget, or finish the campaign.", refused);
    }

    [Fact]
    public async Task The_total_budget_is_what_binds_where_it_leaves_less_than_the_budget_of_a_run()
    {
        await using var world = await WorldAsync(bought: true);
        var run = await world.PlanAsync(Spring() with { BudgetMinor = 1_000_000, TotalBudgetMinor = 8_000 });
        var report = (await WeighingAsync(world, run)).Report!;
        Assert.Equal("total budget", Assert.Single(report.Binding));
        Assert.Equal(8_000, report.BudgetMinor);
        Assert.Equal(8_000 * (long)Money.MicrosPerMinor("GBP"), report.Total!.LeftMicros);
    }
}
