using System.Net;
using Campaigns.Core.Dispatch;
using Campaigns.Core.Jobs;
using Campaigns.Core.Primitives;

namespace Campaigns.Core.Tracking;

/// <summary>The message that asks a recipient to confirm consent. It advertises nothing: nobody has consented to that yet. Pure.</summary>
internal static class ConsentMessage
{
    /// <summary>Stands for the campaign in the provider's categories.</summary>
    public const string Campaign = "consent";

    /// <summary>The message.</summary>
    public static OutgoingMessage Of(SendId id, ConsentRequestRow request, WorkspaceSettings settings)
    {
        var (link, what) = (SignedLinks.Of(settings).Consent(id), What(request.Purposes, settings));
        return request.Channel == Channel.Sms
            ? new OutgoingMessage { Id = id, To = request.Address, Campaign = Campaign, At = request.AskedAt, Text = $"{settings.Name}: confirm that you want {what} by text message: {link}" }
            : new OutgoingMessage
            {
                Id = id,
                To = request.Address,
                Campaign = Campaign,
                At = request.AskedAt,
                Subject = $"{OneLine(settings.Name)}: please confirm",
                Text = $"Somebody, hopefully you, asked for {what} from {settings.Name} at this address.\n\nPlease confirm: {link}\n\nIf it was not you, do nothing: you will get no messages.\n\n{settings.PostalAddress}",
                Html = $"<!doctype html><html><body><p>Somebody, hopefully you, asked for {Html(what)} from {Html(settings.Name)} at this address.</p><p><a href=\"{Html(link)}\">Confirm</a></p><p>If it was not you, do nothing: you will get no messages.</p><p>{Html(settings.PostalAddress)}</p></body></html>",
            };
    }

    /// <summary>What is consented to, as it stands in a sentence.</summary>
    public static string What(IEnumerable<string> purposes, WorkspaceSettings settings) =>
        string.Join(" and ", purposes.Select(p => p.Length == 0 ? "news and offers" : Array.Find(settings.Contact.Purposes, s => string.Equals(s.Id, p, StringComparison.Ordinal)).Name ?? p));

    private static string Html(string text) => WebUtility.HtmlEncode(text);

    private static string OneLine(string text) => text.ReplaceLineEndings(" ");
}
