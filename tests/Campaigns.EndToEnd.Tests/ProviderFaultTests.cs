using System.Collections.Concurrent;
using System.Globalization;
using System.Text.Json;
using Campaigns.Channels.SendGrid;
using Campaigns.Core.Jobs;
using Campaigns.Core.Planning;
using Campaigns.Core.Primitives;
using Campaigns.Core.Storage;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Campaigns.EndToEnd.Tests;

/// <summary>The provider refuses, breaks, hangs and dawdles: whoever may have got the message is never called for again, and everybody else gets it once.</summary>
public sealed class ProviderFaultTests
{
    private const int Customers = 80;

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_send_through_a_provider_that_fails_in_every_way_reaches_nobody_twice_and_says_of_each_what_is_known()
    {
        await using var provider = await FailingProvider.StartAsync();
        await using var app = await AppUnderTest.StartAsync(settings:
        [
            $"--Campaigns:Seed={ShopLoop.Seed}", "--Campaigns:FollowUps=false", "--Channels:Email=sendgrid", "--Channels:SendGrid:ApiKey=no-real-key",
            "--Channels:SendGrid:FromAddress=shop@example.com", $"--Channels:SendGrid:Host={provider.Address}",
            string.Create(CultureInfo.InvariantCulture, $"--Channels:SendGrid:TimeoutSeconds={FailingProvider.TimeoutSeconds}"),
        ]);
        async Task<JsonElement> SendAsync(HttpMethod method, string path, Func<HttpContent?> body)
        {
            using var request = new HttpRequestMessage(method, path) { Content = body() };
            using var answer = await app.Admin.SendAsync(request, Cancelled);
            Assert.True(answer.IsSuccessStatusCode, $"{method} {path} answered {answer.StatusCode}");
            return JsonSerializer.Deserialize<JsonElement>(await answer.Content.ReadAsStringAsync(Cancelled));
        }

        var (run, _) = await new ShopLoop(Customers).RunAsync(new ShopApp(SendAsync, job => DoneAsync(app, job), app.Workspace));

        var states = new Dictionary<SendState, int>();
        for (var bucket = 0; bucket < Bucketing.Embedded; bucket++)
        {
            await foreach (var row in app.Get<IRowStore>().ScanPrefixAsync(Tables.Customers, Bucketing.Partition(bucket), Tables.Assignments(run), Cancelled))
            {
                var record = RowCodec.Decode<AssignmentRow>(row.Payload);
                if (record is { Channel: Channel.Email, HeldOut: false })
                {
                    var answers = provider.AnswersTo(new SendId(run, new CustomerKey(row.Key[^CustomerKey.Length..])).ToString());
                    Assert.True(answers.Count(a => a is not (Answer.Busy or Answer.Refused)) <= 1, string.Join(", ", answers));
                    Assert.Equal(Expected(answers), record.State);
                    states[record.State] = states.GetValueOrDefault(record.State) + 1;
                }
            }
        }

        // Each kind of failure met somebody.
        Assert.Equal(1, states[SendState.Rejected]);
        Assert.True(states[SendState.Unknown] >= 2);
        Assert.True(states[SendState.Accepted] > states[SendState.Unknown]);
    }

    /// <summary>What the record says follows from the last answer.</summary>
    private static SendState Expected(IReadOnlyList<Answer> answers) => answers.Count == 0 ? SendState.Skipped : answers[^1] switch
    {
        Answer.Taken or Answer.Slow => SendState.Accepted,
        Answer.Broken or Answer.Hung => SendState.Unknown,
        _ => SendState.Rejected,
    };

    /// <summary>Business time stands still: what waits for the provider is due as soon as somebody looks.</summary>
    private static async Task DoneAsync(AppUnderTest app, string job)
    {
        const int MostLooks = 20;
        for (var looks = 0; ; looks++)
        {
            await app.QuietAsync();
            var head = (await app.Get<IRowStore>().FindAsync<JobHead>(Tables.Work, job, JobRows.Head, Cancelled))!.Value;
            Assert.Null(head.Problem);
            if (head.Status == JobStatus.Done)
            {
                return;
            }

            Assert.True(looks < MostLooks, $"Job {job} ({head.Kind}) does not end.");
            await app.TickAsync("WakeJobs");
        }
    }

    private enum Answer
    {
        Busy,
        Broken,
        Hung,
        Slow,
        Refused,
        Taken,
    }

    /// <summary>Answers the first call with 429, the second with 500, the third never, the fourth late; then one recipient is refused by name, and the others are taken.</summary>
    private sealed class FailingProvider : IAsyncDisposable
    {
        /// <summary>Well above what a call takes on a busy machine.</summary>
        public const int TimeoutSeconds = 8;

        private static readonly TimeSpan Slowness = TimeSpan.FromSeconds(1);

        private readonly WebApplication host;
        private readonly ConcurrentQueue<(string Id, Answer Answer)> answers = new();
        private readonly Lock gate = new();
        private int calls;
        private string? bad;

        private FailingProvider()
        {
            var builder = WebApplication.CreateSlimBuilder();
            builder.Logging.ClearProviders();
            builder.WebHost.UseUrls("http://127.0.0.1:0");
            host = builder.Build();
            host.Run(TakeAsync);
        }

        public string Address => host.Urls.First();

        public static async Task<FailingProvider> StartAsync()
        {
            var provider = new FailingProvider();
            await provider.host.StartAsync();
            return provider;
        }

        /// <summary>What calls with the message were answered, in their order.</summary>
        public IReadOnlyList<Answer> AnswersTo(string id) => [.. answers.Where(a => a.Id == id).Select(a => a.Answer)];

        public async ValueTask DisposeAsync()
        {
            using var now = new CancellationTokenSource(TimeSpan.Zero);
            await host.StopAsync(now.Token);
            await host.DisposeAsync();
        }

        private async Task TakeAsync(HttpContext context)
        {
            using var sent = await JsonDocument.ParseAsync(context.Request.Body, cancellationToken: context.RequestAborted);
            var ids = sent.RootElement.GetProperty("personalizations").EnumerateArray()
                .Select(p => p.GetProperty("custom_args").GetProperty(SendGridChannel.SendIdArgument).GetString()!).ToList();
            var answer = AnswerOf(ids);
            ids.ForEach(id => answers.Enqueue((id, answer)));
            switch (answer)
            {
                case Answer.Busy:
                    context.Response.Headers["X-RateLimit-Reset"] = DateTimeOffset.UtcNow.AddSeconds(1).ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture);
                    context.Response.StatusCode = StatusCodes.Status429TooManyRequests;
                    break;
                case Answer.Broken:
                    context.Response.StatusCode = StatusCodes.Status500InternalServerError;
                    break;
                case Answer.Hung:
                    await Task.Delay(Timeout.Infinite, context.RequestAborted).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                    break;
                case Answer.Refused:
                    context.Response.StatusCode = StatusCodes.Status400BadRequest;
                    await context.Response.WriteAsync($$"""{"errors":[{"message":"bad","field":"personalizations.{{ids.IndexOf(bad!)}}.to.0.email"}]}""");
                    break;
                default:
                    await Task.Delay(answer == Answer.Slow ? Slowness : TimeSpan.Zero, context.RequestAborted).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                    context.Response.StatusCode = StatusCodes.Status202Accepted;
                    break;
            }
        }

        private Answer AnswerOf(List<string> ids)
        {
            lock (gate)
            {
                calls++;
                if (calls <= 4)
                {
                    return (Answer)(calls - 1);
                }

                bad ??= ids.Count > 1 ? ids[0] : null;
                return bad is not null && ids.Contains(bad) ? Answer.Refused : Answer.Taken;
            }
        }
    }
}
