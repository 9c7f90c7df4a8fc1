using Campaigns.Core.Profiles.Scores;

namespace Campaigns.Core.Tests.Profiles.Scores;

/// <summary>39 weeks to learn from, 39 weeks to check against: the split of the literature.</summary>
public class CdnowRiskTests
{
    private static readonly Lazy<ShopModel> Fitted = new(() => Fit(new ModelSettings { CalibrationEnd = CdnowSample.CalibrationEnd, HorizonDays = 39 * 7, LeastHistoryHorizons = 1 }));

    [Fact]
    public void The_chosen_score_ranks_those_who_order_in_the_next_39_weeks_above_the_others()
    {
        var model = Fitted.Value;
        Assert.InRange(Evidence(model, model.Risk.Chosen).OuterAuc!.Value, 0.765, 0.80);
        Assert.True(Evidence(model, model.Risk.Chosen).GainLowerBound > 0);
        var outer = model.Risk.Outer!;
        Assert.Equal(new RiskSplitSize(CdnowSample.CalibrationEnd, 273, 2_357, 684), outer);
        Assert.True(model.Risk.Inner!.Cutoff.AddDays(model.Risk.Inner.HorizonDays) <= outer.Cutoff);
    }

    [Fact]
    public void The_probability_of_being_active_of_BG_NBD_ranks_worse_than_chance_and_loses()
    {
        var active = Evidence(Fitted.Value, "bg-nbd.active");
        Assert.True(active.InnerAuc < 0.5 && active.OuterAuc < 0.5, active.ToString());
        Assert.Null(active.GainLowerBound);
    }

    [Fact]
    public void Recalibration_brings_predicted_buyers_nearer_to_the_actual_ones()
    {
        var calibration = Fitted.Value.Calibration!;
        Assert.Equal(684, calibration.ActualBuyers);
        Assert.Equal(1_882, calibration.ActualOrders);
        Assert.True(Math.Abs(calibration.RecalibratedOverActual!.Value - 1) < Math.Abs(calibration.PredictedOverActual!.Value - 1), calibration.ToString());
        Assert.InRange(calibration.RecalibratedOverActual!.Value, 0.8, 1.2);
    }

    [Fact]
    public void The_models_are_those_of_the_literature_though_the_scan_saw_all_orders()
    {
        var models = Fitted.Value.Models;
        Assert.Equal([0.243, 4.414, 0.793, 2.426], new[] { models.BgNbd!.R, models.BgNbd.Alpha, models.BgNbd.A, models.BgNbd.B }.Select(v => Math.Round(v, 3)));
        Assert.Equal([6.25, 3.74, 15.44], new[] { Fitted.Value.Spend!.P, Fitted.Value.Spend.Q, Fitted.Value.Spend.V }.Select(v => Math.Round(v, 2)));
    }

    [Fact]
    public void Without_room_for_an_inner_split_days_since_the_last_order_stand_and_say_why()
    {
        var model = Fit(new ModelSettings { CalibrationEnd = new DateTimeOffset(1997, 1, 2, 0, 0, 0, TimeSpan.Zero), LeastCustomers = 1, LeastOrderDays = 2, LeastHistoryHorizons = 0.1 }, preliminary: true);
        Assert.Equal(RiskChoice.DaysSinceLastOrder, model.Risk.Chosen);
        Assert.NotEqual("", model.Risk.Why);
    }

    private static CandidateEvidence Evidence(ShopModel model, string name) => model.Risk.Candidates.Single(c => c.Name == name);

    private static ShopModel Fit(ModelSettings settings, bool preliminary = false)
    {
        var survey = new ShopSurvey(CdnowSample.End, settings);
        foreach (var history in CdnowSample.Histories())
        {
            survey.Add(history);
        }

        var model = ShopModel.Fit(survey, settings);
        Assert.Equal(preliminary, model.IsPreliminary);
        return model;
    }
}
