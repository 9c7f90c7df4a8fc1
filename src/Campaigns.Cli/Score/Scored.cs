using System.Globalization;
using Campaigns.Core.Ingest;
using Campaigns.Core.Primitives;
using Campaigns.Core.Profiles;
using Campaigns.Core.Profiles.Scores;
using Campaigns.Core.Segments;
using Campaigns.Core.Segments.Rules;

namespace Campaigns.Cli.Score;

/// <summary>A file of orders, scored.</summary>
internal sealed class Scored
{
    private readonly long[] members = new long[SegmentScheme.MaxSegments];
    private readonly long[] primaries = new long[SegmentScheme.MaxSegments];
    private readonly Dictionary<string, long> rfm = new(StringComparer.Ordinal);

    public required ScoreOptions Options { get; init; }

    public required OrderFile File { get; init; }

    public required DateTimeOffset AsOf { get; init; }

    /// <summary>Orders after the as-of time, left out.</summary>
    public required int LaterOrders { get; init; }

    /// <summary>Refunds that no earlier order explains, in minor units.</summary>
    public required long UnmatchedRefundMinor { get; init; }

    public required ShopModel Model { get; init; }

    public required SegmentParameters Shop { get; init; }

    public required SegmentScheme Scheme { get; init; }

    public required Holdout? Holdout { get; init; }

    /// <summary>Customers with a net order.</summary>
    public long Customers { get; private set; }

    /// <summary>Net orders.</summary>
    public long Orders { get; private set; }

    /// <summary>Net revenue in minor units.</summary>
    public long RevenueMinor { get; private set; }

    /// <summary>Customers whose discount share reaches the threshold.</summary>
    public long PriceSensitive { get; private set; }

    /// <summary>Customers in no segment.</summary>
    public long Unsegmented { get; private set; }

    /// <summary>Customers by segment, by priority; a customer counts in each of its segments.</summary>
    public IEnumerable<(SegmentDefinition Segment, long Customers, long Primary)> Segments => Scheme.Segments.Select((s, i) => (s, members[i], primaries[i]));

    /// <summary>The map of recency × frequency, or null where its cells have no names.</summary>
    public RfmMap? Map => Shop.RfmMap;

    /// <summary>Customers by name of the recency × frequency map, in the map's order.</summary>
    public IEnumerable<(string Name, long Customers)> RfmNames => (Map?.Rules ?? []).Select(r => r.Name).Distinct().Select(n => (n, rfm.GetValueOrDefault(n)));

    /// <summary>An amount in the currency's unit.</summary>
    public decimal Major(double minor) => Math.Round((decimal)minor / Money.MinorPerMajor(File.Currency), Money.Decimals(File.Currency), MidpointRounding.AwayFromZero);

    /// <summary>Counts a customer.</summary>
    public void Count(PurchaseHistory history, SegmentSet set, string? rfmName, bool priceSensitive)
    {
        Customers++;
        Orders += history.Orders;
        RevenueMinor += history.SpendMinor;
        PriceSensitive += priceSensitive ? 1 : 0;
        foreach (var index in set)
        {
            members[index]++;
        }

        if (set.IsEmpty)
        {
            Unsegmented++;
        }
        else
        {
            primaries[set.PrimaryIndex]++;
        }

        if (rfmName is not null)
        {
            rfm[rfmName] = rfm.GetValueOrDefault(rfmName) + 1;
        }
    }

    /// <summary>What a reader of the figures must know, a sentence each.</summary>
    public IReadOnlyList<string> Warnings()
    {
        var warnings = new List<string>();
        warnings.AddRange(Model.Preliminary.Select(static p => p.Sentence));
        if (Model.Preliminary.Any(static p => p.StopsModels))
        {
            warnings.Add("Models were not fitted; segments rest on rules and are preliminary.");
        }

        foreach (var fit in Model.Models.Fits.Concat(Model.SpendFit is { } spend ? [spend] : []).Where(static f => !f.Converged))
        {
            warnings.Add($"The fit of {fit.Name} ran into the bounds of its parameters: the data do not hold them.");
        }

        warnings.AddRange(Model.Risk.PassedOver);
        if (Model.IsFitted && Model.Spend is null)
        {
            warnings.Add("Nobody's repeat orders were worth anything: spend per order, gamma-gamma, was not fitted.");
        }

        if (Model.Discounts is null)
        {
            warnings.Add("No customer bought some lines at a discount and some without: price sensitivity was not fitted.");
        }
        else if (!Model.Settings.DiscountsKnown)
        {
            warnings.Add("The file shows no discounts: a line counts as discounted where it was bought at 90 % of the product's usual price or less.");
        }

        AddFile(warnings);
        return warnings;
    }

    private void AddFile(List<string> warnings)
    {
        void Add(FormattableString sentence) => warnings.Add(sentence.ToString(CultureInfo.InvariantCulture));
        if (File.Rejected > 0)
        {
            Add($"{File.Rejected:N0} of {File.Rows:N0} rows left out: {string.Join("; ", File.RejectedByReason.OrderByDescending(static r => r.Value).Select(r => string.Create(CultureInfo.InvariantCulture, $"{r.Value:N0} × {r.Key}")))}.");
        }

        if (File.LinesOfTotals)
        {
            Add($"Order ids come again with other totals: rows were read as lines of orders, and their totals added up.");
        }

        if (File.RepeatedOrders > 0)
        {
            Add($"Orders that came again unchanged count once: {File.RepeatedOrders:N0}.");
        }

        if (LaterOrders > 0)
        {
            Add($"Orders and refunds after {AsOf:yyyy-MM-dd} were left out: {LaterOrders:N0}.");
        }

        if (UnmatchedRefundMinor > 0)
        {
            Add($"Refunds of {Major(UnmatchedRefundMinor):N2} match no earlier order and were not subtracted.");
        }
    }
}
