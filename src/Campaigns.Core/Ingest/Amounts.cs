using Campaigns.Core.Primitives;

namespace Campaigns.Core.Ingest;

/// <summary>Decimal numbers as files write them, read exactly: no binary fractions on the way.</summary>
internal static class Amounts
{
    /// <summary>Decimals kept: those of a unit price (minor units × 10⁴).</summary>
    private const int Scale = 4;

    /// <summary>
    /// The number × 10⁴, digits beyond the scale rounded half away from zero. False where the text is no number, or too long
    /// a one. A comma is the decimal point where <paramref name="decimalComma"/> says so, else it may part thousands.
    /// </summary>
    public static bool TryParseE4(ReadOnlySpan<char> text, bool decimalComma, out long value) => TryParse(text, decimalComma, Scale, out value);

    /// <summary>An amount of money in minor units × 10⁴.</summary>
    public static bool TryParseMinorE4(ReadOnlySpan<char> text, bool decimalComma, string currency, out long value) =>
        TryParse(text, decimalComma, Scale + Money.Decimals(currency), out value);

    /// <summary>An amount of money in minor units, half away from zero.</summary>
    public static bool TryParseMinor(ReadOnlySpan<char> text, bool decimalComma, string currency, out long value) =>
        TryParse(text, decimalComma, Money.Decimals(currency), out value);

    private static bool TryParse(ReadOnlySpan<char> text, bool decimalComma, int scale, out long value)
    {
        text = text.Trim();
        value = 0;
        var negative = text.Length > 0 && text[0] is '-' or '\u2212';
        var i = text.Length > 0 && (negative || text[0] == '+') ? 1 : 0;
        var point = decimalComma ? ',' : '.';
        var parting = decimalComma ? '.' : ',';
        var (digits, decimals, seenPoint, roundUp) = (0, 0, false, false);
        for (; i < text.Length; i++)
        {
            var c = text[i];
            if (char.IsAsciiDigit(c))
            {
                digits++;
                decimals += seenPoint ? 1 : 0;
                if (decimals > scale)
                {
                    roundUp |= decimals == scale + 1 && c >= '5';
                    continue;
                }

                value = (value * 10) + (c - '0');
                if (value > long.MaxValue / 100)
                {
                    return false;
                }
            }
            else if (c == point && !seenPoint)
            {
                seenPoint = true;
            }
            else if (c != parting || seenPoint || digits == 0)
            {
                return false;
            }
        }

        for (var d = Math.Min(decimals, scale); d < scale; d++)
        {
            if (value > long.MaxValue / 100)
            {
                return false;
            }

            value *= 10;
        }

        value += roundUp ? 1 : 0;
        value = negative ? -value : value;
        return digits > 0;
    }

    /// <summary>Makes a discount's amount its size, which is ≥ 0; on a refund either sign is accepted. False where it is out of range.</summary>
    public static bool TryDiscountSize(bool refund, ref long minor)
    {
        if (refund && minor < 0)
        {
            minor = -minor;
        }

        return minor is >= 0 and <= ImportLimits.PriceMinor;
    }
}
