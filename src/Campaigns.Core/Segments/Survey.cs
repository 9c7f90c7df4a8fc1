using Campaigns.Core.Profiles;
using Campaigns.Core.Profiles.Scores;
using Campaigns.Core.Storage;
using MemoryPack;

namespace Campaigns.Core.Segments;

/// <summary>The first look at all customers: shop-wide distributions as integers and samples by hash, gathered per bucket and merged exactly.</summary>
/// <param name="asOf">Business time.</param>
/// <param name="settings">The settings that models will be fitted with.</param>
/// <param name="buckets">The survey is of one of so many buckets; 1 for all.</param>
public sealed class Survey(DateTimeOffset asOf, ModelSettings settings, int buckets = 1)
{
    /// <summary>Customers after which samples of a bucket are trimmed.</summary>
    private const int TrimEvery = 4_096;

    private readonly ShopSurvey shop = new(asOf, settings);
    private readonly ProductSurvey products = new(!settings.DiscountsKnown);
    private long lines;
    private long discountedLines;
    private DateTimeOffset? newest;

    /// <summary>Counts a customer; one without net orders counts nowhere.</summary>
    public void Add(PurchaseHistory history)
    {
        if (history.Orders == 0)
        {
            return;
        }

        lines += history.Lines;
        discountedLines += history.DiscountedLines;
        newest = newest > history.LastOrderAt ? newest : history.LastOrderAt;
        shop.Add(history);
        if (shop.Customers % TrimEvery == 0)
        {
            shop.TrimAsPart(buckets);
        }

        products.Add(history);
    }

    /// <summary>Adds a bucket's survey.</summary>
    public void Merge(SurveySummary other)
    {
        lines += other.Lines;
        discountedLines += other.DiscountedLines;
        newest = newest > other.Newest || other.Newest is null ? newest : other.Newest;
        shop.Merge(other.Shop);
        products.Merge(other.Products);
    }

    /// <summary>What was counted.</summary>
    public SurveySummary ToSummary() => new()
    {
        Lines = lines,
        DiscountedLines = discountedLines,
        Newest = newest,
        Shop = shop,
        Products = products.ToCounts(),
    };
}

/// <summary>A bucket's survey.</summary>
[MemoryPackable]
public sealed partial record SurveySummary : IStoredRow
{
    /// <inheritdoc/>
    public static byte Version => 2;

    /// <summary>Net lines.</summary>
    public long Lines { get; init; }

    /// <summary>Net lines with a discount.</summary>
    public long DiscountedLines { get; init; }

    /// <summary>Newest net order, or null.</summary>
    public DateTimeOffset? Newest { get; init; }

    /// <summary>What models and scores are fitted on.</summary>
    public required ShopSurvey Shop { get; init; }

    /// <summary>Products.</summary>
    public ProductCounts Products { get; init; } = new();

    /// <summary>The parameters that follow for the recompute, models included. Pure.</summary>
    /// <param name="job">The recompute.</param>
    /// <param name="asOf">Its business time.</param>
    /// <param name="inputs">Its inputs.</param>
    /// <param name="charges">Skus that are no goods: see <see cref="ChargeNames"/>.</param>
    public SegmentParameters ToParameters(string job, DateTimeOffset asOf, RecomputeInputs inputs, IReadOnlySet<string> charges)
    {
        var settings = inputs.ModelSettings;
        var gaps = new IntHistogram(Shop.GapDays);
        var usual = inputs.DiscountsKnown ? ([], [], DiscountedLines, Lines) : Products.UsualPrices();
        var enough = gaps.Total >= settings.LeastGaps;
        var starting = SilenceLimits.Of(settings.Industry, inputs.ChurnDays);
        var parameters = new SegmentParameters
        {
            Job = job,
            Generation = inputs.Generation,
            AsOf = asOf,
            Currency = inputs.Currency,
            Customers = Shop.Customers,
            Orders = Shop.Orders,
            NewestOrderAt = Newest,
            Gaps = gaps.Total,
            Gap80Days = enough ? gaps.Percentile(80) : starting.AtRiskDays,
            Gap95Days = enough ? gaps.Percentile(95) : starting.LostDays ?? IntHistogram.MaxValue,
            MedianSpendMinor = Shop.Rfm.MedianSpendMinor(),
            DiscountsKnown = inputs.DiscountsKnown,
            PricedSkus = usual.Item1,
            UsualPricesE4 = usual.Item2,
            CheapLines = usual.Item3,
            JudgedLines = usual.Item4,
            TopProducts = Products.Top(RelatedProducts.MaxProducts, charges),
            MarginShare = inputs.MarginShare,
            MarginShareByCategory = inputs.MarginShareByCategory,
            Charges = [.. charges.Order(StringComparer.Ordinal)],
        };
        var model = ShopModel.Fit(Shop, settings, parameters.UsualPrices);
        return parameters with { Rfm = model.Rfm, Model = model };
    }
}
