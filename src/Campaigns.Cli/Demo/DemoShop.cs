using System.Globalization;
using System.Net.Http.Json;
using System.Text.Json;
using Campaigns.Core.Jobs;
using Campaigns.Core.Planning;
using Campaigns.Core.Primitives;
using Campaigns.Core.Storage;
using Campaigns.Core.Tracking;
using Campaigns.Functions;
using Campaigns.Functions.Api;
using Campaigns.Functions.Hosting;
using Campaigns.Functions.LocalTriggers;

namespace Campaigns.Cli.Demo;

/// <summary>
/// The running app as the demo uses it: by its HTTP interface with the admin key, as any shop would; and from inside only
/// what no shop does: moving the business clock, ticking the timers, and reading who was assigned.
/// </summary>
internal sealed class DemoShop : IDisposable
{
    /// <summary>Touches per queue message: far below 48 KiB.</summary>
    private const int TouchesPerMessage = 100;

    /// <summary>Between looks at how far an import is.</summary>
    private static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(15);

    private readonly LocalApp app;
    private readonly HttpClient http;
    private readonly List<string> sentences = [];

    public DemoShop(LocalApp app, string key)
    {
        this.app = app;
        http = new HttpClient { BaseAddress = app.Address, Timeout = Timeout.InfiniteTimeSpan };
        http.DefaultRequestHeaders.Add("X-Api-Key", key);
    }

    /// <summary>What the first two imports, customers and orders of the history, came to.</summary>
    public IReadOnlyList<string> HistoryImports => [.. sentences.Take(2)];

    /// <summary>The segments that the campaigns were launched on.</summary>
    public JsonElement SegmentsAtLaunch { get; set; }

    /// <summary>Progress of what is under way, for people; null where nobody looks.</summary>
    public Action<string, double?>? Progress { get; set; }

    public Workspace Workspace => app.Get<Workspace>();

    public Task PutAsync(string path, object body, CancellationToken cancellation) => SendAsync(HttpMethod.Put, path, JsonContent.Create(body, options: CampaignsApi.Json), cancellation);

    public Task<JsonElement> PostAsync(string path, CancellationToken cancellation) => SendAsync(HttpMethod.Post, path, null, cancellation);

    public Task<JsonElement> GetAsync(string path, CancellationToken cancellation) => SendAsync(HttpMethod.Get, path, null, cancellation);

    /// <summary>Imports a stream and waits for it. Gives the import's state at the end.</summary>
    public async Task<JsonElement> ImportAsync(string path, Func<Stream, Task> write, string what, CancellationToken cancellation)
    {
        using var content = new StreamedContent(write);
        var started = await SendAsync(HttpMethod.Post, path, content, cancellation);
        var id = started.GetProperty("import").GetString()!;
        while (true)
        {
            var state = await GetAsync("/api/imports/" + id, cancellation);
            switch (state.GetProperty("status").GetString())
            {
                case "Done":
                    Progress?.Invoke(what, 1);
                    if (state.GetProperty("sentence").GetString() is { } sentence)
                    {
                        sentences.Add(sentence);
                    }

                    await QuietAsync(cancellation);
                    return state;
                case "Failed":
                    throw new InvalidOperationException(state.GetProperty("problem").GetString());
                default:
                    Progress?.Invoke(what, state.TryGetProperty("share", out var share) && share.ValueKind == JsonValueKind.Number ? share.GetDouble() : null);
                    await Task.Delay(Poll, cancellation);
                    break;
            }
        }
    }

    /// <summary>Ticks a timer function and waits until its work is done.</summary>
    public async Task TickAsync(string function, CancellationToken cancellation)
    {
        await app.Get<FunctionTable>().TickAsync(function, cancellation);
        await QuietAsync(cancellation);
    }

    /// <summary>Waits until no queue holds a message.</summary>
    public Task QuietAsync(CancellationToken cancellation) => app.Get<Quiescence>().WaitAsync(cancellation);

    /// <summary>Puts touches into their queue and waits until they are applied.</summary>
    public async Task TouchAsync(IEnumerable<Touch> touches, CancellationToken cancellation)
    {
        foreach (var chunk in touches.Chunk(TouchesPerMessage))
        {
            await app.Get<WorkQueues>().SendAsync([new Outgoing(TouchDue.Queue, new Envelope { Content = Touch.ToContent(chunk) }.ToJson())], cancellation);
        }

        await QuietAsync(cancellation);
    }

    /// <summary>The next business time at which an open run has something to send; null where none has.</summary>
    public async Task<DateTimeOffset?> NextDueAsync(CancellationToken cancellation)
    {
        var runner = app.Get<JobRunner>();
        DateTimeOffset? next = null;
        foreach (var head in (await runner.OpenAsync(cancellation)).Where(h => h.Kind == RunInputs.JobKind))
        {
            foreach (var part in await runner.PartsAsync(head, runner.StagesOf(head.Kind)[^1], cancellation))
            {
                next = part?.DueAt is { } due && !(due >= next) ? due : next;
            }
        }

        return next;
    }

    /// <summary>All runs with their assignments.</summary>
    public async Task<IReadOnlyList<DemoRunRecord>> RunsAsync(CancellationToken cancellation)
    {
        var rows = app.Get<IRowStore>();
        var buckets = (await Workspace.SettingsAsync(cancellation)).Buckets;
        var records = new List<DemoRunRecord>();
        foreach (var run in (await app.Get<Runs>().ListAsync(100, null, cancellation)).Runs)
        {
            var frozen = await app.Get<Runs>().FindAsync(run.Run, cancellation) ?? throw new InvalidOperationException($"Run {run.Run} is gone.");
            var assignments = new List<AssignmentRow>();
            for (var bucket = 0; bucket < buckets; bucket++)
            {
                await foreach (var row in rows.ScanPrefixAsync(Tables.Customers, Bucketing.Partition(bucket), Tables.Assignments(run.Run), cancellation))
                {
                    assignments.Add(RowCodec.Decode<AssignmentRow>(row.Payload));
                }
            }

            // In an order of their own: what is added up over them must not depend on the number of buckets.
            records.Add(new DemoRunRecord(run.Run, frozen.Inputs, frozen.Head.AsOf, [.. assignments.OrderBy(a => a.CustomerId, StringComparer.Ordinal)]));
        }

        return records;
    }

    public void Dispose() => http.Dispose();

    private async Task<JsonElement> SendAsync(HttpMethod method, string path, HttpContent? content, CancellationToken cancellation)
    {
        using var request = new HttpRequestMessage(method, path) { Content = content };
        using var answer = await http.SendAsync(request, cancellation);
        var body = await answer.Content.ReadAsStringAsync(cancellation);
        return answer.IsSuccessStatusCode
            ? JsonSerializer.Deserialize<JsonElement>(body)
            : throw new InvalidOperationException(string.Create(CultureInfo.InvariantCulture, $"{method} {path} answered {(int)answer.StatusCode}: {body}"));
    }

    /// <summary>A body that is written as it is sent, so that memory stays flat.</summary>
    private sealed class StreamedContent(Func<Stream, Task> write) : HttpContent
    {
        protected override Task SerializeToStreamAsync(Stream stream, System.Net.TransportContext? context) => write(stream);

        protected override bool TryComputeLength(out long length)
        {
            length = 0;
            return false;
        }
    }
}
