using Campaigns.Channels.SendGrid;
using Campaigns.Channels.Twilio;
using Campaigns.Core.Dispatch;
using Campaigns.Core.Jobs;
using Campaigns.Core.Primitives;

namespace Campaigns.Channels.Tests;

internal static class Messages
{
    public const string AccountSid = "AC0123456789abcdef0123456789abcdef";

    public static readonly WorkspaceSettings Settings = new() { Salt = [1, 2, 3], Buckets = 1, PublicBaseUrl = "https://news.shop.example" };

    public static SendId Id(int i) => new("run-1", CustomerKey.Of([1], i.ToString()));

    public static OutgoingMessage Email(int i, string? to = null, string? html = null) => new()
    {
        Id = Id(i),
        To = to ?? $"customer{i}@shop.example",
        Subject = $"Hello {i}",
        Html = html ?? $"<html>\n<body>\n<p>Dear {i},</p>\n<p>the same for all</p>\n<a href=\"https://news.shop.example/u/{i}\">Unsubscribe</a>\n</body>\n</html>",
        Text = $"Dear {i},\nthe same for all\nUnsubscribe: https://news.shop.example/u/{i}",
        UnsubscribeUrl = $"https://news.shop.example/u/{i}",
        Campaign = "spring",
        At = DateTimeOffset.UnixEpoch,
    };

    public static OutgoingMessage Sms(int i) => new() { Id = Id(i), To = "+447700900123", Text = $"15 % off, {i} Reply STOP to opt out", Campaign = "spring", At = DateTimeOffset.UnixEpoch };

    public static SendGridChannel SendGrid(Uri host, TimeProvider? time = null, TimeSpan? timeout = null)
    {
        var http = new HttpClient();
        var channel = new SendGridChannel(http, new SendGridOptions { ApiKey = "test-key", FromAddress = "shop@shop.example", FromName = "Shop", Host = host.ToString() }, time ?? TimeProvider.System);
        http.Timeout = timeout ?? http.Timeout;
        return channel;
    }

    public static TwilioChannel Twilio(Uri host, TimeProvider? time = null, TimeSpan? timeout = null)
    {
        var http = new HttpClient();
        var channel = new TwilioChannel(http, new TwilioOptions { AccountSid = AccountSid, AuthToken = "token", From = "+447700900000", Host = host.ToString() }, _ => new(Settings), time ?? TimeProvider.System);
        http.Timeout = timeout ?? http.Timeout;
        return channel;
    }
}
