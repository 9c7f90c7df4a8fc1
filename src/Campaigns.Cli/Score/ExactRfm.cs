using Campaigns.Core.Profiles;

namespace Campaigns.Cli.Score;

/// <summary>
/// Cut points of RFM from all customers in memory: exact spend instead of bins of 1 %, and exact places of cuts among customers
/// with equally many orders, however many they are.
/// </summary>
internal static class ExactRfm
{
    /// <param name="histories">Customers by id (ordinal).</param>
    /// <param name="asOf">Business time.</param>
    /// <param name="settings">Bins, window, fixed cuts.</param>
    public static RfmCuts Cuts(IReadOnlyList<PurchaseHistory> histories, DateTimeOffset asOf, RfmSettings settings)
    {
        var measured = new List<(string Id, RfmMeasures Of)>(histories.Count);
        foreach (var history in histories)
        {
            if (Rfm.Measure(history, asOf, settings.WindowDays) is { } of)
            {
                measured.Add((history.CustomerId, of));
            }
        }

        var orders = settings.OrderCuts ?? At(measured.Select(m => (long)m.Of.Orders), settings.Bins);
        return new RfmCuts
        {
            RecencyDays = settings.RecencyCutsDays ?? At(measured.Select(m => (long)m.Of.RecencyDays), settings.Bins),
            Orders = orders,
            SpendMinor = settings.SpendCutsMinor ?? At(measured.Select(m => m.Of.SpendMinor), settings.Bins),
            OrderTies = settings.OrderCuts is null ? [.. orders.Select((cut, i) => Tie(measured, cut, Rank(measured.Count, settings.Bins, i + 1)))] : [],
            WindowDays = settings.WindowDays,
        };
    }

    /// <summary>The values at the cuts: nearest rank.</summary>
    private static long[] At(IEnumerable<long> values, int bins)
    {
        var sorted = values.ToArray();
        Array.Sort(sorted);
        return sorted.Length == 0 ? [] : [.. Enumerable.Range(1, bins - 1).Select(i => sorted[Rank(sorted.Length, bins, i) - 1])];
    }

    /// <summary>The last id below a cut among the customers with as many orders; null where all of them are below it.</summary>
    private static string? Tie(List<(string Id, RfmMeasures Of)> measured, long cut, int rank)
    {
        var place = rank - measured.Count(m => m.Of.Orders < cut);
        var tied = measured.Where(m => m.Of.Orders == cut).Select(static m => m.Id).Order(StringComparer.Ordinal).ToList();
        return place < tied.Count ? tied[place - 1] : null;
    }

    private static int Rank(int total, int bins, int i) => (int)((((long)total * i) + bins - 1) / bins);
}
