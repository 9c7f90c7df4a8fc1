using Campaigns.Core.Ingest;
using Campaigns.Core.Jobs;
using Campaigns.Core.Offers;
using Campaigns.Core.Planning;
using Campaigns.Core.Primitives;
using Campaigns.Core.Profiles;
using Campaigns.Core.Segments;
using Campaigns.Core.Storage;

namespace Campaigns.Core.Tests.Planning.Terms;

/// <summary>Who gets which offer in runs planned by the real steps on a real store.</summary>
public sealed class OfferTermsRunTests
{
    private const int Customers = 120;

    private static Campaign Discounts(string id, Func<Offer, Offer>? change = null)
    {
        var discount = new Offer { Id = "o-off", Name = "off", Kind = OfferKind.ExclusiveBenefit, DiscountShare = 0.2, Code = "OFF" };
        return PlanWorld.TwoVariants(id) with
        {
            Segments = [SegmentNames.Loyal],
            HoldoutShare = 0.25,
            OnlyOwnWindows = true,
            ReentryPauseDays = 0,
            Treatments = [PlanWorld.Variant("off", Channel.Email) with { Offer = change is null ? discount : change(discount) }],
        };
    }

    private static async Task<PlanWorld> ShopAsync(int buckets = 16)
    {
        var world = await PlanWorld.CreateAsync(buckets);
        for (var i = 0; i < Customers; i++)
        {
            await world.AddAsync("c" + i, SegmentNames.Loyal, history: History("c" + i, 1 + (i % 4)));
        }

        return world;
    }

    private static PurchaseHistory History(string id, int orders) => new() { CustomerId = id, Orders = orders, FirstOrderAt = PlanWorld.Start.AddDays(-90), LastOrderAt = PlanWorld.Start.AddDays(-3) };

    [Theory]
    [InlineData(1)]
    [InlineData(16)]
    public async Task A_customer_who_was_given_enough_discounts_gets_none_and_those_held_out_were_given_none(int buckets)
    {
        await using var world = await ShopAsync(buckets);
        await world.Store.Workspace.ChangeAsync(s => s with { MaxDiscounts = 1, DiscountDays = 60 }, PlanWorld.None);
        var first = await world.RowsAsync(await world.PlanAsync(Discounts("first")));
        await world.Store.Workspace.SetNowAsync(PlanWorld.Start.AddDays(2), PlanWorld.None);
        var run = await world.PlanAsync(Discounts("second"));
        var second = await world.RowsAsync(run);
        Assert.NotEmpty(second);
        Assert.Equal(first.Where(r => r.Value.Row.HeldOut).Select(r => r.Key), second.Keys);
        Assert.Equal(first.Count(r => !r.Value.Row.HeldOut), (await world.PlanOfAsync(run)).SkippedByReason()[ExclusionReasons.DiscountCeiling]);

        // The period over, all may again.
        await world.Store.Workspace.SetNowAsync(PlanWorld.Start.AddDays(63), PlanWorld.None);
        Assert.Equal(Customers, (await world.RowsAsync(await world.PlanAsync(Discounts("third")))).Count);
    }

    [Fact]
    public async Task An_offer_reaches_only_those_whom_its_rule_and_its_time_allow()
    {
        await using var world = await ShopAsync();
        await RecomputedAsync(world);
        var run = await world.PlanAsync(Discounts("rule", o => o with { EligibilityRule = """{"field": "orders", "at_least": 3}""" }));
        var rows = await world.RowsAsync(run);
        Assert.Equal(Enumerable.Range(0, Customers).Where(i => i % 4 >= 2).Select(i => world.Key("c" + i).Text).Order(StringComparer.Ordinal), rows.Keys);
        Assert.Equal(Customers / 2, (await world.PlanOfAsync(run)).SkippedByReason()[ExclusionReasons.NoOfferFits]);

        var early = await world.PlanAsync(Discounts("early", o => o with { ValidFrom = PlanWorld.Start.AddDays(1) }));
        Assert.Equal(Customers, (await world.PlanOfAsync(early)).SkippedByReason()[ExclusionReasons.NotValid]);
    }

    [Theory]
    [InlineData(CampaignPurpose.PromisedBenefit)]
    [InlineData(CampaignPurpose.ServiceMessage)]
    public async Task What_is_promised_reaches_everybody_whatever_else_goes_on_that_day(CampaignPurpose purpose)
    {
        await using var world = await ShopAsync();
        await world.Store.Workspace.ChangeAsync(s => s with { MaxDiscounts = 1, ControlShares = [new ControlShare(0, 200_000)] }, PlanWorld.None);
        await world.PlanAsync(Discounts("marketing") with { OnlyOwnWindows = false });
        var promise = Discounts("promise") with { Purpose = purpose, HoldoutShare = null, OnlyOwnWindows = false };
        var rows = await world.RowsAsync(await world.PlanAsync(promise));
        Assert.Equal(Customers, rows.Count);
        Assert.All(rows.Values, r => Assert.False(r.Row.HeldOut));
        Assert.All(rows.Values, r => Assert.Equal(0, r.Row.Candidates[0].PartsPerMillion));
    }

    [Fact]
    public async Task A_promise_keeps_nobody_out_of_the_campaigns_after_it()
    {
        await using var world = await ShopAsync();
        await world.PlanAsync(Discounts("promise") with { Purpose = CampaignPurpose.PromisedBenefit, HoldoutShare = null });
        Assert.Equal(Customers, (await world.RowsAsync(await world.PlanAsync(Discounts("marketing") with { OnlyOwnWindows = false }))).Count);
    }

    /// <summary>Stores what a recompute of the built-in scheme would have learnt, so that rules can be asked.</summary>
    private static async Task RecomputedAsync(PlanWorld world)
    {
        var latest = (await world.Store.Workspace.LatestAsync("segments", PlanWorld.None))!;
        var head = new JobHead { Job = latest.Job, Kind = RecomputeInputs.JobKind, AsOf = latest.AsOf, CreatedAt = latest.AsOf, Inputs = RowCodec.Encode(new RecomputeInputs()).ToArray() };
        var learnt = new StageResult { Result = RowCodec.Encode(new SegmentParameters { Job = latest.Job, AsOf = latest.AsOf }).ToArray() };
        await world.Store.Rows.CommitAsync(
            Tables.Work,
            latest.Job,
            [new RowOperation.Upsert(JobRows.Head, RowCodec.Encode(head)), new RowOperation.Upsert(JobRows.Result(SurveyStep.Stage), RowCodec.Encode(learnt))],
            PlanWorld.None);
    }
}
