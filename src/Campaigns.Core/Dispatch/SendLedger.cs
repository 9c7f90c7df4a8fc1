using Campaigns.Core.Ingest;
using Campaigns.Core.Planning;

namespace Campaigns.Core.Dispatch;

/// <summary>
/// The steps of a sending record. Pure. Only forward, but for a claim that provably reached nobody, which goes back to
/// decided. Each gives null where the record has moved on meanwhile and must be left as it is.
/// </summary>
public static class SendLedger
{
    /// <summary>Decided or deferred, whatever the hour: it may be claimed.</summary>
    public static bool IsOpen(AssignmentRow row) => !row.HeldOut && row.State is SendState.Decided or SendState.Deferred;

    /// <summary>
    /// The claim. The instant of sending, the offer's end, the products and the cost are those of the rendered text, so they
    /// are written with the claim: whoever finds the message later finds them too.
    /// </summary>
    public static AssignmentRow Claim(AssignmentRow row, string attempt, DateTimeOffset until, DateTimeOffset sentAt, DateTimeOffset? offerEndsAt, SentFields sent, long costMicros) =>
        row with
        {
            State = SendState.Claimed,
            Reason = null,
            DueAt = null,
            Attempt = attempt,
            ClaimedUntil = until,
            SentAt = sentAt,
            OfferEndsAt = offerEndsAt,
            Products = Array.ConvertAll(sent.Products, p => p.Sku),
            SendCostMicros = costMicros,
            Sent = sent,
        };

    /// <summary>The customer's row with the claim counted against the caps, and the message kept for segments. <paramref name="code"/> is the offer's, or null.</summary>
    public static CustomerRow Count(CustomerRow customer, RecentSend send, string? code) => customer with
    {
        RecentSends = [.. customer.RecentSends.Where(s => s.Run != send.Run).Append(send).TakeLast(CustomerRow.RecentSendLimit)],
        Messages = MessageHistory.With(
            customer.Messages,
            new MessageHistory(MessageHistory.HashOf(send.Run), MessageHistory.HashOfCode(code), MessageHistory.Seconds(send.At), 0, 0, 0, send.Channel)),
    };

    /// <summary>The customer's row without the run's send.</summary>
    public static CustomerRow Uncount(CustomerRow customer, string run) =>
        customer with
        {
            RecentSends = [.. customer.RecentSends.Where(s => s.Run != run)],
            Messages = MessageHistory.Without(customer.Messages, MessageHistory.HashOf(run)),
        };

    /// <summary>What the provider's answer makes of our claim.</summary>
    public static AssignmentRow? Record(AssignmentRow row, string attempt, SendResult result, DateTimeOffset? retryAt) =>
        !string.Equals(row.Attempt, attempt, StringComparison.Ordinal) ? null
        : result switch
        {
            SendResult.Accepted accepted => Accept(row, accepted.ProviderId),
            SendResult.Unknown unknown => Lose(row, unknown.Reason),
            SendResult.Rejected rejected => Reject(row, rejected.Reason),
            SendResult.NotSent notSent => Release(row, notSent.Reason, retryAt),
            _ => null,
        };

    /// <summary>Taken. Also closes a record that had been given up as unknown; one that a webhook has already moved on only gets the provider's id.</summary>
    public static AssignmentRow? Accept(AssignmentRow row, string? providerId) => row.State switch
    {
        SendState.Claimed or SendState.Unknown => row with { State = SendState.Accepted, ClaimedUntil = null, Reason = null, ProviderId = providerId ?? row.ProviderId },
        SendState.Delivered or SendState.Bounced or SendState.Complained when row.ProviderId is null && providerId is not null => row with { ProviderId = providerId },
        _ => null,
    };

    /// <summary>It may have been taken: never tried again by itself.</summary>
    public static AssignmentRow? Lose(AssignmentRow row, string reason) =>
        row.State == SendState.Claimed ? row with { State = SendState.Unknown, ClaimedUntil = null, Reason = reason } : null;

    /// <summary>It provably reached nobody: decided again.</summary>
    public static AssignmentRow? Release(AssignmentRow row, string? reason, DateTimeOffset? retryAt) =>
        row.State == SendState.Claimed ? Unsent(row) with { State = SendState.Decided, Reason = reason, DueAt = retryAt } : null;

    /// <summary>What the channel knows of a claim that ran out.</summary>
    public static AssignmentRow? Found(AssignmentRow row, FindResult found) => found switch
    {
        FindResult.Accepted => Accept(row, null),
        FindResult.NeverReceived => Release(row, null, null),
        _ => Lose(row, "the answer was lost"),
    };

    /// <summary>Refused for good.</summary>
    public static AssignmentRow? Reject(AssignmentRow row, string reason) =>
        row.State == SendState.Claimed ? Unsent(row) with { State = SendState.Rejected, Reason = reason } : null;

    /// <summary>Not sent, for a counted reason; stays in its arm.</summary>
    public static AssignmentRow Skip(AssignmentRow row, string reason) => Unsent(row) with { State = SendState.Skipped, Reason = reason, DueAt = null };

    /// <summary>Waits for its hour.</summary>
    public static AssignmentRow Defer(AssignmentRow row, DateTimeOffset until, string reason) => row with { State = SendState.Deferred, DueAt = until, Reason = reason };

    private static AssignmentRow Unsent(AssignmentRow row) => row with
    {
        Attempt = null,
        ClaimedUntil = null,
        SentAt = null,
        OfferEndsAt = null,
        Products = [],
        SendCostMicros = 0,
        Sent = null,
    };
}
