using Campaigns.Core.Primitives;
using Campaigns.Core.Profiles;
using Campaigns.Core.Segments;

namespace Campaigns.Core.Planning.Forecast;

/// <summary>
/// Who would take part in a run, and how they bought before it. Counts of customers by the bins of an amount: integers, the same
/// for any number of buckets.
/// </summary>
public sealed record AudienceSurvey
{
    /// <summary>Customers who pass the gates; scaled up where only a sample was read.</summary>
    public required long Customers { get; init; }

    /// <summary>Those of them who were read.</summary>
    public required long Read { get; init; }

    /// <summary>Of <see cref="Read"/>, those who bought in a window before the run that is as long as the outcome window, by the <see cref="OnePercentBins"/> of what they spent; rising.</summary>
    public required PriorBin[] Window { get; init; }

    /// <summary>Of <see cref="Read"/>, those who ever bought, by their last order's amount.</summary>
    public required PriorBin[] LastOrders { get; init; }

    /// <summary>Of <see cref="Read"/>, those whom the purchase models say something about; 0 where none are fitted.</summary>
    public long Predicted { get; init; }

    /// <summary>How many of <see cref="Predicted"/> the models expect to order within the outcome window, in millionths.</summary>
    public long PredictedBuyersMillionths { get; init; }

    /// <summary>Only a sample was read.</summary>
    public bool Estimated => Read < Customers;
}

/// <summary>Adds up an <see cref="AudienceSurvey"/>.</summary>
/// <param name="now">Time of the run.</param>
/// <param name="windowDays">Length of the outcome window.</param>
/// <param name="parameters">What the recompute that the run rests on learnt; null where it cannot be read.</param>
internal sealed class AudienceSurveyTally(DateTimeOffset now, int windowDays, SegmentParameters? parameters)
{
    private readonly SortedDictionary<int, long> window = [];
    private readonly SortedDictionary<int, long> lastOrders = [];
    private (long Customers, long Predicted, long Buyers) read;

    /// <summary>Counts a customer who passes the gates.</summary>
    public void Add(PurchaseHistory? history)
    {
        read.Customers++;
        if (history is not null && parameters?.Model?.Score(history, now, parameters.UsualPrices).OrderProbabilityWithin(windowDays) is { } probability)
        {
            // Whole numbers: sums of fractions would depend on the order of the buckets.
            (read.Predicted, read.Buyers) = (read.Predicted + 1, read.Buyers + (long)Math.Round(probability * StableHash.Million));
        }

        var before = (history?.RecentOrders ?? []).Where(o => o.At < now).ToList();
        Count(window, before.Where(o => o.At >= now.AddDays(-windowDays)).Sum(o => o.AmountMinor));
        Count(lastOrders, before.Count == 0 ? 0 : before[^1].AmountMinor);
    }

    /// <summary>The survey, where <paramref name="sampled"/> of 2¹⁶ parts of the customers were read.</summary>
    public AudienceSurvey ToSurvey(int sampled) => new()
    {
        Customers = ((read.Customers * AudienceSurveys.Parts) + (sampled / 2)) / sampled,
        Read = read.Customers,
        Predicted = read.Predicted,
        PredictedBuyersMillionths = read.Buyers,
        Window = Bins(window),
        LastOrders = Bins(lastOrders),
    };

    private static void Count(SortedDictionary<int, long> bins, long amount)
    {
        if (amount > 0)
        {
            var bin = OnePercentBins.Of(amount);
            bins[bin] = bins.GetValueOrDefault(bin) + 1;
        }
    }

    private static PriorBin[] Bins(SortedDictionary<int, long> bins) => [.. bins.Select(b => new PriorBin(b.Key, b.Value))];
}
