using System.Globalization;
using Campaigns.Core.Primitives;

namespace Campaigns.Core.Measurement;

/// <summary>What may be said about a campaign's effect.</summary>
public enum Verdict
{
    /// <summary>Too few customers or buyers to say anything.</summary>
    TooSmall,

    /// <summary>The interval covers zero: it may have helped, harmed or done nothing.</summary>
    NotProven,

    /// <summary>The whole interval lies above zero.</summary>
    ProvenGain,

    /// <summary>The whole interval lies below zero.</summary>
    ProvenLoss,

    /// <summary>Too few customers or buyers so far, and the window is still open.</summary>
    TooEarly,

    /// <summary>Promised to everyone: there is nobody to compare with.</summary>
    NotMeasured,
}

/// <summary>Which promise an interval makes.</summary>
public enum IntervalKind
{
    /// <summary>95 % at the one planned look, after the window closed.</summary>
    FixedTime,

    /// <summary>95 % over all looks, while the window is open and people look daily.</summary>
    AlwaysValid,
}

/// <summary>The effect on one figure, per 1,000 assigned customers, with everything needed to say how sure it is.</summary>
/// <param name="Per1000">Incremental figure per 1,000 assigned customers; null where there is nothing to compare.</param>
/// <param name="Interval">The headline interval, per 1,000; null where none can be given.</param>
/// <param name="Kind">Which promise <paramref name="Interval"/> makes.</param>
/// <param name="FixedTime">The interval for the one planned look, per 1,000.</param>
/// <param name="AlwaysValid">The interval that holds at every look, per 1,000.</param>
/// <param name="MinimumDetectable">The smallest effect per 1,000 that this size would have shown with 80 % power.</param>
/// <param name="Verdict">What may be said.</param>
/// <param name="TooSmallBecause">Why it is too small, or null.</param>
/// <param name="LeftOut">Assigned customers that nothing could be compared for.</param>
public sealed record Effect(
    double? Per1000,
    Interval? Interval,
    IntervalKind Kind,
    Interval? FixedTime,
    Interval? AlwaysValid,
    double? MinimumDetectable,
    Verdict Verdict,
    string? TooSmallBecause,
    long LeftOut);

/// <summary>From strata to an effect and its words.</summary>
public static class Verdicts
{
    /// <summary>
    /// Fewest customers in the smaller arm. Below, the spread of baskets is itself hardly known: Student's interval rests on
    /// it.
    /// </summary>
    public const int MinCustomers = 100;

    /// <summary>
    /// Fewest buyers in the smaller arm. Spending is zero for most and large for a few; below some 50 buyers the mean's
    /// distribution is still visibly skewed, and 95 % intervals cover less than they say.
    /// </summary>
    public const int MinConverters = Planning.Forecast.Power.MinBuyers;

    /// <summary>What is said where nobody was held out because it was promised.</summary>
    public const string Promised = "Not measured: promised to everyone.";

    /// <summary>Effects are stated per this many assigned customers.</summary>
    public const int Per = 1000;

    /// <summary>The effect.</summary>
    /// <param name="strata">The figure by stratum, in any integer unit.</param>
    /// <param name="unit">Of that unit in one unit of the effect: micro-units per minor unit, or 1.</param>
    /// <param name="converters">Buyers in the window by arm.</param>
    /// <param name="information">Customers so far, each counted by the share of its window that has passed.</param>
    /// <param name="planned">Customers of the first run.</param>
    /// <param name="closed">All windows have ended: the one planned look.</param>
    public static Effect Judge(
        IReadOnlyList<Stratum> strata, double unit, (long Treated, long HeldOut) converters, double information, double planned, bool closed)
    {
        var kind = closed ? IntervalKind.FixedTime : IntervalKind.AlwaysValid;
        var estimate = Lift.Difference(strata);
        var small = TooSmall(strata, converters);
        if (estimate is null)
        {
            return new Effect(null, null, kind, null, null, null, closed ? Verdict.TooSmall : Verdict.TooEarly, small ?? NoComparison, strata.Sum(s => s.Customers));
        }

        var scale = Per / unit;
        var single = Lift.FixedTime(estimate)?.Times(scale);
        var always = Lift.AlwaysValid(estimate, information, planned)?.Times(scale);
        var headline = closed ? single : always;
        small ??= headline is null ? "no spread was seen in one of the groups" : null;
        var verdict = small is not null || headline is not { } interval ? closed ? Verdict.TooSmall : Verdict.TooEarly
            : interval.Low > 0 ? Verdict.ProvenGain
            : interval.High < 0 ? Verdict.ProvenLoss
            : Verdict.NotProven;
        return new Effect(estimate.Difference * scale, headline, kind, single, always, Lift.MinimumDetectable(estimate) * scale, verdict, small, estimate.LeftOut);
    }

    private const string NoComparison = "one of the groups is empty";

    private static string? TooSmall(IReadOnlyList<Stratum> strata, (long Treated, long HeldOut) converters)
    {
        var (treated, heldOut) = (strata.Sum(s => s.Treated.Count), strata.Sum(s => s.HeldOut.Count));
        if (treated == 0 || heldOut == 0)
        {
            return treated == 0 ? "nobody was to be written to" : "nobody was held out: there is no control group";
        }

        if (Math.Min(treated, heldOut) < MinCustomers)
        {
            return string.Create(CultureInfo.InvariantCulture, $"only {Math.Min(treated, heldOut):N0} customers in the smaller group; it takes {MinCustomers}");
        }

        return Math.Min(converters.Treated, converters.HeldOut) < MinConverters
            ? string.Create(CultureInfo.InvariantCulture, $"only {Math.Min(converters.Treated, converters.HeldOut):N0} buyers in one of the groups; it takes {MinConverters}")
            : null;
    }

    /// <summary>The effect in a marketer's words.</summary>
    /// <param name="effect">Effect in minor units per 1,000.</param>
    /// <param name="currency">ISO 4217 currency.</param>
    /// <param name="figure">"profit" or "revenue": revenue is never called profit.</param>
    public static string Describe(Effect effect, string currency, string figure)
    {
        var range = effect.Interval is { } i ? $"between {Amount(i.Low, currency)} and {Amount(i.High, currency)}" : "";
        var look = effect.Kind == IntervalKind.FixedTime ? "95% sure, window closed" : "95% sure at every look, window open";
        return effect.Verdict switch
        {
            Verdict.ProvenGain => $"Proven gain: {Amount(effect.Per1000, currency)} extra {figure} per 1,000 customers because of us, {range} ({look}).",
            Verdict.ProvenLoss => $"Proven loss: {Amount(effect.Per1000, currency)} {figure} per 1,000 customers because of us, {range} ({look}).",
            Verdict.NotProven => $"Not proven: the effect per 1,000 customers lies {range} {figure} ({look}). At this size only an effect of {Amount(effect.MinimumDetectable, currency)} or more would probably have shown.",
            Verdict.NotMeasured => Promised,
            Verdict.TooEarly => $"Too early to say: {effect.TooSmallBecause}.",
            _ => $"Too small to measure: {effect.TooSmallBecause}.",
        };
    }

    /// <summary>The verdict's name in tables, JSON and CSV.</summary>
    public static string Name(Verdict verdict) => verdict switch
    {
        Verdict.ProvenGain => "proven gain",
        Verdict.ProvenLoss => "proven loss",
        Verdict.NotProven => "not proven",
        Verdict.TooEarly => "too early",
        Verdict.NotMeasured => "not measured",
        _ => "too small to measure",
    };

    private static string Amount(double? minor, string currency) => new Money((long)Math.Round(minor ?? 0), currency).ToWholeString();
}
