using Campaigns.Core.Planning.Forecast;

namespace Campaigns.Functions.Api;

/// <summary>A run's forecast as others see it: amounts in minor units, shares of customers in [0, 1].</summary>
public sealed record ForecastView
{
    public ProfitForecast? Profit { get; init; }
    public double Conversion { get; init; }
    public BaselineSource ConversionFrom { get; init; }
    public double? BreakEvenRise { get; init; }
    public bool PaysForItself { get; init; }
    public double? DetectableRise { get; init; }
    public double? DetectableMinor { get; init; }
    public string DetectableOf { get; init; } = "";
    public Measurable Measurable { get; init; }
    public double SmallerArmBuyers { get; init; }
    public long EarlierCustomers { get; init; }
    public double? HoldoutShare { get; init; }
    public IReadOnlyList<string> Sentences { get; init; } = [];

    /// <summary>The view of a forecast. An effect that never breaks even is null, with <see cref="PaysForItself"/> false.</summary>
    public static ForecastView Of(RunForecast f, string currency) => new()
    {
        Profit = f.Profit,
        Conversion = f.Baseline.Conversion,
        ConversionFrom = f.Baseline.Source,
        BreakEvenRise = f.BreakEvenRise is { } rise && double.IsFinite(rise) ? rise : null,
        PaysForItself = f.BreakEvenRise is null or < double.PositiveInfinity,
        DetectableRise = f.DetectableRise,
        DetectableMinor = f.DetectableMinor,
        DetectableOf = f.IsProfit ? "profit" : "revenue",
        Measurable = f.Measurable,
        SmallerArmBuyers = f.SmallerArmBuyers,
        EarlierCustomers = f.EarlierCustomers,
        HoldoutShare = f.Holdout?.PartsPerMillion / 1e6,
        Sentences = [ForecastWords.Profit(f, currency), ForecastWords.BreakEven(f), ForecastWords.Detectable(f, currency), .. f.Holdout is { } chosen ? new[] { "Control group: " + chosen.Reason } : []],
    };
}
