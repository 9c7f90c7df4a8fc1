using Campaigns.Core.Profiles;
using CsCheck;

namespace Campaigns.Core.Tests.Profiles;

public class RfmTests
{
    private static readonly DateTimeOffset AsOf = new(2026, 6, 1, 0, 0, 0, TimeSpan.Zero);

    private static readonly Gen<PurchaseHistory> Customer =
        from orders in Gen.Int[0, 30]
        from days in Gen.Int[0, 700]
        from spend in Gen.Long[-100, 5_000_000]
        select new PurchaseHistory { CustomerId = "c", Orders = orders, LastOrderAt = AsOf.AddDays(-days), SpendMinor = spend };

    [Fact]
    public void Customers_in_equal_steps_fall_into_five_equal_groups()
    {
        var customers = Enumerable.Range(1, 100)
            .Select(i => new PurchaseHistory { CustomerId = "c", Orders = i, LastOrderAt = AsOf.AddDays(-i), SpendMinor = i })
            .ToList();
        var cuts = Survey(customers).Cuts();
        var scores = customers.Select(c => Rfm.Score(c, cuts, AsOf)!.Value).ToList();

        Assert.All(Enumerable.Range(1, 5), s => Assert.Equal(20, scores.Count(x => x.Recency == s)));
        Assert.All(Enumerable.Range(1, 5), s => Assert.Equal(20, scores.Count(x => x.Monetary == s)));
        Assert.Equal(new RfmScore(5, 1, 1), scores[0]);
        Assert.Equal("R1 F5 M5", scores[^1].ToString());
    }

    [Fact]
    public void Surveys_of_buckets_merge_to_the_same_however_customers_are_spread() =>
        Gen.Select(Customer.Array[0, 50], Gen.Int[1, 8]).Sample((customers, buckets) =>
        {
            var merged = new RfmSurvey();
            for (var b = 0; b < buckets; b++)
            {
                merged.Merge(Survey(customers.Where((_, i) => i % buckets == b)));
            }

            Assert.Equal(System.Text.Json.JsonSerializer.Serialize(Survey(customers)), System.Text.Json.JsonSerializer.Serialize(merged));
        });

    [Fact]
    public void More_recent_more_often_and_more_money_never_score_less() =>
        Gen.Select(Customer.Array[1, 50], Customer).Where((all, one) => one.Orders > 0).Sample((all, one) =>
        {
            var cuts = Survey(all).Cuts();
            var better = one with { Orders = one.Orders + 1, SpendMinor = one.SpendMinor + 100, LastOrderAt = one.LastOrderAt.AddDays(10) };
            var (a, b) = (Rfm.Score(one, cuts, AsOf)!.Value, Rfm.Score(better, cuts, AsOf)!.Value);
            Assert.True(b.Recency >= a.Recency && b.Frequency >= a.Frequency && b.Monetary >= a.Monetary, $"{a} → {b}");
        });

    [Fact]
    public void A_spend_lies_within_one_percent_of_the_upper_edge_of_its_bin() =>
        Gen.Long[1, 1_000_000_000_000].Sample(minor =>
        {
            var survey = Survey([new PurchaseHistory { CustomerId = "c", Orders = 1, LastOrderAt = AsOf, SpendMinor = minor }]);
            var edge = survey.Cuts().SpendMinor[0];
            Assert.InRange(minor, (long)(edge / 1.0101) - 1, edge);
        });

    [Fact]
    public void A_customer_without_orders_has_no_score() =>
        Assert.Null(Rfm.Score(new PurchaseHistory { CustomerId = "c" }, new RfmCuts(), AsOf));

    private static RfmSurvey Survey(IEnumerable<PurchaseHistory> customers)
    {
        var survey = new RfmSurvey();
        foreach (var customer in customers)
        {
            survey.Add(customer, AsOf);
        }

        return survey;
    }
}
