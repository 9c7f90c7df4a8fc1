using Campaigns.Core.Profiles;
using Campaigns.Core.Segments;

namespace Campaigns.Core.Tests.Segments;

/// <summary>What recomputes say of each other: who moved where, and what was true at an earlier time.</summary>
public class MigrationTests
{
    private static readonly DateTimeOffset AsOf = ShopGen.Start.AddDays(720);

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_migration_matrix_is_what_comparing_all_memberships_gives()
    {
        await using var store = await SegmentShop.OpenAsync(4);
        var shop = Shop();
        await store.PutAsync(shop);
        var first = await store.RecomputeAsync(AsOf);
        var before = shop.ToDictionary(h => h.CustomerId, h => PrimaryAsync(store, h).Result);
        var later = AsOf.AddDays(60);

        var second = await store.RecomputeAsync(later);

        Assert.Empty(first.Report.Migration);
        Assert.Equal(AsOf, second.Report.PreviousAsOf);
        var expected = shop
            .Select(h => (From: before[h.CustomerId], To: PrimaryAsync(store, h).Result))
            .Where(m => m.From.Length + m.To.Length > 0)
            .GroupBy(m => m)
            .ToDictionary(g => g.Key, g => (long)g.Count());
        Assert.True(expected.Keys.Count(k => k.From != k.To) >= 2, "nobody moved: the shop proves nothing");
        Assert.Equal(expected.OrderBy(e => e.Key), second.Report.Migration.ToDictionary(m => (m.From, m.To), m => m.Customers).OrderBy(e => e.Key));
    }

    [Fact]
    public async Task The_series_has_a_point_per_recompute_with_those_who_stayed()
    {
        await using var store = await SegmentShop.OpenAsync(4);
        await store.PutAsync(Shop());
        await store.RecomputeAsync(AsOf);
        var second = await store.RecomputeAsync(AsOf.AddDays(60));
        await store.RecomputeAsync(AsOf.AddDays(60), "again");

        var points = await SegmentSeries.LastAsync(store.Rows, 10, Cancelled);

        Assert.Equal([AsOf, AsOf.AddDays(60)], points.Select(p => p.AsOf));
        Assert.Equal(second.Report.Segments.Select(s => (s.Segment, s.Customers)), points[1].Segments.Select(s => (s.Segment, s.Customers)));
        Assert.Equal(points[0].Segments.Select(s => s.Customers), points[1].Segments.Select(s => s.Before));
        Assert.All(points[1].Segments, s => Assert.InRange(s.Stayed, 0, s.Before));
        Assert.Contains(points[1].Segments, s => s.Stayed < s.Before);
        Assert.Single(await SegmentSeries.LastAsync(store.Rows, 1, Cancelled));
    }

    [Fact]
    public async Task Memberships_at_an_earlier_time_are_those_that_the_recompute_before_it_left()
    {
        await using var store = await SegmentShop.OpenAsync(4);
        var shop = Shop();
        await store.PutAsync(shop);
        var left = new List<(DateTimeOffset At, Dictionary<string, string[]> Segments)>();
        foreach (var day in new[] { 0, 20, 45, 90 })
        {
            await store.RecomputeAsync(AsOf.AddDays(day));
            left.Add((AsOf.AddDays(day), shop.ToDictionary(h => h.CustomerId, h => PresentAsync(store, h).Result)));
        }

        var reader = new CustomerSegments(store.Rows, store.Workspace, store.Reader);
        foreach (var (at, segments) in left)
        {
            foreach (var (customer, expected) in segments)
            {
                var view = await reader.ReadAsync(customer, at.AddHours(1), Cancelled);
                Assert.Equal(expected, view!.Memberships!.Select(m => m.Segment));
            }
        }

        foreach (var history in shop)
        {
            Assert.Empty((await reader.ReadAsync(history.CustomerId, AsOf.AddDays(-1), Cancelled))!.Memberships!);
        }
    }

    [Fact]
    public void What_was_dropped_from_a_long_history_is_said_to_be_unknown()
    {
        var row = default(MembershipRow);
        for (var day = 0; day < 100; day++)
        {
            row = MembershipChange.Apply(row, Core.Segments.Rules.RetailScheme.Scheme, new SegmentSet(1UL << (day % 2)), ShopGen.Start.AddDays(day)) ?? row;
        }

        Assert.Null(row!.At(ShopGen.Start.AddDays(50), []));
        Assert.Equal(ShopGen.Start.AddDays(99 - MembershipRow.PastLimit), row.ForgottenUntil);
        Assert.Equal([SegmentNames.AtRisk], row.At(ShopGen.Start.AddDays(75), [])!.Select(m => m.Segment));
    }

    /// <summary>Customers who stop at different times, so that recomputes find them in different segments.</summary>
    private static PurchaseHistory[] Shop() => [.. Enumerable.Range(0, 60).Select(i => ShopGen.HistoryOf(
        "c" + i, [.. Enumerable.Range(0, 1 + (i % 5)).Select(o => ShopGen.Buy("o" + o, 700 - (i * 5) - (o * (10 + i)), "p" + (i % 7)))]))];

    private static async Task<string> PrimaryAsync(SegmentShop store, PurchaseHistory history) => (await store.MembershipAsync(history.CustomerId))?.Primary ?? "";

    private static async Task<string[]> PresentAsync(SegmentShop store, PurchaseHistory history) =>
        [.. (await store.MembershipAsync(history.CustomerId))?.Present.Select(m => m.Segment) ?? []];
}
