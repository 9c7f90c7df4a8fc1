using Campaigns.Core.Primitives;
using Campaigns.Core.Profiles;
using Campaigns.Core.Profiles.Scores;
using Campaigns.Core.Storage;
using CsCheck;

namespace Campaigns.Core.Tests.Profiles.Scores;

public class ShopModelTests
{
    private static readonly DateTimeOffset AsOf = new(2026, 6, 1, 6, 0, 0, TimeSpan.Zero);

    private static readonly ModelSettings Settings = new();

    /// <summary>Customers who order at gaps of their own until most of them stop: 900 over two years, made by a stable hash.</summary>
    private static readonly List<PurchaseHistory> Shop = [.. Enumerable.Range(0, 900).Select(Customer)];

    private static readonly ShopModel Fitted = ShopModel.Fit(Survey(Shop, Settings), Settings);

    [Theory]
    [InlineData(1)]
    [InlineData(16)]
    [InlineData(256)]
    public void The_model_is_the_same_for_any_number_of_buckets(int buckets)
    {
        var merged = new ShopSurvey(AsOf, Settings);
        foreach (var bucket in Shop.AsEnumerable().Reverse().GroupBy(h => StableHash.Of(h.CustomerId) % (ulong)buckets))
        {
            var part = RowCodec.Decode<ShopSurvey>(RowCodec.Encode(Survey(bucket, Settings)));
            merged.Merge(part);
        }

        Assert.Equal(Json(Fitted), Json(ShopModel.Fit(merged, Settings)));
    }

    [Fact]
    public void Fits_that_run_side_by_side_on_a_survey_just_made_give_the_same_every_time()
    {
        // Two fits once sorted the new counts of one survey at the same time.
        var expected = Json(Fitted.Models);
        for (var time = 0; time < 20; time++)
        {
            Assert.Equal(expected, Json(ShopModel.Fit(Survey(Shop, Settings), Settings).Models));
        }
    }

    [Fact]
    public void A_stored_model_scores_as_the_one_that_was_fitted()
    {
        var stored = RowCodec.Decode<ShopModel>(RowCodec.Encode(Fitted));
        Assert.Equal(Json(Fitted), Json(stored));
        foreach (var history in Shop.Take(50))
        {
            Assert.Equal(Values(Fitted.Score(history, AsOf)), Values(stored.Score(history, AsOf)));
        }
    }

    [Fact]
    public void Enough_history_gives_every_score_in_its_range()
    {
        Assert.False(Fitted.IsPreliminary, string.Join(' ', Fitted.Preliminary.Select(p => p.Sentence)));
        Assert.True(Fitted.IsFitted);
        foreach (var history in Shop)
        {
            var scores = Fitted.Score(history, AsOf);
            Assert.InRange(scores.ProbabilityActive!.Value, 0, 1);
            Assert.InRange(scores.OrderProbability!.Value, 0, 1);
            Assert.InRange(scores.RiskScore!.Value, 0, 1);
            Assert.InRange(scores.DiscountShare!.Value, 0, 1);
            Assert.InRange(scores.DiscountDepth!.Value, 0, 1);
            Assert.True(scores is { ExpectedOrders: >= 0, ExpectedSpendMinor: >= 0, LifetimeValueMinor: >= 0 });
            Assert.InRange(scores.Rfm!.Value.Frequency, 1, 5);
        }
    }

    [Fact]
    public void Scores_of_a_customer_without_orders_are_unknown()
    {
        var scores = Fitted.Score(new PurchaseHistory { CustomerId = "nobody" }, AsOf);
        Assert.All(Values(scores), Assert.Null);
        Assert.All(Values(default), Assert.Null);
    }

    [Fact]
    public void Silence_never_raises_the_chance_of_being_active_nor_of_an_order() =>
        Gen.Select(Gen.Int[0, 899], Gen.Int[0, 300], Gen.Int[1, 300]).Sample((customer, from, more) =>
        {
            var history = Shop[customer];
            var at = history.LastOrderAt.AddDays(from);
            var (before, after) = (Fitted.Score(history, at), Fitted.Score(history, at.AddDays(more)));
            Assert.True(after.ProbabilityActive <= before.ProbabilityActive + 1e-9);
            Assert.True(after.OrderProbability <= before.OrderProbability + 1e-9, $"{before.OrderProbability} → {after.OrderProbability}");
        });

    [Fact]
    public void Too_little_history_leaves_models_out_and_says_why()
    {
        var few = ShopModel.Fit(Survey(Shop.Take(499), Settings), Settings);
        Assert.False(few.IsFitted);
        Assert.Equal("499 of 500 customers with an order that models need: with fewer, their parameters are guesses.", Assert.Single(few.Preliminary).Sentence);
        Assert.Null(few.Score(Shop[0], AsOf).ProbabilityActive);
        Assert.NotNull(few.Score(Shop[0], AsOf).RiskScore);
        Assert.Equal(RiskChoice.DaysSinceLastOrder, few.Risk.Chosen);

        var young = ShopModel.Fit(Survey(Shop.Where(h => h.FirstOrderAt > AsOf.AddDays(-60)), Settings), Settings);
        Assert.Contains(young.Preliminary, p => p is { Code: "history", StopsModels: true });
        Assert.Contains(young.Preliminary, p => p is { Code: "settling", StopsModels: false });
    }

    [Theory]
    [InlineData(Industry.Consumables, 60, 120)]
    [InlineData(Industry.Fashion, 120, 270)]
    [InlineData(Industry.Electronics, 365, 730)]
    [InlineData(Industry.Cars, 1_095, 1_825)]
    [InlineData(Industry.Banks, 90, null)]
    [InlineData(Industry.General, 90, 180)]
    public void A_shop_without_gaps_starts_with_its_industrys_days(Industry industry, int atRisk, int? lost)
    {
        var settings = Settings with { Industry = industry };
        var model = ShopModel.Fit(new ShopSurvey(AsOf, settings), settings);
        Assert.Equal(new SilenceLimits(atRisk, lost), model.StartingLimits);
        Assert.Null(Fitted.StartingLimits);
    }

    [Fact]
    public void Where_discounts_are_not_known_the_price_paid_against_the_usual_one_stands_in()
    {
        var settings = Settings with { DiscountsKnown = false };
        var shop = Shop.Select((h, i) => h with { Products = [new ProductHistory("tea", 4, 4, i % 5 == 0 ? 2_000 : 4_000, h.LastOrderAt)] }).ToList();
        var model = ShopModel.Fit(Survey(shop, settings), settings, Usual);
        Assert.Equal(0.2, model.Discounts!.Mean, 0.01);
        Assert.True(model.Score(shop[0], AsOf, Usual).DiscountShare > model.Score(shop[1], AsOf, Usual).DiscountShare);
        Assert.Null(model.Score(shop[0], AsOf).DiscountShare);

        static long? Usual(string sku) => sku == "tea" ? 1_000 * Money.UnitPriceScale : null;
    }

    [Fact]
    public void Settings_that_cannot_be_are_refused_in_sentences() =>
        Assert.Contains("The horizon is 0 days", Assert.Throws<ArgumentException>(() => ShopModel.Fit(Survey(Shop.Take(1), Settings), Settings with { HorizonDays = 0 })).Message, StringComparison.Ordinal);

    private static ShopSurvey Survey(IEnumerable<PurchaseHistory> shop, ModelSettings settings)
    {
        var survey = new ShopSurvey(AsOf, settings);
        foreach (var history in shop)
        {
            survey.Add(history);
        }

        return survey;
    }

    private static PurchaseHistory Customer(int number)
    {
        var id = $"c{number}";
        var (at, orders) = (AsOf.AddDays(-1 - (Chance(0) * 700)), new List<RecentOrder>());
        for (var i = 1; at < AsOf; i++)
        {
            orders.Add(new RecentOrder(at, 500 + (long)(Chance(1_000 + i) * 5_000)));
            if (Chance(2_000 + i) < 0.3)
            {
                break;
            }

            at = at.AddDays(1 - (Math.Log(1 - Chance(3_000 + i)) * (10 + (90 * Chance(1)))));
        }

        var lines = orders.Count * 3;
        var history = CdnowSample.History(id, orders);
        var discounted = (int)(lines * Chance(2) * Chance(2));
        return history with { Lines = lines, DiscountedLines = discounted, DiscountMinor = discounted * 100 };

        double Chance(int draw) => StableHash.PartsPerMillion(id, draw.ToString(System.Globalization.CultureInfo.InvariantCulture)) / 1e6;
    }

    private static double?[] Values(CustomerScores s) =>
        [s.ProbabilityActive, s.OrderProbability, s.ExpectedOrders, s.ExpectedSpendMinor, s.LifetimeValueMinor, s.RiskScore, s.DiscountShare, s.DiscountDepth, s.Rfm?.Frequency];

    private static string Json<T>(T value) => System.Text.Json.JsonSerializer.Serialize(value, JsonOptions);

    private static readonly System.Text.Json.JsonSerializerOptions JsonOptions =
        new() { NumberHandling = System.Text.Json.Serialization.JsonNumberHandling.AllowNamedFloatingPointLiterals };
}
