using System.Net;
using System.Security.Cryptography;
using System.Text;
using Campaigns.Channels.Twilio;
using Campaigns.Core.Ingest;

namespace Campaigns.Functions.Tests.Api;

/// <summary>Replies to text messages, as Twilio posts them.</summary>
public sealed class ReplyTests
{
    private const string AuthToken = "0123456789abcdef0123456789abcdef";
    private const string Public = "https://mail.example.com";
    private const string Phone = "+447700900123";

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_stop_holds_for_the_number_until_a_start_takes_it_back()
    {
        await using var app = await AppUnderTest.StartAsync(false, "--Channels:Twilio:AuthToken=" + AuthToken);
        await app.SendAsync(HttpMethod.Put, "/api/settings", new { publicBaseUrl = Public, name = "Shoes & Co" });
        using var customers = ImportTests.Body($"customer_id,phone,consent_sms\nann,{Phone},yes\nbob,{Phone},yes\neve,+447700900124,yes\n", "text/csv");
        await app.ImportAsync("/api/customers", customers);

        Assert.Equal("<Response />", await ReplyAsync(app, "STOP"));
        await app.QuietAsync();
        Assert.Equal([SuppressionRow.Unsubscribed, SuppressionRow.Unsubscribed], await SuppressionsAsync(app));

        Assert.Equal("<Response />", await ReplyAsync(app, "What are your opening hours?"));
        Assert.Contains("<Message>Shoes &amp; Co", await ReplyAsync(app, "Hilfe"), StringComparison.Ordinal);
        await app.QuietAsync();
        Assert.Equal([SuppressionRow.Unsubscribed, SuppressionRow.Unsubscribed], await SuppressionsAsync(app));

        await ReplyAsync(app, "start");
        await app.QuietAsync();
        Assert.Equal([null, null], await SuppressionsAsync(app));
        Assert.Null(await app.Get<AddressBook>().SuppressionAsync(Phone, Cancelled));

        Assert.Contains("no more text messages", await ReplyAsync(app, "Arrêt"), StringComparison.Ordinal);
        await app.QuietAsync();
        Assert.Equal([SuppressionRow.Unsubscribed, SuppressionRow.Unsubscribed], await SuppressionsAsync(app));
        Assert.Null(Assert.Single(await app.Get<AddressBook>().FindAsync("+447700900124", Cancelled)).Value.SmsSuppression);
    }

    [Fact]
    public async Task A_start_takes_back_no_other_reason_than_the_recipients_own_wish()
    {
        await using var app = await AppUnderTest.StartAsync(false, "--Channels:Twilio:AuthToken=" + AuthToken);
        await app.SendAsync(HttpMethod.Put, "/api/settings", new { publicBaseUrl = Public });
        await app.Get<AddressBook>().SuppressAsync(Core.Primitives.Channel.Sms, Phone, "complaint", DateTimeOffset.UtcNow.AddDays(-1), Cancelled);

        await ReplyAsync(app, "START");
        await app.QuietAsync();

        Assert.Equal("complaint", (await app.Get<AddressBook>().SuppressionAsync(Phone, Cancelled))?.Reason);
    }

    [Fact]
    public async Task A_reply_that_Twilio_did_not_sign_changes_nothing()
    {
        await using var app = await AppUnderTest.StartAsync(false, "--Channels:Twilio:AuthToken=" + AuthToken);
        await app.SendAsync(HttpMethod.Put, "/api/settings", new { publicBaseUrl = Public });

        Assert.StartsWith("{\"error\"", await ReplyAsync(app, "STOP", HttpStatusCode.Forbidden, AuthToken + "x"), StringComparison.Ordinal);

        await app.QuietAsync();
        Assert.Null(await app.Get<AddressBook>().SuppressionAsync(Phone, Cancelled));
    }

    private static async Task<string?[]> SuppressionsAsync(AppUnderTest app) =>
        [.. (await app.Get<AddressBook>().FindAsync(Phone, Cancelled)).Select(c => c.Value.SmsSuppression)];

    private static async Task<string> ReplyAsync(AppUnderTest app, string text, HttpStatusCode expected = HttpStatusCode.OK, string token = AuthToken)
    {
        var form = new SortedDictionary<string, string>(StringComparer.Ordinal) { ["Body"] = text, ["From"] = Phone, ["MessageSid"] = "SM0123", ["To"] = "+447700900999" };
#pragma warning disable CA5350 // SHA-1 is what Twilio defines.
        var signature = HMACSHA1.HashData(Encoding.UTF8.GetBytes(token), Encoding.UTF8.GetBytes(Public + "/webhooks/twilio" + string.Concat(form.Select(f => f.Key + f.Value))));
#pragma warning restore CA5350
        using var content = new FormUrlEncodedContent(form);
        using var request = new HttpRequestMessage(HttpMethod.Post, "/webhooks/twilio") { Content = content };
        request.Headers.Add(TwilioSignature.Header, Convert.ToBase64String(signature));
        using var answer = await app.Anonymous.SendAsync(request, Cancelled);
        Assert.Equal(expected, answer.StatusCode);
        return await answer.Content.ReadAsStringAsync(Cancelled);
    }
}
