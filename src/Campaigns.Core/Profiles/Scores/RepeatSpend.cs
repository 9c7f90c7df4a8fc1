namespace Campaigns.Core.Profiles.Scores;

/// <summary>
/// What was spent on repeat order days: the first day is left out, as in the literature, because it was why the customer
/// came. Over the orders that the history keeps one by one.
/// </summary>
/// <param name="OrderDays">Repeat order days seen.</param>
/// <param name="TotalMinor">Spent on them, in minor units.</param>
public readonly record struct RepeatSpend(int OrderDays, long TotalMinor)
{
    /// <summary>Up to the end of a day (UTC, day number).</summary>
    public static RepeatSpend Of(PurchaseHistory history, int day)
    {
        var (days, total, last) = (0, 0L, history.Orders == 0 ? 0 : TruncatedHistory.DayOf(history.FirstOrderAt));
        foreach (var order in history.RecentOrders)
        {
            var at = TruncatedHistory.DayOf(order.At);
            if (at > day)
            {
                break;
            }

            days += at > last ? 1 : 0;
            total += days > 0 ? order.AmountMinor : 0;
            last = Math.Max(last, at);
        }

        return new RepeatSpend(days, total);
    }
}
