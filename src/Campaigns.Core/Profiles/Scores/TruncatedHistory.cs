namespace Campaigns.Core.Profiles.Scores;

/// <summary>
/// A customer as it was at the end of an earlier day (UTC), derived from the history kept today. Exact while no more than
/// <see cref="PurchaseHistory.RecentOrderLimit"/> orders came since.
/// </summary>
/// <param name="OrderDays">Days with an order up to then, ≥ 1: x + 1 of the purchase models.</param>
/// <param name="FirstDay">First of them, as a day number.</param>
/// <param name="LastDay">Last of them.</param>
/// <param name="Day">The day itself.</param>
/// <param name="OrderDaysAfter">Days with an order after it.</param>
public readonly record struct TruncatedHistory(int OrderDays, int FirstDay, int LastDay, int Day, int OrderDaysAfter)
{
    /// <summary>Days from the first order to the last: t_x.</summary>
    public int RecencyDays => LastDay - FirstDay;

    /// <summary>Days from the first order to then: T.</summary>
    public int AgeDays => Day - FirstDay;

    /// <summary>Days since the last order.</summary>
    public int SilenceDays => Day - LastDay;

    /// <summary>Repeat order days: x.</summary>
    public int RepeatOrders => OrderDays - 1;

    /// <summary>The day number of a time (UTC).</summary>
    public static int DayOf(DateTimeOffset at) => (int)(at.UtcTicks / TimeSpan.TicksPerDay);

    /// <summary>The distinct days (UTC) of the orders kept one by one, ascending: written to the front of <paramref name="days"/>.</summary>
    /// <param name="history">History.</param>
    /// <param name="days">As long as the orders kept, at least.</param>
    public static Span<int> OrderDaysOf(PurchaseHistory history, Span<int> days)
    {
        var count = 0;
        foreach (ref readonly var order in history.RecentOrders.AsSpan())
        {
            var day = DayOf(order.At);
            if (count == 0 || day > days[count - 1])
            {
                days[count++] = day;
            }
        }

        return days[..count];
    }

    /// <summary>The customer at the end of the day, or null where it had not ordered yet.</summary>
    public static TruncatedHistory? At(PurchaseHistory history, int day)
    {
        if (history.Orders == 0)
        {
            return null;
        }

        var (first, last) = (DayOf(history.FirstOrderAt), DayOf(history.LastOrderAt));
        return last <= day
            ? new TruncatedHistory(history.OrderDays, first, last, day, 0)
            : At(history.OrderDays, first, OrderDaysOf(history, new int[history.RecentOrders.Length]), day);
    }

    /// <summary>The customer at the end of the day, from its order days of all time, its first day and the newest days, ascending.</summary>
    public static TruncatedHistory? At(int orderDays, int firstDay, ReadOnlySpan<int> newest, int day)
    {
        if (orderDays == 0 || firstDay > day)
        {
            return null;
        }

        var kept = newest.Length;
        while (kept > 0 && newest[kept - 1] > day)
        {
            kept--;
        }

        var before = Math.Max(1, orderDays - (newest.Length - kept));
        // More orders came since than are kept: the last one before lies somewhere before the oldest kept, one usual gap ago.
        var last = kept > 0 ? newest[kept - 1] : Math.Min(day, newest[0] - ((newest[0] - firstDay) / before));
        return new TruncatedHistory(before, firstDay, before == 1 ? firstDay : last, day, newest.Length - kept);
    }
}
