using Campaigns.Core.Profiles.Models;
using Campaigns.Core.Storage;
using MemoryPack;

namespace Campaigns.Core.Profiles.Scores;

/// <summary>
/// What was fitted to a whole workspace: enough to score any of its customers at once. A pure function of a merged
/// <see cref="ShopSurvey"/>. Threads may share it.
/// </summary>
[MemoryPackable]
public sealed partial record ShopModel : IStoredRow
{
    private RiskCandidate? chosen;

    /// <inheritdoc/>
    public static byte Version => 1;

    /// <summary>Business time of the survey.</summary>
    public DateTimeOffset AsOf { get; init; }

    /// <summary>The settings that it was fitted with.</summary>
    public ModelSettings Settings { get; init; } = new();

    /// <summary>Customers with a net order.</summary>
    public long Customers { get; init; }

    /// <summary>Why scores are preliminary, a sentence each; empty where they are not.</summary>
    public PreliminaryReason[] Preliminary { get; init; } = [];

    /// <summary>Models of repeat purchases; none where there is too little history.</summary>
    public PurchaseModels Models { get; init; } = PurchaseModels.None;

    /// <summary>Spend per order, in currency units of <see cref="ModelSettings.MinorPerUnit"/>; null where there is too little history or nobody came back.</summary>
    public GammaGamma? Spend { get; init; }

    /// <summary>What the fit of <see cref="Spend"/> says of itself.</summary>
    public FitQuality? SpendFit { get; init; }

    /// <summary>The risk score and its evidence.</summary>
    public RiskChoice Risk { get; init; } = new();

    /// <summary>Recalibration of the probability of an order, with predicted over actual; null where nothing could be checked.</summary>
    public Calibration? Calibration { get; init; }

    /// <summary>Discount shares; null where there is nothing to tell customers apart by.</summary>
    public BetaBinomial? Discounts { get; init; }

    /// <summary>Cut points of RFM.</summary>
    public RfmCuts Rfm { get; init; } = new();

    /// <summary>Days of silence from which customers are at risk and lost while the shop's own gaps are unknown; null where they are known.</summary>
    public SilenceLimits? StartingLimits { get; init; }

    /// <summary>Median gap between order days of one customer, in days: stands in for a rhythm of its own. Null without gaps.</summary>
    public int? MedianGapDays { get; init; }

    /// <summary>Coefficients of the regression on frequency and recency; empty where it was not fitted.</summary>
    public double[] FrequencyRecency { get; init; } = [];

    /// <summary>The model that <see cref="CustomerScores.ProbabilityActive"/> comes from, or null.</summary>
    public string? ActiveModel { get; init; }

    /// <summary>The model that expected orders and lifetime value come from, or null.</summary>
    public string? OrderModel { get; init; }

    /// <summary>The chosen score of sampled customers at the as-of time, ascending: places a customer among all.</summary>
    public double[] RiskQuantiles { get; init; } = [];

    /// <summary>Too little history: see <see cref="Preliminary"/>.</summary>
    [MemoryPackIgnore]
    public bool IsPreliminary => Preliminary.Length > 0;

    /// <summary>Models were fitted.</summary>
    [MemoryPackIgnore]
    public bool IsFitted => Models.All.Any();

    /// <summary>
    /// Fits all. <paramref name="usualPriceE4"/> (minor units × 10⁴ by sku) is needed where discounts are not known, to tell
    /// what was bought cheap.
    /// </summary>
    public static ShopModel Fit(ShopSurvey survey, ModelSettings settings, Func<string, long?>? usualPriceE4 = null) =>
        ShopModelFit.Fit(survey, settings, usualPriceE4);

    /// <summary>
    /// The customer's scores, each worked out when it is read. <paramref name="usualPriceE4"/> as in <see cref="Fit"/>: without it,
    /// and without known discounts, the discount share is unknown.
    /// </summary>
    public CustomerScores Score(PurchaseHistory history, DateTimeOffset asOf, Func<string, long?>? usualPriceE4 = null) =>
        new(this, history, asOf, usualPriceE4);

    /// <summary>The chosen risk candidate: the higher, the likelier an order.</summary>
    internal RiskCandidate ChosenCandidate => chosen ??= RiskCandidate.All(Models, FrequencyRecency, MedianGapDays, Settings.HorizonDays, Settings.DaysPerUnit)
        .First(c => string.Equals(c.Name, Risk.Chosen, StringComparison.Ordinal));
}
