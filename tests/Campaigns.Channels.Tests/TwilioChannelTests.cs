using System.Text;
using System.Web;
using Campaigns.Core.Dispatch;
using Campaigns.Core.Tracking;

namespace Campaigns.Channels.Tests;

public class TwilioChannelTests
{
    private static async Task<SendResult> OneAsync(StandIn provider) => Assert.Single(await Messages.Twilio(provider.Address).SendAsync([Messages.Sms(1)], default));

    [Fact]
    public async Task A_message_is_one_form_post_whose_status_address_carries_the_signed_id()
    {
        await using var provider = await StandIn.AnsweringAsync(201, """{"sid":"SM1","status":"queued"}""");
        Assert.Equal(new SendResult.Accepted("SM1"), await OneAsync(provider));
        var (path, authorization, body) = Assert.Single(provider.Requests);
        Assert.Equal($"/2010-04-01/Accounts/{Messages.AccountSid}/Messages.json", path);
        Assert.Equal("Basic " + Convert.ToBase64String(Encoding.UTF8.GetBytes($"{Messages.AccountSid}:token")), authorization);
        var form = HttpUtility.ParseQueryString(body);
        Assert.Equal(("+447700900123", "+447700900000", Messages.Sms(1).Text), (form["To"], form["From"], form["Body"]));
        var token = form["StatusCallback"]!["https://news.shop.example/webhooks/twilio/".Length..];
        Assert.Equal(new LinkReading.Valid(Messages.Id(1), null), SignedLinks.Of(Messages.Settings).Read(LinkPurpose.Status, token));
    }

    [Theory]
    [InlineData(21610, "unsubscribed")]
    [InlineData(21614, "not a mobile number")]
    [InlineData(21211, "not a phone number")]
    [InlineData(21617, null)]
    public async Task A_400_for_the_recipient_is_final(int code, string? suppression)
    {
        await using var provider = await StandIn.AnsweringAsync(400, $$"""{"code":{{code}},"message":"no"}""");
        Assert.Equal(suppression, Assert.IsType<SendResult.Rejected>(await OneAsync(provider)).Suppression);
    }

    [Fact]
    public async Task A_429_sends_nothing_and_says_how_long_to_wait()
    {
        await using var provider = await StandIn.AnsweringAsync(429, """{"code":20429}""", ("Retry-After", "12"));
        var results = await Messages.Twilio(provider.Address).SendAsync([Messages.Sms(1), Messages.Sms(2)], default);
        Assert.Equal(TimeSpan.FromSeconds(12), Assert.IsType<SendResult.NotSent>(results[0]).RetryAfter);
        Assert.IsType<SendResult.NotSent>(results[1]);
        Assert.Single(provider.Requests);
    }

    [Theory]
    [InlineData(400)]
    [InlineData(401)]
    public async Task A_refusal_that_is_not_the_recipients_fault_sends_nothing(int status)
    {
        await using var provider = await StandIn.AnsweringAsync(status, """{"code":21606}""");
        Assert.IsType<SendResult.NotSent>(await OneAsync(provider));
    }

    [Fact]
    public async Task A_server_error_may_have_sent_and_the_rest_of_the_batch_is_left()
    {
        await using var provider = await StandIn.AnsweringAsync(503);
        var results = await Messages.Twilio(provider.Address).SendAsync([Messages.Sms(1), Messages.Sms(2)], default);
        Assert.IsType<SendResult.Unknown>(results[0]);
        Assert.IsType<SendResult.NotSent>(results[1]);
        Assert.Single(provider.Requests);
    }

    [Fact]
    public async Task A_provider_that_never_answers_may_have_sent()
    {
        await using var provider = await StandIn.HangingAsync();
        Assert.IsType<SendResult.Unknown>(Assert.Single(await Messages.Twilio(provider.Address, timeout: TimeSpan.FromMilliseconds(300)).SendAsync([Messages.Sms(1)], default)));
    }

    [Fact]
    public async Task A_refused_connection_sent_nothing() =>
        Assert.IsType<SendResult.NotSent>(Assert.Single(await Messages.Twilio(new Uri($"http://127.0.0.1:{FreePort.Next()}")).SendAsync([Messages.Sms(1)], default)));
}
