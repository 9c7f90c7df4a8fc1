using Campaigns.Core.Profiles.Models;

namespace Campaigns.Core.Profiles.Scores;

/// <summary>Sampled customers as they were at the end of a day, and their order days in the horizon after it.</summary>
internal sealed class RiskSplit
{
    private RiskSplit(int day, int horizonDays, TruncatedHistory[] histories, int[] ordersAfter)
    {
        (Day, HorizonDays, Histories, OrdersAfter) = (day, horizonDays, histories, ordersAfter);
        Ordered = Array.ConvertAll(ordersAfter, o => o > 0);
        Buyers = Ordered.Count(o => o);
    }

    public int Day { get; }

    public int HorizonDays { get; }

    public TruncatedHistory[] Histories { get; }

    public int[] OrdersAfter { get; }

    public bool[] Ordered { get; }

    public int Buyers { get; }

    /// <summary>There is something to rank.</summary>
    public bool Decides => Buyers > 0 && Buyers < Histories.Length;

    /// <summary>The sample is in order of its hashes, so the split is the same however customers were spread over buckets.</summary>
    public static RiskSplit Of(RiskCustomer[] sample, int day, int horizonDays)
    {
        var (histories, orders) = (new List<TruncatedHistory>(sample.Length), new List<int>(sample.Length));
        foreach (var customer in sample)
        {
            if (customer.At(day) is not { } then)
            {
                continue;
            }

            histories.Add(then);
            var until = customer.At(day + horizonDays)!.Value;
            orders.Add(until.OrderDays - then.OrderDays);
        }

        return new RiskSplit(day, horizonDays, [.. histories], [.. orders]);
    }

    public RepeatSummary Summary()
    {
        var summary = new RepeatSummary();
        foreach (ref readonly var h in Histories.AsSpan())
        {
            summary.Add(h.RepeatOrders, h.RecencyDays, h.AgeDays);
        }

        return summary;
    }

    public RiskSplitSize Size() =>
        new(new DateTimeOffset(Day * TimeSpan.TicksPerDay, TimeSpan.Zero), HorizonDays, Histories.Length, Buyers);
}
