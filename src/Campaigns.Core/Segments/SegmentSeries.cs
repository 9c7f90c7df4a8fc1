using System.Globalization;
using Campaigns.Core.Storage;
using MemoryPack;

namespace Campaigns.Core.Segments;

/// <summary>
/// What a finished recompute adds to the series over time: row <c>segments|{age}</c> of partition <c>workspace</c> in table work.
/// {age} falls with business time, so that key order is newest first. One per business time: a later recompute of the same
/// time stands.
/// </summary>
[MemoryPackable]
public sealed partial record SegmentPoint : IStoredRow
{
    /// <inheritdoc/>
    public static byte Version => 1;

    /// <summary>The recompute.</summary>
    public required string Job { get; init; }

    /// <summary>Its business time.</summary>
    public required DateTimeOffset AsOf { get; init; }

    /// <summary>Version of the scheme.</summary>
    public int SchemeNumber { get; init; }

    /// <summary>Customers with a net order.</summary>
    public long OrderedCustomers { get; init; }

    /// <summary>The segments by priority.</summary>
    public SegmentPointCount[] Segments { get; init; } = [];

    /// <summary>Memberships that began with this recompute; null with the first one, and in points of earlier versions of the program.</summary>
    public long? MembershipsIn { get; init; }

    /// <summary>Memberships that ended with it.</summary>
    public long? MembershipsOut { get; init; }

    /// <summary>Net orders of all time; 0 in points of earlier versions of the program.</summary>
    public long Orders { get; init; }

    /// <summary>Net revenue of all time, minor units.</summary>
    public long RevenueMinor { get; init; }

    /// <summary>Mean net value of an order, minor units; null where there was none.</summary>
    [MemoryPackIgnore]
    public long? OrderValueMinor => Orders > 0 && RevenueMinor > 0 ? RevenueMinor / Orders : null;

    /// <summary>The point that a report makes.</summary>
    public static SegmentPoint Of(SegmentReport report) => new()
    {
        Job = report.Job,
        AsOf = report.AsOf,
        SchemeNumber = report.SchemeNumber,
        RevenueMinor = report.RevenueMinor,
        OrderedCustomers = report.OrderedCustomers,
        Segments = [.. report.Segments.Select(s => new SegmentPointCount(
            s.Segment,
            s.Customers,
            s.RevenueMinor,
            report.Migration.Where(m => m.From == s.Segment).Sum(m => m.Customers),
            report.Migration.Where(m => m.From == s.Segment && m.To == s.Segment).Sum(m => m.Customers)))],
        MembershipsIn = report.PreviousAsOf is null ? null : report.Segments.Sum(s => s.MovedIn),
        MembershipsOut = report.PreviousAsOf is null ? null : report.Segments.Sum(s => s.MovedOut),
    };
}

/// <summary>One segment at one recompute.</summary>
/// <param name="Segment">Id.</param>
/// <param name="Customers">Customers whose primary segment it is.</param>
/// <param name="RevenueMinor">Their net revenue of all time, minor units.</param>
/// <param name="Before">Customers whose primary segment it was at the recompute before.</param>
/// <param name="Stayed">Of these, whose primary segment it still is: over <paramref name="Before"/>, how stable the segment is.</param>
[MemoryPackable]
public readonly partial record struct SegmentPointCount(string Segment, long Customers, long RevenueMinor, long Before, long Stayed);

/// <summary>The series of recomputes.</summary>
public static class SegmentSeries
{
    /// <summary>Points read at once: two years of days.</summary>
    public const int MaxPoints = 730;

    private const string Partition = "workspace";

    private const string Prefix = "segments|";

    /// <summary>Adds the point, or replaces the one of the same time.</summary>
    public static async ValueTask AddAsync(IRowStore rows, SegmentPoint point, CancellationToken cancellation) =>
        await rows.CommitAsync(Tables.Work, Partition, [new RowOperation.Upsert(Prefix + Age(point.AsOf), RowCodec.Encode(point))], cancellation);

    /// <summary>The newest points, oldest first.</summary>
    public static async ValueTask<IReadOnlyList<SegmentPoint>> LastAsync(IRowStore rows, int limit, CancellationToken cancellation)
    {
        var points = new List<SegmentPoint>();
        var page = await rows.RangeAsync(Tables.Work, Partition, Prefix, Keys.After(Prefix), Math.Clamp(limit, 1, MaxPoints), null, cancellation);
        foreach (var row in page.Rows)
        {
            points.Add(RowCodec.Decode<SegmentPoint>(row.Payload));
        }

        points.Reverse();
        return points;
    }

    /// <summary>Falls with time; milliseconds, as in the ids of recomputes.</summary>
    private static string Age(DateTimeOffset at) =>
        (DateTimeOffset.MaxValue.ToUnixTimeMilliseconds() - at.ToUnixTimeMilliseconds()).ToString("000000000000000", CultureInfo.InvariantCulture);
}
