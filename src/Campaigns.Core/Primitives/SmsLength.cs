using System.Buffers;

namespace Campaigns.Core.Primitives;

/// <summary>
/// How long a text message is as it goes over the air, which is what it costs. GSM 03.38 (3GPP TS 23.038 §6.2.1): 160 septets
/// in one part, 153 in each of several (the header of concatenation takes the rest, TS 23.040 §9.2.3.24). Text with any
/// character outside that alphabet goes as UCS-2: 70 units, 67 in each of several. Characters of the extension table
/// take two septets; neither they nor surrogate pairs are split between parts.
/// </summary>
/// <param name="IsGsm">The GSM alphabet suffices; false for UCS-2.</param>
/// <param name="Units">Septets, or UTF-16 units.</param>
/// <param name="Segments">Parts that are charged; 0 for empty text.</param>
public readonly record struct SmsLength(bool IsGsm, int Units, int Segments)
{
    /// <summary>Septets of a message in one part.</summary>
    public const int GsmSingle = 160;

    /// <summary>Septets of each part of several.</summary>
    public const int GsmPart = 153;

    /// <summary>UCS-2 units of a message in one part.</summary>
    public const int UnicodeSingle = 70;

    /// <summary>UCS-2 units of each part of several.</summary>
    public const int UnicodePart = 67;

    /// <summary>The most characters that providers take in one message (Twilio: Body).</summary>
    public const int MaxCharacters = 1600;

    private static readonly SearchValues<char> Basic = SearchValues.Create(
        "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà");

    private static readonly SearchValues<char> Extension = SearchValues.Create("\f^{}\\[~]|€");

    /// <summary>The character stands in the GSM alphabet or its extension.</summary>
    public static bool HasGsm(char c) => Basic.Contains(c) || Extension.Contains(c);

    /// <summary>The length of the text.</summary>
    public static SmsLength Of(string text)
    {
        var gsm = true;
        foreach (var c in text)
        {
            gsm &= HasGsm(c);
        }

        var (single, part) = gsm ? (GsmSingle, GsmPart) : (UnicodeSingle, UnicodePart);
        var (units, segments, filled) = (0, text.Length == 0 ? 0 : 1, 0);
        for (var i = 0; i < text.Length; i++)
        {
            var size = gsm ? (Extension.Contains(text[i]) ? 2 : 1) : 1;
            if (!gsm && char.IsHighSurrogate(text[i]) && i + 1 < text.Length && char.IsLowSurrogate(text[i + 1]))
            {
                size = 2;
                i++;
            }

            units += size;
            filled += size;
            if (filled > part)
            {
                segments++;
                filled = size;
            }
        }

        return new SmsLength(gsm, units, units <= single ? Math.Min(segments, 1) : segments);
    }
}
