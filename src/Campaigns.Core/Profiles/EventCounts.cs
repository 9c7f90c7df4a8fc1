using Campaigns.Core.Ingest;

namespace Campaigns.Core.Profiles;

/// <summary>Counts events other than orders by name, without regard to case, while a history is folded by time.</summary>
internal sealed class EventCounts
{
    private readonly List<EventHistory> counts = [];

    /// <summary>Starts from what a history holds.</summary>
    public void Begin(EventHistory[] known)
    {
        counts.Clear();
        counts.AddRange(known);
    }

    /// <summary>Counts the events among a customer's orders, which may come in any order.</summary>
    public void Add(IReadOnlyList<OrderRow> orders)
    {
        List<OrderRow>? events = null;
        for (var i = 0; i < orders.Count; i++)
        {
            if (!string.Equals(orders[i].Event, OrderRow.OrderEvent, StringComparison.Ordinal))
            {
                (events ??= []).Add(orders[i]);
            }
        }

        if (events is null)
        {
            return; // Nearly always: a shop's rows are orders.
        }

        events.Sort(NetOrders.Compare);
        foreach (var seen in events)
        {
            Add(seen);
        }
    }

    /// <summary>The counts by name (ordinal).</summary>
    public EventHistory[] ToArray()
    {
        counts.Sort((a, b) => string.CompareOrdinal(a.Name, b.Name));
        return [.. counts];
    }

    private void Add(OrderRow seen)
    {
        var index = counts.FindIndex(c => string.Equals(c.Name, seen.Event, StringComparison.OrdinalIgnoreCase));
        if (index >= 0)
        {
            var known = counts[index];
            counts[index] = known with { Count = known.Count + 1, LastAt = seen.OrderedAt, ValueMinor = known.ValueMinor + seen.AmountMinor };
            return;
        }

        counts.Add(new EventHistory(seen.Event, 1, seen.OrderedAt, seen.AmountMinor));
        if (counts.Count > PurchaseHistory.EventLimit)
        {
            // After each event, so that one that falls out and comes back starts anew whether events arrive one by one or at once.
            counts.Remove(counts.OrderBy(c => c.LastAt).ThenBy(c => c.Name, StringComparer.Ordinal).First());
        }
    }
}
