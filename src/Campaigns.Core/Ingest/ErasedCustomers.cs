using Campaigns.Core.Primitives;
using Campaigns.Core.Storage;
using MemoryPack;

namespace Campaigns.Core.Ingest;

/// <summary>
/// A customer who was erased: row <c>e|{customer}</c> of table customers. Nothing but a keyed hash of its id is kept, so that a
/// later import does not bring it back.
/// </summary>
[MemoryPackable]
public sealed partial record ErasedRow : IStoredRow
{
    /// <inheritdoc/>
    public static byte Version => 1;

    /// <summary>Business time of the erasure.</summary>
    public required DateTimeOffset At { get; init; }
}

/// <summary>
/// What erased customers of a bucket bought, day by day: row <c>f|days</c> of table customers. Sums alone, so that the shop's
/// figures stay whole without anybody in them.
/// </summary>
[MemoryPackable]
public sealed partial record ErasedDays : IStoredRow
{
    /// <summary>Row key.</summary>
    public const string Key = "f|days";

    /// <inheritdoc/>
    public static byte Version => 1;

    /// <summary>By rising day.</summary>
    public ErasedDay[] Days { get; init; } = [];

    /// <summary>With the orders of one more customer.</summary>
    public ErasedDays With(IEnumerable<(DateTimeOffset At, long AmountMinor)> orders)
    {
        var days = new SortedDictionary<long, ErasedDay>(Days.ToDictionary(d => d.Day));
        foreach (var day in orders.GroupBy(o => DateOnly.FromDateTime(o.At.UtcDateTime).DayNumber))
        {
            var sum = days.GetValueOrDefault(day.Key);
            days[day.Key] = new ErasedDay(day.Key, sum.Orders + day.Count(), sum.RevenueMinor + day.Sum(o => o.AmountMinor), sum.Buyers + 1);
        }

        return new ErasedDays { Days = [.. days.Values] };
    }
}

/// <summary>Net orders of erased customers on a day.</summary>
/// <param name="Day">Day number (UTC).</param>
/// <param name="Orders">Net orders.</param>
/// <param name="RevenueMinor">Their revenue, minor units.</param>
/// <param name="Buyers">Customers who ordered.</param>
[MemoryPackable]
public readonly partial record struct ErasedDay(long Day, long Orders, long RevenueMinor, long Buyers);
