using Campaigns.Core.Ingest;
using Campaigns.Core.Planning;

namespace Campaigns.Core.Tracking;

/// <summary>
/// Keeps a customer's <see cref="MessageHistory"/> in step with a sending record that a touch changed. Pure: what is kept
/// follows from the record alone, so touches may come twice and in any order.
/// </summary>
public static class MessageFold
{
    /// <summary>The customer's row after the record's change, or null where it says nothing new.</summary>
    public static CustomerRow? Apply(CustomerRow customer, string run, AssignmentRow record)
    {
        if (record.HeldOut)
        {
            return null;
        }

        var hash = MessageHistory.HashOf(run);
        var known = Array.Find(customer.Messages, m => m.Run == hash);
        var now = new MessageHistory(
            hash,
            known.Code,
            known.SentAt != 0 ? known.SentAt : MessageHistory.Seconds(record.SentAt ?? record.AssignedAt),
            MessageHistory.Seconds(record.DeliveredAt),
            MessageHistory.Seconds(record.OpenedAt),
            MessageHistory.Seconds(record.ClickedAt),
            record.Channel);
        var messages = MessageHistory.With(customer.Messages, now);
        return messages.AsSpan().SequenceEqual(customer.Messages) ? null : customer with { Messages = messages };
    }
}
