using System.Text;
using Campaigns.Core.Ingest;
using Campaigns.Core.Segments;
using Campaigns.Core.Segments.Rules;
using Campaigns.Core.Tests.Ingest;

namespace Campaigns.Core.Tests.Segments;

/// <summary>Customers who object to profiling, on a real store.</summary>
public class ObjectionTests
{
    private const string Scheme = """
        { "id": "x", "name": "X", "attributes": { "city": "text" },
          "fields": { "pace": { "meaning": "orders, at least one", "value": { "greatest": [{ "field": "orders" }, 1] } } },
          "segments": [
            { "id": "buyers", "name": "Buyers", "rule": { "field": "orders", "at_least": 1 } },
            { "id": "quick", "name": "Quick", "rule": { "field": "pace", "at_least": 1 } },
            { "id": "others", "name": "Others", "rule": { "not": { "in": "buyers" } } },
            { "id": "idle", "name": "Idle", "rule": { "field": "orders", "at_most": 0 } },
            { "id": "answering", "name": "Answering", "rule": { "not": { "field": "last_90_days.email.opened", "at_least": 1 } } },
            { "id": "leeds", "name": "Leeds", "rule": { "field": "attribute.city", "is": "Leeds" } },
            { "id": "everybody", "name": "Everybody", "rule": { "not": { "field": "attribute.city", "is": "Nowhere" } } } ] }
        """;

    private static readonly DateTimeOffset AsOf = ShopGen.Start.AddDays(720);

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public void Segments_rest_on_profiling_also_through_worked_out_fields_and_other_segments()
    {
        var compiled = SchemeCatalog.Compile(Encoding.UTF8.GetBytes(Scheme), FieldCatalogue.BuiltIn);

        Assert.Equal(["buyers", "quick", "others", "idle", "answering"], compiled.Scheme.SegmentIds.Where((_, i) => compiled.Profiling.Contains(i)));
        Assert.Equal(RetailScheme.Scheme.Segments.Count, RetailScheme.Compiled.Profiling.Count);
    }

    [Fact]
    public async Task Who_objects_leaves_segments_by_behaviour_at_once_and_for_good_until_that_is_taken_back()
    {
        await using var store = await SegmentShop.OpenAsync(4);
        await store.Workspace.SetNowAsync(AsOf, Cancelled);
        await store.PutAsync([ShopGen.HistoryOf("c0", ShopGen.Buy("1", 700, "a"))]);
        Assert.IsType<SchemeSaved.Saved>(await store.Schemes.SaveAsync(Encoding.UTF8.GetBytes(Scheme), 0, "Ann", Cancelled));
        await store.RecomputeAsync(AsOf, "scheme-1");
        Assert.Equal(["buyers", "quick", "answering", "everybody"], await SegmentsAsync(store));
        var step = new ObjectionStep(store.Rows, store.Workspace, store.Reader);

        Assert.True(await step.SetAsync("c0", true, "by hand by Ann", Cancelled));
        Assert.Equal(["everybody"], await SegmentsAsync(store));
        await store.RecomputeAsync(AsOf.AddDays(1));
        Assert.Equal(["everybody"], await SegmentsAsync(store));
        var view = await new CustomerSegments(store.Rows, store.Workspace, store.Reader).ReadAsync("c0", null, Cancelled);
        Assert.Equal("the customer objects to profiling", view!.Explanations.Single(e => e.Segment == "idle").Reason);

        Assert.True(await step.SetAsync("c0", false, "by hand by Ann", Cancelled));
        Assert.Equal(["buyers", "quick", "answering", "everybody"], await SegmentsAsync(store));
        Assert.False(await step.SetAsync("nobody", true, "by hand by Ann", Cancelled));
    }

    [Fact]
    public async Task The_newer_of_two_statements_in_imports_stands()
    {
        await using var rig = ImportRig.Create();
        await rig.ImportAsync("customer_id,no_profiling,updated_at,consent_source\nann,yes,2026-01-02,letter\nbob,,2026-01-02,\n");
        await rig.ImportAsync("customer_id,no_profiling,updated_at\nann,no,2026-01-01\nbob,maybe,2026-01-03\n");

        var ann = (await rig.CustomerAsync("ann"))!;
        Assert.True(ann.ObjectsToProfiling);
        Assert.Equal(new Consent(false, "letter", new DateTimeOffset(2026, 1, 2, 0, 0, 0, TimeSpan.Zero)), ann.Profiling);
        Assert.False((await rig.CustomerAsync("bob"))!.ObjectsToProfiling);

        await rig.ImportAsync("customer_id,no_profiling,updated_at\nann,no,2026-01-03\n");
        Assert.False((await rig.CustomerAsync("ann"))!.ObjectsToProfiling);
    }

    private static async Task<IEnumerable<string>> SegmentsAsync(SegmentShop store) => (await store.MembershipAsync("c0"))!.Present.Select(m => m.Segment);
}
