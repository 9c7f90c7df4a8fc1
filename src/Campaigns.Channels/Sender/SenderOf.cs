using Campaigns.Core.Dispatch;

namespace Campaigns.Channels.Sender;

/// <summary>The sender that settings name.</summary>
internal static class SenderOf
{
    /// <summary>Its domain and selectors. Internationalised domains are asked for in their ASCII form.</summary>
    public static MailSender? Settings(string fromAddress, string selectors, string selectorsSetting) => MimeKit.MailboxAddress.TryParse(fromAddress, out var from)
        ? new MailSender(
            MimeKit.MailboxAddress.EncodeAddrspec(from.Address).Split('@')[^1].ToLowerInvariant(),
            selectors.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries),
            selectorsSetting)
        : null;
}
