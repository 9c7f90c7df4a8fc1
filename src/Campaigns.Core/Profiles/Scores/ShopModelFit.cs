using Campaigns.Core.Profiles.Models;

namespace Campaigns.Core.Profiles.Scores;

/// <summary>Fits a <see cref="ShopModel"/> from a merged survey. Pure: equal surveys give equal models.</summary>
internal static class ShopModelFit
{
    /// <summary>Points that a customer's place among all is read from: steps of 0.1 %.</summary>
    private const int Quantiles = 1_000;

    public static ShopModel Fit(ShopSurvey survey, ModelSettings settings, Func<string, long?>? usualPriceE4)
    {
        var faults = settings.Faults();
        if (faults.Count > 0)
        {
            throw new ArgumentException(string.Join(' ', faults), nameof(settings));
        }

        var reasons = PreliminaryReason.Of(survey, settings);
        var gaps = new IntHistogram(survey.GapDays);
        var model = new ShopModel
        {
            AsOf = survey.AsOf,
            Settings = settings,
            Customers = survey.Customers,
            Preliminary = reasons,
            Rfm = survey.Rfm.Cuts(settings.Rfm),
            Discounts = BetaBinomial.Fit(DiscountLines(survey, settings, usualPriceE4), settings),
            StartingLimits = gaps.Total < settings.LeastGaps ? SilenceLimits.Of(settings.Industry, settings.HorizonDays) : null,
            MedianGapDays = gaps.Total == 0 ? null : gaps.Percentile(50),
        };
        return reasons.Any(r => r.StopsModels)
            ? Placed(model with { Risk = RiskSelection.Undecided("Too little history to compare scores: days since the last order stands.") }, survey)
            : Placed(WithModels(model, survey, settings), survey);
    }

    private static ShopModel WithModels(ShopModel model, ShopSurvey survey, ModelSettings settings)
    {
        Fitted<GammaGamma>? spend = null;
        RiskSelection chosen = null!;
        // Neither asks for the other's result.
        Parallel.Invoke(
            () => chosen = RiskSelection.Of(survey, settings, model.MedianGapDays),
            () => spend = survey.Spend.Customers == 0 ? null : GammaGamma.Fit(survey.Spend, settings.MinorPerUnit));
        return model with
        {
            Models = chosen.Models,
            Spend = spend?.Model,
            SpendFit = spend is null ? null : FitQuality.Of(spend.Model.Name, spend),
            Risk = chosen.Choice,
            Calibration = chosen.Calibration,
            FrequencyRecency = chosen.FrequencyRecency,
            ActiveModel = chosen.ActiveModel,
            OrderModel = chosen.OrderModel,
        };
    }

    /// <summary>Places the sampled customers by the chosen score, at the as-of time.</summary>
    private static ShopModel Placed(ShopModel model, ShopSurvey survey)
    {
        var day = TruncatedHistory.DayOf(survey.AsOf);
        var candidate = model.ChosenCandidate;
        var scores = new List<double>(survey.Risk.Limit);
        foreach (var customer in survey.Risk.Items)
        {
            if (customer.At(day) is { } then)
            {
                scores.Add(candidate.Activity!(then));
            }
        }

        scores.Sort();
        var points = new double[Math.Min(Quantiles, scores.Count)];
        for (var i = 0; i < points.Length; i++)
        {
            points[i] = scores[(int)(((2L * i) + 1) * scores.Count / (2 * points.Length))];
        }

        return model with { RiskQuantiles = points };
    }

    private static DiscountCounts DiscountLines(ShopSurvey survey, ModelSettings settings, Func<string, long?>? usualPriceE4)
    {
        if (settings.DiscountsKnown || usualPriceE4 is null)
        {
            return survey.Discounts;
        }

        var counts = new DiscountCounts();
        foreach (var customer in survey.Prices.Items)
        {
            var (cheap, judged) = customer.Judge(usualPriceE4);
            counts.Add(cheap, judged);
        }

        return counts;
    }
}
