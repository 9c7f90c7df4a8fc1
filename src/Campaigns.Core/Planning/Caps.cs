using Campaigns.Core.Ingest;
using Campaigns.Core.Jobs;
using Campaigns.Core.Primitives;

namespace Campaigns.Core.Planning;

/// <summary>
/// How many messages a customer may get: rolling windows over all campaigns. Planning asks before it assigns, dispatch asks
/// again at the moment of sending. Habits of the trade, not law: complaints grow with frequency, and a text message
/// interrupts more than an e-mail.
/// </summary>
public static class Caps
{
    /// <summary>
    /// True where one more message on the channel at <paramref name="now"/> stays within the caps. Sends of
    /// <paramref name="exceptRun"/> do not count: a run's own claim must not stand in its own way.
    /// </summary>
    public static bool Allow(CustomerRow customer, Channel channel, DateTimeOffset now, IReadOnlyList<FrequencyCap>? caps, string? exceptRun = null)
    {
        foreach (var cap in caps ?? ContactRules.ShopCaps)
        {
            if (cap.Channel is { } only && only != channel)
            {
                continue;
            }

            var since = now.AddDays(-cap.Days);
            var count = 0;
            foreach (var send in customer.RecentSends)
            {
                count += (cap.Channel is null || send.Channel == channel) && send.At > since && !string.Equals(send.Run, exceptRun, StringComparison.Ordinal) ? 1 : 0;
            }

            if (count >= cap.Sends)
            {
                return false;
            }
        }

        return true;
    }
}
