using System.Globalization;

namespace Campaigns.Core.Primitives;

/// <summary>A calendar quarter of the workspace's time zone.</summary>
/// <param name="Year">Year.</param>
/// <param name="Number">1 … 4.</param>
public readonly record struct Quarter(int Year, int Number)
{
    /// <summary>Quarters since year 0: rises by one from quarter to quarter.</summary>
    public int Index => (Year * 4) + Number - 1;

    /// <summary>The quarter of that index.</summary>
    public static Quarter OfIndex(int index) => new(index / 4, (index % 4) + 1);

    /// <summary>The quarter that the time falls into.</summary>
    public static Quarter Of(DateTimeOffset at, TimeZoneInfo zone)
    {
        var local = TimeZoneInfo.ConvertTime(at, zone);
        return new Quarter(local.Year, ((local.Month - 1) / 3) + 1);
    }

    /// <summary>Its first moment; where the clocks change just then, the first that exists.</summary>
    public DateTimeOffset StartIn(TimeZoneInfo zone)
    {
        var local = new DateTime(Year, ((Number - 1) * 3) + 1, 1, 0, 0, 0, DateTimeKind.Unspecified);
        var start = new DateTimeOffset(local, zone.GetUtcOffset(local)).ToUniversalTime();
        while (Of(start, zone).Index < Index)
        {
            start = start.AddMinutes(15);
        }

        return start;
    }

    /// <summary>The first moment of the next one.</summary>
    public DateTimeOffset EndIn(TimeZoneInfo zone) => OfIndex(Index + 1).StartIn(zone);

    /// <summary>As in addresses: 2026-q2.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Year:D4}-q{Number}");

    /// <summary>The quarter of a text such as 2026-q2 (upper or lower case), or null.</summary>
    public static Quarter? Parse(string text) =>
        text.Length == 7 && text[4] == '-' && text[5] is 'q' or 'Q' && text[6] is >= '1' and <= '4'
        && int.TryParse(text.AsSpan(0, 4), NumberStyles.None, CultureInfo.InvariantCulture, out var year) && year is >= 1900 and <= 9990
            ? new Quarter(year, text[6] - '0')
            : null;
}
