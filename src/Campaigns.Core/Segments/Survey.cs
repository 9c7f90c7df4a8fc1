using Campaigns.Core.Profiles;
using Campaigns.Core.Storage;
using MemoryPack;

namespace Campaigns.Core.Segments;

/// <summary>What a recompute was asked to do. Inputs of jobs of kind <see cref="JobKind"/>.</summary>
[MemoryPackable]
public sealed partial record RecomputeInputs : IStoredRow
{
    /// <inheritdoc/>
    public static byte Version => 1;

    /// <summary>Kind of job.</summary>
    public const string JobKind = "recompute";

    /// <summary>What it was made after, for example the newest import.</summary>
    public string Generation { get; init; } = "";

    /// <summary>Discounts were seen in the orders.</summary>
    public bool DiscountsKnown { get; init; }

    /// <summary>Days of the churn horizon: stands in for the shop's gaps while they are too few.</summary>
    public int ChurnDays { get; init; }

    /// <summary>ISO 4217 currency.</summary>
    public string Currency { get; init; } = "GBP";
}

/// <summary>The first look at all customers: shop-wide distributions as integers, gathered per bucket and merged exactly.</summary>
public sealed class Survey(DateTimeOffset asOf, bool withPrices)
{
    private readonly IntHistogram gaps = new();
    private readonly RfmSurvey rfm = new();
    private readonly ProductSurvey products = new(withPrices);
    private long customers;
    private long orders;
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

        customers++;
        orders += history.Orders;
        lines += history.Lines;
        discountedLines += history.DiscountedLines;
        newest = newest > history.LastOrderAt ? newest : history.LastOrderAt;
        rfm.Add(history, asOf);
        products.Add(history);
        AddGaps(history.RecentOrders);
    }

    /// <summary>Adds a bucket's survey.</summary>
    public void Merge(SurveySummary other)
    {
        customers += other.Customers;
        orders += other.Orders;
        lines += other.Lines;
        discountedLines += other.DiscountedLines;
        newest = newest > other.Newest || other.Newest is null ? newest : other.Newest;
        gaps.Merge(other.Gaps);
        rfm.Merge(other.Rfm);
        products.Merge(other.Products);
    }

    /// <summary>What was counted.</summary>
    public SurveySummary ToSummary() => new()
    {
        Customers = customers,
        Orders = orders,
        Lines = lines,
        DiscountedLines = discountedLines,
        Newest = newest,
        Gaps = gaps.ToArray(),
        Rfm = rfm,
        Products = products.ToCounts(),
    };

    /// <summary>The gaps between consecutive order days (UTC), of the orders that the history keeps one by one.</summary>
    private void AddGaps(RecentOrder[] recent)
    {
        var last = default(DateTime?);
        foreach (var order in recent)
        {
            var day = order.At.UtcDateTime.Date;
            if (last is { } previous && day > previous)
            {
                gaps.Add((day - previous).Days);
            }

            last = day;
        }
    }
}

/// <summary>A bucket's survey: histograms by value (see <see cref="IntHistogram"/>).</summary>
[MemoryPackable]
public sealed partial record SurveySummary : IStoredRow
{
    /// <inheritdoc/>
    public static byte Version => 1;

    /// <summary>Customers with a net order.</summary>
    public long Customers { get; init; }

    /// <summary>Net orders.</summary>
    public long Orders { get; init; }

    /// <summary>Net lines.</summary>
    public long Lines { get; init; }

    /// <summary>Net lines with a discount.</summary>
    public long DiscountedLines { get; init; }

    /// <summary>Newest net order, or null.</summary>
    public DateTimeOffset? Newest { get; init; }

    /// <summary>Gaps between order days, in days.</summary>
    public long[] Gaps { get; init; } = [];

    /// <summary>Recency, frequency and spend.</summary>
    public RfmSurvey Rfm { get; init; } = new();

    /// <summary>Products.</summary>
    public ProductCounts Products { get; init; } = new();

    /// <summary>The parameters that follow for the recompute. Pure.</summary>
    /// <param name="job">The recompute.</param>
    /// <param name="asOf">Its business time.</param>
    /// <param name="inputs">Its inputs.</param>
    /// <param name="charges">Skus that are no goods: see <see cref="ChargeNames"/>.</param>
    public SegmentParameters ToParameters(string job, DateTimeOffset asOf, RecomputeInputs inputs, IReadOnlySet<string> charges)
    {
        var gaps = new IntHistogram(Gaps);
        var usual = inputs.DiscountsKnown ? ([], [], DiscountedLines, Lines) : Products.UsualPrices();
        var enough = gaps.Total >= SegmentParameters.LeastShopGaps;
        return new SegmentParameters
        {
            Job = job,
            Generation = inputs.Generation,
            AsOf = asOf,
            Currency = inputs.Currency,
            Customers = Customers,
            Orders = Orders,
            NewestOrderAt = Newest,
            Gaps = gaps.Total,
            Gap80Days = enough ? gaps.Percentile(80) : inputs.ChurnDays,
            Gap95Days = enough ? gaps.Percentile(95) : 2 * inputs.ChurnDays,
            Rfm = Rfm.Cuts(),
            MedianSpendMinor = Rfm.MedianSpendMinor(),
            DiscountsKnown = inputs.DiscountsKnown,
            PricedSkus = usual.Item1,
            UsualPricesE4 = usual.Item2,
            CheapLines = usual.Item3,
            JudgedLines = usual.Item4,
            TopProducts = Products.Top(RelatedProducts.MaxProducts, charges),
            Charges = [.. charges.Order(StringComparer.Ordinal)],
        };
    }
}
