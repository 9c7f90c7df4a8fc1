using Campaigns.Core.Ingest;
using Campaigns.Core.Primitives;

namespace Campaigns.Core.Planning;

/// <summary>At most <paramref name="Sends"/> messages on the channel in any <paramref name="Days"/> days, whatever campaign they belong to.</summary>
public readonly record struct FrequencyCap(Channel Channel, int Days, int Sends);

/// <summary>How often one customer may be addressed. Rolling windows over <see cref="CustomerRow.RecentSends"/>.</summary>
public static class FrequencyCaps
{
    /// <summary>E-mail: 1 a day and 3 a week. SMS: 1 a week and 4 in 30 days, since it is felt as more intrusive and costs more.</summary>
    public static IReadOnlyList<FrequencyCap> Defaults { get; } =
        [new(Channel.Email, 1, 1), new(Channel.Email, 7, 3), new(Channel.Sms, 7, 1), new(Channel.Sms, 30, 4)];

    /// <summary>One more message on the channel keeps every cap. Sends of <paramref name="exceptRun"/> do not count: a decision repeated must not be shaken by its own message.</summary>
    public static bool Allows(Channel channel, IReadOnlyList<RecentSend> sends, DateTimeOffset now, string? exceptRun = null)
    {
        foreach (var cap in Defaults)
        {
            if (cap.Channel != channel)
            {
                continue;
            }

            var since = now.AddDays(-cap.Days);
            var count = 0;
            foreach (var send in sends)
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
