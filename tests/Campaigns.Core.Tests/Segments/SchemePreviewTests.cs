using System.Text;
using Campaigns.Core.Segments;
using Campaigns.Core.Segments.Rules;

namespace Campaigns.Core.Tests.Segments;

/// <summary>Previews and the stored diagnosis, on a real store.</summary>
public sealed class SchemePreviewTests
{
    private static readonly DateTimeOffset AsOf = ShopGen.Start.AddDays(100);

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    private static SegmentScheme Twice { get; } = Scheme("""{ "field": "orders", "at_least": 2 }""");

    [Fact]
    public async Task Beyond_its_limit_a_preview_says_estimated_and_is_near_the_truth()
    {
        const int Customers = SchemePreviews.ExactLimit + 4_000;
        await using var store = await ShopAsync(Customers);
        using var previews = Previews(store);

        var preview = (await previews.OfAsync(Twice, Cancelled))!;

        Assert.Equal((true, SchemePreviews.ExactLimit, Customers), (preview.Estimated, preview.CustomersRead, preview.AllCustomers));
        // Half of all: five standard errors of a share among those who were read, without the finite population's help.
        var segment = Assert.Single(preview.Segments);
        Assert.InRange(segment.CustomerShare, 0.5 - (2.5 / Math.Sqrt(SchemePreviews.ExactLimit)), 0.5 + (2.5 / Math.Sqrt(SchemePreviews.ExactLimit)));
        Assert.InRange(segment.Members, Customers * 0.48, Customers * 0.52);

        var live = (await previews.LiveAsync(Twice, Cancelled))!;
        Assert.Equal((true, SchemePreviews.LiveLimit, Customers), (live.Estimated, live.CustomersRead, live.AllCustomers));
        Assert.InRange(live.Segments[0].Members, Customers * 0.47, Customers * 0.53);
    }

    [Fact]
    public async Task Within_its_limit_a_preview_counts_everybody_exactly_in_any_number_of_buckets()
    {
        foreach (var buckets in new[] { 1, 16 })
        {
            await using var store = await ShopAsync(40, buckets);
            using var previews = Previews(store);
            foreach (var limit in new[] { 40, 41 })
            {
                var preview = (await previews.OfAsync(Twice, limit, Cancelled))!;
                Assert.Equal((false, 40L, 20L), (preview.Estimated, preview.AllCustomers, preview.Segments[0].Members));
            }

            Assert.True((await previews.OfAsync(Twice, 39, Cancelled))!.Estimated);
        }
    }

    [Fact]
    public async Task While_somebody_types_customers_are_read_once_and_a_new_recompute_reads_them_anew()
    {
        await using var store = await ShopAsync(40);
        using var previews = Previews(store);
        var first = (await previews.LiveAsync(Twice, Cancelled))!;
        await store.PutAsync([HistoryOf(40)]);

        Assert.Same(first, await previews.LiveAsync(Scheme("""{ "field": "orders", "at_least": 2 }"""), Cancelled));
        var other = (await previews.LiveAsync(Scheme("""{ "field": "orders", "at_least": 1 }"""), Cancelled))!;
        Assert.Equal((40L, 40L), (other.AllCustomers, other.Segments[0].Members));

        await store.RecomputeAsync(AsOf.AddDays(1));
        Assert.Equal(41, (await previews.LiveAsync(Twice, Cancelled))!.AllCustomers);
    }

    [Fact]
    public async Task Conditions_that_decide_about_nobody_stand_in_the_report_of_a_recompute()
    {
        await using var store = await ShopAsync(40);
        var scheme = Scheme("""{ "any": [{ "field": "orders", "at_least": 1 }, { "all": [{ "field": "orders", "at_least": 2 }, { "field": "lines", "at_least": 2 }] }] }""");
        Assert.IsType<SchemeSaved.Saved>(await store.Schemes.SaveAsync(SchemeJson.Write(scheme), 0, "Ann", Cancelled));

        await store.RecomputeAsync(AsOf, "scheme-1");

        var report = (await store.Reader.LatestAsync(Cancelled))!.Report;
        Assert.Equal(["$.segments[0].rule.any[1]", "$.segments[0].rule.any[1].all[0]", "$.segments[0].rule.any[1].all[1]"], report.IdleConditions.Select(i => i.Path));
        Assert.All(report.IdleConditions, i => Assert.Equal("often", i.Segment));
        Assert.Equal(40, report.ConditionCustomers);
        Assert.Equal(report.IdleConditions, SegmentDiagnostics.Of(report, 0.2).IdleConditions);
    }

    private static SchemePreviews Previews(SegmentShop store) => new(store.Rows, store.Workspace, store.Reader, store.Schemes, TimeProvider.System);

    private static SegmentScheme Scheme(string rule) =>
        SchemeJson.Parse(Encoding.UTF8.GetBytes($$"""{ "id": "s", "name": "S", "segments": [{ "id": "often", "name": "Often", "rule": {{rule}} }] }"""), FieldCatalogue.BuiltIn).Scheme!;

    /// <summary>Every second customer ordered twice.</summary>
    private static Campaigns.Core.Profiles.PurchaseHistory HistoryOf(int i) => i % 2 == 0
        ? ShopGen.HistoryOf("c" + i, ShopGen.Buy("1", i % 90, "a"), ShopGen.Buy("2", (i % 90) + 5, "b"))
        : ShopGen.HistoryOf("c" + i, ShopGen.Buy("1", i % 90, "a"));

    private static async Task<SegmentShop> ShopAsync(int customers, int buckets = 4)
    {
        var store = await SegmentShop.OpenAsync(buckets);
        await store.Workspace.SetNowAsync(AsOf, Cancelled);
        await store.PutAsync(Enumerable.Range(0, customers).Select(HistoryOf));
        await store.RecomputeAsync(AsOf);
        return store;
    }
}
