using Campaigns.Core.Dispatch;
using MailKit;
using MimeKit;

namespace Campaigns.Channels.Smtp;

/// <summary>A message as it goes over SMTP. Pure.</summary>
internal static class SmtpMail
{
    /// <summary>Header with the id of the sending record, for whoever reads bounces.</summary>
    public const string SendIdHeader = "X-Campaigns-Send";

    /// <summary>The message, or null where the recipient's address is none.</summary>
    /// <param name="message">Rendered.</param>
    /// <param name="from">Sender.</param>
    /// <param name="now">System time, for the date.</param>
    public static MimeMessage? Of(OutgoingMessage message, MailboxAddress from, DateTimeOffset now)
    {
        if (!MailboxAddress.TryParse(message.To, out var to))
        {
            return null;
        }

        var body = new BodyBuilder { TextBody = message.Text, HtmlBody = message.Html };
        var mail = new MimeMessage
        {
            Subject = message.Subject,
            Date = now,
            MessageId = $"{message.Id}@{from.Domain}",
            Body = body.ToMessageBody(),
        };
        mail.From.Add(from);
        mail.To.Add(to);
        mail.Headers.Add(SendIdHeader, message.Id.ToString());
        if (message.UnsubscribeUrl is { } url)
        {
            // RFC 8058; never folded inside the address.
            mail.Headers.Add("List-Unsubscribe", $"<{url}>");
            mail.Headers.Add("List-Unsubscribe-Post", "List-Unsubscribe=One-Click");
        }

        return mail;
    }
}

/// <summary>Notices whether the text of a message has begun to leave: from then on a lost answer may mean acceptance.</summary>
internal sealed class TextBegun : ITransferProgress
{
    /// <summary>Some of it has been handed to the connection.</summary>
    public bool Value { get; private set; }

    /// <inheritdoc/>
    public void Report(long bytesTransferred, long totalSize) => Value = true;

    /// <inheritdoc/>
    public void Report(long bytesTransferred) => Value = true;
}
