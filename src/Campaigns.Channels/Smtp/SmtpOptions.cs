namespace Campaigns.Channels.Smtp;

/// <summary>Settings of the SMTP adapter: section <c>Channels:Smtp</c>.</summary>
public sealed record SmtpOptions
{
    /// <summary>Name of the mail server.</summary>
    public string Host { get; set; } = "";

    /// <summary>587 for submission (RFC 6409), 465 where TLS begins at once (RFC 8314).</summary>
    public int Port { get; set; } = 587;

    /// <summary>"starttls" (the connection must become encrypted before anything is said), "tls" (it is from the beginning), or "none", on this machine only.</summary>
    public string Security { get; set; } = StartTls;

    /// <summary>Account; "" = the server asks for none.</summary>
    public string UserName { get; set; } = "";

    /// <summary>Its password. A secret: from the environment or a key vault only.</summary>
    public string Password { get; set; } = "";

    /// <summary>Sender.</summary>
    public string FromAddress { get; set; } = "";

    /// <summary>Name of the sender.</summary>
    public string FromName { get; set; } = "";

    /// <summary>Seconds until an answer counts as lost, 1 … 60: a batch must end while its claim holds.</summary>
    public int TimeoutSeconds { get; set; } = 60;

    /// <summary>Selectors of the keys that sign messages (DKIM), with commas between them: "" = not known.</summary>
    public string DkimSelectors { get; set; } = "";

    /// <summary>The most messages a second that the server takes, over all instances, 0.01 … 10,000; null = no limit.</summary>
    public double? MessagesPerSecond { get; set; }

    /// <summary>Value of <see cref="Security"/>.</summary>
    internal const string StartTls = "starttls";

    /// <summary>Value of <see cref="Security"/>.</summary>
    internal const string Tls = "tls";

    /// <summary>Value of <see cref="Security"/>.</summary>
    internal const string None = "none";

    /// <summary>What is wrong, in a sentence that says what to do; null where nothing is.</summary>
    public string? Problem() =>
        Host.Length == 0 ? "SMTP is chosen for e-mail, but Channels:Smtp:Host is not set. Set it to the name of your mail server."
        : Uri.CheckHostName(Host) == UriHostNameType.Unknown ? "Channels:Smtp:Host must be the name of a mail server, such as smtp.example.com."
        : Port is < 1 or > 65535 ? "Channels:Smtp:Port must lie between 1 and 65535; 587 is usual."
        : Security is not (StartTls or Tls or None) ? "Channels:Smtp:Security must be starttls, tls or none."
        : Security == None && !IsLocal ? "Channels:Smtp:Security can be none only for a server on this machine (127.0.0.1 or localhost): use starttls or tls."
        : UserName.Length > 0 && Password.Length == 0 ? "Channels:Smtp:UserName is set, but Channels:Smtp:Password is not. Set it in the environment."
        : !MimeKit.MailboxAddress.TryParse(FromAddress, out _) ? "Channels:Smtp:FromAddress must be the mailbox that messages come from."
        : TimeoutSeconds is < 1 or > 60 ? "Channels:Smtp:TimeoutSeconds must lie between 1 and 60."
        : MessagesPerSecond is not (null or (>= 0.01 and <= 10_000)) ? "Channels:Smtp:MessagesPerSecond must lie between 0.01 and 10,000, or be left out."
        : null;

    /// <summary>Without account and password.</summary>
    public override string ToString() => $"SMTP at {Host}:{Port} ({Security})";

    private bool IsLocal => string.Equals(Host, "localhost", StringComparison.OrdinalIgnoreCase) || (System.Net.IPAddress.TryParse(Host, out var address) && System.Net.IPAddress.IsLoopback(address));
}
