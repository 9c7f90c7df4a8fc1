using Campaigns.Core.Profiles;
using CsCheck;

namespace Campaigns.Core.Tests.Profiles;

public class RfmTableTests
{
    private const int AsOfDay = 20_000;

    private static readonly DateTimeOffset AsOf = new(AsOfDay * TimeSpan.TicksPerDay, TimeSpan.Zero);

    private static readonly Gen<(int Customer, int Day, long Amount)[]> Orders =
        Gen.Select(Gen.Int[0, 59], Gen.Int[AsOfDay - 300, AsOfDay], Gen.Long[0, 90]).Array[0, 150];

    [Fact]
    public void Scores_are_the_bins_of_ranks_with_ties_of_frequency_by_ascending_id() =>
        Gen.Select(Orders, Gen.Int[2, 7]).Sample((orders, bins) =>
        {
            var table = Table(orders, new RfmSettings { Bins = bins });
            var customers = orders.GroupBy(o => o.Customer).Select(g => (Id: g.Key, Count: g.Count(), Days: AsOfDay - g.Max(o => o.Day), Spend: g.Sum(o => o.Amount))).ToList();
            var byFrequency = customers.OrderBy(c => c.Count).ThenBy(c => c.Id).ToList();
            for (var rank = 1; rank <= byFrequency.Count; rank++)
            {
                var expected = 1 + Enumerable.Range(1, bins - 1).Count(i => rank > Math.Ceiling((decimal)byFrequency.Count * i / bins));
                Assert.Equal(expected, table.Frequency[byFrequency[rank - 1].Id]);
            }

            foreach (var customer in customers)
            {
                Assert.Equal(bins + 1 - Bin(customers.ConvertAll(c => (long)c.Days), customer.Days, bins), table.Recency[customer.Id]);
                Assert.Equal(Bin(customers.ConvertAll(c => c.Spend), customer.Spend, bins), table.Monetary[customer.Id]);
            }

            Assert.All(Enumerable.Range(0, 60).Except(customers.Select(c => c.Id)), c => Assert.Null(table[c]));
        });

    [Fact]
    public void Stored_histories_score_the_same_as_orders_in_memory_but_for_the_one_percent_of_spend() =>
        Gen.Select(Orders, Gen.Int[2, 7], Gen.Int[1, 16], Gen.Int[10, 400]).Sample((orders, bins, buckets, window) =>
        {
            var settings = new RfmSettings { Bins = bins, WindowDays = window > 300 ? null : window };
            var table = Table(orders, settings);
            var histories = Histories(orders);
            var survey = new RfmSurvey();
            foreach (var bucket in histories.GroupBy(h => int.Parse(h.CustomerId[1..]) % buckets))
            {
                var part = new RfmSurvey();
                foreach (var history in bucket)
                {
                    part.Add(history, AsOf, settings.WindowDays);
                }

                survey.Merge(part);
            }

            var cuts = survey.Cuts(settings);
            histories.Sort((a, b) => string.CompareOrdinal(a.CustomerId, b.CustomerId));
            var exact = RfmTable.Of(histories, AsOf, settings).Cuts(i => histories[i].CustomerId);
            foreach (var history in histories)
            {
                var expected = table[int.Parse(history.CustomerId[1..])];
                // Amounts below 100 have bins of their own, and sums reach 1 % steps only beyond them.
                var actual = Rfm.Score(history, cuts, AsOf);
                Assert.Equal((expected?.Recency, expected?.Frequency), (actual?.Recency, actual?.Frequency));
                Assert.Equal(expected, Rfm.Score(history, exact, AsOf));
            }
        });

    [Fact]
    public void Fixed_cuts_are_kept_as_given()
    {
        var settings = new RfmSettings { RecencyCutsDays = [30, 90], OrderCuts = [1], SpendCutsMinor = [1_000, 5_000, 20_000] };
        var table = Table([(0, AsOfDay - 30, 1_000), (1, AsOfDay - 31, 1_001), (2, AsOfDay - 200, 30_000), (2, AsOfDay - 91, 1)], settings);
        Assert.Equal(new RfmScore(3, 1, 1), table[0]);
        Assert.Equal(new RfmScore(2, 1, 2), table[1]);
        Assert.Equal(new RfmScore(1, 2, 4), table[2]);
    }

    [Fact]
    public void Settings_that_cannot_be_are_said_in_sentences()
    {
        var faults = new RfmSettings { Bins = 1, WindowDays = 0, OrderCuts = [3, 2] }.Faults();
        Assert.Equal(["RFM has 1 bins; choose 2 to 20.", "The RFM window is 0 days; choose 1 to 36500, or none.", "The fixed cuts of orders must rise: 2 follows 3."], faults);
    }

    private static RfmTable Table((int Customer, int Day, long Amount)[] orders, RfmSettings settings) => RfmTable.Of(
        60, [.. orders.Select(o => o.Customer)], [.. orders.Select(o => o.Day)], [.. orders.Select(o => o.Amount)], AsOfDay, settings);

    private static List<PurchaseHistory> Histories((int Customer, int Day, long Amount)[] orders) =>
        [.. orders.GroupBy(o => o.Customer).Select(g => Scores.CdnowSample.History(
            $"c{g.Key:000}", g.Select(o => new RecentOrder(new DateTimeOffset(o.Day * TimeSpan.TicksPerDay, TimeSpan.Zero), o.Amount))))];

    /// <summary>1 + the cuts below the value, where a cut is the least value with enough values at or below it.</summary>
    private static int Bin(List<long> values, long value, int bins)
    {
        var sorted = values.Order().ToList();
        return 1 + Enumerable.Range(1, bins - 1).Count(i => value > sorted[(int)Math.Ceiling((decimal)sorted.Count * i / bins) - 1]);
    }
}
