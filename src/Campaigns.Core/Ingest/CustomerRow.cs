using Campaigns.Core.Jobs;
using Campaigns.Core.Primitives;
using Campaigns.Core.Storage;
using MemoryPack;

namespace Campaigns.Core.Ingest;

/// <summary>A customer's addresses, consent, suppression and recent sends: row <c>c|{customer}</c>.</summary>
[MemoryPackable]
public sealed partial record CustomerRow : IStoredRow
{
    /// <inheritdoc/>
    public static byte Version => 1;

    /// <summary>The most sends kept for the caps: two channels with the most that a cap may allow (see <see cref="Jobs.ContactRules"/>).</summary>
    public const int RecentSendLimit = 64;

    /// <summary>Raw id.</summary>
    public required string CustomerId { get; init; }

    /// <summary>When the customer was first seen (business time).</summary>
    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>When the newest customer record that shaped this row was made.</summary>
    public DateTimeOffset RevisedAt { get; init; }

    /// <summary>E-mail address, normalised, or null.</summary>
    public string? Email { get; init; }

    /// <summary>Phone number in E.164, or null.</summary>
    public string? Phone { get; init; }

    /// <summary>First name for greetings, or null.</summary>
    public string? FirstName { get; init; }

    /// <summary>Consent to e-mail. Unknown means no.</summary>
    public Consent EmailConsent { get; init; } = Consent.Unknown;

    /// <summary>Consent to SMS. Unknown means no.</summary>
    public Consent SmsConsent { get; init; } = Consent.Unknown;

    /// <summary>Why e-mail must not be sent ("unsubscribed", "hard bounce", "complaint", "manual"), or null. A copy of the address table's row.</summary>
    public string? EmailSuppression { get; init; }

    /// <summary>Why SMS must not be sent, or null.</summary>
    public string? SmsSuppression { get; init; }

    /// <summary>BCP 47 language, or null.</summary>
    [RepeatedText]
    public string? Language { get; init; }

    /// <summary>IANA time zone, or null for the workspace's.</summary>
    [RepeatedText]
    public string? TimeZone { get; init; }

    /// <summary>Country as given, or null.</summary>
    [RepeatedText]
    public string? Country { get; init; }

    /// <summary>Other attributes as imported.</summary>
    public Dictionary<string, string> Attributes { get; init; } = [];

    /// <summary>The newest sends (claims that were not taken back), newest last, at most <see cref="RecentSendLimit"/>.</summary>
    public RecentSend[] RecentSends { get; init; } = [];

    /// <summary>Mark of the import that first wrote the row, 0 = unknown (see <see cref="OrderRow.WrittenBy"/>).</summary>
    public uint CreatedBy { get; init; }

    /// <summary>What became of the newest messages, by sending; at most <see cref="MessageHistory.Limit"/>.</summary>
    public MessageHistory[] Messages { get; init => field = value ?? []; } = []; // Rows written before there were such records have none.

    /// <summary>Consent to purposes of the workspace's own, by purpose and channel. What is not here is not given.</summary>
    public PurposeConsent[] PurposeConsents { get; init => field = value ?? []; } = []; // The same.

    /// <summary>What the customer said of profiling: given = false is an objection (GDPR, Art. 21), true takes one back. Nobody need consent to it.</summary>
    public Consent Profiling { get; init; }

    /// <summary>The customer objects to profiling: no scores, no segment by behaviour or predictions, no campaign that selects.</summary>
    [MemoryPackIgnore]
    public bool ObjectsToProfiling => Profiling.Given == false;

    /// <summary>The address on the channel, or null.</summary>
    public string? AddressOn(Channel channel) => channel == Channel.Email ? Email : Phone;

    /// <summary>The consent for the channel.</summary>
    public Consent ConsentOn(Channel channel) => channel == Channel.Email ? EmailConsent : SmsConsent;

    /// <summary>Consent to the channel for the purpose; <see cref="ConsentPurpose.Marketing"/> is what a customer consents to where no purpose is named.</summary>
    public Consent ConsentOn(Channel channel, string purpose) => purpose.Length == 0
        ? ConsentOn(channel)
        : Array.Find(PurposeConsents, p => p.Channel == channel && string.Equals(p.Purpose, purpose, StringComparison.Ordinal)).Consent;

    /// <summary>The suppression on the channel, or null.</summary>
    public string? SuppressionOn(Channel channel) => channel == Channel.Email ? EmailSuppression : SmsSuppression;

    /// <summary>The row with a reason not to contact on the channel; of two the stronger one stands.</summary>
    public CustomerRow Suppressed(Channel channel, string reason) => channel == Channel.Email
        ? this with { EmailSuppression = SuppressionRow.Stronger(EmailSuppression, reason) }
        : this with { SmsSuppression = SuppressionRow.Stronger(SmsSuppression, reason) };

    /// <summary>There is an address, consent is given and nothing suppresses it.</summary>
    public bool ContactableOn(Channel channel) => ContactableOn(channel, ConsentPurpose.Marketing);

    /// <summary>There is an address, consent to the purpose is given and nothing suppresses it.</summary>
    public bool ContactableOn(Channel channel, string purpose) =>
        AddressOn(channel) is not null && ConsentOn(channel, purpose).Given == true && SuppressionOn(channel) is null;
}

/// <summary>Consent to one channel: given, withheld, or unknown (null), with where it came from and when.</summary>
/// <param name="Given">Yes, no, or nobody said anything.</param>
/// <param name="Source">Where it was said: "checkout", "Mailchimp export, members", "double opt-in".</param>
/// <param name="At">When it was said.</param>
/// <param name="Proof">What shows it: the form and its wording, the moment a link was confirmed. Null where nobody gave any.</param>
[MemoryPackable]
public readonly partial record struct Consent(bool? Given, [property: RepeatedText] string? Source, DateTimeOffset? At, [property: RepeatedText] string? Proof = null)
{
    /// <summary>Nobody said anything: no.</summary>
    public static Consent Unknown => default;
}

/// <summary>Consent to one channel for a purpose of the workspace's own.</summary>
[MemoryPackable]
public readonly partial record struct PurposeConsent([property: RepeatedText] string Purpose, Channel Channel, Consent Consent);

/// <summary>A message that went out, or was about to: for the caps and the re-entry pause.</summary>
[MemoryPackable]
public readonly partial record struct RecentSend(Channel Channel, string Campaign, string Run, DateTimeOffset At);
