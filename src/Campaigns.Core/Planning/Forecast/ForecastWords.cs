using System.Globalization;
using Campaigns.Core.Primitives;

namespace Campaigns.Core.Planning.Forecast;

/// <summary>A forecast in a marketer's words.</summary>
public static class ForecastWords
{
    /// <summary>Profit to be expected, with its range and what it rests on.</summary>
    public static string Profit(RunForecast forecast, string currency) => forecast switch
    {
        { Profit: { Runs: > 0 } p } =>
            $"Expected profit over sending nothing: {Whole(p.MeanMinor, currency)}, nine times of ten between {Whole(p.LowMinor, currency)} and {Whole(p.HighMinor, currency)}, as learnt from {(p.Runs == 1 ? "one earlier send" : $"{p.Runs} earlier sends")}.",
        { Profit: { } p } =>
            $"Nothing was learnt yet. By what such messages usually do, profit over sending nothing lies between {Whole(p.LowMinor, currency)} and {Whole(p.HighMinor, currency)}, nine times of ten; it is a guess until a first send has been measured.",
        { IsProfit: false } => "Profit cannot be foreseen while margins are unknown: say the margin in the settings.",
        _ => "Profit cannot be foreseen: too few customers have bought anything yet.",
    };

    /// <summary>What customers do anyway, and how many more must buy for it to pay.</summary>
    public static string BreakEven(RunForecast forecast) =>
        $"Without a message {Per100(forecast.Baseline.Conversion)} of 100 customers buy within the window, {Source(forecast.Baseline.Source)}. " + forecast.BreakEvenRise switch
        {
            null => "",
            double.PositiveInfinity => "An order brings less than is given away on it: no number of further buyers pays for this.",
            { } rise => $"It pays for itself from {Per100(rise)} more on.",
        };

    /// <summary>The effect that could be told from chance.</summary>
    public static string Detectable(RunForecast forecast, string currency)
    {
        var found = forecast.DetectableRise is { } rise
            ? $"{Per100(rise)} more buyers among 100 customers{(forecast.DetectableMinor is { } minor ? $", or {Exact(minor, currency)} more {(forecast.IsProfit ? "profit" : "revenue")} per customer" : "")}"
            : "";
        return forecast.Measurable switch
        {
            Measurable.NoControlGroup => "Nothing can be told about its effect: there is no control group.",
            Measurable.TooSmall =>
                $"Too small to measure: about {Count(forecast.SmallerArmBuyers)} buyers are to be expected in the smaller group, and a verdict takes {Power.MinBuyers}. "
                + (found.Length == 0 ? "" : $"The least effect that could show is {found}. ")
                + "Take in more customers, or repeat the campaign: sends add up.",
            Measurable.LargeEffectsOnly => $"Only a large effect can be told from chance: at least {found} (found 4 times of 5). The effect to look for is {Per100(forecast.TargetRise)} among 100.",
            _ => $"An effect can be told from chance from {found} on (found 4 times of 5).",
        } + (forecast.EarlierCustomers == 0 || forecast.Measurable == Measurable.NoControlGroup ? "" : $" Earlier sends, {Count(forecast.EarlierCustomers)} customers, count in it.");
    }

    /// <summary>"1.2": a share as so many of 100, with as many decimals as tell it from nothing.</summary>
    internal static string Per100(double share) => (share * 100) switch
    {
        >= 0.095 and var many => many.ToString("0.0", CultureInfo.InvariantCulture),
        < 0.01 => "fewer than 0.01",
        var few => few.ToString("0.00", CultureInfo.InvariantCulture),
    };

    private static string Source(BaselineSource source) => source switch
    {
        BaselineSource.ClosedRuns => "as in earlier sends",
        BaselineSource.EarlierWindow => "as in an equally long time before",
        BaselineSource.Models => "as the purchase models expect of these customers",
        _ => "as is usual in retail: too few of these bought lately to go by",
    };

    private static string Count(double count) => count.ToString("N0", CultureInfo.InvariantCulture);

    private static string Whole(double minor, string currency) => Of(minor, currency).ToWholeString();

    private static string Exact(double minor, string currency) => Of(minor, currency).ToString();

    private static Money Of(double minor, string currency) => new((long)Math.Round(minor, MidpointRounding.AwayFromZero), currency);
}
