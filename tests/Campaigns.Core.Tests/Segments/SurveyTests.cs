using System.Text.Json;
using Campaigns.Core.Jobs;
using Campaigns.Core.Profiles;
using Campaigns.Core.Profiles.Scores;
using Campaigns.Core.Segments;
using Campaigns.Core.Storage;
using CsCheck;

namespace Campaigns.Core.Tests.Segments;

public class SurveyTests
{
    private static readonly DateTimeOffset AsOf = ShopGen.Start.AddDays(700);

    [Fact]
    public void Surveys_of_buckets_merge_to_the_survey_of_the_whole() =>
        Gen.Select(ShopGen.Shop(20), Gen.Int[1, 5], Gen.Bool).Sample((shop, buckets, prices) =>
        {
            var settings = new ModelSettings { DiscountsKnown = !prices };
            var whole = new Survey(AsOf, settings);
            var parts = Enumerable.Range(0, buckets).Select(_ => new Survey(AsOf, settings)).ToArray();
            for (var i = 0; i < shop.Length; i++)
            {
                whole.Add(shop[i]);
                parts[i % buckets].Add(shop[i]);
            }

            var merged = new Survey(AsOf, settings);
            foreach (var part in parts)
            {
                merged.Merge(RowCodec.Decode<SurveySummary>(RowCodec.Encode(part.ToSummary())));
            }

            Assert.Equal(JsonSerializer.Serialize(whole.ToSummary()), JsonSerializer.Serialize(merged.ToSummary()));
        });

    [Fact]
    public void A_percentile_is_the_nearest_rank() =>
        Gen.Select(Gen.Int[0, 500].Array[1, 60], Gen.Int[1, 100]).Sample((values, percent) =>
        {
            var histogram = new IntHistogram();
            Array.ForEach(values, v => histogram.Add(v));
            var rank = ((values.Length * percent) + 99) / 100;

            Assert.Equal(values.Order().ElementAt(rank - 1), histogram.Percentile(percent));
        });

    [Fact]
    public void The_shops_gaps_are_between_order_days_of_one_customer()
    {
        // Twenty customers with gaps of 1 … 20 days; a second order on the same day makes no gap.
        var shop = Enumerable.Range(1, 20).Select(i => ShopGen.HistoryOf(
            "c" + i, ShopGen.Buy("1", 0, "a"), ShopGen.Buy("2", 0.1, "a"), ShopGen.Buy("3", i, "a")));
        var parameters = ShopGen.ParametersOf(shop, AsOf, discountsKnown: true);

        Assert.Equal((20L, 16, 19), (parameters.Gaps, parameters.Gap80Days, parameters.Gap95Days));
    }

    [Fact]
    public void With_too_few_gaps_the_churn_horizon_stands_in()
    {
        var parameters = ShopGen.ParametersOf([ShopGen.HistoryOf("c", ShopGen.Buy("1", 0, "a"), ShopGen.Buy("2", 7, "a"))], AsOf, discountsKnown: true);
        Assert.Equal((90, 180), (parameters.Gap80Days, parameters.Gap95Days));
    }

    [Fact]
    public void A_sku_per_order_line_is_refused_with_what_to_do()
    {
        var survey = new ProductSurvey(withPrices: false);
        var refused = Assert.Throws<JobFailedException>(() =>
        {
            for (var i = 0; i <= ProductSurvey.MaxProducts; i++)
            {
                survey.Add(new PurchaseHistory { CustomerId = "c", Products = [new ProductHistory("line" + i, 1, 1, 100, AsOf)] });
            }
        });
        Assert.Contains("Import orders with the product's own id", refused.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("POSTAGE", true)]
    [InlineData("Next Day Carriage", true)]
    [InlineData("Manual", true)]
    [InlineData("AMAZON FEE", true)]
    [InlineData("Bank Charges", true)]
    [InlineData("MANUAL COFFEE GRINDER", false)]
    [InlineData("RED TOADSTOOL LED NIGHT LIGHT", false)]
    [InlineData("DELIVERY VAN TOY", false)]
    [InlineData(null, false)]
    public void Charges_are_told_from_goods_by_name(string? name, bool charge) => Assert.Equal(charge, ChargeNames.IsCharge(name));
}
