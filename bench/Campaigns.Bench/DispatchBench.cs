using System.Diagnostics;
using System.Diagnostics.Metrics;
using System.Globalization;
using Campaigns.Core.Dispatch;
using Campaigns.Core.Jobs;
using Campaigns.Core.Offers;
using Campaigns.Core.Planning;
using Campaigns.Core.Primitives;
using Campaigns.Core.Segments;
using Campaigns.Core.Storage;
using Campaigns.Testing;
using Campaigns.Testing.App;

namespace Campaigns.Bench;

/// <summary>
/// A send to everybody by the real app: customers and orders imported, segments, a campaign, its run. What is measured is the stage
/// that sends: gates, claim, text, call, record. The provider is a stand-in on loopback that answers at once.
/// </summary>
internal static class DispatchBench
{
    /// <summary>Between looks at whether a stage is done.</summary>
    private static readonly TimeSpan Glance = TimeSpan.FromMilliseconds(100);

    private static readonly DateTimeOffset Now = new(2026, 3, 3, 12, 0, 0, TimeSpan.Zero);

    /// <summary>On the embedded store: recipients per second and memory.</summary>
    public static async Task RunAsync(int customers)
    {
        using var provider = await ProviderStandIn.StartAsync();
        await using var app = await StartAsync(provider);
        await FillAsync(app, customers);
        Console.WriteLine($"  peak memory so far   {ImportBench.PeakMiB(),8:N0} MiB (import, recompute)");
        var paused = GC.GetTotalPauseDuration();
        var collections = Enumerable.Range(0, GC.MaxGeneration + 1).Select(GC.CollectionCount).ToArray();
        var (took, sent, processor) = await SendAsync(app);
        paused = GC.GetTotalPauseDuration() - paused;
        var (calls, messages) = await provider.CountAsync();
        Console.WriteLine($"  dispatch             {took.TotalSeconds,8:N2} s {sent.Assigned / took.TotalSeconds,12:N0} recipients/s: {sent.Sent:N0} accepted, {sent.HeldOut:N0} held out, {sent.Skipped.Sum(s => s.Value):N0} skipped; processor {processor.TotalSeconds:N2} s");
        Console.WriteLine($"  collector            {paused.TotalSeconds,8:N2} s, {string.Join(" + ", collections.Select((c, g) => GC.CollectionCount(g) - c))} collections of generation 0, 1 and 2 or older");
        Console.WriteLine($"  provider             {calls,8:N0} calls, {1000.0 * calls / messages:N2} per 1,000 messages ({messages:N0})");
        Console.WriteLine($"  peak memory          {ImportBench.PeakMiB(),8:N0} MiB");
    }

    /// <summary>On Azurite, 16 buckets: requests to storage per 1,000 recipients. Its speed says nothing about Azure's, so none is given.</summary>
    public static async Task CountAsync(int customers)
    {
        using var provider = await ProviderStandIn.StartAsync();
        await using var azurite = await AzuriteServer.StartAsync();
        await using var app = await StartAsync(provider, "--CampaignsStorage=" + azurite.ConnectionString);
        await FillAsync(app, customers);
        using var requests = new RequestCount(azurite.ConnectionString);
        var (_, sent, _) = await SendAsync(app, requests.Restart);
        var counts = requests.Stop();
        var total = counts.Sum(c => c.Value);
        Console.WriteLine($"  {sent.Assigned:N0} records, {sent.Sent:N0} recipients: {total:N0} requests to storage, {1000.0 * total / sent.Sent:N1} per 1,000 recipients");
        foreach (var (name, count) in counts.OrderByDescending(c => c.Value))
        {
            Console.WriteLine($"    {name,-22}{count,8:N0}{1000.0 * count / sent.Sent,10:N1}");
        }
    }

    private static Task<AppUnderTest> StartAsync(ProviderStandIn provider, params string[] settings) => AppUnderTest.StartAsync(settings:
    [
        "--Channels:Email=sendgrid", "--Channels:SendGrid:ApiKey=no-real-key", "--Channels:SendGrid:FromAddress=shop@example.com",
        "--Channels:SendGrid:Host=" + provider.Address, "--Campaigns:FollowUps=false", "--Campaigns:Buckets=16", .. settings,
    ]);

    private static async Task FillAsync(AppUnderTest app, int customers)
    {
        await app.SetNowAsync(Now);
        await app.SendAsync(HttpMethod.Put, "/api/settings", new
        {
            name = "Example shop",
            currency = "GBP",
            timeZone = "Europe/London",
            country = "GB",
            marginShare = 0.4,
            postalAddress = "Example shop, 1 Example Street, London",
            publicBaseUrl = "https://shop.example.com",
        });
        var clock = Stopwatch.StartNew();
        await ImportAsync(app, "/api/customers", "customer_id,email,consent_email,first_name,country", customers, i => $"c{i},customer{i}@example.com,yes,Name{i % 997},GB");
        await ImportAsync(app, "/api/orders", "order_id,customer_id,ordered_at,total", customers, i => $"o{i},c{i},{Now.AddMinutes(-(long)i % 200_000):yyyy-MM-dd HH:mm:ss},{10 + (i % 90)}");
        await app.SendAsync(HttpMethod.Post, "/api/recompute");
        await app.QuietAsync();
        Console.WriteLine($"{customers:N0} customers; imported and in segments after {clock.Elapsed.TotalSeconds:N1} s");
    }

    private static async Task ImportAsync(AppUnderTest app, string path, string header, int rows, Func<int, string> row)
    {
        var file = Path.GetTempFileName();
        try
        {
            await using (var writer = new StreamWriter(file))
            {
                await writer.WriteLineAsync(header);
                for (var i = 0; i < rows; i++)
                {
                    await writer.WriteLineAsync(row(i));
                }
            }

            await using var content = File.OpenRead(file);
            using var body = new StreamContent(content);
            body.Headers.ContentType = new("text/csv");
            var import = await app.ImportAsync(path, body);
            if (import.GetProperty("status").GetString() is not "Done")
            {
                throw new InvalidOperationException($"The import failed: {import}");
            }
        }
        finally
        {
            File.Delete(file);
        }
    }

    /// <summary>Launches a campaign to everybody and waits until all is sent; the time is that of the stage "dispatch".</summary>
    private static async Task<(TimeSpan Took, RunDispatch Sent, TimeSpan Processor)> SendAsync(AppUnderTest app, Action? begun = null)
    {
        await app.SendAsync(HttpMethod.Put, "/api/campaigns/everybody", Everybody);
        var run = (await app.SendAsync(HttpMethod.Post, "/api/campaigns/everybody/launch")).GetProperty("run").GetString()!;
        await ResultAsync(app, run, AssignStep.StageName);
        var (start, used) = (Stopwatch.GetTimestamp(), ImportBench.Processor());
        if (begun is not null)
        {
            begun();
            await app.QuietAsync(); // Asks the queues alone, which are not counted.
        }

        var result = await ResultAsync(app, run, DispatchStep.StageName);
        var (took, now) = (Stopwatch.GetElapsedTime(start), ImportBench.Processor());
        return (took, RowCodec.Decode<RunDispatch>(result), now.User + now.System - used.User - used.System);
    }

    private static async Task<ReadOnlyMemory<byte>> ResultAsync(AppUnderTest app, string run, string stage)
    {
        while (true)
        {
            if (await JobRows.ResultAsync(app.Get<IRowStore>(), app.Get<IBlobStore>(), run, stage, CancellationToken.None) is { } result)
            {
                return result;
            }

            await Task.Delay(Glance);
        }
    }

    private static Campaign Everybody => new()
    {
        Id = "everybody",
        Name = "Everybody",
        Segments = [.. SegmentNames.ByPriority],
        OutcomeWindowDays = 14,
        Treatments =
        [
            new Treatment
            {
                Id = "spring",
                Channels = [Channel.Email],
                Offer = new Offer { Id = "spring", Name = "Spring", Kind = OfferKind.TimeLimitedDiscount, DiscountShare = .1, Code = "SPRING10", ValidHours = 72 },
                Template = new MessageTemplate
                {
                    Subject = "{{firstName}}, 10 % until {{offer.endsAt}}",
                    Html = "<p>Dear {{firstName}},</p><p>with the code <b>{{offer.code}}</b> everything is 10 % cheaper until {{offer.endsAt}}.</p><p><a href=\"{{shopUrl}}\">To the shop</a></p>",
                    Text = "Dear {{firstName}},\n\nwith the code {{offer.code}} everything is 10 % cheaper until {{offer.endsAt}}.\n\n{{shopUrl}}",
                },
            },
        ],
    };

    /// <summary>Requests of this process to a store by kind, from the runtime's own meter of HTTP clients.</summary>
    private sealed class RequestCount : IDisposable
    {
        private readonly MeterListener listener = new();
        private readonly Dictionary<string, long> counts = new(StringComparer.Ordinal);
        private readonly Dictionary<int, string> services;

        /// <param name="connection">Connection string of the store whose services are counted.</param>
        public RequestCount(string connection)
        {
            services = connection.Split(';').Select(p => p.Split('=', 2)).Where(p => p[0].EndsWith("Endpoint", StringComparison.Ordinal))
                .ToDictionary(p => new Uri(p[1]).Port, p => p[0][..^"Endpoint".Length]);
            listener.InstrumentPublished = (instrument, self) =>
            {
                if (instrument is { Meter.Name: "System.Net.Http", Name: "http.client.request.duration" })
                {
                    self.EnableMeasurementEvents(instrument);
                }
            };
            listener.SetMeasurementEventCallback<double>((_, _, tags, _) => Add(tags));
            listener.Start();
        }

        public void Restart()
        {
            lock (counts)
            {
                counts.Clear();
            }
        }

        public Dictionary<string, long> Stop()
        {
            listener.Dispose();
            lock (counts)
            {
                return new Dictionary<string, long>(counts, StringComparer.Ordinal);
            }
        }

        public void Dispose() => listener.Dispose();

        private void Add(ReadOnlySpan<KeyValuePair<string, object?>> tags)
        {
            var (method, port, status) = ("", 0, "");
            foreach (var (name, value) in tags)
            {
                switch (name)
                {
                    case "http.request.method": method = value as string ?? ""; break;
                    case "server.port": port = value as int? ?? 0; break;
                    case "http.response.status_code": status = string.Create(CultureInfo.InvariantCulture, $"{value}"); break;
                }
            }

            // Looking into queues costs by the hour, not by the recipient.
            if (!services.TryGetValue(port, out var service) || (service == "Queue" && method == "GET"))
            {
                return;
            }

            lock (counts)
            {
                var key = $"{service} {method} {status}";
                counts[key] = counts.GetValueOrDefault(key) + 1;
            }
        }
    }
}
