using System.Net.Http.Json;
using System.Text.Json;
using Campaigns.Core.Jobs;
using Campaigns.Core.Primitives;
using Campaigns.Core.Storage;
using Campaigns.Functions.Api;
using Campaigns.Functions.Hosting;
using Campaigns.Functions.LocalTriggers;
using Campaigns.Sqlite;

namespace Campaigns.EndToEnd.Tests;

/// <summary>
/// The real app as a program of its own that can be killed and started again on the same file. The test looks into the file
/// beside it, to know where it was killed.
/// </summary>
internal sealed class AppProcess : IAsyncDisposable
{
    private const string Key = "an-admin-key-for-this-test-alone-0123456789";

    /// <summary>Far beyond what a loaded machine needs: it only turns a hang into a failure.</summary>
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(5);

    private readonly Dictionary<string, string?> environment;
    private readonly SqliteStore store;
    private ChildProcess? process;
    private HttpClient? http;

    private AppProcess(SqliteStore store, Dictionary<string, string?> environment)
    {
        (this.store, this.environment) = (store, environment);
        Workspace = new Workspace(store.Rows, TimeProvider.System);
    }

    public IRowStore Rows => store.Rows;

    public IBlobStore Blobs => store.Blobs;

    public Workspace Workspace { get; }

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    /// <summary>Makes the store with its workspace; the app itself is started when it is needed.</summary>
    /// <param name="file">SQLite file.</param>
    /// <param name="buckets">Many make many small pieces of work, between which a kill can fall.</param>
    /// <param name="seed">Who is held out follows from it.</param>
    /// <param name="settings">Further settings, as environment variables.</param>
    public static async Task<AppProcess> CreateAsync(string file, int buckets, ulong seed, Dictionary<string, string?> settings)
    {
        const string Never = "0 0 0 1 1 *";
        var variables = new Dictionary<string, string?>(settings, StringComparer.Ordinal)
        {
            ["Campaigns__DataFile"] = file,
            ["Campaigns__Buckets"] = $"{buckets}",
            ["Campaigns__Seed"] = $"{seed}",
            ["Campaigns__AdminKey"] = Key,
            ["Campaigns__FollowUps"] = "false",
            // What a dead process held is free again after a second or two.
            ["Campaigns__LeaseSeconds"] = "1",
            ["Campaigns__ClaimSeconds"] = "2",
            ["WakeJobsSchedule"] = "* * * * * *",
            ["RecomputeSegmentsSchedule"] = Never,
            ["LaunchCampaignsSchedule"] = Never,
            ["MeasureResultsSchedule"] = Never,
            ["Logging__LogLevel__Default"] = "Warning",
        };
        var opened = new SqliteStore(new SqliteStoreOptions { Path = file, SurvivesPowerCut = false }, TimeProvider.System);
        var app = new AppProcess(opened, variables);
        await app.Workspace.OpenAsync(buckets, seed, Cancelled);
        await app.Workspace.ChangeAsync(s => s with { Brakes = SendBrakes.Off }, Cancelled);
        return app;
    }

    /// <summary>Starts the app unless it runs.</summary>
    public async Task StartAsync()
    {
        if (process is { HasExited: false })
        {
            return;
        }

        var port = FreePort.Next();
        process = ChildProcess.Start("dotnet", [Path.Combine(AppContext.BaseDirectory, "Campaigns.Functions.dll"), $"--port={port}"], environment: environment);
        http?.Dispose();
        http = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{port}") };
        http.DefaultRequestHeaders.Add("X-Api-Key", Key);
        await process.WaitUntilAsync(() => FreePort.AcceptsAsync(port), Limit);
    }

    /// <summary>Kills the app as a crash would: no handler of its own runs.</summary>
    public async Task KillAsync()
    {
        if (process is { } running)
        {
            await running.DisposeAsync();
            process = null;
        }
    }

    /// <summary>Sends a request with the admin key.</summary>
    public async Task<JsonElement> SendAsync(HttpMethod method, string path, HttpContent? body = null)
    {
        await StartAsync();
        using var request = new HttpRequestMessage(method, path) { Content = body };
        using var answer = await http!.SendAsync(request, Cancelled);
        var text = await answer.Content.ReadAsStringAsync(Cancelled);
        Assert.True(answer.IsSuccessStatusCode, $"{method} {path} answered {answer.StatusCode}: {text}\n{process?.Output}");
        return JsonSerializer.Deserialize<JsonElement>(text);
    }

    public Task<JsonElement> PutAsync<T>(string path, T body) => SendAsync(HttpMethod.Put, path, JsonContent.Create(body, options: CampaignsApi.Json));

    /// <summary>Waits until the condition holds, with the app running. Throws with what is under way where it does not come to hold.</summary>
    public async Task UntilAsync(Func<Task<bool>> condition)
    {
        await StartAsync();
        try
        {
            await process!.WaitUntilAsync(condition, Limit);
        }
        catch (TimeoutException late)
        {
            throw new TimeoutException($"{late.Message}\nOpen jobs:\n{await OpenJobsAsync()}", late);
        }
    }

    /// <summary>The job is over; fails where it failed.</summary>
    public async Task<bool> IsDoneAsync(string job)
    {
        var head = (await Rows.FindAsync<JobHead>(Tables.Work, job, JobRows.Head, Cancelled))?.Value;
        Assert.Null(head?.Problem);
        return head is { Status: JobStatus.Done };
    }

    /// <summary>Which rows of the job were written last: it changes with every piece of work.</summary>
    public async Task<string> ProgressAsync(string job)
    {
        var signature = 0UL;
        await foreach (var row in Rows.ScanAsync(Tables.Work, job, " ", "~", Cancelled))
        {
            signature = unchecked((signature * 31) + StableHash.Of(row.Key, row.ETag));
        }

        return $"{signature}";
    }

    private async Task<string> OpenJobsAsync()
    {
        var lines = new List<string>();
        await foreach (var open in Rows.ScanAsync(Tables.Work, JobRows.Open, " ", "~", Cancelled))
        {
            var head = (await Rows.FindAsync<JobHead>(Tables.Work, open.Key, JobRows.Head, Cancelled))?.Value;
            lines.Add($"{open.Key}: {(head is null ? "no head" : $"{head.Status}, created {head.CreatedAt:O}")}");
            await foreach (var row in Rows.ScanPrefixAsync(Tables.Work, open.Key, "p|", Cancelled))
            {
                var part = RowCodec.Decode<JobPart>(row.Payload);
                lines.Add($"  {row.Key}: done {part.Done}, due {part.DueAt:O}, leased until {part.LeaseUntil:O}");
            }
        }

        foreach (var queue in FunctionFiles.Read(AppContext.BaseDirectory).Select(f => f.Queue).OfType<string>())
        {
            lines.Add($"Queue {queue}: {await store.Queues.CountAsync(queue, Cancelled)} messages, {(await store.Queues.PeekAsync(queue, 32, Cancelled)).Count} of them visible");
        }

        await foreach (var row in Rows.ScanAsync(Tables.Work, "timers", " ", "~", Cancelled))
        {
            var timer = RowCodec.Decode<TimerRow>(row.Payload);
            lines.Add($"Timer {row.Key}: last {timer.LastAt:O}, claimed until {timer.ClaimedUntil:O}");
        }

        lines.Add($"Now it is {DateTimeOffset.UtcNow:O}.");
        return string.Join('\n', lines);
    }

    public async ValueTask DisposeAsync()
    {
        await KillAsync();
        http?.Dispose();
        await store.DisposeAsync();
    }
}
