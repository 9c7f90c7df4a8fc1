using Campaigns.Core.Profiles;
using Campaigns.Core.Profiles.Models;
using Campaigns.Core.Profiles.Scores;

namespace Campaigns.Cli.Score;

/// <summary>What came after the calibration's end, against what the models fitted up to it said.</summary>
/// <param name="From">First day after the calibration.</param>
/// <param name="To">The as-of day.</param>
/// <param name="Customers">Customers who had ordered by the calibration's end.</param>
/// <param name="ActualOrders">Days with an order after it, of these customers.</param>
/// <param name="PredictedOrders">What each fitted model expected, by its name.</param>
/// <param name="Buyers">Of these customers, those with such a day.</param>
internal sealed record Holdout(DateOnly From, DateOnly To, int Customers, long ActualOrders, IReadOnlyDictionary<string, double> PredictedOrders, int Buyers)
{
    /// <summary>Counts the customers, all of them. Null where nothing was held out.</summary>
    public static Holdout? Of(IReadOnlyList<PurchaseHistory> histories, ShopModel model)
    {
        if (model.Settings.CalibrationEnd is not { } end)
        {
            return null;
        }

        var (day, last) = (TruncatedHistory.DayOf(end), TruncatedHistory.DayOf(model.AsOf));
        var unit = model.Settings.DaysPerUnit;
        var models = model.Models.All.ToArray();
        var predicted = new double[models.Length];
        var (customers, actual, buyers) = (0, 0L, 0);
        foreach (var history in histories)
        {
            if (TruncatedHistory.At(history, day) is not { } then)
            {
                continue;
            }

            customers++;
            actual += then.OrderDaysAfter;
            buyers += then.OrderDaysAfter > 0 ? 1 : 0;
            var known = RepeatHistory.FromDays(then.RepeatOrders, then.RecencyDays, then.AgeDays, unit);
            for (var i = 0; i < models.Length; i++)
            {
                predicted[i] += models[i].ExpectedOrders(known, (last - day) / unit);
            }
        }

        var byModel = models.Select((m, i) => (m.Name, predicted[i])).ToDictionary(static m => m.Name, static m => m.Item2, StringComparer.Ordinal);
        return new Holdout(DateOnly.FromDayNumber(day + 1), DateOnly.FromDayNumber(last), customers, actual, byModel, buyers);
    }
}
