using System.Globalization;
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
using Campaigns.Simulation;

namespace Campaigns.EndToEnd.Tests;

/// <summary>
/// The app is killed (SIGKILL) again and again in the middle of imports and of dispatch, started anew on the same file, and
/// at the end everything is as if nothing had happened: the same totals, and no message twice.
/// </summary>
[Collection(Processes.Name)]
public sealed class KillTests : IAsyncLifetime
{
    private const ulong Seed = 11;

    /// <summary>Kills that must fall into unfinished work, of each kind.</summary>
    private const int Kills = 15;

    /// <summary>More tries than this without enough kills: the work is too quick to be hit, and the test says nothing.</summary>
    private const int MostJobs = 18;

    /// <summary>The orders come in so many files.</summary>
    private const int Files = 3;

    /// <summary>Kills of one import and of one run at most, so that all of them get some.</summary>
    private const int KillsOfImport = 3, KillsOfRun = 5;

    private const int LongestDelay = 200;

    private static readonly Market Market = new(new MarketOptions { Seed = Seed, Customers = 400 });

    /// <summary>Text messages keep to the day, and the clock of the test stands still.</summary>
    private static readonly DateTimeOffset Noon = Market.Options.EndAt.AddHours(12);

    private readonly Random chance = new(20261122);
    private readonly TempFolder folder = new();

    /// <summary>A kill comes so many milliseconds at most after work was seen to go on; less where that proves too late.</summary>
    private int longestDelay = LongestDelay;

    private MailStandIn mail = null!;
    private AppProcess app = null!;

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        mail = await MailStandIn.StartAsync();
        app = await AppProcess.CreateAsync(folder.Combine("killed.db"), Bucketing.Distributed, Seed, new Dictionary<string, string?>(StringComparer.Ordinal)
        {
            ["Channels__Email"] = "sendgrid",
            ["Channels__SendGrid__ApiKey"] = "no-real-key",
            ["Channels__SendGrid__FromAddress"] = "shop@example.com",
            ["Channels__SendGrid__Host"] = mail.Address,
        });
        await app.Workspace.SetNowAsync(Market.Options.EndAt, Cancelled);
    }

    public async ValueTask DisposeAsync()
    {
        await app.DisposeAsync();
        await mail.DisposeAsync();
        folder.Dispose();
    }

    [Fact]
    public async Task Killed_in_the_middle_of_imports_and_of_dispatch_it_ends_with_the_same_totals_and_no_message_twice()
    {
        await app.PutAsync("/api/settings", Settings);
        var landed = 0;
        for (var import = 0; import <= Files || landed < Kills; import++)
        {
            Assert.True(import < MostJobs, $"Only {landed} kills fell into an import.");
            // Files that are there already change nothing: they may come again.
            var (path, text) = File(import % (Files + 1));
            var started = await app.SendAsync(HttpMethod.Post, path, new StringContent(text, Encoding.UTF8, "text/csv"));
            landed += await DisturbAsync(started.GetProperty("import").GetString()!, KillsOfImport, () => Task.FromResult(true), app.ProgressAsync);
        }

        await WorkAsync("/api/recompute");
        var runs = new List<string>();
        longestDelay = LongestDelay;
        for (landed = 0; landed < Kills;)
        {
            Assert.True(runs.Count < MostJobs, $"Only {landed} kills fell into a dispatch.");
            // A week later the caps allow another message.
            await app.Workspace.SetNowAsync(Noon.AddDays(8 * runs.Count), Cancelled);
            var campaign = CampaignOf(runs.Count);
            await app.PutAsync("/api/campaigns/" + campaign.Id, campaign);
            var run = (await app.SendAsync(HttpMethod.Post, $"/api/campaigns/{campaign.Id}/launch")).GetProperty("run").GetString()!;
            runs.Add(run);
            landed += await DisturbAsync(run, KillsOfRun, async () => await ResultAsync(app, run, AssignStep.StageName) is not null, _ => Task.FromResult($"{mail.Count}"));
        }

        await WorkAsync("/api/measure");
        var unknown = 0L;
        foreach (var run in runs)
        {
            unknown += await AssertSentOnceAsync(run);
        }

        // Otherwise no kill fell between a call and its record, which is where a message could go out twice.
        Assert.True(unknown > 0);

        await AssertAsUndisturbedAsync(runs);
    }

    /// <summary>Kills the app at random moments while the job is under way, and lets it end; gives the kills that left it unfinished, at most <paramref name="most"/>.</summary>
    private async Task<int> DisturbAsync(string job, int most, Func<Task<bool>> underway, Func<string, Task<string>> progress)
    {
        var landed = 0;
        await app.UntilAsync(underway);
        while (landed < most && !await app.IsDoneAsync(job))
        {
            await app.StartAsync();
            var before = await progress(job);
            await app.UntilAsync(async () => await progress(job) != before || await app.IsDoneAsync(job));
            await Task.Delay(chance.Next(longestDelay), Cancelled);
            await app.KillAsync();
            if (await app.IsDoneAsync(job))
            {
                longestDelay = Math.Max(longestDelay / 2, 1);
            }
            else
            {
                landed++;
            }
        }

        await app.UntilAsync(() => app.IsDoneAsync(job));
        return landed;
    }

    /// <summary>Every message reached its provider at most once, and every sending record says what became of it. Gives how many say that nobody knows.</summary>
    private async Task<long> AssertSentOnceAsync(string run)
    {
        var outbox = (await new OutboxReader(app.Rows).ListAsync(run, null, int.MaxValue, Cancelled)).ToDictionary(m => m.Id.ToString(), m => m.Message.Channel, StringComparer.Ordinal);
        var records = 0;
        for (var bucket = 0; bucket < Bucketing.Distributed; bucket++)
        {
            await foreach (var row in app.Rows.ScanPrefixAsync(Tables.Customers, Bucketing.Partition(bucket), Tables.Assignments(run), Cancelled))
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
            }
        }

        var plan = RowCodec.Decode<RunPlan>((await ResultAsync(app, run, AssignStep.StageName))!.Value);
        var sent = RowCodec.Decode<RunDispatch>((await ResultAsync(app, run, DispatchStep.StageName))!.Value);
        Assert.True(sent.AddsUp);
        Assert.Equal((records, plan.Treated + plan.HeldOut, plan.HeldOut), (sent.Assigned, sent.Assigned, sent.HeldOut));
        return sent.Unknown;
    }

    /// <summary>The same work by an app that nobody disturbs, with another number of buckets, comes to the same.</summary>
    private async Task AssertAsUndisturbedAsync(List<string> runs)
    {
        await using var calm = await AppUnderTest.StartAsync(settings: [$"--Campaigns:Seed={Seed}", "--Campaigns:FollowUps=false"]);
        await calm.SetNowAsync(Market.Options.EndAt);
        await calm.SendAsync(HttpMethod.Put, "/api/settings", Settings);
        for (var file = 0; file <= Files; file++)
        {
            var (path, text) = File(file);
            await calm.ImportAsync(path, new StringContent(text, Encoding.UTF8, "text/csv"));
        }

        await calm.SendAsync(HttpMethod.Post, "/api/recompute");
        await calm.QuietAsync();
        for (var i = 0; i < runs.Count; i++)
        {
            await calm.SetNowAsync(Noon.AddDays(8 * i));
            var campaign = CampaignOf(i);
            await calm.SendAsync(HttpMethod.Put, "/api/campaigns/" + campaign.Id, campaign);
            Assert.Equal(runs[i], (await calm.SendAsync(HttpMethod.Post, $"/api/campaigns/{campaign.Id}/launch")).GetProperty("run").GetString());
            await calm.QuietAsync();
            var plan = await JobRows.ResultAsync(calm.Get<IRowStore>(), calm.Get<IBlobStore>(), runs[i], AssignStep.StageName, Cancelled);
            Assert.Equal(Text(plan), Text(await ResultAsync(app, runs[i], AssignStep.StageName)));
        }

        await calm.SendAsync(HttpMethod.Post, "/api/measure");
        await calm.QuietAsync();
        // Unknown ones may have gone out, and count as such; so these are equal to the last digit, however many there are.
        foreach (var path in new[] { "/api/segments", "/api/kpis?by=campaign", "/api/kpis?by=segment", "/api/kpis?by=channel", "/api/kpis?by=day" })
        {
            Assert.Equal((await calm.GetAsync(path)).GetRawText(), (await app.SendAsync(HttpMethod.Get, path)).GetRawText());
        }
    }

    /// <summary>What the plan says. Its bytes may differ: between the members of a stored struct lie gaps that hold anything.</summary>
    private static string Text(ReadOnlyMemory<byte>? plan) => JsonSerializer.Serialize(RowCodec.Decode<RunPlan>(plan!.Value));

    private async Task WorkAsync(string path)
    {
        var job = (await app.SendAsync(HttpMethod.Post, path)).GetProperty("job").GetString()!;
        await app.UntilAsync(() => app.IsDoneAsync(job));
    }

    private static async Task<ReadOnlyMemory<byte>?> ResultAsync(AppProcess app, string job, string stage) =>
        await JobRows.ResultAsync(app.Rows, app.Blobs, job, stage, Cancelled);

    private static object Settings => new
    {
        name = "Example shop",
        currency = "GBP",
        timeZone = "Europe/London",
        country = "GB",
        marginShare = 0.4,
        postalAddress = "Example shop, 1 Example Street, London",
        publicBaseUrl = "http://127.0.0.1:7071",
        // By day and night: this is not about waiting for the morning.
        sendFromHour = 0,
        sendUntilHour = 24,
    };

    /// <summary>Everybody's message; the outcome windows are open, so that nothing freezes before the end.</summary>
    private static Campaign CampaignOf(int number) => new()
    {
        Id = string.Create(CultureInfo.InvariantCulture, $"everybody-{number}"),
        Name = "Everybody",
        Segments = [.. SegmentNames.ByPriority],
        OutcomeWindowDays = 365,
        OnlyOwnWindows = true, // Else the first would have everybody to itself for a year.
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

    /// <summary>File 0 is the customers, the others are the orders of a third of them each.</summary>
    private static (string Path, string Text) File(int number)
    {
        using var writer = new StringWriter(CultureInfo.InvariantCulture);
        if (number == 0)
        {
            MarketCsv.WriteCustomers(writer, Market.Contacts());
            return ("/api/customers", writer.ToString());
        }

        MarketCsv.WriteOrders(writer, Market, Enumerable.Range(0, Market.Options.Customers).Where(c => c % Files == number - 1).SelectMany(Market.HistoryOf));
        return ("/api/orders", writer.ToString());
    }
}
