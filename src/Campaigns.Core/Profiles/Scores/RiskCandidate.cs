using Campaigns.Core.Profiles.Models;

namespace Campaigns.Core.Profiles.Scores;

/// <summary>A score that may rank customers: the higher its activity, the likelier an order. Or why it cannot be computed.</summary>
/// <param name="Name">See <see cref="CandidateEvidence"/>.</param>
/// <param name="Activity">The score; null where it cannot be computed.</param>
/// <param name="Why">Why it cannot, in a sentence, or "".</param>
internal sealed record RiskCandidate(string Name, Func<TruncatedHistory, double>? Activity, string Why)
{
    public const string FrequencyRecencyName = "frequency-recency";

    private static readonly string[] ModelNames = ["bg-nbd", "mbg-nbd", "pareto-nbd"];

    /// <summary>All candidates, days since the last order first.</summary>
    public static RiskCandidate[] All(PurchaseModels models, double[] frequencyRecency, int? medianGapDays, double horizonDays, double daysPerUnit)
    {
        var all = new List<RiskCandidate>
        {
            new(RiskChoice.DaysSinceLastOrder, h => -h.SilenceDays, ""),
            medianGapDays is { } median
                ? new("silence-over-rhythm", h => -h.SilenceDays / Gap(h, median), "")
                : new("silence-over-rhythm", null, "Nobody ordered on two days, so no rhythm is known."),
            frequencyRecency.Length > 0
                ? new(FrequencyRecencyName, h => FrequencyRecencyLogit(frequencyRecency, h), "")
                : new(FrequencyRecencyName, null, "Too few of the sampled customers did, or did not, order after the inner cut-off to fit a regression."),
        };
        foreach (var name in ModelNames)
        {
            var model = models.Find(name);
            var why = model is null ? "The model was not fitted: too little history." : "";
            all.Add(new(name + ".active", model is null ? null : h => model.ProbabilityActive(Repeat(h)), why));
            all.Add(new(name + ".order", model is null ? null : h => model.ProbabilityOfOrder(Repeat(h), horizonDays / daysPerUnit), why));
            all.Add(new(name + ".orders", model is null ? null : h => model.ExpectedOrders(Repeat(h), horizonDays / daysPerUnit), why));
        }

        return [.. all];

        RepeatHistory Repeat(TruncatedHistory h) => RepeatHistory.FromDays(h.RepeatOrders, h.RecencyDays, h.AgeDays, daysPerUnit);
    }

    /// <summary>1, and the logarithms of order days, of days since the last order and of age: effects that fade as numbers grow.</summary>
    public static double[] Features(in TruncatedHistory h) => [1, Math.Log(h.OrderDays), Math.Log(1 + h.SilenceDays), Math.Log(1 + h.AgeDays)];

    public static double FrequencyRecencyLogit(double[] coefficients, TruncatedHistory h) =>
        coefficients[0] + (coefficients[1] * Math.Log(h.OrderDays)) + (coefficients[2] * Math.Log(1 + h.SilenceDays)) + (coefficients[3] * Math.Log(1 + h.AgeDays));

    /// <summary>Share of the sorted scores that are higher than this one, equals counting half.</summary>
    public static double Place(double[] sorted, double score)
    {
        var (below, upTo) = (Bound(sorted, score, false), Bound(sorted, score, true));
        return 1 - ((below + upTo) / 2.0 / sorted.Length);
    }

    /// <summary>The own mean gap from two gaps on; one alone is an anecdote, so that the shop's median stands in.</summary>
    private static double Gap(in TruncatedHistory h, int median) =>
        Math.Max(1, h.RepeatOrders >= 2 ? (double)h.RecencyDays / h.RepeatOrders : median);

    /// <summary>How many of the sorted values are below the score, or at or below it.</summary>
    private static int Bound(double[] sorted, double score, bool inclusive)
    {
        var (low, high) = (0, sorted.Length);
        while (low < high)
        {
            var middle = (low + high) / 2;
            if (sorted[middle] < score || (inclusive && sorted[middle] <= score))
            {
                low = middle + 1;
            }
            else
            {
                high = middle;
            }
        }

        return low;
    }
}
