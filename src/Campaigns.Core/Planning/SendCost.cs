using System.Text;
using Campaigns.Core.Primitives;

namespace Campaigns.Core.Planning;

/// <summary>
/// What a message will cost to send, before it is rendered. Deliberately on the high side, as ceilings rest on it; what it
/// did cost stands in the sending record.
/// </summary>
public static class SendCost
{
    /// <summary>Characters of an SMS segment in the GSM-7 alphabet, alone and as a part of several (3GPP TS 23.038 and 23.040).</summary>
    private const int GsmSingle = 160, GsmPart = 153;

    /// <summary>The same in UCS-2, which one character outside the alphabet forces on the whole message.</summary>
    private const int UnicodeSingle = 70, UnicodePart = 67;

    /// <summary>Characters reckoned for a link field: a signed link is longer than any other value.</summary>
    private const int LinkLength = 120;

    /// <summary>Characters reckoned for any other field.</summary>
    private const int FieldLength = 25;

    private const string Gsm =
        "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà^{}\\[~]|€";

    /// <summary>The cost of one message of the variant on the channel, in micro-units of the major unit.</summary>
    public static long Micros(Treatment treatment, Channel channel, RunInputs inputs) =>
        channel == Channel.Email ? inputs.EmailCostMicros : inputs.SmsCostMicros * PlannedSegments(treatment.Template.Sms ?? "");

    /// <summary>SMS segments of a template with its fields filled in, at least 1.</summary>
    public static int PlannedSegments(string template)
    {
        var (length, unicode, at) = (0, false, 0);
        while (at < template.Length)
        {
            var end = template.AsSpan(at).StartsWith("{{", StringComparison.Ordinal) ? template.IndexOf("}}", at, StringComparison.Ordinal) : -1;
            if (end > 0)
            {
                var field = template.AsSpan(at + 2, end - at - 2).Trim();
                length += field.EndsWith("Url", StringComparison.Ordinal) ? LinkLength : FieldLength;
                at = end + 2;
                continue;
            }

            unicode |= !Gsm.Contains(template[at], StringComparison.Ordinal);
            length++;
            at++;
        }

        var (single, part) = unicode ? (UnicodeSingle, UnicodePart) : (GsmSingle, GsmPart);
        return length <= single ? 1 : (length + part - 1) / part;
    }
}
