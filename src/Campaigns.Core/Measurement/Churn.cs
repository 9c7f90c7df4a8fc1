using Campaigns.Core.Profiles;
using Campaigns.Core.Segments;

namespace Campaigns.Core.Measurement;

/// <summary>
/// Churn at a time t over a horizon of H days: among customers with a net order in [t − H, t), the share with none in
/// [t, t + H). Not known before t + H has passed. Without a contract nobody says "I leave", so the horizon is a setting.
/// </summary>
public static class Churn
{
    /// <summary>The time has passed, so that the answer can be known.</summary>
    public static bool Known(DateTimeOffset t, int days, DateTimeOffset asOf) => t.AddDays(days) <= asOf;

    /// <summary>
    /// Whether the customer counts (bought in the H days before t), and whether it then stayed away. Where more orders came
    /// since than the history keeps, the customer counts as one who bought before and stayed.
    /// </summary>
    public static (bool Counts, bool Churned) Of(PurchaseHistory? history, DateTimeOffset t, int days)
    {
        if (history is null || history.Orders == 0)
        {
            return (false, false);
        }

        var (before, after) = (false, false);
        foreach (var order in history.RecentOrders)
        {
            before |= order.At >= t.AddDays(-days) && order.At < t;
            after |= order.At >= t && order.At < t.AddDays(days);
        }

        var truncated = history.Orders > history.RecentOrders.Length && history.RecentOrders[0].At > t.AddDays(-days);
        if (truncated && history.RecentOrders[0].At >= t)
        {
            return (history.FirstOrderAt < t, false);
        }

        return (before, before && !after);
    }

    /// <summary>
    /// The primary segment at t, as memberships were recorded: of several the first by <paramref name="priority"/>; null where none
    /// was or is known any more. Churn by the segment of today would be circular: who stayed away is "lost" today.
    /// </summary>
    public static string? SegmentAt(MembershipRow? membership, DateTimeOffset t, IReadOnlyList<string> priority) =>
        membership?.At(t, priority) is [var first, ..] ? first.Segment : null;
}
