using Campaigns.Core.Profiles.Models;

namespace Campaigns.Core.Profiles.Scores;

/// <summary>Fits the recalibration on the inner split, and counts predicted and actual on the outer one.</summary>
internal static class CalibrationFit
{
    /// <summary>Null without an outer split or a model.</summary>
    public static Calibration? Of(RiskSplit inner, RiskSplit? outer, IPurchaseModel? innerModel, IPurchaseModel? outerModel, double daysPerUnit)
    {
        if (outer is not { Histories.Length: > 0 } || innerModel is null || outerModel is null)
        {
            return null;
        }

        var rows = Array.ConvertAll(inner.Histories, h => new[] { 1, Logistic.Logit(innerModel.ProbabilityOfOrder(Repeat(h, daysPerUnit), inner.HorizonDays / daysPerUnit)) });
        var line = Logistic.Fit(rows, inner.Ordered, _ => true);
        // A falling line would turn the ranking round: the probability then stays as the model says.
        var (intercept, slope) = line[1] > 0 ? (line[0], line[1]) : (0, 1);
        var calibration = new Calibration(innerModel.Name, intercept, slope, outer.Buyers, 0, 0, 0, null);
        var (buyers, recalibrated, orders, expected) = (0.0, 0.0, 0L, 0.0);
        for (var i = 0; i < outer.Histories.Length; i++)
        {
            var (history, horizon) = (Repeat(outer.Histories[i], daysPerUnit), outer.HorizonDays / daysPerUnit);
            var probability = outerModel.ProbabilityOfOrder(history, horizon);
            buyers += probability;
            recalibrated += calibration.Recalibrate(probability);
            orders += outer.OrdersAfter[i];
            expected += outerModel.ExpectedOrders(history, horizon);
        }

        return calibration with { PredictedBuyers = buyers, RecalibratedBuyers = recalibrated, ActualOrders = orders, PredictedOrders = expected };
    }

    private static RepeatHistory Repeat(in TruncatedHistory h, double daysPerUnit) => RepeatHistory.FromDays(h.RepeatOrders, h.RecencyDays, h.AgeDays, daysPerUnit);
}
