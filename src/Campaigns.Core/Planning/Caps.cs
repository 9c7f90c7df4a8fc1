using Campaigns.Core.Ingest;
using Campaigns.Core.Primitives;

namespace Campaigns.Core.Planning;

/// <summary>
/// How many messages a customer may get: rolling windows over all campaigns. Planning asks before it assigns, dispatch asks
/// again at the moment of sending. Habits of the trade, not law: complaints grow with frequency, and a text message
/// interrupts more than an e-mail.
/// </summary>
public static class Caps
{
    /// <summary>Days of the shorter window.</summary>
    public const int WeekDays = 7;

    /// <summary>Days of the longer window.</summary>
    public const int MonthDays = 30;

    /// <summary>E-mails in <see cref="WeekDays"/>.</summary>
    public const int EmailsPerWeek = 2;

    /// <summary>E-mails in <see cref="MonthDays"/>.</summary>
    public const int EmailsPerMonth = 6;

    /// <summary>Text messages in <see cref="WeekDays"/>.</summary>
    public const int SmsPerWeek = 1;

    /// <summary>Text messages in <see cref="MonthDays"/>.</summary>
    public const int SmsPerMonth = 3;

    /// <summary>
    /// True where one more message on the channel at <paramref name="now"/> stays within the caps. Sends of
    /// <paramref name="exceptRun"/> do not count: a run's own claim must not stand in its own way.
    /// </summary>
    public static bool Allow(CustomerRow customer, Channel channel, DateTimeOffset now, string? exceptRun = null)
    {
        var (week, month) = (0, 0);
        foreach (var send in customer.RecentSends)
        {
            if (send.Channel != channel || string.Equals(send.Run, exceptRun, StringComparison.Ordinal))
            {
                continue;
            }

            week += send.At > now.AddDays(-WeekDays) ? 1 : 0;
            month += send.At > now.AddDays(-MonthDays) ? 1 : 0;
        }

        return channel == Channel.Email
            ? week < EmailsPerWeek && month < EmailsPerMonth
            : week < SmsPerWeek && month < SmsPerMonth;
    }
}
