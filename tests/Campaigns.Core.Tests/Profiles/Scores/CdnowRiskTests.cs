using Campaigns.Core.Profiles.Scores;

namespace Campaigns.Core.Tests.Profiles.Scores;

public class CdnowRiskTests
{
    [Fact]
    public void On_the_CDNOW_sample_the_chosen_score_ranks_well_and_the_probability_of_being_active_loses()
    {
        var settings = new ModelSettings { CalibrationEnd = CdnowSample.CalibrationEnd, HorizonDays = 273, LeastHistoryHorizons = 1 };
        var survey = new ShopSurvey(CdnowSample.End, settings);
        foreach (var history in CdnowSample.Histories())
        {
            survey.Add(history);
        }

        var model = ShopModel.Fit(survey, settings);
        foreach (var c in model.Risk.Candidates)
        {
            TestContext.Current.TestOutputHelper?.WriteLine(c.ToString());
        }

        TestContext.Current.TestOutputHelper?.WriteLine($"{model.Risk.Chosen} {model.Risk.Inner} {model.Risk.Outer} {model.Calibration} {model.ActiveModel} {model.OrderModel} {string.Join(',', model.FrequencyRecency)} {model.Models} {model.Spend} {model.Calibration?.PredictedOverActual} {model.Calibration?.RecalibratedOverActual}");
        var chosen = model.Risk.Candidates.Single(c => c.Name == model.Risk.Chosen);
        Assert.InRange(chosen.OuterAuc!.Value, 0.765, 1);
        var active = model.Risk.Candidates.Single(c => c.Name == "bg-nbd.active");
        Assert.True(active.OuterAuc < 0.5 && active.InnerAuc < 0.5, active.ToString());
        Assert.NotEqual("bg-nbd.active", model.Risk.Chosen);
    }
}
