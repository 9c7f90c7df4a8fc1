using System.Text.RegularExpressions;

namespace Campaigns.Channels.Twilio;

/// <summary>Settings of the Twilio adapter: section <c>Channels:Twilio</c>.</summary>
public sealed partial record TwilioOptions
{
    /// <summary>Account: AC and 32 hexadecimal digits.</summary>
    public string AccountSid { get; set; } = "";

    /// <summary>Auth token. A secret: from the environment or a key vault only.</summary>
    public string AuthToken { get; set; } = "";

    /// <summary>Sender's number in E.164 or alphanumeric sender; or set <see cref="MessagingServiceSid"/>.</summary>
    public string From { get; set; } = "";

    /// <summary>Messaging service: MG and 32 hexadecimal digits; or set <see cref="From"/>.</summary>
    public string MessagingServiceSid { get; set; } = "";

    /// <summary>Seconds for which a message is worth delivering, 1 … 36,000; after that Twilio gives it up. Four hours: a message sent in the evening does not arrive at night.</summary>
    public int ValiditySeconds { get; set; } = 14_400;

    /// <summary>Address of the API.</summary>
    public string Host { get; set; } = "https://api.twilio.com";

    /// <summary>The most messages a second that the account may send, over all instances, 0.01 … 10,000; null = no limit.</summary>
    public double? MessagesPerSecond { get; set; }

    /// <summary>Seconds until an answer counts as lost, 1 … 60.</summary>
    public int TimeoutSeconds { get; set; } = 15;

    /// <summary>Twilio's limit: ten hours.</summary>
    private const int MaxValiditySeconds = 36_000;

    /// <summary>The sender is a name instead of a number: nobody can reply.</summary>
    public bool OneWay => From.Any(char.IsAsciiLetter);

    /// <summary>What is wrong, in a sentence that says what to do; null where nothing is.</summary>
    public string? Problem() =>
        !Sid('A', 'C').IsMatch(AccountSid) ? "Twilio is chosen for text messages, but Channels:Twilio:AccountSid is not set to an account (AC and 32 hexadecimal digits)."
        : AuthToken.Length == 0 ? "Channels:Twilio:AuthToken is not set. Copy it from the Twilio console into the environment."
        : From.Length == 0 == (MessagingServiceSid.Length == 0) ? "Set either Channels:Twilio:From or Channels:Twilio:MessagingServiceSid."
        : MessagingServiceSid.Length > 0 && !Sid('M', 'G').IsMatch(MessagingServiceSid) ? "Channels:Twilio:MessagingServiceSid must be a messaging service (MG and 32 hexadecimal digits)."
        : !Uri.TryCreate(Host, UriKind.Absolute, out var host) || (host.Scheme != Uri.UriSchemeHttps && !host.IsLoopback) ? "Channels:Twilio:Host must be an https address: https://api.twilio.com."
        : ValiditySeconds is < 1 or > MaxValiditySeconds ? "Channels:Twilio:ValiditySeconds must lie between 1 and 36000."
        : TimeoutSeconds is < 1 or > 60 ? "Channels:Twilio:TimeoutSeconds must lie between 1 and 60."
        : MessagesPerSecond is not (null or (>= 0.01 and <= 10_000)) ? "Channels:Twilio:MessagesPerSecond must lie between 0.01 and 10,000, or be left out."
        : null;

    /// <summary>Without the token.</summary>
    public override string ToString() => $"Twilio at {Host}";

    private static Regex Sid(char first, char second) => new($"^{first}{second}[0-9a-fA-F]{{32}}$", RegexOptions.CultureInvariant, TimeSpan.FromSeconds(1));
}
