using System.Globalization;
using Campaigns.Core.Jobs;

namespace Campaigns.Core.Planning.Brakes;

/// <summary>
/// Whether a campaign may send by itself, or somebody must look first: one missed import must not turn everyone into "at risk". A
/// launch by hand is that look. Pure.
/// </summary>
public static class AutomaticLaunch
{
    /// <summary>Fewer customers who came or went are no sign of missing orders, whatever the share.</summary>
    public const int LeastMoved = 20;

    /// <summary>What somebody must look at before the campaign sends, and how to send all the same; null where it may send by itself.</summary>
    /// <param name="brakes">The workspace's.</param>
    /// <param name="newestOrderAt">Newest order that the segments know of; null = not known, which asks nothing.</param>
    /// <param name="before">Segments with their customers at the campaign's last send.</param>
    /// <param name="after">The same now.</param>
    /// <param name="now">Business time.</param>
    public static string? Question(
        SendBrakes brakes, DateTimeOffset? newestOrderAt, IReadOnlyList<(string Segment, long Customers)> before, IReadOnlyList<(string Segment, long Customers)> after, DateTimeOffset now)
    {
        if (brakes.StaleOrderDays > 0 && newestOrderAt is { } newest && now - newest > TimeSpan.FromDays(brakes.StaleOrderDays))
        {
            return string.Create(
                CultureInfo.InvariantCulture,
                $"Not sent by itself: the newest order is {(now - newest).TotalDays:0} days old, so segments may be out of date. Import what is missing and let segments be computed, or press “Send again now” to send all the same.");
        }

        foreach (var (segment, then) in before)
        {
            foreach (var (_, size) in after.Where(a => string.Equals(a.Segment, segment, StringComparison.Ordinal)))
            {
                var moved = Math.Abs(size - then);
                if (brakes.SegmentMoveShare > 0 && moved >= LeastMoved && moved > brakes.SegmentMoveShare * then)
                {
                    return string.Create(
                        CultureInfo.InvariantCulture,
                        $"Not sent by itself: the segment “{segment}” has {size:N0} customers now and had {then:N0} at the last send. Look whether orders are missing, or press “Send again now” to send all the same.");
                }
            }
        }

        return null;
    }
}
