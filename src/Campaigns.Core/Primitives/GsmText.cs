using System.Globalization;
using System.Text;

namespace Campaigns.Core.Primitives;

/// <summary>
/// Text rewritten in the GSM alphabet, where a part of a text message holds 160 characters instead of 70: letters lose the
/// marks that the alphabet does not know (ą → a, ł → l, ő → o), typographic signs become plain ones. Pure.
/// </summary>
public static class GsmText
{
    /// <summary>Letters and signs that do not come apart into a plain letter and a mark.</summary>
    private static readonly Dictionary<char, string> Plain = new()
    {
        ['ł'] = "l",
        ['Ł'] = "L",
        ['đ'] = "d",
        ['Đ'] = "D",
        ['ħ'] = "h",
        ['Ħ'] = "H",
        ['ı'] = "i",
        ['œ'] = "oe",
        ['Œ'] = "OE",
        ['þ'] = "th",
        ['Þ'] = "Th",
        ['ð'] = "d",
        ['Ð'] = "D",
        ['‘'] = "'",
        ['’'] = "'",
        ['‚'] = "'",
        ['‛'] = "'",
        ['′'] = "'",
        ['`'] = "'",
        ['´'] = "'",
        ['“'] = "\"",
        ['”'] = "\"",
        ['„'] = "\"",
        ['″'] = "\"",
        ['«'] = "\"",
        ['»'] = "\"",
        ['‐'] = "-",
        ['‑'] = "-",
        ['‒'] = "-",
        ['–'] = "-",
        ['—'] = "-",
        ['−'] = "-",
        ['•'] = "*",
        ['·'] = ".",
        ['×'] = "x",
        ['…'] = "...",
        ['™'] = "(TM)",
        ['©'] = "(C)",
        ['®'] = "(R)",
        ['\u00a0'] = " ",
        ['\u2002'] = " ",
        ['\u2003'] = " ",
        ['\u2009'] = " ",
        ['\u202f'] = " ",
        ['\t'] = " ",
        ['\u200b'] = "",
        ['\u00ad'] = "",
        ['\ufeff'] = "",
    };

    /// <summary>The text in the GSM alphabet; unchanged where it holds anything that cannot be rewritten (another script, an emoji): it goes as UCS-2 then, and may as well keep its letters.</summary>
    public static string Of(string text)
    {
        if (SmsLength.Of(text).IsGsm)
        {
            return text;
        }

        var plain = new StringBuilder(text.Length);
        foreach (var c in text)
        {
            if (SmsLength.HasGsm(c))
            {
                plain.Append(c);
            }
            else if (Plain.TryGetValue(c, out var known))
            {
                plain.Append(known);
            }
            else if (char.IsSurrogate(c))
            {
                return text;
            }
            else
            {
                foreach (var part in c.ToString().Normalize(NormalizationForm.FormD).Where(p => CharUnicodeInfo.GetUnicodeCategory(p) != UnicodeCategory.NonSpacingMark))
                {
                    plain.Append(part);
                }
            }
        }

        var result = plain.ToString();
        return SmsLength.Of(result).IsGsm ? result : text;
    }
}
