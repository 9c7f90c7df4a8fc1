using System.Diagnostics;
using Campaigns.Core.Offers;
using Campaigns.Core.Primitives;

namespace Campaigns.Simulation.Tests;

public class Calibration
{
    [Fact]
    public void Look()
    {
        var watch = Stopwatch.StartNew();
        var market = new Market(new MarketOptions());
        var all = Enumerable.Range(0, 10_000).Select(i => market.HistoryOf(i)).ToArray();
        var output = TestContext.Current.TestOutputHelper!;
        output.WriteLine($"generate {watch.ElapsedMilliseconds} ms");
        watch.Restart();
        var lines = MarketCsv.WriteOrders(new StreamWriter(Stream.Null), market, market.History());
        output.WriteLine($"csv {watch.ElapsedMilliseconds} ms, {lines} lines");
        var orders = all.Select(o => o.Where(x => x.AmountMinor > 0).ToArray()).ToArray();
        var end = market.Options.EndAt;
        output.WriteLine($"orders {orders.Sum(o => o.Length)} refunds {all.Sum(o => o.Count(x => x.AmountMinor < 0))} basket {orders.SelectMany(o => o).Average(o => o.AmountMinor) / 100:F2}");
        output.WriteLine($"one-time {orders.Count(o => o.Length == 1) / 1e4:P1}");
        var gaps = orders.SelectMany(o => o.Select(x => x.OrderedAt.UtcDateTime.Date).Distinct().ToArray() is var d ? d.Zip(d.Skip(1), (a, b) => (b - a).TotalDays) : []).Order().ToArray();
        var (p80, p95) = (gaps[(int)(gaps.Length * 0.8)], gaps[(int)(gaps.Length * 0.95)]);
        output.WriteLine($"gaps p50 {gaps[gaps.Length / 2]} p80 {p80} p95 {p95}");
        var segment = new string[orders.Length];
        for (var i = 0; i < orders.Length; i++)
        {
            var o = orders[i];
            var days = o.Select(x => x.OrderedAt.UtcDateTime.Date).Distinct().ToArray();
            var silent = (end - o[^1].OrderedAt).TotalDays;
            var own = days.Length >= 3 ? 2 * (days[^1] - days[0]).TotalDays / (days.Length - 1) : p80;
            var discounted = o.SelectMany(x => x.Lines).Average(l => l.DiscountMinor > 0 ? 1.0 : 0);
            segment[i] = silent > p95 && silent > own ? "lost" : silent > own ? "at-risk" : o.Length == 1 ? "new"
                : o.Length >= 3 && discounted >= 0.5 ? "price-sensitive" : o.Length >= 12 ? "loyal" : "regular";
        }

        var spec = (OfferKind kind, double share, string code, long cost, double hours) => new TreatmentSpec
        {
            Key = "r" + code, Kind = kind, DiscountShare = share, Code = code, BenefitCostMinor = cost, Channel = Channel.Email,
            SentAt = end.AddHours(20), OfferEndsAt = end.AddHours(20 + hours),
        };
        watch.Restart();
        foreach (var group in Enumerable.Range(0, orders.Length).GroupBy(i => segment[i]).OrderBy(g => g.Key))
        {
            var conversion = group.Average(i => market.FollowUpOf(i, [], end, end.AddDays(30)).Count > 0 ? 1.0 : 0);
            var t = group.Key switch
            {
                "loyal" => spec(OfferKind.ExclusiveBenefit, 0, "MEMBER", 300, 720),
                "at-risk" => spec(OfferKind.Recommendation, 0, "BACK", 0, 720),
                _ => spec(OfferKind.TimeLimitedDiscount, 0.15, "LIMITED", 0, 48),
            };
            var lift = market.TrueLift(group.Select(i => new AssignedCustomer(i, t)), end.AddHours(9), end.AddHours(9).AddDays(30), new ProfitTerms(1000, 40000));
            var treated = group.Average(i => market.FollowUpOf(i, [t], end, end.AddDays(30)).Count > 0 ? 1.0 : 0);
            output.WriteLine($"{group.Key}: {group.Count() / 1e4:P1} conv {conversion:P1} → {treated:P1}; discounted {group.Average(i => orders[i].SelectMany(x => x.Lines).Average(l => l.DiscountMinor > 0 ? 1.0 : 0)):P0} orders/customer {group.Average(i => orders[i].Length):F1} lift {lift}");
        }

        output.WriteLine($"follow-ups {watch.ElapsedMilliseconds} ms");
        for (var d = 690; d < 790; d++) { }
    }
}
