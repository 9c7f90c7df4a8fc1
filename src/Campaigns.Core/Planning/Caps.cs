using Campaigns.Core.Ingest;
using Campaigns.Core.Primitives;

namespace Campaigns.Core.Planning;

/// <summary>At most <paramref name="Sends"/> messages on the channel in any <paramref name="Days"/> days.</summary>
public readonly record struct FrequencyCap(Channel Channel, int Days, int Sends);

/// <summary>
/// How many messages a customer may get: rolling windows over all campaigns. Planning asks before it assigns, dispatch asks
/// again at the moment of sending. Habits of the trade, not law: complaints grow with frequency, and a text message
/// interrupts more than an e-mail.
/// </summary>
public static class Caps
{
    /// <summary>The caps: e-mail 1 a day and 3 a week, SMS 1 a week and 4 in 30 days.</summary>
    public static IReadOnlyList<FrequencyCap> Defaults { get; } =
        [new(Channel.Email, 1, 1), new(Channel.Email, 7, 3), new(Channel.Sms, 7, 1), new(Channel.Sms, 30, 4)];

    /// <summary>
    /// True where one more message on the channel at <paramref name="now"/> stays within the caps. Sends of
    /// <paramref name="exceptRun"/> do not count: a run's own claim must not stand in its own way.
    /// </summary>
    public static bool Allow(CustomerRow customer, Channel channel, DateTimeOffset now, string? exceptRun = null)
    {
        foreach (var cap in Defaults)
        {
            if (cap.Channel != channel)
            {
                continue;
            }

            var since = now.AddDays(-cap.Days);
            var count = 0;
            foreach (var send in customer.RecentSends)
            {
                count += send.Channel == channel && send.At > since && !string.Equals(send.Run, exceptRun, StringComparison.Ordinal) ? 1 : 0;
            }

            if (count >= cap.Sends)
            {
                return false;
            }
        }

        return true;
    }
}
