using Campaigns.Core.Profiles;
using Campaigns.Core.Profiles.Scores;
using Campaigns.Core.Storage;
using MemoryPack;

namespace Campaigns.Core.Segments;

/// <summary>
/// What a recompute learnt about the whole shop and classifies by: the result of its stage "survey". With a customer's
/// history and the as-of time it explains every membership.
/// </summary>
[MemoryPackable]
public sealed partial record SegmentParameters : IStoredRow
{
    private Dictionary<string, long>? usual;
    private Func<string, long?>? usualPrices;
    private RfmMap?[]? cells; // One map, or none.

    /// <inheritdoc/>
    public static byte Version => 1;

    /// <summary>Price-sensitive buyers buy cheap this many times as often as the shop at large …</summary>
    public const double PriceSensitiveRatio = 1.5;

    /// <summary>… at least half of the time …</summary>
    public const double LeastCheapShare = 0.5;

    /// <summary>… and where nearly all is discounted, nearly always.</summary>
    public const double MostCheapShare = 0.95;

    /// <summary>Gaps that the shop needs before its percentiles count; below, the 95th would rest on one or two of them.</summary>
    public const int LeastShopGaps = 20;

    /// <summary>The recompute.</summary>
    public required string Job { get; init; }

    /// <summary>What the recompute was made after, for example the newest import.</summary>
    public string Generation { get; init; } = "";

    /// <summary>Business time of the recompute.</summary>
    public required DateTimeOffset AsOf { get; init; }

    /// <summary>ISO 4217 currency, for reasons in words.</summary>
    public string Currency { get; init; } = "GBP";

    /// <summary>Customers with a net order.</summary>
    public long Customers { get; init; }

    /// <summary>Their net orders.</summary>
    public long Orders { get; init; }

    /// <summary>Newest net order, or null.</summary>
    public DateTimeOffset? NewestOrderAt { get; init; }

    /// <summary>Gaps between consecutive order days of one customer, all customers: what the percentiles rest on.</summary>
    public long Gaps { get; init; }

    /// <summary>80th percentile of these gaps in days, ≥ 1; the churn horizon where <see cref="Gaps"/> are too few.</summary>
    public int Gap80Days { get; init; }

    /// <summary>95th percentile in days, ≥ <see cref="Gap80Days"/>; twice the churn horizon where gaps are too few.</summary>
    public int Gap95Days { get; init; }

    /// <summary>Cut points of recency, frequency and spend.</summary>
    public RfmCuts Rfm { get; init; } = new();

    /// <summary>Median net spend per customer in minor units, within 1 %.</summary>
    public long MedianSpendMinor { get; init; }

    /// <summary>Discounts were seen in the orders. False: the price paid against the product's usual price stands in.</summary>
    public bool DiscountsKnown { get; init; }

    /// <summary>Lines of the shop for which it is known whether they were cheap.</summary>
    public long JudgedLines { get; init; }

    /// <summary>Of these, lines with a discount, or at 90 % of the usual price or less.</summary>
    public long CheapLines { get; init; }

    /// <summary>Share of cheap lines in [0, 1]; 0 where none was judged.</summary>
    [MemoryPackIgnore]
    public double CheapShare => JudgedLines == 0 ? 0 : (double)CheapLines / JudgedLines;

    /// <summary>Share of cheap lines from which a customer is price-sensitive, in [0.5, 0.95].</summary>
    [MemoryPackIgnore]
    public double PriceSensitiveShare => Math.Clamp(PriceSensitiveRatio * CheapShare, LeastCheapShare, MostCheapShare);

    /// <summary>Products with a usual price, by sku; empty where discounts are known.</summary>
    public string[] PricedSkus { get; init; } = [];

    /// <summary>Their usual prices in minor units × 10⁴: median over lines, upper end of its 1 % bin, so that a price of exactly 90 % always counts as cheap.</summary>
    public long[] UsualPricesE4 { get; init; } = [];

    /// <summary>Products by number of buyers, most first, ties by sku; at most <see cref="RelatedProducts.MaxProducts"/>. <see cref="Charges"/> are left out.</summary>
    public string[] TopProducts { get; init; } = [];

    /// <summary>Skus that are no goods but postage, fees and the like (see <see cref="ChargeNames"/>): never recommended.</summary>
    public string[] Charges { get; init; } = [];

    /// <summary>What was fitted to the whole shop: customers are scored by it until the next recompute. Null in results of versions that had no models.</summary>
    public ShopModel? Model { get; init; }

    /// <summary>Margin as a share of the price before discount, in [0, 1], where neither a unit cost nor a category's share is known; null = unknown.</summary>
    public double? MarginShare { get; init; }

    /// <summary>The same by category, in [0, 1].</summary>
    public Dictionary<string, double> MarginShareByCategory { get; init => field = value ?? []; } = []; // Results of versions without it have none.

    /// <summary>Names of the cells of recency × frequency; null where the workspace cuts otherwise than the usual map and has none of its own.</summary>
    [MemoryPackIgnore]
    [System.Text.Json.Serialization.JsonIgnore]
    public RfmMap? RfmMap => (cells ??= [Model is null ? RfmMap.Standard : Model.Settings.Rfm.ToMap()])[0];

    /// <summary>Usual unit prices by sku in minor units × 10⁴ (null: not known), or null where discounts are known and prices are not asked.</summary>
    [MemoryPackIgnore]
    [System.Text.Json.Serialization.JsonIgnore]
    public Func<string, long?>? UsualPrices => DiscountsKnown ? null : usualPrices ??= UsualPriceE4;

    /// <summary>The product's usual unit price in minor units × 10⁴, or null where it was seen too seldom.</summary>
    public long? UsualPriceE4(string sku)
    {
        if (usual is null)
        {
            var map = new Dictionary<string, long>(PricedSkus.Length, StringComparer.Ordinal);
            for (var i = 0; i < PricedSkus.Length; i++)
            {
                map[PricedSkus[i]] = UsualPricesE4[i];
            }

            usual = map; // Two threads may both build it; either is right.
        }

        return usual.TryGetValue(sku, out var price) ? price : null;
    }
}
