using Campaigns.Core.Offers.Learning;
using Campaigns.Core.Planning;
using Campaigns.Core.Planning.Forecast;
using Campaigns.Core.Profiles;
using Campaigns.Core.Segments;
using Campaigns.Core.Storage;

namespace Campaigns.Core.Tests.Planning.Forecast;

/// <summary>What is said before a launch, through the real store.</summary>
public sealed class ForecastTests
{
    private static CancellationToken None => CancellationToken.None;

    /// <summary>1,000 customers who may be written to; one in five bought for 40.00 ten days ago, the others a year ago.</summary>
    private static async Task<PlanWorld> WorldAsync(int buckets = 16, double? holdout = null)
    {
        var world = await PlanWorld.CreateAsync(buckets);
        await world.Store.Workspace.ChangeAsync(s => s with { MarginShare = 0.4, HoldoutShare = holdout }, None);
        for (var i = 0; i < 1_000; i++)
        {
            var id = "c" + i;
            var order = new RecentOrder(PlanWorld.Start.AddDays(i % 5 == 0 ? -10 : -365), 4_000 + i);
            await world.AddAsync(id, i % 2 == 0 ? SegmentNames.Loyal : SegmentNames.AtRisk, null, new PurchaseHistory { CustomerId = id, Orders = 1, FirstOrderAt = order.At, LastOrderAt = order.At, RecentOrders = [order] });
        }

        return world;
    }

    private static Campaign Discount(double share) => PlanWorld.TwoVariants() with
    {
        Treatments = [.. PlanWorld.TwoVariants().Treatments.Select(t => t with { Offer = t.Offer with { Kind = Core.Offers.OfferKind.TimeLimitedDiscount, ValidHours = 72, Code = "SPRING", DiscountShare = share } })],
    };

    private static async Task<AudiencePreview> PreviewAsync(PlanWorld world, Campaign campaign) =>
        (await new AudiencePreviews(world.Store.Rows, world.Store.Blobs, world.Store.Workspace, world.Runs).OfAsync(campaign, None))!;

    [Theory]
    [InlineData(1)]
    [InlineData(16)]
    [InlineData(256)]
    public async Task A_run_freezes_the_share_that_it_chose_and_why_for_any_number_of_buckets(int buckets)
    {
        await using var world = await WorldAsync(buckets);
        var inputs = (await world.Runs.FindAsync(await world.PlanAsync(Discount(0.14)), None))!.Inputs;

        // Break-even of 14 % off at a margin of 40 %: 14 ÷ 26 of the 20 % who buy anyway, and sending.
        var chosen = inputs.Holdout!;
        Assert.Equal((1_000L, 0.2, BaselineSource.EarlierWindow), (chosen.Customers, chosen.Baseline.Conversion, chosen.Baseline.Source));
        Assert.InRange(chosen.BreakEvenRise!.Value, 0.1076, 0.109);
        Assert.Equal((200_000, true, 200_000), (chosen.PartsPerMillion, chosen.Detects, inputs.HoldoutPartsPerMillion));
        Assert.Contains("1,000 customers", chosen.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_amount_off_is_reckoned_on_the_audience_s_own_baskets_before_anything_was_learnt()
    {
        await using var world = await WorldAsync();
        var share = (await PreviewAsync(world, Discount(0.14))).Forecast!;
        var amount = PlanWorld.TwoVariants() with
        {
            Treatments = [.. PlanWorld.TwoVariants().Treatments.Select(t => t with { Offer = t.Offer with { DiscountMinor = (long)(0.14 * share.Baseline.BasketMinor!.Value) } })],
        };
        Assert.Equal(share.BreakEvenRise!.Value, (await PreviewAsync(world, amount)).Forecast!.BreakEvenRise!.Value, 0.001);
    }

    [Fact]
    public async Task A_fixed_share_is_kept_and_needs_no_reason()
    {
        await using var world = await WorldAsync(holdout: 0.05);
        var inputs = (await world.Runs.FindAsync(await world.PlanAsync(Discount(0.14)), None))!.Inputs;
        Assert.Equal((50_000, null), (inputs.HoldoutPartsPerMillion, inputs.Holdout));
    }

    [Fact]
    public async Task A_preview_says_what_could_be_told_at_this_size_as_the_run_will_choose()
    {
        await using var world = await WorldAsync();
        var preview = await PreviewAsync(world, Discount(0.14));
        var plan = await world.PlanOfAsync(await world.PlanAsync(Discount(0.14)));
        Assert.Equal(plan.Cells, preview.Plan.Cells);

        var forecast = preview.Forecast!;
        Assert.Equal(Power.DetectableRise(0.2, [new ArmSizes(plan.Treated, plan.HeldOut)]), forecast.DetectableRise);
        Assert.Equal(0, forecast.Profit!.Runs);
        Assert.True(forecast.Profit.LowMinor < forecast.Profit.MeanMinor && forecast.Profit.MeanMinor < forecast.Profit.HighMinor);
        // 200 held out, one in five of whom buys: fewer than a verdict takes.
        Assert.Equal(Measurable.TooSmall, forecast.Measurable);
        Assert.StartsWith("Too small to measure: about ", ForecastWords.Detectable(forecast, "GBP"), StringComparison.Ordinal);
        Assert.Contains("a guess until a first send has been measured", ForecastWords.Profit(forecast, "GBP"), StringComparison.Ordinal);
        Assert.Contains("20.0 of 100 customers buy", ForecastWords.BreakEven(forecast), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_margins_money_is_revenue_and_profit_is_not_guessed()
    {
        await using var world = await WorldAsync(holdout: 0.5);
        var profit = (await PreviewAsync(world, Discount(0.14))).Forecast!;
        await world.Store.Workspace.ChangeAsync(s => s with { MarginShare = null }, None);
        var revenue = (await PreviewAsync(world, Discount(0.14))).Forecast!;
        Assert.Null(revenue.Profit);
        Assert.Null(revenue.BreakEvenRise);
        Assert.Equal(0.4 * revenue.DetectableMinor!.Value, profit.DetectableMinor!.Value, 1e-6);
        Assert.Contains("more revenue per customer", ForecastWords.Detectable(revenue, "GBP"), StringComparison.Ordinal);
        Assert.Contains("say the margin", ForecastWords.Profit(revenue, "GBP"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Nobody_held_out_means_that_nothing_can_be_told()
    {
        await using var world = await WorldAsync(holdout: 0);
        var forecast = (await PreviewAsync(world, Discount(0.14))).Forecast!;
        Assert.Equal((Measurable.NoControlGroup, null), (forecast.Measurable, forecast.DetectableRise));
    }

    [Fact]
    public async Task Closed_runs_say_what_to_expect_and_count_in_the_test()
    {
        await using var world = await WorldAsync(holdout: 0.2);
        await new EvidenceRows(world.Store.Rows).WriteAsync("spring", Taught(), None);
        var campaign = Discount(0) with { Occurrences = 1 };
        var forecast = (await PreviewAsync(world, campaign)).Forecast!;

        Assert.Equal((BaselineSource.ClosedRuns, 0.1), (forecast.Baseline.Source, forecast.Baseline.Conversion));
        Assert.Equal((10_000L, 1), (forecast.EarlierCustomers, forecast.Profit!.Runs));
        // Twice as many bought with the message: some 1,000 × .8 × .1 × 16.00, surely above nothing.
        Assert.InRange(forecast.Profit.LowMinor, 30_000, forecast.Profit.MeanMinor);
        Assert.Equal(Measurable.Well, forecast.Measurable);
        Assert.Contains("learnt from one earlier send", ForecastWords.Profit(forecast, "GBP"), StringComparison.Ordinal);
        Assert.Contains("10,000 customers, count in it", ForecastWords.Detectable(forecast, "GBP"), StringComparison.Ordinal);
    }

    /// <summary>A tenth bought without a message, a fifth with either.</summary>
    private static RunEvidence Taught()
    {
        static ArmTotals Totals(int customers, int buyers) => Enumerable.Range(0, customers).Aggregate(default(ArmTotals), (sum, i) => sum.With(i < buyers ? 4_000 : 0));
        return new RunEvidence
        {
            Run = Campaign.RunId("spring", 0),
            Occurrence = 0,
            Cells = [.. new[] { SegmentNames.Loyal, SegmentNames.AtRisk }.Select(s => new CellEvidence(
                s, "gift|picks", Totals(1_000, 100), [new ArmEvidence("gift", Totals(2_000, 400)), new ArmEvidence("picks", Totals(2_000, 400))]))],
        };
    }

    [Fact]
    public void Too_few_buyers_to_go_by_make_the_baseline_an_assumption()
    {
        var survey = new AudienceSurvey { Customers = 1_000, Read = 1_000, Window = [new PriorBin(100, 39)], LastOrders = [new PriorBin(100, 500)] };
        var baseline = Baseline.Of([], survey, true);
        Assert.Equal((BaselineSource.Assumed, Baseline.UsualConversion), (baseline.Source, baseline.Conversion));
        Assert.NotNull(baseline.BasketMinor);
        Assert.Equal(BaselineSource.EarlierWindow, Baseline.Of([], survey with { Window = [new PriorBin(100, 40)] }, true).Source);
        Assert.Equal(BaselineSource.Assumed, Baseline.Of([], survey with { Window = [new PriorBin(100, 40)] }, countsOrders: false).Source);
    }

    [Fact]
    public async Task A_fair_sample_of_a_large_audience_is_the_same_for_any_number_of_buckets()
    {
        var surveys = new List<(long Customers, long Read, long Buyers)>();
        foreach (var buckets in new[] { 1, 16 })
        {
            await using var world = await WorldAsync(buckets);
            // As if the latest recompute had found 200,000: a quarter is read.
            await SegmentSeries.AddAsync(world.Store.Rows, new SegmentPoint { Job = "r", AsOf = PlanWorld.Start.AddDays(-1), OrderedCustomers = 4 * AudienceSurveys.Limit }, None);
            var inputs = (await world.Runs.FreezeAsync(Discount(0.14), PlanWorld.Start, None))!;
            var survey = await AudienceSurveys.OfAsync(world.Store.Rows, buckets, new RunFrame("run", PlanWorld.Start, inputs, Convert.ToHexStringLower(PlanWorld.Salt)), null, None);
            Assert.True(survey.Estimated);
            Assert.Equal(4 * survey.Read, survey.Customers);
            Assert.InRange(survey.Read, 180, 320);
            surveys.Add((survey.Customers, survey.Read, survey.Window.Sum(w => w.Customers)));
        }

        Assert.Equal(surveys[0], surveys[1]);
    }
}
