using System.Globalization;
using Campaigns.Core.Profiles;
using Campaigns.Testing;

namespace Campaigns.Core.Tests.Profiles.Scores;

/// <summary>The 2,357 customers of the CDNOW sample (Fader and Hardie), read from the shared folder.</summary>
internal static class CdnowSample
{
    /// <summary>The 39th week's end, as published: models know the orders up to here.</summary>
    public static readonly DateTimeOffset CalibrationEnd = new(1997, 9, 30, 0, 0, 0, TimeSpan.Zero);

    /// <summary>39 weeks later: the end of the file.</summary>
    public static readonly DateTimeOffset End = new(1998, 6, 30, 0, 0, 0, TimeSpan.Zero);

    public static List<PurchaseHistory> Histories() =>
        [.. File.ReadLines(SharedFiles.Require("data/cdnow_sample.txt"))
            .Select(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries))
            .Where(fields => fields.Length == 5)
            .GroupBy(fields => fields[1], StringComparer.Ordinal)
            .Select(customer => History(customer.Key, customer.Select(fields => new RecentOrder(
                DateTimeOffset.ParseExact(fields[2], "yyyyMMdd", CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal),
                (long)Math.Round(decimal.Parse(fields[4], CultureInfo.InvariantCulture) * 100)))))];

    /// <summary>A history of orders, in any order.</summary>
    public static PurchaseHistory History(string id, IEnumerable<RecentOrder> orders)
    {
        var sorted = orders.OrderBy(o => o.At).ToArray();
        return new PurchaseHistory
        {
            CustomerId = id,
            Orders = sorted.Length,
            OrderDays = sorted.Select(o => o.At.UtcDateTime.Date).Distinct().Count(),
            FirstOrderAt = sorted.Length == 0 ? default : sorted[0].At,
            LastOrderAt = sorted.Length == 0 ? default : sorted[^1].At,
            SpendMinor = sorted.Sum(o => o.AmountMinor),
            RecentOrders = [.. sorted.TakeLast(PurchaseHistory.RecentOrderLimit)],
        };
    }
}
