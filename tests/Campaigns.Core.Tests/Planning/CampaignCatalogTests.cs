using Campaigns.Core.Planning;
using Campaigns.Core.Primitives;

namespace Campaigns.Core.Tests.Planning;

public sealed class CampaignCatalogTests
{
    private static readonly CancellationToken None = CancellationToken.None;

    [Fact]
    public async Task A_campaign_is_saved_only_by_who_has_seen_its_newest_state()
    {
        await using var world = await PlanWorld.CreateAsync();
        var campaign = PlanWorld.TwoVariants();
        var saved = Assert.IsType<SaveResult.Saved>(await world.Catalog.SaveAsync(campaign, null, None)).Campaign;
        Assert.IsType<SaveResult.Invalid>(await world.Catalog.SaveAsync(campaign, null, None));
        var again = Assert.IsType<SaveResult.Saved>(await world.Catalog.SaveAsync(campaign with { Name = "Two" }, saved.ETag, None)).Campaign;
        Assert.IsType<SaveResult.ChangedByOthers>(await world.Catalog.SaveAsync(campaign with { Name = "Three" }, saved.ETag, None));
        Assert.Equal(again, await world.Catalog.FindAsync("spring", None), (a, b) => a!.ETag == b!.ETag && a.Value.Name == b.Value.Name);
        Assert.Null(await world.Catalog.FindAsync("no/such#key?", None));
    }

    [Fact]
    public async Task A_form_cannot_change_state_or_runs()
    {
        await using var world = await PlanWorld.CreateAsync();
        var forged = PlanWorld.TwoVariants() with { Status = CampaignStatus.Active, Occurrences = 7, ActivatedAt = PlanWorld.Start };
        var saved = Assert.IsType<SaveResult.Saved>(await world.Catalog.SaveAsync(forged, null, None)).Campaign.Value;
        Assert.Equal((CampaignStatus.Draft, 0, null), (saved.Status, saved.Occurrences, saved.ActivatedAt));
    }

    [Fact]
    public async Task States_change_only_along_the_allowed_ways()
    {
        await using var world = await PlanWorld.CreateAsync();
        var catalog = world.Catalog;
        await catalog.SaveAsync(PlanWorld.TwoVariants(), null, None);
        Assert.IsType<StateChange.Refused>(await catalog.PauseAsync("spring", None));
        Assert.IsType<StateChange.Refused>(await catalog.FinishAsync("spring", None));
        Assert.IsType<StateChange.Refused>(await catalog.ResumeAsync("spring", None));
        Assert.IsType<StateChange.Changed>(await catalog.ActivateAsync("spring", None));
        Assert.IsType<StateChange.Changed>(await catalog.PauseAsync("spring", None));
        Assert.IsType<StateChange.Changed>(await catalog.PauseAsync("spring", None));
        Assert.IsType<StateChange.Refused>(await catalog.ActivateAsync("spring", None));
        Assert.IsType<StateChange.Changed>(await catalog.ResumeAsync("spring", None));
        Assert.IsType<StateChange.Refused>(await catalog.DeleteAsync("spring", None));
        Assert.IsType<StateChange.Changed>(await catalog.FinishAsync("spring", None));
        var refused = Assert.IsType<StateChange.Refused>(await catalog.ResumeAsync("spring", None));
        Assert.Equal("The campaign is finished; only one that is paused can become active.", refused.Reason);
        Assert.IsType<StateChange.Refused>(await catalog.FinishAsync("nobody", None));
        Assert.IsType<SaveResult.Invalid>(await catalog.SaveAsync(PlanWorld.TwoVariants(), (await catalog.FindAsync("spring", None))!.ETag, None));
    }

    [Fact]
    public async Task Drafts_are_listed_page_by_page_and_can_be_deleted()
    {
        await using var world = await PlanWorld.CreateAsync();
        foreach (var id in new[] { "c", "a", "b" })
        {
            await world.Catalog.SaveAsync(PlanWorld.TwoVariants(id), null, None);
        }

        var first = await world.Catalog.ListAsync(2, null, None);
        var second = await world.Catalog.ListAsync(2, first.Next, None);
        Assert.Equal(["a", "b", "c"], first.Campaigns.Concat(second.Campaigns).Select(c => c.Key));
        Assert.IsType<StateChange.Changed>(await world.Catalog.DeleteAsync("b", None));
        Assert.Null(await world.Catalog.DeleteAsync("b", None));
        Assert.Equal(2, (await world.Catalog.ListAsync(10, null, None)).Campaigns.Count);
    }

    [Theory]
    [InlineData(null)]
    [InlineData(40)]
    public async Task A_preview_says_what_the_launch_then_does(int? maxSends)
    {
        await using var world = await PlanWorld.CreateAsync();
        await world.AddMixAsync(300);
        var campaign = PlanWorld.TwoVariants() with { MaxSends = maxSends };
        var preview = (await new AudiencePreviews(world.Store.Rows, world.Store.Blobs, world.Store.Workspace, world.Runs).OfAsync(campaign, None))!;
        var run = await world.PlanAsync(campaign);
        var plan = await world.PlanOfAsync(run);
        Assert.False(preview.Estimated);
        Assert.Equal(plan.Cells, preview.Plan.Cells);
        Assert.Equal(plan.Skipped, preview.Plan.Skipped);
        var rows = await world.RowsAsync(run);
        Assert.Equal(rows.Values.Where(r => !r.Row.HeldOut).Sum(r => r.Row.Channel == Channel.Email ? 1_000L : 40_000L), preview.SendCostMicros);
        Assert.False(rows[world.Key(preview.Example!.Customer.CustomerId).Text].Row.HeldOut);
        Assert.Equal((100, 40), (preview.Reachable[Channel.Email], preview.Reachable[Channel.Sms]));
    }

    [Fact]
    public async Task Without_segments_there_is_no_preview()
    {
        await using var world = await PlanWorld.CreateAsync(segmented: false);
        Assert.Null(await new AudiencePreviews(world.Store.Rows, world.Store.Blobs, world.Store.Workspace, world.Runs).OfAsync(PlanWorld.TwoVariants(), None));
    }
}
