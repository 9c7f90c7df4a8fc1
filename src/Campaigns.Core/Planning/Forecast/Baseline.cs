using Campaigns.Core.Offers.Learning;
using Campaigns.Core.Primitives;
using Campaigns.Core.Profiles;
using MemoryPack;

namespace Campaigns.Core.Planning.Forecast;

/// <summary>Where a baseline comes from. Values are stored: never renumber.</summary>
public enum BaselineSource : byte
{
    /// <summary>What customers did in the campaign's closed runs.</summary>
    ClosedRuns = 1,

    /// <summary>What the audience bought in an equally long window before the run.</summary>
    EarlierWindow = 2,

    /// <summary>Too few bought to go by: what is usual in retail.</summary>
    Assumed = 3,

    /// <summary>What the purchase models expect of the audience.</summary>
    Models = 4,
}

/// <summary>What the audience is expected to buy within the outcome window without any message.</summary>
/// <param name="Conversion">Share who buy, in (0, 1).</param>
/// <param name="BasketMinor">What a buyer spends in the window, minor units; null where nobody ever bought.</param>
/// <param name="SpreadSquared">Variance of that ÷ its square, ≥ 0.</param>
/// <param name="Source">Where <paramref name="Conversion"/> comes from.</param>
[MemoryPackable]
public readonly partial record struct Baseline(double Conversion, double? BasketMinor, double SpreadSquared, BaselineSource Source)
{
    /// <summary>Fewest buyers to go by: the share is then known to about a sixth of itself. As many as the cap on spending asks for.</summary>
    public const int MinBuyers = SpendCap.MinBuyers;

    /// <summary>Share of customers who buy within a month: usual in retail.</summary>
    public const double UsualConversion = 0.05;

    /// <summary>Variance of baskets ÷ squared mean: lognormal with σ = .8, in the middle of published shops.</summary>
    private const double UsualSpreadSquared = 0.9;

    /// <summary>Rates are kept inside (0, 1): nobody's buying, or everybody's, would have no variance, and anything would seem detectable.</summary>
    private const double MaxConversion = 0.99;

    /// <summary>Variance of a customer's spending, most of which is 0: p·b²·(1 + s²) − (p·b)²; null where baskets are unknown.</summary>
    [MemoryPackIgnore]
    public double? SpendVariance => BasketMinor is { } b ? (Conversion * b * b * (1 + SpreadSquared)) - (Conversion * b * Conversion * b) : null;

    /// <summary>
    /// From closed runs where 40 customers bought in them: those who drew nothing, if 40 of these did. Else what the purchase models
    /// expect of each customer, where they say something about half of them at least. Else from the audience's own earlier window, if 40
    /// bought there. Else what is usual. Spending counts up to the cap of the headline.
    /// The models come before the earlier window because a segment of customers who stayed away bought nothing in it by its very
    /// definition, and one of those who just bought all did: both go back towards their usual pace, which is what the models tell.
    /// </summary>
    /// <param name="evidence">What the campaign's closed runs taught.</param>
    /// <param name="survey">The audience.</param>
    /// <param name="countsOrders">Orders are what counts; else another event, of which the past says nothing.</param>
    public static Baseline Of(IReadOnlyList<RunEvidence> evidence, AudienceSurvey survey, bool countsOrders)
    {
        var cells = evidence.SelectMany(e => e.Cells).ToList();
        var nothing = cells.Aggregate(default(ArmTotals), (sum, c) => sum + c.Nothing);
        var all = cells.SelectMany(c => c.Arms).Aggregate(nothing, (sum, a) => sum + a.Totals);
        var (basket, spread) = Baskets(survey.Window) ?? Baskets(survey.LastOrders) ?? (null, UsualSpreadSquared);
        if ((nothing.Conversions >= MinBuyers ? nothing : all) is { Conversions: >= MinBuyers } taught)
        {
            var fromRuns = (double)taught.SpendMinor / taught.Conversions;
            return new Baseline(Within((double)taught.Conversions / taught.Customers), basket ?? (fromRuns > 0 ? fromRuns : null), spread, BaselineSource.ClosedRuns);
        }

        if (countsOrders && survey.Predicted * 2 >= survey.Read && survey.PredictedBuyersMillionths > 0)
        {
            // Customers without an order count as usual ones: of them the models say nothing.
            var expected = ((double)survey.PredictedBuyersMillionths / StableHash.Million) + (UsualConversion * (survey.Read - survey.Predicted));
            return new Baseline(Within(expected / survey.Read), basket, spread, BaselineSource.Models);
        }

        var buyers = survey.Window.Sum(b => b.Customers);
        return countsOrders && buyers >= MinBuyers
            ? new Baseline(Within((double)buyers / survey.Read), basket, spread, BaselineSource.EarlierWindow)
            : new Baseline(UsualConversion, basket, spread, BaselineSource.Assumed);
    }

    private static double Within(double share) => Math.Min(share, MaxConversion);

    /// <summary>Mean of capped amounts and their variance ÷ its square; null where there are too few.</summary>
    private static (double? Mean, double SpreadSquared)? Baskets(PriorBin[] bins)
    {
        if (SpendCap.Of(bins) is not { } cap)
        {
            return null;
        }

        var (count, sum, squares) = (0.0, 0.0, 0.0);
        foreach (var (bin, customers) in bins)
        {
            var amount = (double)Math.Min(OnePercentBins.Upper(bin), cap);
            (count, sum, squares) = (count + customers, sum + (customers * amount), squares + (customers * amount * amount));
        }

        return (sum / count, Math.Max(0, (squares * count / (sum * sum)) - 1));
    }
}
