using System.Net.Security;
using System.Text.RegularExpressions;
using Campaigns.Channels.Sender;
using Campaigns.Core.Dispatch;
using Campaigns.Core.Primitives;
using MailKit;
using MailKit.Net.Smtp;
using MailKit.Security;
using MimeKit;

namespace Campaigns.Channels.Smtp;

/// <summary>
/// E-mail through a mail server (RFC 5321): one connection per batch, one transaction per message. A server has taken a message
/// when it says so after the text; a failure before the text begins, or a refusal at any time, means that it has not; a
/// connection that breaks in between may mean either.
/// </summary>
public sealed partial class SmtpChannel(SmtpOptions options, TimeProvider time) : IMessageChannel
{
    /// <summary>Messages per connection: few enough to be done while the claim holds, many enough for the handshake not to count.</summary>
    private const int MessagesPerBatch = 50;

    /// <summary>No further message of a batch is begun after so long; with a time-out of a minute, a claim of three outlasts it.</summary>
    private static readonly TimeSpan LastBegin = TimeSpan.FromSeconds(60);

    /// <summary>When a message that is refused for the moment (4yz, greylisting) is tried again; servers ask for minutes.</summary>
    private static readonly TimeSpan TryAgain = TimeSpan.FromMinutes(5);

    private readonly MailboxAddress from = new(options.FromName.Length > 0 ? options.FromName : null, options.FromAddress);

    /// <summary>Judges the server's certificate; null = as the system does.</summary>
    internal RemoteCertificateValidationCallback? Trust { get; init; }

    /// <inheritdoc/>
    public string Name => "smtp";

    /// <inheritdoc/>
    public Channel Channel => Channel.Email;

    /// <inheritdoc/>
    public int BatchSize => MessagesPerBatch;

    /// <inheritdoc/>
    public MailSender? Sender { get; } = SenderOf.Settings(options.FromAddress, options.DkimSelectors, "Channels:Smtp:DkimSelectors");

    /// <inheritdoc/>
    public double? MessagesPerSecond => options.MessagesPerSecond;

    /// <inheritdoc/>
    public async ValueTask<IReadOnlyList<SendResult>> SendAsync(IReadOnlyList<OutgoingMessage> batch, CancellationToken cancellation)
    {
        var begun = time.GetTimestamp();
        var results = new List<SendResult>(batch.Count);
        using var client = new SmtpClient { Timeout = options.TimeoutSeconds * 1000, LocalDomain = from.Domain, ServerCertificateValidationCallback = Trust };
        var stopped = await ConnectAsync(client, cancellation);
        var taken = 0; // On this connection.
        foreach (var message in batch)
        {
            if (stopped is null && time.GetElapsedTime(begun) > LastBegin)
            {
                stopped = new SendResult.NotSent("the mail server is slow", TimeSpan.FromSeconds(1));
            }

            if (stopped is not null)
            {
                results.Add(results.Count == 0 || stopped is SendResult.NotSent { RetryAfter: not null } ? stopped : new SendResult.NotSent("not tried after an earlier failure"));
                continue;
            }

            var result = await SendAsync(client, message, cancellation);
            if (result is SendResult.NotSent && taken > 0 && !client.IsConnected)
            {
                // Servers end a connection after so many messages.
                taken = 0;
                stopped = await ConnectAsync(client, cancellation);
                result = stopped ?? await SendAsync(client, message, cancellation);
            }

            taken += result is SendResult.Accepted ? 1 : 0;
            results.Add(result);
            stopped = result is SendResult.Unknown or SendResult.NotSent { Alone: false } ? result : null;
        }

        await LeaveAsync(client, cancellation);
        return Judge(results);
    }

    /// <summary>A mail server cannot be asked for a message by our id.</summary>
    public ValueTask<FindResult> FindAsync(SendId id, CancellationToken cancellation) => new(FindResult.CannotTell);

    /// <summary>Null where the server is ready for messages.</summary>
    private async ValueTask<SendResult?> ConnectAsync(SmtpClient client, CancellationToken cancellation)
    {
        using var within = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        within.CancelAfter(TimeSpan.FromSeconds(options.TimeoutSeconds));
        try
        {
            await client.ConnectAsync(options.Host, options.Port, options.Security switch { SmtpOptions.Tls => SecureSocketOptions.SslOnConnect, SmtpOptions.None => SecureSocketOptions.None, _ => SecureSocketOptions.StartTls }, within.Token);
            if (options.UserName.Length > 0)
            {
                await client.AuthenticateAsync(options.UserName, options.Password, within.Token);
            }

            client.Capabilities &= ~SmtpCapabilities.Chunking; // With DATA the text begins after the server's go-ahead.
            return null;
        }
        catch (MailKit.Security.AuthenticationException)
        {
            return new SendResult.NotSent("the mail server does not know the account or its password: set Channels:Smtp:UserName and Password");
        }
        catch (SslHandshakeException)
        {
            return new SendResult.NotSent("no encrypted connection to the mail server: see its certificate, Channels:Smtp:Port and Security");
        }
        catch (NotSupportedException)
        {
            return new SendResult.NotSent("the mail server offers no encryption, or no way to sign in: see Channels:Smtp:Port and Security");
        }
        catch (SmtpCommandException error)
        {
            return new SendResult.NotSent($"the mail server refuses the connection ({(int)error.StatusCode})", IsTemporary(error) ? TryAgain : null);
        }
        catch (Exception error) when (IsOfNetwork(error))
        {
            return new SendResult.NotSent("the mail server cannot be reached");
        }
    }

    private async ValueTask<SendResult> SendAsync(SmtpClient client, OutgoingMessage message, CancellationToken cancellation)
    {
        if (SmtpMail.Of(message, from, time.GetUtcNow()) is not { } mail)
        {
            return new SendResult.Rejected("not an e-mail address", "not an e-mail address");
        }

        var text = new TextBegun();
        using var within = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        within.CancelAfter(TimeSpan.FromSeconds(options.TimeoutSeconds));
        try
        {
            await client.SendAsync(mail, from, mail.To.Mailboxes, within.Token, text);
            return new SendResult.Accepted(mail.MessageId);
        }
        catch (SmtpCommandException error)
        {
            return Refusal(error);
        }
        catch (NotSupportedException)
        {
            return new SendResult.Rejected("the mail server takes no address with such letters"); // Without SMTPUTF8 (RFC 6531).
        }
        catch (Exception error) when (IsOfNetwork(error))
        {
            await LeaveAsync(client, CancellationToken.None);
            return text.Value ? new SendResult.Unknown("the mail server's answer was lost") : new SendResult.NotSent("the connection to the mail server broke");
        }
    }

    /// <summary>4yz: not now; 5yz: not at all (RFC 5321, 4.2.1). Either means that the message was not taken.</summary>
    private static SendResult Refusal(SmtpCommandException error)
    {
        var code = (int)error.StatusCode;
        var said = $"the mail server refuses the {(error.ErrorCode == SmtpErrorCode.SenderNotAccepted ? "sender" : error.ErrorCode == SmtpErrorCode.RecipientNotAccepted ? "recipient" : "message")} ({code})";
        return code is < 400 or > 599 ? new SendResult.Unknown($"the mail server answered {code}")
            : code == 421 || error.ErrorCode == SmtpErrorCode.SenderNotAccepted ? new SendResult.NotSent(said, IsTemporary(error) ? TryAgain : null)
            : IsTemporary(error) ? new SendResult.NotSent(said, TryAgain, Alone: true)
            : new SendResult.Rejected(said, error.ErrorCode == SmtpErrorCode.RecipientNotAccepted && DeadAddress().IsMatch(error.Message) ? "hard bounce" : null);
    }

    /// <summary>Where nobody gets through, the sender or its rights may be at fault (relaying denied): then nobody is refused for good but dead addresses.</summary>
    private static IReadOnlyList<SendResult> Judge(List<SendResult> results) => results.Count == 1 || results.Exists(r => r is SendResult.Accepted)
        ? results
        : results.ConvertAll(r => r is SendResult.Rejected { Suppression: null } refused ? new SendResult.NotSent(refused.Reason) : r);

    private static async ValueTask LeaveAsync(SmtpClient client, CancellationToken cancellation)
    {
        try
        {
            await client.DisconnectAsync(quit: !cancellation.IsCancellationRequested && client.IsConnected && cancellation.CanBeCanceled, cancellation);
        }
        catch (Exception error) when (IsOfNetwork(error) || error is SmtpCommandException)
        {
            // What was to be said has been said.
        }
    }

    private static bool IsTemporary(SmtpCommandException error) => (int)error.StatusCode is >= 400 and < 500;

    private static bool IsOfNetwork(Exception error) => error is IOException or System.Net.Sockets.SocketException or OperationCanceledException or TimeoutException or ProtocolException or ServiceNotConnectedException;

    /// <summary>Enhanced codes of addresses that do not exist (RFC 3463: no such mailbox, no such domain, moved away; RFC 7505: takes no mail).</summary>
    [GeneratedRegex(@"^\s*5\.1\.(1|2|3|6|10)\b", RegexOptions.CultureInvariant, 1000)]
    private static partial Regex DeadAddress();
}
