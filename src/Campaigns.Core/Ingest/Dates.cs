using System.Globalization;

namespace Campaigns.Core.Ingest;

/// <summary>
/// Dates as files write them: ISO 8601 (with a space or T, date alone or with time, with or without a zone), then the
/// formats given. Without a zone they are local times of <paramref name="zone"/>; one that a clock change skips counts as
/// standard time, one that it repeats as the second. Not for several threads.
/// </summary>
internal sealed class Dates(TimeZoneInfo zone, params string[] formats)
{
    private long offsetFor = long.MinValue;
    private long offsetTicks;

    /// <summary>The UTC ticks, or false where the text is no date.</summary>
    public bool TryParse(ReadOnlySpan<char> text, out long utcTicks)
    {
        text = text.Trim();
        utcTicks = 0;
        if (TryIso(text, out var local, out var zoned))
        {
            utcTicks = zoned ?? ToUtc(local);
            return utcTicks is > 0 && utcTicks < DateTime.MaxValue.Ticks;
        }

        if (text.IsEmpty || formats.Length == 0
            || !DateTime.TryParseExact(text, formats, CultureInfo.InvariantCulture, DateTimeStyles.None, out var read))
        {
            return false;
        }

        utcTicks = ToUtc(read.Ticks);
        return utcTicks is > 0 && utcTicks < DateTime.MaxValue.Ticks;
    }

    private long ToUtc(long local)
    {
        // Offsets change on the quarter hour at most: neighbouring rows share the lookup.
        var quarter = local / (TimeSpan.TicksPerMinute * 15);
        if (quarter != offsetFor)
        {
            offsetTicks = zone.GetUtcOffset(new DateTime(local, DateTimeKind.Unspecified)).Ticks;
            offsetFor = quarter;
        }

        return local - offsetTicks;
    }

    /// <summary>yyyy-MM-dd[(T| )HH:mm[:ss[.f…]][Z|±HH[:]mm]]</summary>
    private static bool TryIso(ReadOnlySpan<char> text, out long local, out long? utc)
    {
        (local, utc) = (0, null);
        if (text.Length < 10 || text[4] != '-' || text[7] != '-'
            || !Number(text[..4], out var year) || !Number(text[5..7], out var month) || !Number(text[8..10], out var day)
            || year < 1 || month is < 1 or > 12 || day < 1 || day > DateTime.DaysInMonth(year, month))
        {
            return false;
        }

        local = new DateTime(year, month, day).Ticks;
        var rest = text[10..];
        if (rest.IsEmpty)
        {
            return true;
        }

        if (rest.Length < 6 || rest[0] is not (' ' or 'T') || rest[3] != ':'
            || !Number(rest[1..3], out var hour) || !Number(rest[4..6], out var minute) || hour > 23 || minute > 59)
        {
            return false;
        }

        local += (hour * TimeSpan.TicksPerHour) + (minute * TimeSpan.TicksPerMinute);
        rest = rest[6..];
        if (rest.Length >= 3 && rest[0] == ':')
        {
            if (!Number(rest[1..3], out var second) || second > 59)
            {
                return false;
            }

            local += second * TimeSpan.TicksPerSecond;
            rest = rest[3..];
            if (rest.Length > 1 && rest[0] is '.' or ',')
            {
                rest = rest[1..];
                for (var unit = TimeSpan.TicksPerSecond / 10; !rest.IsEmpty && char.IsAsciiDigit(rest[0]); unit /= 10, rest = rest[1..])
                {
                    local += (rest[0] - '0') * unit;
                }
            }
        }

        return rest.IsEmpty || TryOffset(rest.TrimStart(), local, out utc);
    }

    private static bool TryOffset(ReadOnlySpan<char> text, long local, out long? utc)
    {
        utc = null;
        if (text is "Z" or "z" or "UTC")
        {
            utc = local;
            return true;
        }

        if (text.Length is not (3 or 5 or 6) || text[0] is not ('+' or '-') || !Number(text[1..3], out var hours))
        {
            return false;
        }

        var minutes = 0;
        if (text.Length > 3 && !Number(text[^2..], out minutes))
        {
            return false;
        }

        var offset = (hours * TimeSpan.TicksPerHour) + (minutes * TimeSpan.TicksPerMinute);
        utc = local - (text[0] == '-' ? -offset : offset);
        return hours <= 14 && minutes < 60;
    }

    private static bool Number(ReadOnlySpan<char> digits, out int value)
    {
        value = 0;
        foreach (var c in digits)
        {
            if (!char.IsAsciiDigit(c))
            {
                return false;
            }

            value = (value * 10) + (c - '0');
        }

        return true;
    }
}
