using Campaigns.Core.Planning;
using Campaigns.Core.Primitives;

namespace Campaigns.Core.Tracking;

/// <summary>The touch by which a message is credited with an order. Clicks are worth more than deliveries.</summary>
/// <param name="IsClick">A click; false for the delivery of a text message.</param>
/// <param name="At">When, business time.</param>
public readonly record struct CreditingTouch(bool IsClick, DateTimeOffset At);

/// <summary>
/// Which message gets an order. Not causal: it says what came before the order, not what caused it, and many credited
/// orders would have come anyway. What campaigns earn is measured against the control group; see <c>Measurement</c>.
/// </summary>
public static class Credit
{
    /// <summary>An order counts for a click up to this long before it. Five days is the default of common e-mail platforms.</summary>
    public static readonly TimeSpan ClickWindow = TimeSpan.FromDays(5);

    /// <summary>An order counts for a delivered text message up to this long before it: links in them are clicked less and seen at once.</summary>
    public static readonly TimeSpan SmsWindow = TimeSpan.FromHours(12);

    /// <summary>True where the message could be credited with an order at <paramref name="orderAt"/>, were it the customer's only one.</summary>
    public static bool Credits(AssignmentRow row, DateTimeOffset orderAt) => TouchBefore(row, orderAt) is not null;

    /// <summary>The message's touch that counts for an order at <paramref name="orderAt"/>: its last click within <see cref="ClickWindow"/>, else a text message's delivery (or acceptance) within <see cref="SmsWindow"/>, else null.</summary>
    public static CreditingTouch? TouchBefore(AssignmentRow row, DateTimeOffset orderAt)
    {
        if (row.HeldOut)
        {
            return null;
        }

        DateTimeOffset? click = null;
        foreach (var at in row.Clicks)
        {
            if (at <= orderAt && orderAt - at <= ClickWindow && (click is null || at > click))
            {
                click = at;
            }
        }

        if (click is { } clicked)
        {
            return new CreditingTouch(true, clicked);
        }

        var arrived = row.DeliveredAt ?? (row.State == SendState.Accepted ? row.SentAt : null);
        return row.Channel == Channel.Sms && arrived is { } delivered && delivered <= orderAt && orderAt - delivered <= SmsWindow
            ? new CreditingTouch(false, delivered)
            : null;
    }

    /// <summary>
    /// The one of a customer's messages that gets the order, or null. A click goes before a delivery, then the later touch;
    /// ties go to the later sending and then to the campaign and variant whose ids come first.
    /// </summary>
    public static AssignmentRow? Creditor(DateTimeOffset orderAt, IEnumerable<AssignmentRow> sends) => sends
        .Select(row => (Row: row, Touch: TouchBefore(row, orderAt)))
        .Where(s => s.Touch is not null)
        .OrderByDescending(s => s.Touch!.Value.IsClick)
        .ThenByDescending(s => s.Touch!.Value.At)
        .ThenByDescending(s => s.Row.SentAt)
        .ThenBy(s => s.Row.Campaign, StringComparer.Ordinal)
        .ThenBy(s => s.Row.Treatment, StringComparer.Ordinal)
        .Select(s => s.Row)
        .FirstOrDefault();
}
