using System.Globalization;

namespace Campaigns.Core.Ingest;

/// <summary>What the values of an attribute are. Values are stored: never renumber.</summary>
public enum AttributeKind : byte
{
    /// <summary>Any text.</summary>
    Text = 0,

    /// <summary>A decimal number with a point.</summary>
    Number = 1,

    /// <summary>Yes or no.</summary>
    YesNo = 2,

    /// <summary>A date, or a date with time.</summary>
    Date = 3,
}

/// <summary>
/// Reads values of attributes, which are stored as they came, by the type that the attribute has. A value that does not fit
/// is unknown: it is counted, never guessed.
/// </summary>
public static class AttributeValues
{
    /// <summary>Digits that a number of double precision holds exactly; a longer row of digits is an id.</summary>
    private const int MostDigits = 15;

    /// <summary>The value fits the type.</summary>
    public static bool Fits(string value, AttributeKind type) => type switch
    {
        AttributeKind.Number => TryNumber(value, out _),
        AttributeKind.YesNo => TryYesNo(value, out _),
        AttributeKind.Date => TryDate(value, out _),
        _ => true,
    };

    /// <summary>
    /// A number: digits with an optional minus, point and fraction; at most 15 digits, and no leading zeros, so that postal
    /// codes and ids stay text.
    /// </summary>
    public static bool TryNumber(string value, out double number)
    {
        number = 0;
        var text = value.AsSpan().Trim();
        var digits = text is ['-', ..] ? text[1..] : text;
        if (digits.Length is 0 or > MostDigits + 1 || !char.IsAsciiDigit(digits[0]) || (digits is ['0', var second, ..] && second != '.'))
        {
            return false;
        }

        var points = digits.Count('.');
        return points <= 1 && digits.Length - points <= MostDigits && !digits.ContainsAnyExcept("0123456789.") && digits[^1] != '.'
            && double.TryParse(text, NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out number);
    }

    /// <summary>yes, no, true, false, y or n, in any case. 1 and 0 are numbers.</summary>
    public static bool TryYesNo(string value, out bool yes)
    {
        var text = value.AsSpan().Trim();
        yes = Is(text, "yes") || Is(text, "true") || Is(text, "y");
        return yes || Is(text, "no") || Is(text, "false") || Is(text, "n");
    }

    /// <summary>A date in ISO 8601, perhaps with a time; without a zone it is UTC.</summary>
    public static bool TryDate(string value, out DateTimeOffset date)
    {
        var read = Utc.Value!.TryParse(value, out var ticks);
        date = read ? new DateTimeOffset(ticks, TimeSpan.Zero) : default;
        return read;
    }

    /// <summary>One per thread: it remembers the offset that it found last.</summary>
    private static readonly ThreadLocal<Dates> Utc = new(() => new Dates(TimeZoneInfo.Utc));

    private static bool Is(ReadOnlySpan<char> text, string word) => text.Equals(word, StringComparison.OrdinalIgnoreCase);
}
