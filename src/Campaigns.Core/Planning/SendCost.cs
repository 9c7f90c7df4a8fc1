using System.Text;
using Campaigns.Core.Primitives;

namespace Campaigns.Core.Planning;

/// <summary>
/// What a message will cost to send, before it is rendered. Deliberately on the high side, as ceilings rest on it; what it
/// did cost stands in the sending record.
/// </summary>
public static class SendCost
{
    /// <summary>Characters reckoned for a link field: a signed link is longer than any other value.</summary>
    private const int LinkLength = 120;

    /// <summary>Characters reckoned for any other field.</summary>
    private const int FieldLength = 25;

    /// <summary>The cost of one message of the variant on the channel, in micro-units of the major unit.</summary>
    public static long Micros(Treatment treatment, Channel channel, RunInputs inputs) => Micros(treatment, channel, inputs.EmailCostMicros, inputs.SmsCostMicros);

    /// <summary>The same with the costs of an e-mail and of an SMS segment.</summary>
    public static long Micros(Treatment treatment, Channel channel, long emailMicros, long smsMicros) =>
        channel == Channel.Email ? emailMicros : smsMicros * PlannedSegments(treatment.Template.Sms ?? "");

    /// <summary>SMS segments of a template with its fields filled in, at least 1.</summary>
    public static int PlannedSegments(string template)
    {
        var filled = new StringBuilder(template.Length);
        var at = 0;
        while (at < template.Length)
        {
            var open = template.IndexOf("{{", at, StringComparison.Ordinal);
            var close = open < 0 ? -1 : template.IndexOf("}}", open, StringComparison.Ordinal);
            if (close < 0)
            {
                break;
            }

            var field = template.AsSpan(open + 2, close - open - 2).Trim();
            filled.Append(template, at, open - at).Append('x', field.EndsWith("Url", StringComparison.Ordinal) ? LinkLength : FieldLength);
            at = close + 2;
        }

        return Math.Max(1, SmsLength.Of(filled.Append(template, at, template.Length - at).ToString()).Segments);
    }
}
