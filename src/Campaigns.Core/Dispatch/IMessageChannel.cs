using Campaigns.Core.Primitives;

namespace Campaigns.Core.Dispatch;

/// <summary>
/// The port through which messages leave: outbox, SendGrid, SMTP, Twilio. An adapter calls its provider once per batch and
/// never again by itself after an answer that may have meant acceptance: no hidden retries.
/// </summary>
public interface IMessageChannel
{
    /// <summary>Name for logs and pages: "outbox", "sendgrid", "smtp", "twilio".</summary>
    string Name { get; }

    /// <summary>What it carries.</summary>
    Channel Channel { get; }

    /// <summary>Replies reach nobody, as with a sender that is a name: text messages carry a link to opt out instead of a word to reply.</summary>
    bool OneWay => false;

    /// <summary>The most messages per call.</summary>
    int BatchSize { get; }

    /// <summary>Whose messages they are in the eyes of mailbox providers; null where nothing really goes out, or not by e-mail.</summary>
    MailSender? Sender => null;

    /// <summary>The most messages a second that the provider takes of this account, over all instances; null = no limit is known.</summary>
    double? MessagesPerSecond => null;

    /// <summary>Sends the batch in one call; the results by message, in order. Throws only for faults of ours: whatever the provider or the network does is a result.</summary>
    ValueTask<IReadOnlyList<SendResult>> SendAsync(IReadOnlyList<OutgoingMessage> batch, CancellationToken cancellation);

    /// <summary>What became of a message whose answer was lost.</summary>
    ValueTask<FindResult> FindAsync(SendId id, CancellationToken cancellation);
}

/// <summary>The domain in a sender's address.</summary>
/// <param name="Domain">The domain.</param>
/// <param name="DkimSelectors">Names of the keys that messages are signed with (RFC 6376); empty = not known.</param>
/// <param name="SelectorsSetting">Where the selectors are set.</param>
public sealed record MailSender(string Domain, IReadOnlyList<string> DkimSelectors, string SelectorsSetting);

/// <summary>A rendered message, ready to go.</summary>
public sealed record OutgoingMessage
{
    /// <summary>Identity: goes to the provider and comes back with its events. No personal data.</summary>
    public required SendId Id { get; init; }

    /// <summary>Mailbox or E.164 number.</summary>
    public required string To { get; init; }

    /// <summary>Subject; "" for SMS.</summary>
    public string Subject { get; init; } = "";

    /// <summary>HTML; null for SMS.</summary>
    public string? Html { get; init; }

    /// <summary>Plain text, or the SMS.</summary>
    public required string Text { get; init; }

    /// <summary>One-click unsubscribe address (RFC 8058); null for SMS.</summary>
    public string? UnsubscribeUrl { get; init; }

    /// <summary>Campaign, for the provider's categories.</summary>
    public required string Campaign { get; init; }

    /// <summary>Business time of sending.</summary>
    public required DateTimeOffset At { get; init; }
}

/// <summary>What the provider made of one message.</summary>
public abstract record SendResult
{
    /// <summary>Taken; with the provider's id where there is one.</summary>
    public sealed record Accepted(string? ProviderId) : SendResult;

    /// <summary>
    /// Provably not taken (429, 401, 403, 413, or the request never left): the claim goes back. <paramref name="RetryAfter"/> where the provider said.
    /// <paramref name="Alone"/>: it lies with this recipient for the moment (a full mailbox, greylisting), and others may go out.
    /// </summary>
    public sealed record NotSent(string Reason, TimeSpan? RetryAfter = null, bool Alone = false) : SendResult;

    /// <summary>Refused for good (400 that names this recipient). <paramref name="Suppression"/> where the address must not be tried again: "unsubscribed", "hard bounce".</summary>
    public sealed record Rejected(string Reason, string? Suppression = null) : SendResult;

    /// <summary>It may have been taken (5xx, time-out, lost answer).</summary>
    public sealed record Unknown(string Reason) : SendResult;
}

/// <summary>Answer to "did you get this?". Values are not stored.</summary>
public enum FindResult
{
    /// <summary>The provider has it.</summary>
    Accepted,

    /// <summary>The provider never got it.</summary>
    NeverReceived,

    /// <summary>The provider cannot say.</summary>
    CannotTell,
}
