using Campaigns.Core.Planning.Forecast;
using Campaigns.Core.Profiles;
using Campaigns.Core.Profiles.Models;
using Campaigns.Core.Profiles.Scores;
using Campaigns.Core.Segments;

namespace Campaigns.Core.Tests.Planning.Forecast;

/// <summary>What an audience is expected to buy anyway, and where that comes from.</summary>
public sealed class BaselineTests
{
    private const int Window = 30;
    private static readonly DateTimeOffset Now = new(2026, 5, 1, 9, 0, 0, TimeSpan.Zero);

    /// <summary>Published parameters of the CDNOW sample, in weeks; recalibrated to lower chances as on an outer split.</summary>
    private static readonly ShopModel Model = new()
    {
        Settings = new ModelSettings { DaysPerUnit = 7 },
        Models = new PurchaseModels { BgNbd = new BgNbd(0.243, 4.414, 0.793, 2.426) },
        OrderModel = "bg-nbd",
        Calibration = new Calibration("bg-nbd", -0.2, 0.9, 0, 0, 0, 0, null),
    };

    [Fact]
    public void Customers_who_stayed_away_are_expected_to_buy_at_their_pace_and_not_as_in_the_time_that_they_were_away()
    {
        var away = Enumerable.Range(0, 500).Select(i => History(i, orders: 2 + (i % 5), last: 60 + (i % 40))).ToList();
        var survey = Survey(away, Model);
        Assert.Empty(survey.Window);
        Assert.Equal((500L, 500L), (survey.Read, survey.Predicted));

        var baseline = Baseline.Of([], survey, countsOrders: true);
        Assert.Equal(BaselineSource.Models, baseline.Source);
        Assert.Equal(away.Average(h => Model.Score(h, Now, null).OrderProbabilityWithin(Window)!.Value), baseline.Conversion, 6);
        Assert.InRange(baseline.Conversion, 0.01, 0.5);
        // Twice as long a time brings more orders, and recalibration counts.
        Assert.True(Survey(away, Model, 2 * Window).PredictedBuyersMillionths > survey.PredictedBuyersMillionths);
        Assert.NotEqual(survey.PredictedBuyersMillionths, Survey(away, Model with { Calibration = null }).PredictedBuyersMillionths);
        Assert.Equal(survey.PredictedBuyersMillionths, Survey([.. Enumerable.Reverse(away)], Model).PredictedBuyersMillionths);
    }

    [Fact]
    public void Without_fitted_models_the_earlier_time_counts_and_without_buyers_in_it_what_is_usual()
    {
        var buyers = Enumerable.Range(0, 100).Select(i => History(i, orders: 1, last: i % 2 == 0 ? 10 : 200)).ToList();
        Assert.Equal(new Baseline(0.5, null, 0, BaselineSource.EarlierWindow), Baseline.Of([], Survey(buyers, null), true) with { BasketMinor = null, SpreadSquared = 0 });
        Assert.Equal(BaselineSource.Assumed, Baseline.Of([], Survey([.. buyers.Where(h => h.LastOrderAt < Now.AddDays(-100))], null), true).Source);
    }

    [Fact]
    public void Of_customers_without_an_order_the_models_say_nothing()
    {
        var known = Enumerable.Range(0, 100).Select(i => History(i, orders: 3, last: 50)).ToList();
        var mixed = Baseline.Of([], Survey([.. known, .. new PurchaseHistory?[50]], Model), true);
        var one = Model.Score(known[0], Now, null).OrderProbabilityWithin(Window)!.Value;
        Assert.Equal(BaselineSource.Models, mixed.Source);
        Assert.InRange(mixed.Conversion, Math.Min(one, Baseline.UsualConversion), Math.Max(one, Baseline.UsualConversion));
        // More of them than of the others: one does not speak for the many.
        Assert.Equal(BaselineSource.Assumed, Baseline.Of([], Survey([.. known, .. new PurchaseHistory?[101]], Model), true).Source);
        // Where another event counts, orders say nothing.
        Assert.Equal(BaselineSource.Assumed, Baseline.Of([], Survey(known, Model), countsOrders: false).Source);
    }

    private static AudienceSurvey Survey(IReadOnlyList<PurchaseHistory?> histories, ShopModel? model, int days = Window)
    {
        var tally = new AudienceSurveyTally(Now, days, new SegmentParameters { Job = "j", AsOf = Now, Model = model });
        foreach (var history in histories)
        {
            tally.Add(history);
        }

        return tally.ToSurvey(AudienceSurveys.Parts);
    }

    private static PurchaseHistory History(int i, int orders, int last)
    {
        var recent = Enumerable.Range(0, orders).Select(o => new RecentOrder(Now.AddDays(-last - (20 * (orders - 1 - o))), 4_000 + i)).ToArray();
        return new PurchaseHistory { CustomerId = "c" + i, Orders = orders, OrderDays = orders, FirstOrderAt = recent[0].At, LastOrderAt = recent[^1].At, RecentOrders = recent };
    }
}
