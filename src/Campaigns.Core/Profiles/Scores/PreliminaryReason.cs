using System.Globalization;
using MemoryPack;

namespace Campaigns.Core.Profiles.Scores;

/// <summary>Why scores are preliminary.</summary>
/// <param name="Code">"customers", "history", "repeats" or "settling".</param>
/// <param name="Sentence">In words, with the actual number and the limit.</param>
/// <param name="StopsModels">Models are not fitted; rules stand in.</param>
[MemoryPackable]
public sealed partial record PreliminaryReason(string Code, string Sentence, bool StopsModels)
{
    /// <summary>The reasons that a survey gives under the settings' limits; empty where there is history enough.</summary>
    public static PreliminaryReason[] Of(ShopSurvey survey, ModelSettings settings)
    {
        var reasons = new List<PreliminaryReason>();
        var fitted = survey.Repeats.Customers;
        if (fitted < settings.LeastCustomers)
        {
            Add("customers", true, $"{fitted:N0} of {settings.LeastCustomers:N0} customers with an order that models need: with fewer, their parameters are guesses.");
        }

        var days = HistoryDays(survey);
        if (days < settings.LeastHistoryHorizons * settings.HorizonDays)
        {
            Add("history", true, $"{days:N0} days of history; models need {settings.LeastHistoryHorizons * settings.HorizonDays:N0}, one horizon of {settings.HorizonDays:N0} days to learn from and one to check against.");
        }

        if (survey.MostOrderDays < settings.LeastOrderDays)
        {
            Add("repeats", true, $"No customer ordered on {settings.LeastOrderDays:N0} days or more: without, how often customers order and how long they stay cannot be told apart.");
        }

        if (days < settings.SettledDays)
        {
            Add("settling", false, $"{days:N0} of {settings.SettledDays:N0} days of history that memberships need to settle.");
        }

        return [.. reasons];

        void Add(string code, bool stops, FormattableString sentence) =>
            reasons.Add(new PreliminaryReason(code, sentence.ToString(CultureInfo.InvariantCulture), stops));
    }

    /// <summary>Days from the first order of all to the as-of day, both counted; 0 without orders.</summary>
    internal static int HistoryDays(ShopSurvey survey) =>
        survey.Customers == 0 ? 0 : Math.Max(0, TruncatedHistory.DayOf(survey.AsOf) - survey.FirstDay + 1);
}
