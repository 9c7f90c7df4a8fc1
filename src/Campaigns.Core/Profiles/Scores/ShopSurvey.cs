using Campaigns.Core.Primitives;
using Campaigns.Core.Profiles.Models;
using Campaigns.Core.Storage;
using MemoryPack;

namespace Campaigns.Core.Profiles.Scores;

/// <summary>
/// All that one scan of the purchase histories gathers for models and scores. Everything is an integer count or a sample by
/// hash, so that the surveys of 1, 16 or 256 buckets merge to the same. Memory is bounded. Not for several threads.
/// </summary>
[MemoryPackable]
public sealed partial class ShopSurvey : IStoredRow
{
    /// <summary>Customers sampled for the choice of the risk score: an AUC's standard error is then some 0.004.</summary>
    public const int RiskCustomers = 20_000;

    /// <summary>Customers sampled for prices paid, each with up to 50 products: two parameters need no more.</summary>
    public const int PricedCustomers = 4_000;

    private readonly IntHistogram gaps;
    private readonly int[] buffer = new int[PurchaseHistory.RecentOrderLimit];

    /// <summary>Nobody yet.</summary>
    /// <param name="asOf">Business time; days are whole UTC days.</param>
    /// <param name="settings">The settings that the models will be fitted with.</param>
    public ShopSurvey(DateTimeOffset asOf, ModelSettings settings)
    {
        (AsOf, Settings) = (asOf, settings);
        (Repeats, Spend, Discounts, Rfm) = (new RepeatSummary(), new SpendSummary(), new DiscountCounts(), new RfmSurvey());
        (Risk, Prices) = (new BottomSample<RiskCustomer>(RiskCustomers, []), new BottomSample<PricedCustomer>(PricedCustomers, []));
        (gaps, FirstDay) = (new IntHistogram(), int.MaxValue);
    }

    [MemoryPackConstructor]
    private ShopSurvey(
        DateTimeOffset asOf, ModelSettings settings, long customers, long orders, int firstDay, int lastDay, int mostOrderDays, long[] gapDays,
        RepeatSummary repeats, SpendSummary spend, DiscountCounts discounts, RfmSurvey rfm, BottomSample<RiskCustomer> risk, BottomSample<PricedCustomer> prices)
    {
        (AsOf, Settings, Customers, Orders, FirstDay, LastDay, MostOrderDays) = (asOf, settings, customers, orders, firstDay, lastDay, mostOrderDays);
        (gaps, Repeats, Spend, Discounts, Rfm, Risk, Prices) = (new IntHistogram(gapDays), repeats, spend, discounts, rfm, risk, prices);
    }

    /// <inheritdoc/>
    public static byte Version => 1;

    /// <summary>Business time of the survey.</summary>
    public DateTimeOffset AsOf { get; }

    /// <summary>The settings that it was made with.</summary>
    public ModelSettings Settings { get; }

    /// <summary>Customers with a net order.</summary>
    public long Customers { get; private set; }

    /// <summary>Their net orders.</summary>
    public long Orders { get; private set; }

    /// <summary>Day number (UTC) of the first order of all; <see cref="int.MaxValue"/> without orders.</summary>
    public int FirstDay { get; private set; }

    /// <summary>Day number (UTC) of the last order of all; 0 without orders.</summary>
    public int LastDay { get; private set; }

    /// <summary>The most order days of one customer, up to the day that models are fitted on.</summary>
    public int MostOrderDays { get; private set; }

    /// <summary>Gaps between consecutive order days of a customer: counts by days.</summary>
    public long[] GapDays => gaps.ToArray();

    /// <summary>Histories as they were on <see cref="FitDay"/>: what the purchase models are fitted on.</summary>
    public RepeatSummary Repeats { get; }

    /// <summary>Repeat order days and what was spent on them, up to <see cref="FitDay"/>: what Gamma-Gamma is fitted on.</summary>
    public SpendSummary Spend { get; }

    /// <summary>Discounted and all lines by customer, where discounts are known.</summary>
    public DiscountCounts Discounts { get; }

    /// <summary>Recency, frequency and spend.</summary>
    public RfmSurvey Rfm { get; }

    /// <summary>The sample for the choice of the risk score.</summary>
    public BottomSample<RiskCustomer> Risk { get; }

    /// <summary>The sample of prices paid, where discounts are not known.</summary>
    public BottomSample<PricedCustomer> Prices { get; }

    /// <summary>The day number whose histories the models are fitted on: the calibration's end where one is set, else the as-of day.</summary>
    [MemoryPackIgnore]
    public int FitDay => TruncatedHistory.DayOf(Settings.CalibrationEnd ?? AsOf);

    /// <summary>Counts a customer; one without net orders counts nowhere.</summary>
    public void Add(PurchaseHistory history)
    {
        if (history.Orders == 0)
        {
            return;
        }

        Customers++;
        Orders += history.Orders;
        FirstDay = Math.Min(FirstDay, TruncatedHistory.DayOf(history.FirstOrderAt));
        LastDay = Math.Max(LastDay, TruncatedHistory.DayOf(history.LastOrderAt));
        Rfm.Add(history, AsOf, Settings.Rfm.WindowDays);
        var days = TruncatedHistory.OrderDaysOf(history, history.RecentOrders.Length <= buffer.Length ? buffer : new int[history.RecentOrders.Length]);
        for (var i = 1; i < days.Length; i++)
        {
            gaps.Add(days[i] - days[i - 1]);
        }

        if (TruncatedHistory.At(history.OrderDays, TruncatedHistory.DayOf(history.FirstOrderAt), days, FitDay) is { } then)
        {
            MostOrderDays = Math.Max(MostOrderDays, then.OrderDays);
            Repeats.Add(then.RepeatOrders, then.RecencyDays, then.AgeDays);
            var (repeats, spent) = RepeatSpend.Of(history, FitDay);
            Spend.Add(repeats, spent);
        }

        Sample(history, days);
    }

    /// <summary>Adds a bucket's survey, made with the same settings and time.</summary>
    public void Merge(ShopSurvey other)
    {
        Customers += other.Customers;
        Orders += other.Orders;
        FirstDay = Math.Min(FirstDay, other.FirstDay);
        LastDay = Math.Max(LastDay, other.LastDay);
        MostOrderDays = Math.Max(MostOrderDays, other.MostOrderDays);
        gaps.Merge(other.GapDays);
        Repeats.Merge(other.Repeats);
        Spend.Merge(other.Spend);
        Discounts.Merge(other.Discounts);
        Rfm.Merge(other.Rfm);
        Risk.Merge(other.Risk);
        Prices.Merge(other.Prices);
    }

    /// <summary>Makes the survey of one of so many buckets smaller, without changing what merging them gives.</summary>
    public void TrimAsPart(int buckets)
    {
        Risk.TrimAsPart(buckets, Customers);
        Prices.TrimAsPart(buckets, Customers);
        Rfm.TrimAsPart(buckets);
    }

    private void Sample(PurchaseHistory history, ReadOnlySpan<int> days)
    {
        var hash = StableHash.Of("sample", history.CustomerId);
        if (hash <= Risk.Bound)
        {
            Risk.Add(new RiskCustomer(hash, history.OrderDays, TruncatedHistory.DayOf(history.FirstOrderAt), days.ToArray()));
        }

        if (Settings.DiscountsKnown)
        {
            Discounts.Add(history.DiscountedLines, history.Lines);
        }
        else if (hash <= Prices.Bound)
        {
            Prices.Add(PricedCustomer.Of(hash, history));
        }
    }
}
