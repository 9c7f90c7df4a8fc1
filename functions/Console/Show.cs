using System.Globalization;
using Campaigns.Core.Primitives;

namespace Campaigns.Functions.Console;

/// <summary>Numbers and times for people. One look everywhere.</summary>
public static class Show
{
    /// <summary>Stands where there is nothing to show.</summary>
    public const string None = "–";

    /// <summary>"1,240".</summary>
    public static string Count(long? count) => count is { } c ? c.ToString("N0", CultureInfo.InvariantCulture) : None;

    /// <summary>"1 customer", "1,240 customers".</summary>
    public static string Count(long count, string noun) => Count(count) + " " + noun + (count == 1 ? "" : "s");

    /// <summary>"12.5 %": one decimal, so that small shares differ.</summary>
    public static string Percent(double? share) => share is { } s ? Number(s * 100, "0.0") + " %" : None;

    /// <summary>"20 %".</summary>
    public static string WholePercent(double? share) => share is { } s ? Number(s * 100, "#,0.#") + " %" : None;

    /// <summary>"+2.1 points" of two shares' difference.</summary>
    public static string Points(double? difference) => difference is { } d
        ? (d < 0 ? "−" : "+") + Math.Abs(d * 100).ToString("0.0", CultureInfo.InvariantCulture) + " points"
        : None;

    /// <summary>"£1,234.50".</summary>
    public static string Exact(double? minor, string currency) => minor is { } m ? Of(m, currency).ToString() : None;

    /// <summary>"£1,235".</summary>
    public static string Whole(double? minor, string currency) => minor is { } m ? Of(m, currency).ToWholeString() : None;

    /// <summary>"+£1,235" or "−£12".</summary>
    public static string Signed(double? minor, string currency) => minor is { } m ? (m > 0 ? "+" : "") + Whole(m, currency) : None;

    /// <summary>An amount in micro-units of the major unit.</summary>
    public static string Micros(long micros, string currency) => Exact(micros / Money.MicrosPerMinor(currency), currency);

    /// <summary>"23 Nov 2026".</summary>
    public static string Day(DateTimeOffset? at, TimeZoneInfo zone) => Format(at, zone, "d MMM yyyy");

    /// <summary>"23 Nov 2026, 09:30".</summary>
    public static string Time(DateTimeOffset? at, TimeZoneInfo zone) => Format(at, zone, "d MMM yyyy, HH:mm");

    /// <summary>The value of a date-and-time field.</summary>
    public static string Field(DateTimeOffset? at, TimeZoneInfo zone) => at is null ? "" : Format(at, zone, "yyyy-MM-dd'T'HH:mm");

    /// <summary>With a minus sign, not a hyphen.</summary>
    private static string Number(double number, string format) => number.ToString(format, CultureInfo.InvariantCulture).Replace('-', '−');

    private static string Format(DateTimeOffset? at, TimeZoneInfo zone, string format) =>
        at is { } a ? TimeZoneInfo.ConvertTime(a, zone).ToString(format, CultureInfo.InvariantCulture) : None;

    private static Money Of(double minor, string currency) => new((long)Math.Round(minor, MidpointRounding.AwayFromZero), currency);
}
