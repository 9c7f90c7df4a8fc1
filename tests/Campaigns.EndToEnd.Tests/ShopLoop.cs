using System.Globalization;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using Campaigns.Channels.Outbox;
using Campaigns.Core.Dispatch;
using Campaigns.Core.Jobs;
using Campaigns.Core.Offers;
using Campaigns.Core.Planning;
using Campaigns.Core.Primitives;
using Campaigns.Core.Segments;
using Campaigns.Core.Storage;
using Campaigns.Functions.Api;
using Campaigns.Simulation;

namespace Campaigns.EndToEnd.Tests;

/// <summary>How a <see cref="ShopLoop"/> speaks to an app.</summary>
/// <param name="Send">Sends a request and gives the JSON of its answer. The content may be asked for more than once.</param>
/// <param name="DoneAsync">Waits for the end of a job.</param>
/// <param name="Workspace">Moves the business clock.</param>
internal sealed record ShopApp(Func<HttpMethod, string, Func<HttpContent?>, Task<JsonElement>> Send, Func<string, Task> DoneAsync, Workspace Workspace);

/// <summary>The whole loop of a small generated shop: import, recompute, a run of a campaign for everybody, measurement. Whatever befalls the app, it comes to the same.</summary>
/// <param name="customers">Customers of the shop.</param>
internal sealed class ShopLoop(int customers)
{
    /// <summary>Who is held out follows from it.</summary>
    public const ulong Seed = 11;

    /// <summary>No job of a small shop takes longer, whatever befalls it.</summary>
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(240), Glance = TimeSpan.FromMilliseconds(50);

    private readonly Market market = new(new MarketOptions { Seed = Seed, Customers = customers });

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    /// <summary>Settings of an app that sends e-mail by the stand-in and waits for nothing that a dead process held.</summary>
    public static Dictionary<string, string?> SettingsOf(MailStandIn mail) => new(StringComparer.Ordinal)
    {
        ["Channels__Email"] = "sendgrid",
        ["Channels__SendGrid__ApiKey"] = "no-real-key",
        ["Channels__SendGrid__FromAddress"] = "shop@example.com",
        ["Channels__SendGrid__Host"] = mail.Address,
    };

    /// <summary>Runs the loop; gives the run and all figures that must be the same wherever it runs.</summary>
    public async Task<(string Run, string Figures)> RunAsync(ShopApp app)
    {
        await app.Workspace.SetNowAsync(market.Options.EndAt, Cancelled);
        await app.Send(HttpMethod.Put, "/api/settings", () => JsonContent.Create(Settings));
        foreach (var (path, text) in Files())
        {
            var import = await app.Send(HttpMethod.Post, path, () => new StringContent(text, Encoding.UTF8, new MediaTypeHeaderValue("text/csv")));
            await app.DoneAsync(import.GetProperty("import").GetString()!);
        }

        await WorkAsync(app, "/api/recompute");
        // Text messages keep to the day.
        await app.Workspace.SetNowAsync(market.Options.EndAt.AddHours(12), Cancelled);
        await app.Send(HttpMethod.Put, "/api/campaigns/" + Everybody.Id, () => JsonContent.Create(Everybody, options: CampaignsApi.Json));
        var run = (await app.Send(HttpMethod.Post, $"/api/campaigns/{Everybody.Id}/launch", () => null)).GetProperty("run").GetString()!;
        await app.DoneAsync(run);
        await WorkAsync(app, "/api/measure");
        var figures = new StringBuilder();
        foreach (var path in new[] { "/api/segments", "/api/kpis?by=campaign", "/api/kpis?by=segment", "/api/kpis?by=channel", "/api/kpis?by=day" })
        {
            figures.AppendLine((await app.Send(HttpMethod.Get, path, () => null)).GetRawText());
        }

        return (run, figures.ToString());
    }

    /// <summary>What the loop comes to in an app that nothing befalls, with another number of buckets.</summary>
    public async Task<string> UndisturbedAsync()
    {
        await using var calm = await AppUnderTest.StartAsync(settings: [$"--Campaigns:Seed={Seed}", "--Campaigns:FollowUps=false"]);
        async Task<JsonElement> SendAsync(HttpMethod method, string path, Func<HttpContent?> body)
        {
            using var request = new HttpRequestMessage(method, path) { Content = body() };
            using var answer = await calm.Admin.SendAsync(request, Cancelled);
            var text = await answer.Content.ReadAsStringAsync(Cancelled);
            Assert.True(answer.IsSuccessStatusCode, $"{method} {path} answered {answer.StatusCode}: {text}");
            return JsonSerializer.Deserialize<JsonElement>(text);
        }

        return (await RunAsync(new ShopApp(SendAsync, _ => calm.QuietAsync(), calm.Workspace))).Figures;
    }

    /// <summary>Every message reached its provider at most once, every record is settled, and the counts add up.</summary>
    public static async Task AssertSentOnceAsync(IRowStore rows, IBlobStore blobs, int buckets, MailStandIn mail, string run)
    {
        var outbox = (await new OutboxReader(rows).ListAsync(run, null, int.MaxValue, Cancelled)).ToDictionary(m => m.Id.ToString(), m => m.Message.Channel, StringComparer.Ordinal);
        var (records, taken) = (0, 0);
        for (var bucket = 0; bucket < buckets; bucket++)
        {
            await foreach (var row in rows.ScanPrefixAsync(Tables.Customers, Bucketing.Partition(bucket), Tables.Assignments(run), Cancelled))
            {
                var record = RowCodec.Decode<AssignmentRow>(row.Payload);
                var id = new SendId(run, new CustomerKey(row.Key[^CustomerKey.Length..])).ToString();
                var times = record.Channel == Channel.Email ? mail.Taken.GetValueOrDefault(id) : outbox.ContainsKey(id) ? 1 : 0;
                Assert.True(RunDispatch.IsSettled(record), $"{id} is {record.State}");
                Assert.True(
                    record switch
                    {
                        { HeldOut: true } or { State: SendState.Skipped or SendState.Rejected } => times == 0,
                        { State: SendState.Unknown } => times <= 1,
                        _ => times == 1,
                    },
                    $"{id} is {record.State} and was taken {times} times");
                records++;
                taken += times;
            }
        }

        var sent = RowCodec.Decode<RunDispatch>((await JobRows.ResultAsync(rows, blobs, run, DispatchStep.StageName, Cancelled))!.Value);
        Assert.True(sent.AddsUp);
        Assert.Equal(records, sent.Assigned);
        Assert.True(taken > 0);
    }

    /// <summary>Waits for the end of a job by looking at the storage; fails where the job did.</summary>
    public static async Task DoneAsync(IRowStore rows, string job)
    {
        for (var until = DateTimeOffset.UtcNow + Limit; ; await Task.Delay(Glance, Cancelled))
        {
            var head = (await rows.FindAsync<JobHead>(Tables.Work, job, JobRows.Head, Cancelled))?.Value;
            Assert.Null(head?.Problem);
            if (head is { Status: JobStatus.Done })
            {
                return;
            }

            Assert.True(DateTimeOffset.UtcNow < until, $"Job {job} ({head?.Kind}) did not end.");
        }
    }

    private static async Task WorkAsync(ShopApp app, string path) =>
        await app.DoneAsync((await app.Send(HttpMethod.Post, path, () => null)).GetProperty("job").GetString()!);

    private static object Settings => new
    {
        name = "Example shop",
        currency = "GBP",
        timeZone = "Europe/London",
        country = "GB",
        marginShare = 0.4,
        postalAddress = "Example shop, 1 Example Street, London",
        publicBaseUrl = "http://127.0.0.1:7071",
        sendFromHour = 0,
        sendUntilHour = 24,
    };

    private static Campaign Everybody => new()
    {
        Id = "everybody",
        Name = "Everybody",
        Segments = [.. SegmentNames.ByPriority],
        OutcomeWindowDays = 365,
        Treatments =
        [
            new Treatment
            {
                Id = "hello",
                Offer = new Offer { Id = "hello", Name = "Hello", Kind = OfferKind.Recommendation },
                Template = new MessageTemplate { Subject = "Hello {{firstName}}", Html = "<p><a href=\"{{shopUrl}}\">Hello</a></p>", Sms = "Hello {{shopUrl}}" },
            },
        ],
    };

    private IEnumerable<(string Path, string Text)> Files()
    {
        using var contacts = new StringWriter(CultureInfo.InvariantCulture);
        MarketCsv.WriteCustomers(contacts, market.Contacts());
        yield return ("/api/customers", contacts.ToString());
        using var orders = new StringWriter(CultureInfo.InvariantCulture);
        MarketCsv.WriteOrders(orders, market, Enumerable.Range(0, market.Options.Customers).SelectMany(market.HistoryOf));
        yield return ("/api/orders", orders.ToString());
    }
}
