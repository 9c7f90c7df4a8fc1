using System.Text;
using Campaigns.Core.Segments;
using Campaigns.Core.Storage;

namespace Campaigns.Core.Tests.Segments;

/// <summary>Segments decided by hand, on a real store.</summary>
public class PlacementTests
{
    private static readonly DateTimeOffset AsOf = ShopGen.Start.AddDays(720);

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_customer_placed_by_hand_is_in_the_segment_at_once_and_after_every_recompute_until_it_ends()
    {
        await using var store = await ShopAsync();
        var step = Step(store);

        var placed = await step.PlaceAsync("c0", By("Ann", SegmentNames.Loyal, true, AsOf.AddDays(10)), Cancelled);

        Assert.IsType<PlacementResult.Done>(placed);
        Assert.Equal([SegmentNames.New, SegmentNames.Loyal], await SegmentsAsync(store));
        await store.RecomputeAsync(AsOf.AddDays(9));
        Assert.Equal([SegmentNames.New, SegmentNames.Loyal], await SegmentsAsync(store));
        await store.RecomputeAsync(AsOf.AddDays(10));
        Assert.Equal([SegmentNames.New], await SegmentsAsync(store));
        var row = await store.MembershipAsync("c0");
        Assert.Equal([new Membership(SegmentNames.Loyal, AsOf, AsOf.AddDays(10))], row!.Past);
    }

    [Fact]
    public async Task A_customer_kept_out_by_hand_leaves_the_segment_whatever_its_rule_says()
    {
        await using var store = await ShopAsync();
        var step = Step(store);

        await step.PlaceAsync("c0", By("Ann", SegmentNames.New, false, null), Cancelled);
        Assert.DoesNotContain(SegmentNames.New, await SegmentsAsync(store));
        await store.RecomputeAsync(AsOf.AddDays(1));
        Assert.DoesNotContain(SegmentNames.New, await SegmentsAsync(store));

        Assert.IsType<PlacementResult.Done>(await step.RemoveAsync("c0", SegmentNames.New, Cancelled));
        Assert.Equal([SegmentNames.New], await SegmentsAsync(store));
    }

    [Fact]
    public async Task Who_is_kept_out_of_the_first_segment_of_an_exclusive_scheme_is_in_the_next_one_that_fits()
    {
        await using var store = await ShopAsync();
        var json = """
            { "id": "x", "name": "X", "exclusive": true, "segments": [
              { "id": "first", "name": "First", "rule": { "field": "orders", "at_least": 1 } },
              { "id": "second", "name": "Second", "rule": { "all": [{ "field": "orders", "at_least": 1 }, { "not": { "in": "first" } }] } },
              { "id": "third", "name": "Third", "rule": { "field": "orders", "at_least": 1 } } ] }
            """;
        Assert.IsType<SchemeSaved.Saved>(await store.Schemes.SaveAsync(Encoding.UTF8.GetBytes(json), 0, "Ann", Cancelled));
        await store.RecomputeAsync(AsOf, "scheme-1");
        Assert.Equal(["first"], await SegmentsAsync(store));

        Assert.IsType<PlacementResult.Done>(await Step(store).PlaceAsync("c0", By("Ann", "first", false, AsOf.AddDays(10)), Cancelled));
        Assert.Equal(["second"], await SegmentsAsync(store));
        await store.RecomputeAsync(AsOf.AddDays(1));
        Assert.Equal(["second"], await SegmentsAsync(store));
        await store.RecomputeAsync(AsOf.AddDays(10));
        Assert.Equal(["first"], await SegmentsAsync(store));
    }

    [Fact]
    public async Task The_explanation_names_who_decided_and_why()
    {
        await using var store = await ShopAsync();
        await Step(store).PlaceAsync("c0", By("Ann", SegmentNames.Loyal, true, AsOf.AddDays(10)), Cancelled);

        var view = await new CustomerSegments(store.Rows, store.Workspace, store.Reader).ReadAsync("c0", null, Cancelled);

        var loyal = view!.Explanations.Single(e => e.Segment == SegmentNames.Loyal);
        Assert.True(loyal.Member);
        Assert.Equal("placed by hand by Ann until 1 Jan 2027: met at the fair", loyal.Reason);
        Assert.NotEmpty(loyal.Conditions);
        Assert.Equal([SegmentNames.New, SegmentNames.Loyal], view.Memberships!.Select(m => m.Segment));
    }

    [Fact]
    public async Task What_cannot_be_decided_is_refused_with_a_sentence()
    {
        await using var store = await ShopAsync();
        var step = Step(store);

        Assert.Contains("there are lost", Refusal(await step.PlaceAsync("c0", By("Ann", "vip", true, null), Cancelled)), StringComparison.Ordinal);
        Assert.Contains("reason", Refusal(await step.PlaceAsync("c0", By("Ann", SegmentNames.New, true, null) with { Reason = "  " }, Cancelled)), StringComparison.Ordinal);
        Assert.Contains("past", Refusal(await step.PlaceAsync("c0", By("Ann", SegmentNames.New, true, AsOf), Cancelled)), StringComparison.Ordinal);
        Assert.IsType<PlacementResult.Missing>(await step.PlaceAsync("nobody", By("Ann", SegmentNames.New, true, null), Cancelled));
        Assert.IsType<PlacementResult.Missing>(await step.RemoveAsync("c0", SegmentNames.New, Cancelled));
        Assert.Null(await store.Rows.GetAsync(Tables.Customers, store.PartitionOf("c0"), Tables.Placement(store.KeyOf("c0")), Cancelled));
    }

    [Fact]
    public void Placements_that_ended_make_room_and_a_full_row_refuses()
    {
        var row = new PlacementRow { CustomerId = "c" };
        for (var i = 0; i < PlacementRow.Limit; i++)
        {
            row = row.With(new Placement("s" + i, true, "r", "Ann", AsOf, i == 0 ? AsOf.AddDays(1) : null))!;
        }

        Assert.Null(row.With(new Placement("more", true, "r", "Ann", AsOf, null)));
        Assert.Equal(PlacementRow.Limit, row.With(new Placement("s1", false, "r", "Ann", AsOf, null))!.All.Length);
        Assert.DoesNotContain(row.With(new Placement("more", true, "r", "Ann", AsOf.AddDays(1), null))!.All, p => p.Segment == "s0");
    }

    private static PlacementStep Step(SegmentShop store) => new(store.Rows, store.Workspace, store.Reader, store.Schemes);

    private static async Task<SegmentShop> ShopAsync()
    {
        var store = await SegmentShop.OpenAsync(4);
        await store.Workspace.SetNowAsync(AsOf, Cancelled);
        await store.PutAsync([ShopGen.HistoryOf("c0", ShopGen.Buy("1", 700, "a"))]);
        await store.RecomputeAsync(AsOf);
        return store;
    }

    private static Placement By(string who, string segment, bool member, DateTimeOffset? until) => new(segment, member, "met at the fair", who, default, until);

    private static string Refusal(PlacementResult result) => Assert.IsType<PlacementResult.Refused>(result).Sentence;

    private static async Task<IEnumerable<string>> SegmentsAsync(SegmentShop store) => (await store.MembershipAsync("c0"))!.Present.Select(m => m.Segment);
}
