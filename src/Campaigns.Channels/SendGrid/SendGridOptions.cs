namespace Campaigns.Channels.SendGrid;

/// <summary>Settings of the SendGrid adapter: section <c>Channels:SendGrid</c>.</summary>
public sealed record SendGridOptions
{
    /// <summary>API key with the right "Mail Send". A secret: from the environment or a key vault only.</summary>
    public string ApiKey { get; set; } = "";

    /// <summary>Sender; a verified one of the account.</summary>
    public string FromAddress { get; set; } = "";

    /// <summary>Name of the sender.</summary>
    public string FromName { get; set; } = "";

    /// <summary>https://api.sendgrid.com, or https://api.eu.sendgrid.com for subusers in the European Union.</summary>
    public string Host { get; set; } = "https://api.sendgrid.com";

    /// <summary>Requests are checked and nothing is sent.</summary>
    public bool Sandbox { get; set; }

    /// <summary>Unsubscribe group (ASM) that messages belong to, above 0; null = none. SendGrid then also holds back whoever left the group there.</summary>
    public int? UnsubscribeGroup { get; set; }

    /// <summary>IP pool that messages go out from, at most 64 characters; "" = the account's own choice.</summary>
    public string IpPool { get; set; } = "";

    /// <summary>Selectors of the keys that sign messages (DKIM), with commas between them: SendGrid's own unless the domain was authenticated with another.</summary>
    public string DkimSelectors { get; set; } = "s1,s2";

    /// <summary>The most messages a second that the account may send, over all instances, 0.01 … 10,000; null = no limit.</summary>
    public double? MessagesPerSecond { get; set; }

    /// <summary>Seconds until an answer counts as lost, 1 … 120.</summary>
    public int TimeoutSeconds { get; set; } = 60;

    /// <summary>Public key of the signed Event Webhook, base64 as SendGrid shows it. Empty: events are refused.</summary>
    public string WebhookPublicKey { get; set; } = "";

    /// <summary>SendGrid's limit.</summary>
    private const int MaxIpPoolLength = 64;

    /// <summary>What is wrong, in a sentence that says what to do; null where nothing is.</summary>
    public string? Problem() =>
        ApiKey.Length == 0 ? "SendGrid is chosen for e-mail, but Channels:SendGrid:ApiKey is not set. Create a key with the right \"Mail Send\" and set it in the environment."
        : !MimeKit.MailboxAddress.TryParse(FromAddress, out _) ? "Channels:SendGrid:FromAddress must be the mailbox of a sender that is verified with SendGrid."
        : !Uri.TryCreate(Host, UriKind.Absolute, out var host) || (host.Scheme != Uri.UriSchemeHttps && !host.IsLoopback) ? "Channels:SendGrid:Host must be an https address: https://api.sendgrid.com, or https://api.eu.sendgrid.com."
        : UnsubscribeGroup <= 0 ? "Channels:SendGrid:UnsubscribeGroup must be the number of an unsubscribe group, as SendGrid's page of groups shows it."
        : IpPool.Length > MaxIpPoolLength ? $"Channels:SendGrid:IpPool must be the name of a pool, at most {MaxIpPoolLength} characters."
        : TimeoutSeconds is < 1 or > 120 ? "Channels:SendGrid:TimeoutSeconds must lie between 1 and 120."
        : MessagesPerSecond is not (null or (>= 0.01 and <= 10_000)) ? "Channels:SendGrid:MessagesPerSecond must lie between 0.01 and 10,000, or be left out."
        : null;

    /// <summary>Without the key.</summary>
    public override string ToString() => $"SendGrid at {Host}{(Sandbox ? " (sandbox)" : "")}";
}
