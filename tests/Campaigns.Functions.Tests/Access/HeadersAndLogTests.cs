using System.Collections.Concurrent;
using System.Net;
using System.Text;
using System.Text.Json;
using Campaigns.Core.Primitives;
using Campaigns.Core.Storage;
using Campaigns.Core.Tracking;
using Campaigns.Functions.Access;
using Campaigns.Functions.Hosting;
using Campaigns.Functions.Tests.Triggers;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Campaigns.Functions.Tests.Access;

/// <summary>What stands in every answer, and what never stands in the log.</summary>
public sealed class HeadersAndLogTests
{
    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Every_answer_carries_the_security_headers_and_no_failure_tells_of_our_code()
    {
        TroubledQueues? queues = null;
        await using var app = await AppUnderTest.StartAsync(
            builder => builder.Services.AddSingleton<IQueueStore>(s => queues = new TroubledQueues(s.GetRequiredService<StorePorts>().Queues)));
        queues!.OnSend = new IOException("secret detail of the store");
        (string Line, int Status)[] requests =
        [
            ("GET /api/health", 200), ("GET /api/settings", 401), ("GET /", 302), ("GET /signin", 200), ("GET /t/c/x", 404), ("GET /u/x", 404),
            ("POST /webhooks/sendgrid", 403), ("POST /api/measure", 500), ("GET /api/nothing", 404), ("GET /nothing", 404), ("DELETE /api/settings", 404),
            ("GET /api/nothing.json", 404), ("PUT /api/settings", 415), ("GET /api/campaigns/x/preview", 404), ("POST /api/campaigns/x/launch?occurrence=abc", 400),
        ];

        foreach (var (line, status) in requests)
        {
            string[] key = status is 401 or 302 ? [] : ["X-Api-Key: " + app.Key];
            var answer = await RawHttp.SendAsync(app.Anonymous.BaseAddress!, line, key);

            Assert.True(RawHttp.StatusOf(answer) == status, $"{line} answered {answer}");
            foreach (var header in new[] { "Content-Security-Policy: default-src 'none'", "X-Content-Type-Options: nosniff", "Referrer-Policy: no-referrer", "Cache-Control: no-" })
            {
                Assert.True(answer.Contains(header, StringComparison.OrdinalIgnoreCase), $"{line} lacks {header}: {answer}");
            }

            Assert.DoesNotContain("Server:", answer, StringComparison.OrdinalIgnoreCase);
            Assert.DoesNotContain("secret detail", answer, StringComparison.Ordinal);
            Assert.DoesNotContain("Exception", answer, StringComparison.Ordinal);
            Assert.DoesNotContain("   at ", answer, StringComparison.Ordinal);
            if (status >= 400 && line.Contains(" /api/", StringComparison.Ordinal))
            {
                Assert.True(answer.Contains("application/json", StringComparison.Ordinal) && answer.Contains("{\"error\":\"", StringComparison.Ordinal), $"{line} answered {answer}");
            }
        }
    }

    [Fact]
    public async Task Keys_cookies_and_tokens_never_reach_the_log()
    {
        using var log = new CapturedLog();
        await using var app = await AppUnderTest.StartAsync(builder => builder.Logging.SetMinimumLevel(LogLevel.Information).AddProvider(log));
        var links = SignedLinks.Of(await app.Workspace.SettingsAsync(Cancelled));
        var id = new SendId("run-x", CustomerKey.Of([1], "ann"));
        var (unsubscribe, status) = (links.Token(LinkPurpose.Unsubscribe, id), links.Token(LinkPurpose.Status, id));
        var cookie = (await app.Get<SignIn>().CookieForAsync(app.Key, Cancelled))!;
        using var form = new StringContent("To=%2B447700900123&MessageStatus=delivered", Encoding.ASCII, "application/x-www-form-urlencoded");

        await app.GetAsync("/api/settings?key=" + app.Key);
        await app.Anonymous.GetAsync("/api/settings?key=" + app.Key, Cancelled);
        await app.Anonymous.GetAsync("/u/" + unsubscribe, Cancelled);
        await app.Anonymous.PostAsync("/u/" + unsubscribe, null, Cancelled);
        await app.Anonymous.PostAsync("/webhooks/twilio/" + status, form, Cancelled);
        await RawHttp.SendAsync(app.Anonymous.BaseAddress!, "GET /api/settings", $"Cookie: {SignIn.Cookie}={cookie}");
        await RawHttp.SendAsync(app.Anonymous.BaseAddress!, "PUT /api/settings", "X-Api-Key: " + app.Key, "Content-Type: application/json");
        await app.QuietAsync();

        var logged = log.Text;
        app.Get<ILogger<HeadersAndLogTests>>().LogInformation("the log is captured");
        Assert.Contains("the log is captured", log.Text, StringComparison.Ordinal);
        foreach (var secret in new[] { app.Key, cookie, unsubscribe, status, "7700900123" })
        {
            Assert.DoesNotContain(secret, logged, StringComparison.Ordinal);
        }
    }

    private sealed class CapturedLog : ILoggerProvider, ILogger
    {
        private readonly ConcurrentQueue<string> lines = [];

        public string Text => string.Join('\n', lines);

        public ILogger CreateLogger(string categoryName) => this;

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull
        {
            lines.Enqueue(state.ToString() ?? "");
            return null;
        }

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            lines.Enqueue(formatter(state, exception) + exception);

        public void Dispose()
        {
        }
    }
}
