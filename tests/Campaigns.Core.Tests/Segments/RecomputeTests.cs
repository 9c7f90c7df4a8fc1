using System.Text.Json;
using Campaigns.Core.Jobs;
using Campaigns.Core.Primitives;
using Campaigns.Core.Profiles;
using Campaigns.Core.Segments;
using Campaigns.Core.Segments.Rules;
using Campaigns.Core.Storage;
using CsCheck;

namespace Campaigns.Core.Tests.Segments;

public class RecomputeTests
{
    private static readonly DateTimeOffset AsOf = ShopGen.Start.AddDays(720);

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Results_are_equal_to_the_last_bit_for_1_16_and_256_buckets(bool discountsKnown)
    {
        var (shop, results, memberships) = (Shop(300), new List<string[]>(), new List<string>());
        foreach (var buckets in new[] { 1, 16, 256 })
        {
            await using var store = await SegmentShop.OpenAsync(buckets, discountsKnown);
            await store.PutAsync(shop);
            var snapshot = await store.RecomputeAsync(AsOf, seed: buckets);
            results.Add(await store.ResultAsync(snapshot.Report.Job));
            memberships.Add(string.Join('\n', (await store.MembershipsAsync()).Values.Select(r => r.Key + JsonSerializer.Serialize(RowCodec.Decode<MembershipRow>(r.Payload)))));
            Assert.Equal(discountsKnown, snapshot.Parameters.PricedSkus.Length == 0);
            Assert.NotEmpty(snapshot.Related.Neighbours.SelectMany(n => n));
        }

        Assert.Equal(results[0], results[1]);
        Assert.Equal(results[0], results[2]);
        Assert.Equal(memberships[0], memberships[1]);
        Assert.Equal(memberships[0], memberships[2]);
    }

    [Fact]
    public async Task Passing_over_products_changes_nothing_but_whose_pairs_are_counted()
    {
        const int Wanted = 60;
        var (shop, results, memberships) = (Shop(300), new List<string[]>(), new List<string>());
        RelatedProducts? related = null;
        foreach (var (buckets, pairs) in new[] { (4, PairCounts.Wanted), (1, Wanted), (16, Wanted) })
        {
            await using var store = await SegmentShop.OpenAsync(buckets, pairCustomers: pairs);
            await store.PutAsync(shop);
            var snapshot = await store.RecomputeAsync(AsOf, seed: buckets);
            Assert.False(new Classifier(RetailScheme.Compiled, snapshot.Parameters, AsOf).AsksForProducts, "no product would be passed over");
            results.Add(await store.ResultAsync(snapshot.Report.Job));
            memberships.Add(string.Join('\n', (await store.MembershipsAsync()).Values.Select(r => r.Key + JsonSerializer.Serialize(RowCodec.Decode<MembershipRow>(r.Payload)))));
            related = snapshot.Related;
            if (pairs == Wanted)
            {
                var sample = new CustomerSample(ClassifyStep.PairSample, Wanted, snapshot.Parameters.Customers);
                var (counted, held) = (new PairCounts(snapshot.Parameters.TopProducts), shop.Where(h => sample.Holds(store.KeyOf(h.CustomerId).Text)).ToList());
                held.ForEach(counted.Add);
                Assert.InRange(held.Count, Wanted / 2, 2 * Wanted);
                Assert.Equal(JsonSerializer.Serialize(RelatedProducts.From(snapshot.Parameters.TopProducts, counted)), JsonSerializer.Serialize(related));
            }
        }

        Assert.All(results, r => Assert.Equal(results[0][..2], r[..2]));
        Assert.All(memberships, m => Assert.Equal(memberships[0], m));
        Assert.NotEqual(results[0][2], results[1][2]);
        Assert.Equal(results[1], results[2]);
        Assert.NotEmpty(related!.Neighbours.SelectMany(n => n));
    }

    [Fact]
    public async Task The_most_bought_products_of_many_customers_are_those_of_a_sample_from_the_second_recompute_on()
    {
        const int Wanted = 60;
        var shop = Shop(300);
        var tops = new List<string[]>();
        foreach (var buckets in new[] { 1, 16 })
        {
            await using var store = await SegmentShop.OpenAsync(buckets, productCustomers: Wanted);
            await store.PutAsync(shop);
            var first = await store.RecomputeAsync(AsOf);
            Assert.Equal(Top(shop), first.Parameters.TopProducts);

            var second = await store.RecomputeAsync(AsOf.AddDays(1));
            var sample = new CustomerSample(SurveyStep.ProductSample, Wanted, first.Report.Customers);
            var held = shop.Where(h => sample.Holds(store.KeyOf(h.CustomerId).Text)).ToArray();
            Assert.InRange(held.Length, Wanted / 2, 2 * Wanted);
            Assert.Equal(Top(held), second.Parameters.TopProducts);
            tops.Add(second.Parameters.TopProducts);
        }

        Assert.Equal(tops[0], tops[1]);
        Assert.NotEqual(Top(shop), tops[0]);

        static string[] Top(PurchaseHistory[] customers)
        {
            var products = new ProductSurvey(withPrices: false);
            Array.ForEach(Array.FindAll(customers, c => c.Orders > 0), products.Add);
            return products.ToCounts().Top(RelatedProducts.MaxProducts, new HashSet<string>());
        }
    }

    [Fact]
    public async Task The_report_is_what_classifying_every_customer_gives()
    {
        var shop = Shop(300);
        await using var store = await SegmentShop.OpenAsync(16);
        await store.PutAsync(shop);

        var (report, parameters, _) = await store.RecomputeAsync(AsOf);

        var sets = shop.Where(h => h.Orders > 0).ToDictionary(h => h, h => new Classifier(RetailScheme.Compiled, parameters, AsOf).Classify(h, null, null));
        Assert.Equal(sets.Count, report.Customers);
        Assert.Equal(shop.Length, report.KnownCustomers);
        Assert.Equal(shop.Count(h => IsEven(h.CustomerId)), report.ContactableEmail);
        Assert.Equal(0, report.ContactableSms);
        Assert.True(report.Segments.Count(s => s.Customers > 0) >= 4, "the generated shop is too uniform to prove anything");
        foreach (var count in report.Segments)
        {
            var own = sets.Where(s => s.Value.Primary == count.Segment).Select(s => s.Key).ToList();
            var index = RetailScheme.Scheme.IndexOf(count.Segment);
            Assert.Equal(own.Count, count.Customers);
            Assert.Equal(sets.Values.Count(s => s.Contains(count.Segment)), count.Members);
            Assert.Equal(count.Members, report.Overlap[(index * RetailScheme.Scheme.Segments.Count) + index]);
            Assert.Equal(count.Members, count.MovedIn);
            Assert.Equal(own.Sum(h => h.SpendMinor), count.RevenueMinor);
            Assert.Equal(own.Sum(h => h.RecentOrders.Where(o => o.At > AsOf.AddDays(-365)).Sum(o => o.AmountMinor)), count.LastYearMinor);
            Assert.Equal(own.Count(h => IsEven(h.CustomerId)), count.ContactableEmail);
            Assert.Equal(own.Select(h => store.KeyOf(h.CustomerId).Text).Order(StringComparer.Ordinal).Take(10), count.Examples.Select(e => e.Key));
        }
    }

    [Fact]
    public async Task A_second_recompute_of_the_same_time_writes_no_membership()
    {
        await using var store = await SegmentShop.OpenAsync(16);
        await store.PutAsync(Shop(300));
        var first = await store.RecomputeAsync(AsOf);
        var before = await store.MembershipsAsync();

        var second = await store.RecomputeAsync(AsOf, "another import");
        var after = await store.MembershipsAsync();

        Assert.NotEmpty(before);
        Assert.NotEqual(first.Report.Job, second.Report.Job);
        Assert.Equal(before.Values.Select(r => (r.Key, r.ETag)), after.Values.Select(r => (r.Key, r.ETag)));
        Assert.Equal(first.Report.Segments.Select(s => s.MovedIn), second.Report.Segments.Select(s => s.MovedIn));
    }

    [Fact]
    public async Task Only_memberships_that_change_are_written()
    {
        await using var store = await SegmentShop.OpenAsync(16);
        await store.PutAsync(Shop(300));
        await store.RecomputeAsync(AsOf);
        var before = await store.MembershipsAsync();

        var later = AsOf.AddDays(45);
        var (report, _, _) = await store.RecomputeAsync(later);
        var after = await store.MembershipsAsync();

        var written = after.Values.Where(r => before[r.Key].ETag != r.ETag).ToList();
        var rows = after.Values.Select(r => RowCodec.Decode<MembershipRow>(r.Payload)).ToList();
        Assert.InRange(written.Count, 1, after.Count - 1);
        Assert.All(written, r => Assert.True(Moved(RowCodec.Decode<MembershipRow>(r.Payload), later)));
        Assert.Equal(written.Count, rows.Count(r => Moved(r, later)));
        Assert.Equal(report.Segments.Sum(s => s.MovedIn), rows.Sum(r => r.Present.Count(m => m.Since == later)));
        Assert.Equal(report.Segments.Sum(s => s.MovedOut), rows.Sum(r => r.Past.Count(m => m.Until == later)));
    }

    [Fact]
    public async Task A_part_that_runs_again_ends_in_the_same_state_with_the_same_summary()
    {
        await using var store = await SegmentShop.OpenAsync(1);
        await store.PutAsync(Shop(250));
        var (report, _, _) = await store.RecomputeAsync(AsOf);
        var before = await store.MembershipsAsync();
        var head = await store.Runner.FindAsync(report.Job, CancellationToken.None);
        var settings = new WorkspaceSettings { Salt = [1, 2, 3], Buckets = 1, DiscountsKnown = true };
        foreach (var stage in store.Stages)
        {
            var part = await store.Rows.FindAsync<JobPart>(Tables.Work, report.Job, JobRows.Part(stage.Name, 0), CancellationToken.None);
            var summary = await JobRows.LoadAsync(store.Blobs, part!.Value.Summary, part.Value.SummaryBlob, CancellationToken.None);
            var again = await stage.RunAsync(new JobContext(head!, settings, store.Rows, store.Blobs), 0, CancellationToken.None);

            Assert.Equal(Text(stage, summary), Text(stage, Assert.IsType<PartOutcome.Done>(again).Summary));
        }

        Assert.Equal(before.Values.Select(r => r.ETag), (await store.MembershipsAsync()).Values.Select(r => r.ETag));
    }

    /// <summary>Every value of a stage's summary. Not the bytes: times hold padding in memory, which may differ.</summary>
    private static string Text(IJobStage stage, ReadOnlyMemory<byte> summary) => stage is SurveyStep
        ? JsonSerializer.Serialize(RowCodec.Decode<SurveySummary>(summary))
        : JsonSerializer.Serialize(RowCodec.Decode<TallySummary>(summary));

    [Fact]
    public async Task A_customer_whose_orders_were_all_refunded_leaves_every_segment()
    {
        await using var store = await SegmentShop.OpenAsync(16);
        await store.PutAsync([ShopGen.HistoryOf("c0", ShopGen.Buy("1", 700, "a"))]);
        await store.RecomputeAsync(AsOf);
        await store.PutAsync([ShopGen.HistoryOf("c0")]);
        var (report, _, _) = await store.RecomputeAsync(AsOf.AddDays(1));

        var row = await store.MembershipAsync("c0");
        Assert.Equal("", row!.Primary);
        Assert.Equal([new Membership(SegmentNames.New, AsOf, AsOf.AddDays(1))], row.Past);
        Assert.Equal((0L, 1L), (report.Customers, report.Of(SegmentNames.New).MovedOut));
    }

    [Fact]
    public async Task A_tiny_shop_has_the_segments_that_one_sees_by_eye()
    {
        await using var store = await SegmentShop.OpenAsync(16);
        var fans = Enumerable.Range(0, 10).Select(i => Monthly("fan" + i, 300, 10, 0, "tea", "pot"));
        var bargain = Enumerable.Range(0, 4).Select(i => Monthly("bargain" + i, 300, 4, 200, "cup"));
        var once = Enumerable.Range(0, 12).Select(i => ShopGen.HistoryOf("once" + i, ShopGen.Buy("1", i < 6 ? 300 : 10, "tin")));
        var quiet = ShopGen.HistoryOf("quiet0", [.. Enumerable.Range(0, 5).Select(i => ShopGen.Buy("o" + i, 140 + (i * 30), "tea", "post"))]);
        await store.PutAsync([.. fans, .. bargain, .. once, quiet]);
        await store.NameAsync("post", "POSTAGE");
        await store.NameAsync("tea", "Tea");
        var asOf = ShopGen.Start.AddDays(325);

        var (report, parameters, related) = await store.RecomputeAsync(asOf);

        Assert.Equal((30, 30), (parameters.Gap80Days, parameters.Gap95Days));
        Assert.Equal(
            [(SegmentNames.Lost, 7L), (SegmentNames.AtRisk, 0L), (SegmentNames.New, 6L), (SegmentNames.Loyal, 10L), (SegmentNames.PriceSensitive, 4L), (SegmentNames.Regular, 0L)],
            report.Segments.Select(s => (s.Segment, s.Customers)));
        Assert.Equal("lost: 65 days since the last order, usual gap 30; in this shop 95 % of repeat orders come within 30 days; leaves by ordering", RetailScheme.Compiled.Reasons(new CustomerFacts { History = quiet, Shop = parameters, AsOf = asOf })[0].Reason);
        Assert.DoesNotContain("post", parameters.TopProducts);
        Assert.Equal(["post"], parameters.Charges);
        Assert.Equal("pot", related.Products[related.Of("tea")[0].Product]);
    }

    [Fact]
    public async Task An_empty_store_has_an_empty_report()
    {
        await using var store = await SegmentShop.OpenAsync(16);
        var (report, parameters, related) = await store.RecomputeAsync(AsOf);

        Assert.Equal((0L, 0L, 0L), (report.Customers, report.KnownCustomers, parameters.Customers));
        Assert.Empty(related.Products);
        Assert.Null(parameters.NewestOrderAt);
    }

    [Fact]
    public async Task Before_the_first_recompute_there_is_nothing_to_read()
    {
        await using var store = await SegmentShop.OpenAsync(16);
        Assert.Null(await store.Reader.LatestAsync(CancellationToken.None));
    }

    private static PurchaseHistory Monthly(string customer, int lastDay, int orders, long discount, params string[] skus) =>
        ShopGen.HistoryOf(customer, [.. Enumerable.Range(0, orders).Select(i => ShopGen.Buy("o" + i, lastDay - (30 * i), 1_000, discount, skus))]);

    /// <summary>Always the same customers: the seed is the generator's own.</summary>
    private static PurchaseHistory[] Shop(int customers) =>
        [.. Enumerable.Range(0, customers).Select(i => ShopGen.HistoryOf("c" + i, [.. Orders(i)]))];

    private static IEnumerable<Core.Ingest.OrderRow> Orders(int customer)
    {
        var id = customer.ToString(System.Globalization.CultureInfo.InvariantCulture);
        var rhythm = 10 + (int)(StableHash.Of("rhythm", id) % 120);
        var orders = (int)(StableHash.Of("orders", id) % 9);
        var first = (int)(StableHash.Of("first", id) % 500);
        for (var i = 0; i < orders && first + (i * rhythm) < 720; i++)
        {
            var draw = StableHash.Of("order", id, i.ToString(System.Globalization.CultureInfo.InvariantCulture));
            var skus = Enumerable.Range(0, 1 + (int)(draw % 4)).Select(s => "p" + (((draw >> (8 * (s + 1))) & 255) % 40)).Distinct(StringComparer.Ordinal).ToArray();
            var cheap = customer % 5 == 0 || draw % 7 == 0;
            yield return ShopGen.Buy("o" + i, first + (i * rhythm), cheap ? 800 : 1_000, cheap ? 50 : 0, skus);
        }
    }

    private static bool IsEven(string customer) => (customer[^1] - '0') % 2 == 0;

    private static bool Moved(MembershipRow row, DateTimeOffset at) => row.Present.Any(m => m.Since == at) || row.Past.Any(m => m.Until == at);
}
