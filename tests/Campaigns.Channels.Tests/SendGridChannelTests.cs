using System.Globalization;
using System.Text.Json;
using Campaigns.Channels.SendGrid;
using Campaigns.Core.Dispatch;
using Microsoft.AspNetCore.Http;
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
    public async Task Letters_of_all_kinds_arrive_and_half_a_letter_stops_nobody()
    {
        await using var provider = await StandIn.AnsweringAsync(202);
        var batch = new[] { Messages.Email(1, html: "<p>Zażółć \"gęślą\" 😀 & 'jaźń'</p>\r\n\u2028"), Messages.Email(2, html: "<p>\uD83D</p>\r\n\u2028") };

        Assert.All(await Messages.SendGrid(provider.Address).SendAsync(batch, default), r => Assert.IsType<SendResult.Accepted>(r));

        using var sent = JsonDocument.Parse(Assert.Single(provider.Requests).Body);
        var lines = sent.RootElement.GetProperty("personalizations").EnumerateArray().Select(p => p.GetProperty("substitutions").EnumerateObject().First().Value.GetString());
        Assert.Equal(["<p>Zażółć \"gęślą\" 😀 & 'jaźń'</p>\r", "<p>\uFFFD</p>\r"], lines);
    }

    [Fact]
    public void An_address_stands_once_in_a_call_and_what_does_not_fit_goes_alone()
    {
        var calls = SharedContent.Of([Messages.Email(1), Messages.Email(2, to: "CUSTOMER1@shop.example"), Messages.Email(3), Messages.Email(4, html: Messages.Email(4).Html!.Replace("Dear", new string('x', 10_000), StringComparison.Ordinal))]);
        Assert.Equal([1, 1, 2], calls.Select(c => c.Messages.Count).Order());
        Assert.Equal(4, calls.Sum(c => c.Messages.Count));
        Assert.All(calls, c => Assert.All(c.Messages, m => Assert.True(c.Tags.Zip(m.Values).Sum(s => s.First.Length + s.Second.Length) <= SharedContent.MaxSubstitutionBytes)));
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

    [Theory]
    [InlineData(true, 1, 100)]
    [InlineData(false, 1, 100)]
    [InlineData(false, 3, 1000)]
    [InlineData(true, 20, 1000)]
    [InlineData(false, 0, 2)]
    public async Task A_refused_batch_is_split_until_the_bad_recipients_stand_alone_and_the_others_are_sent_once(bool named, int bad, int size)
    {
        var taken = new List<string>();
        await using var provider = await JudgingAsync(to => int.Parse(to[8..to.IndexOf('@', StringComparison.Ordinal)], CultureInfo.InvariantCulture) is var i && i % 37 == 36 && i / 37 < bad, named, taken);
        var batch = Enumerable.Range(0, size).Select(i => Messages.Email(i)).ToList();

        var results = await Messages.SendGrid(provider.Address).SendAsync(batch, default);

        for (var i = 0; i < size; i++)
        {
            Assert.True(results[i] is SendResult.Rejected == (i % 37 == 36 && i / 37 < bad), $"{i}: {results[i]}");
        }

        Assert.Equal(size - bad, results.Count(r => r is SendResult.Accepted));
        Assert.Equal(size - bad, taken.Count);
        Assert.Equal(size - bad, taken.Distinct().Count());
        Assert.InRange(provider.Requests.Count, 1, RefusedBatch.MaxCalls);
    }

    [Theory]
    [InlineData("<html>no json</html>")]
    [InlineData("""{"errors":[{"message":"The from address does not match a verified sender.","field":"from.email"}]}""")]
    public async Task A_400_that_nobody_gets_past_refuses_nobody_for_good(string body)
    {
        await using var provider = await StandIn.AnsweringAsync(400, body);
        Assert.All(await Messages.SendGrid(provider.Address).SendAsync([.. Enumerable.Range(0, 300).Select(i => Messages.Email(i))], default), r => Assert.IsType<SendResult.NotSent>(r));
        Assert.InRange(provider.Requests.Count, 1, RefusedBatch.MaxCalls);
    }

    [Fact]
    public async Task After_an_answer_that_was_lost_amid_splitting_nothing_more_is_tried()
    {
        await using var provider = await StandIn.StartAsync((context, request) =>
        {
            context.Response.StatusCode = request == 1 ? 400 : 500;
            return Task.CompletedTask;
        });
        var results = await Messages.SendGrid(provider.Address).SendAsync([.. Enumerable.Range(0, 4).Select(i => Messages.Email(i))], default);
        Assert.Equal(["Unknown", "Unknown", "NotSent", "NotSent"], results.Select(r => r.GetType().Name));
        Assert.Equal(2, provider.Requests.Count);
    }

    [Fact]
    public async Task Unsubscribe_group_and_pool_go_with_the_request()
    {
        await using var provider = await StandIn.AnsweringAsync(202);
        using var http = new HttpClient();
        var options = new SendGridOptions { ApiKey = "k", FromAddress = "shop@shop.example", Host = provider.Address.ToString(), UnsubscribeGroup = 17, IpPool = "newsletters" };
        await new SendGridChannel(http, options, TimeProvider.System).SendAsync([Messages.Email(1)], default);
        using var sent = JsonDocument.Parse(Assert.Single(provider.Requests).Body);
        Assert.Equal((17, "newsletters"), (sent.RootElement.GetProperty("asm").GetProperty("group_id").GetInt32(), sent.RootElement.GetProperty("ip_pool_name").GetString()));
        Assert.NotNull((options with { UnsubscribeGroup = 0 }).Problem());
        Assert.NotNull((options with { IpPool = new string('p', 65) }).Problem());
    }

    /// <summary>A provider that refuses a request with bad recipients, naming them or not, and remembers to whom it sent.</summary>
    private static Task<StandIn> JudgingAsync(Func<string, bool> isBad, bool named, List<string> taken)
    {
        StandIn? self = null;
        return Start();

        async Task<StandIn> Start() => self = await StandIn.StartAsync(async (context, request) =>
        {
            using var sent = JsonDocument.Parse(self!.Requests[request - 1].Body);
            var to = sent.RootElement.GetProperty("personalizations").EnumerateArray().Select(p => p.GetProperty("to")[0].GetProperty("email").GetString()!).ToList();
            var bad = Enumerable.Range(0, to.Count).Where(i => isBad(to[i])).ToList();
            context.Response.StatusCode = bad.Count > 0 ? 400 : 202;
            taken.AddRange(bad.Count > 0 ? [] : to);
            var fields = named ? string.Join(',', bad.Select(i => $$"""{"message":"bad","field":"personalizations.{{i}}.to.0.email"}""")) : """{"message":"bad request"}""";
            await context.Response.WriteAsync(bad.Count > 0 ? $$"""{"errors":[{{fields}}]}""" : "");
        });
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
