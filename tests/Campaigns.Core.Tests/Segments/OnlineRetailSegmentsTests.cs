using System.Globalization;
using System.IO.Compression;
using Campaigns.Core.Ingest;
using Campaigns.Core.Offers;
using Campaigns.Core.Profiles;
using Campaigns.Core.Segments;
using Sylvan.Data.Csv;

namespace Campaigns.Core.Tests.Segments;

public class OnlineRetailSegmentsTests(ITestOutputHelper output)
{
    /// <summary>The shop's customers on the evening of its last day: plausible shares, readable reasons, products that it sells.</summary>
    [Fact]
    public async Task Online_retail_has_plausible_segments_and_recommendations()
    {
        var (histories, names) = await ReadAsync(SharedFiles.Require("data/online_retail.csv.gz"));
        var asOf = new DateTimeOffset(2011, 12, 10, 0, 0, 0, TimeSpan.Zero);
        await using var store = await SegmentShop.OpenAsync(16, discountsKnown: false);
        await store.PutAsync(histories);
        foreach (var (sku, name) in names.Where(n => ChargeNames.IsCharge(n.Value)))
        {
            await store.NameAsync(sku, name);
        }

        var snapshot = await store.RecomputeAsync(asOf);
        var (report, parameters, _) = snapshot;
        Print(report, parameters);

        Assert.InRange(report.Customers, 4_200, 4_400);
        Assert.Equal(report.Customers, report.Segments.Sum(s => s.Customers));
        Assert.InRange(parameters.Gap80Days, 20, 120);
        Assert.InRange(parameters.Gap95Days, parameters.Gap80Days + 20, 250);
        foreach (var (segment, least, most) in new[]
        {
            (SegmentNames.Lost, 0.05, 0.4), (SegmentNames.AtRisk, 0.05, 0.5), (SegmentNames.New, 0.02, 0.3), (SegmentNames.Loyal, 0.03, 0.3), (SegmentNames.Regular, 0.05, 0.6),
        })
        {
            Assert.InRange((double)report.Of(segment).Customers / report.Customers, least, most);
        }

        Assert.InRange((double)report.Of(SegmentNames.PriceSensitive).Members / report.Customers, 0.005, 0.3);
        // A fifth of the customers, most of the money: the loyal spend several times the mean.
        var mean = report.Segments.Sum(s => s.RevenueMinor) / report.Customers;
        Assert.True(report.Of(SegmentNames.Loyal).RevenueMinor / report.Of(SegmentNames.Loyal).Customers > 2 * mean);
        CheckRecommendations(histories, names, snapshot, asOf);
    }

    private void CheckRecommendations(List<PurchaseHistory> histories, Dictionary<string, string> names, SegmentSnapshot snapshot, DateTimeOffset asOf)
    {
        var recommender = new Recommender(snapshot);
        var bases = new Dictionary<RecommendationBasis, int>();
        foreach (var history in histories.Where(h => h.Orders > 0))
        {
            var got = recommender.Recommend(history, Offer.RecommendedProducts, asOf);
            var recent = history.Products.Where(p => (asOf - p.LastAt).TotalDays < Recommender.RecentDays).Select(p => p.Sku).ToHashSet(StringComparer.Ordinal);
            Assert.Equal(Offer.RecommendedProducts, got.Count);
            foreach (var item in got)
            {
                bases[item.Basis] = bases.GetValueOrDefault(item.Basis) + 1;
                Assert.True(names.ContainsKey(item.Sku));
                Assert.DoesNotContain(item.Sku, recent);
                Assert.False(ChargeNames.IsCharge(names[item.Sku]), $"{item.Sku} {names[item.Sku]}");
            }
        }

        output.WriteLine(string.Join(", ", bases.Select(b => $"{b.Key} {b.Value}")));
        foreach (var item in recommender.Recommend(histories.MaxBy(h => h.Orders)!, 5, asOf))
        {
            output.WriteLine($"{names[item.Sku]}: {item.Reason(names.GetValueOrDefault)}");
        }

        Assert.True(bases[RecommendationBasis.BoughtTogether] > histories.Count);
        Assert.True(bases[RecommendationBasis.BoughtAgain] > histories.Count / 10);
    }

    private void Print(SegmentReport report, SegmentParameters parameters)
    {
        output.WriteLine($"gaps {parameters.Gap80Days}/{parameters.Gap95Days}, cheap {parameters.CheapShare:P1} of {parameters.JudgedLines}, from {parameters.PriceSensitiveShare:P1}, priced {parameters.PricedSkus.Length}");
        foreach (var s in report.Segments)
        {
            output.WriteLine($"{s.Segment,-16} primary {s.Customers,5} members {s.Members,5} revenue {s.RevenueMinor / 100,9} last year {s.LastYearMinor / 100,9}");
        }

        output.WriteLine($"charges: {string.Join(' ', parameters.Charges)}");
    }

    /// <summary>Histories of the file's customers and the names of its products, read by a plain loop: what ingest does is tested there.</summary>
    internal static async Task<(List<PurchaseHistory> Histories, Dictionary<string, string> Names)> ReadAsync(string file)
    {
        await using var stream = new GZipStream(File.OpenRead(file), CompressionMode.Decompress);
        using var reader = await CsvDataReader.CreateAsync(new StreamReader(stream), new CsvDataReaderOptions { CsvStyle = CsvStyle.Standard });
        var orders = new Dictionary<string, Dictionary<string, (DateTimeOffset At, List<OrderLine> Lines)>>(StringComparer.Ordinal);
        var names = new Dictionary<string, string>(StringComparer.Ordinal);
        while (await reader.ReadAsync())
        {
            if (reader.GetString(6) is not { Length: > 0 } customer)
            {
                continue;
            }

            var at = new DateTimeOffset(DateTime.Parse(reader.GetString(4), CultureInfo.InvariantCulture), TimeSpan.Zero);
            var price = (long)decimal.Round(decimal.Parse(reader.GetString(5), CultureInfo.InvariantCulture) * 1_000_000);
            var own = orders.TryGetValue(customer, out var known) ? known : orders[customer] = new(StringComparer.Ordinal);
            var order = own.TryGetValue(reader.GetString(0), out var begun) ? begun : own[reader.GetString(0)] = (at, []);
            order.Lines.Add(new OrderLine(reader.GetString(1), int.Parse(reader.GetString(3), CultureInfo.InvariantCulture), price));
            names[reader.GetString(1)] = reader.GetString(2);
        }

        var histories = orders.Select(c => ShopGen.HistoryOf(
            c.Key[..c.Key.IndexOf('.', StringComparison.Ordinal)],
            [.. c.Value.Select(o => new OrderRow { OrderId = o.Key, CustomerId = c.Key, OrderedAt = o.Value.At, RevisedAt = o.Value.At, Lines = [.. o.Value.Lines] })]));
        return ([.. histories], names);
    }
}
