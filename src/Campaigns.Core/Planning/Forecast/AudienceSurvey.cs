using Campaigns.Core.Profiles;

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

    /// <summary>Only a sample was read.</summary>
    public bool Estimated => Read < Customers;
}

/// <summary>Adds up an <see cref="AudienceSurvey"/>.</summary>
internal sealed class AudienceSurveyTally
{
    private readonly SortedDictionary<int, long> window = [];
    private readonly SortedDictionary<int, long> lastOrders = [];
    private long read;

    /// <summary>Counts a customer who passes the gates.</summary>
    public void Add(PurchaseHistory? history, DateTimeOffset now, int windowDays)
    {
        read++;
        var before = (history?.RecentOrders ?? []).Where(o => o.At < now).ToList();
        Count(window, before.Where(o => o.At >= now.AddDays(-windowDays)).Sum(o => o.AmountMinor));
        Count(lastOrders, before.Count == 0 ? 0 : before[^1].AmountMinor);
    }

    /// <summary>The survey, where <paramref name="sampled"/> of 2¹⁶ parts of the customers were read.</summary>
    public AudienceSurvey ToSurvey(int sampled) => new()
    {
        Customers = ((read * AudienceSurveys.Parts) + (sampled / 2)) / sampled,
        Read = read,
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
