using System.Text.Json;
using Campaigns.Channels.SendGrid;
using Campaigns.Core.Dispatch;
using Microsoft.Extensions.Time.Testing;

namespace Campaigns.Channels.Tests;

public class SendGridChannelTests
{
    private static async Task<SendResult> OneAsync(StandIn provider) => Assert.Single(await Messages.SendGrid(provider.Address).SendAsync([Messages.Email(1)], default));

    [Fact]
    public async Task A_batch_is_one_request_and_every_recipient_gets_its_own_text()
    {
        await using var provider = await StandIn.AnsweringAsync(202, "", ("X-Message-Id", "m1"));
        var batch = Enumerable.Range(0, 200).Select(i => Messages.Email(i)).ToList();
        var results = await Messages.SendGrid(provider.Address).SendAsync(batch, default);
        Assert.All(results, r => Assert.Equal(new SendResult.Accepted("m1"), r));
        var request = Assert.Single(provider.Requests);
        Assert.Equal(("/v3/mail/send", "Bearer test-key"), (request.Path, request.Authorization));
        using var sent = JsonDocument.Parse(request.Body);
        var personalizations = sent.RootElement.GetProperty("personalizations").EnumerateArray().ToList();
        var content = sent.RootElement.GetProperty("content").EnumerateArray().Select(c => c.GetProperty("value").GetString()!).ToList();
        for (var i = 0; i < batch.Count; i++)
        {
            var substitutions = personalizations[i].GetProperty("substitutions").EnumerateObject().ToDictionary(s => s.Name, s => s.Value.GetString()!);
            string Filled(string text) => substitutions.Aggregate(text, (t, s) => t.Replace(s.Key, s.Value, StringComparison.Ordinal));
            Assert.Equal((batch[i].Text, batch[i].Html), (Filled(content[0]), Filled(content[1])));
            Assert.Equal(batch[i].To, personalizations[i].GetProperty("to")[0].GetProperty("email").GetString());
            Assert.Equal(batch[i].Subject, personalizations[i].GetProperty("subject").GetString());
            Assert.Equal(batch[i].Id.ToString(), personalizations[i].GetProperty("custom_args").GetProperty("send_id").GetString());
            Assert.Equal($"<{batch[i].UnsubscribeUrl}>", personalizations[i].GetProperty("headers").GetProperty("List-Unsubscribe").GetString());
            Assert.Equal("List-Unsubscribe=One-Click", personalizations[i].GetProperty("headers").GetProperty("List-Unsubscribe-Post").GetString());
        }
    }

    [Fact]
    public void An_address_stands_once_in_a_call_and_what_does_not_fit_goes_alone()
    {
        var calls = SharedContent.Of([Messages.Email(1), Messages.Email(2, to: "CUSTOMER1@shop.example"), Messages.Email(3), Messages.Email(4, html: Messages.Email(4).Html!.Replace("Dear", new string('x', 10_000), StringComparison.Ordinal))]);
        Assert.Equal([1, 1, 2], calls.Select(c => c.Messages.Count).Order());
        Assert.Equal(4, calls.Sum(c => c.Messages.Count));
        Assert.All(calls, c => Assert.All(c.Messages, m => Assert.True(m.Substitutions.Sum(s => s.Key.Length + s.Value.Length) <= SharedContent.MaxSubstitutionBytes)));
    }

    [Fact]
    public async Task A_429_sends_nothing_and_says_until_when_to_wait()
    {
        var time = new FakeTimeProvider(DateTimeOffset.FromUnixTimeSeconds(1_800_000_000));
        await using var provider = await StandIn.AnsweringAsync(429, "{}", ("X-RateLimit-Reset", "1800000090"));
        var result = Assert.Single(await Messages.SendGrid(provider.Address, time).SendAsync([Messages.Email(1)], default));
        Assert.Equal(TimeSpan.FromSeconds(90), Assert.IsType<SendResult.NotSent>(result).RetryAfter);
        Assert.Single(provider.Requests);
    }

    [Theory]
    [InlineData(401)]
    [InlineData(403)]
    [InlineData(413)]
    public async Task A_refusal_of_the_account_sends_nothing(int status)
    {
        await using var provider = await StandIn.AnsweringAsync(status);
        Assert.IsType<SendResult.NotSent>(await OneAsync(provider));
    }

    [Fact]
    public async Task A_400_that_names_a_recipient_refuses_that_one_and_the_others_go_again()
    {
        await using var provider = await StandIn.AnsweringAsync(400, """{"errors":[{"message":"Does not contain a valid address.","field":"personalizations.1.to.0.email"}]}""");
        var results = await Messages.SendGrid(provider.Address).SendAsync([Messages.Email(1), Messages.Email(2), Messages.Email(3)], default);
        Assert.IsType<SendResult.NotSent>(results[0]);
        Assert.IsType<SendResult.Rejected>(results[1]);
        Assert.IsType<SendResult.NotSent>(results[2]);
    }

    [Fact]
    public async Task A_400_that_names_nobody_sends_nothing()
    {
        await using var provider = await StandIn.AnsweringAsync(400, "<html>no json</html>");
        Assert.All(await Messages.SendGrid(provider.Address).SendAsync([Messages.Email(1), Messages.Email(2)], default), r => Assert.IsType<SendResult.NotSent>(r));
    }

    [Fact]
    public async Task A_server_error_may_have_sent_and_is_not_repeated()
    {
        await using var provider = await StandIn.AnsweringAsync(500);
        Assert.IsType<SendResult.Unknown>(await OneAsync(provider));
        Assert.Single(provider.Requests);
    }

    [Fact]
    public async Task A_provider_that_never_answers_may_have_sent()
    {
        await using var provider = await StandIn.HangingAsync();
        var results = await Messages.SendGrid(provider.Address, timeout: TimeSpan.FromMilliseconds(300)).SendAsync([Messages.Email(1)], default);
        Assert.IsType<SendResult.Unknown>(Assert.Single(results));
    }

    [Fact]
    public async Task A_broken_connection_may_have_sent_and_what_was_not_tried_was_not_sent()
    {
        await using var provider = await StandIn.BreakingAsync();
        var results = await Messages.SendGrid(provider.Address).SendAsync([Messages.Email(1), Messages.Email(2, to: "customer1@shop.example")], default);
        Assert.IsType<SendResult.Unknown>(results[0]);
        Assert.IsType<SendResult.NotSent>(results[1]);
        Assert.Single(provider.Requests);
    }

    [Fact]
    public async Task A_refused_connection_sent_nothing() =>
        Assert.IsType<SendResult.NotSent>(Assert.Single(await Messages.SendGrid(new Uri($"http://127.0.0.1:{FreePort.Next()}")).SendAsync([Messages.Email(1)], default)));
}
