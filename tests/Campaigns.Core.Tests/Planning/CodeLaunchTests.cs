using System.Text;
using Campaigns.Core.Jobs;
using Campaigns.Core.Offers.Codes;
using Campaigns.Core.Planning;
using Campaigns.Core.Segments;

namespace Campaigns.Core.Tests.Planning;

/// <summary>Launching campaigns whose offers have a pool of single-use codes.</summary>
public sealed class CodeLaunchTests
{
    private static CancellationToken None => CancellationToken.None;

    private static Campaign Coded()
    {
        var plain = PlanWorld.TwoVariants();
        return plain with { HoldoutShare = 0, Treatments = [plain.Treatments[0] with { Offer = plain.Treatments[0].Offer with { CodePool = "spring" } }] };
    }

    private static async Task UploadAsync(PlanWorld world, int from, int count)
    {
        using var file = new MemoryStream(Encoding.UTF8.GetBytes(string.Join('\n', Enumerable.Range(from, count).Select(i => $"C{i:D4}"))));
        Assert.Equal(count, (await new CodeUpload(world.Store.Rows).AddAsync("spring", file, PlanWorld.Start, None)).Added);
    }

    [Fact]
    public async Task Too_few_codes_are_told_by_the_preview_and_refused_at_launch_and_with_enough_it_launches()
    {
        await using var world = await PlanWorld.CreateAsync();
        for (var i = 0; i < 30; i++)
        {
            await world.AddAsync("c" + i, SegmentNames.Loyal);
        }

        Assert.IsType<SaveResult.Saved>(await world.Catalog.SaveAsync(Coded(), null, None));
        var previews = new AudiencePreviews(world.Store.Rows, world.Store.Blobs, world.Store.Workspace, world.Runs);
        var refused = Assert.IsType<LaunchResult.Refused>(await world.Launch.LaunchNowAsync("spring", null, None));
        Assert.Equal("There is no pool of codes 'spring': upload codes to it, or choose another in the offer.", refused.Reason);
        Assert.Equal(refused.Reason, (await previews.OfAsync(Coded(), None))!.CodesMissing);
        Assert.Equal(CampaignStatus.Draft, (await world.Catalog.FindAsync("spring", None))!.Value.Status);

        await UploadAsync(world, 0, 20);
        const string Missing = "The pool of codes 'spring' has 20 free codes, and this send needs 30: upload 10 more, then launch again.";
        Assert.Equal(Missing, (await previews.OfAsync(Coded(), None))!.CodesMissing);
        var launched = Assert.IsType<LaunchResult.Launched>(await world.Launch.LaunchNowAsync("spring", null, None));
        await new JobDriver(world.Runner).RunAsync(launched.Messages);
        Assert.Equal((JobStatus.Failed, Missing), (await world.Runner.FindAsync(launched.Run, None)) is { } head ? (head.Status, head.Problem) : default);
        Assert.Equal(Missing, (await world.Catalog.FindAsync("spring", None))!.Value.LaunchProblem);
        Assert.Empty(await world.RowsAsync(launched.Run));

        await UploadAsync(world, 20, 10);
        Assert.Null((await previews.OfAsync(Coded(), None))!.CodesMissing);
        var run = await world.PlanAsync(Coded());
        Assert.Equal(Enumerable.Range(0, 30).Select(i => $"C{i:D4}"), (await world.RowsAsync(run)).Values.Select(r => r.Row.Code!).Order(StringComparer.Ordinal));
        Assert.Null((await world.Catalog.FindAsync("spring", None))!.Value.LaunchProblem);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(16)]
    [InlineData(256)]
    public async Task The_same_customers_get_the_same_number_of_codes_from_the_pools_beginning_for_any_number_of_buckets(int buckets)
    {
        await using var world = await PlanWorld.CreateAsync(buckets);
        await world.AddMixAsync(300);
        await UploadAsync(world, 0, 400);
        var run = await world.PlanAsync(Coded() with { HoldoutShare = 0.25, MaxSends = 60 }, seed: buckets, parallel: 4);
        var rows = (await world.RowsAsync(run)).Values.Select(r => r.Row).ToList();
        var codes = rows.Where(r => !r.HeldOut).Select(r => r.Code!).Order(StringComparer.Ordinal).ToList();
        Assert.InRange(codes.Count, 55, 60);
        Assert.Equal(Enumerable.Range(0, codes.Count).Select(i => $"C{i:D4}"), codes);
        Assert.All(rows, r => Assert.Equal(r.HeldOut, r.Code is null));
    }
}
