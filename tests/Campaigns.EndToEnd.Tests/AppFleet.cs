using System.Globalization;
using System.Text.Json;
using Campaigns.Core.Jobs;
using Campaigns.Core.Storage;

namespace Campaigns.EndToEnd.Tests;

/// <summary>Several processes of the real app on one store. Each has an API key of its own at the e-mail provider, so that one sees who sent.</summary>
internal sealed class AppFleet : IAsyncDisposable
{
    private const string Key = "an-admin-key-for-this-test-alone-0123456789", Never = "0 0 0 1 1 *";

    private static readonly TimeSpan StartLimit = TimeSpan.FromSeconds(120);

    private readonly List<(ChildProcess Process, HttpClient Http)> apps = [];
    private int next;

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    /// <summary>Makes the workspace and starts the processes, all at once.</summary>
    /// <param name="count">Processes.</param>
    /// <param name="rows">The store that they share.</param>
    /// <param name="buckets">More than all processes but one hold at a time, so that there is work for each.</param>
    /// <param name="settings">Where the store is, and the provider.</param>
    public static async Task<AppFleet> StartAsync(int count, IRowStore rows, int buckets, Dictionary<string, string?> settings)
    {
        var workspace = new Workspace(rows, TimeProvider.System);
        await workspace.OpenAsync(buckets, ShopLoop.Seed, Cancelled);
        await workspace.ChangeAsync(s => s with { Brakes = SendBrakes.Off }, Cancelled);
        var fleet = new AppFleet();
        var ports = new List<int>();
        for (var i = 0; i < count; i++)
        {
            ports.Add(FreePort.Next());
            var environment = new Dictionary<string, string?>(settings, StringComparer.Ordinal)
            {
                ["Campaigns__Buckets"] = string.Create(CultureInfo.InvariantCulture, $"{buckets}"),
                ["Campaigns__AdminKey"] = Key,
                ["Campaigns__FollowUps"] = "false",
                ["Channels__SendGrid__ApiKey"] = string.Create(CultureInfo.InvariantCulture, $"no-real-key-{i}"),
                ["WakeJobsSchedule"] = "* * * * * *",
                ["RecomputeSegmentsSchedule"] = Never,
                ["LaunchCampaignsSchedule"] = Never,
                ["MeasureResultsSchedule"] = Never,
                ["Logging__LogLevel__Default"] = "Warning",
                // Processes that live some seconds do not earn back the time for compiling the same code once more, better.
                ["DOTNET_TC_CallCounting"] = "0",
                ["DOTNET_TieredPGO"] = "0",
            };
            var process = ChildProcess.Start("dotnet", [Path.Combine(AppContext.BaseDirectory, "Campaigns.Functions.dll"), $"--port={ports[^1]}"], environment: environment);
            var http = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{ports[^1]}") };
            http.DefaultRequestHeaders.Add("X-Api-Key", Key);
            fleet.apps.Add((process, http));
        }

        await Task.WhenAll(fleet.apps.Zip(ports, (app, port) => app.Process.WaitUntilAsync(() => FreePort.AcceptsAsync(port), StartLimit)));
        return fleet;
    }

    /// <summary>Sends a request to the next process.</summary>
    public async Task<JsonElement> SendAsync(HttpMethod method, string path, Func<HttpContent?> body)
    {
        var (process, http) = apps[next++ % apps.Count];
        using var request = new HttpRequestMessage(method, path) { Content = body() };
        using var answer = await http.SendAsync(request, Cancelled);
        var text = await answer.Content.ReadAsStringAsync(Cancelled);
        Assert.True(answer.IsSuccessStatusCode, $"{method} {path} answered {answer.StatusCode}: {text}\n{process.Output}");
        return JsonSerializer.Deserialize<JsonElement>(text);
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var (process, http) in apps)
        {
            await process.DisposeAsync();
            http.Dispose();
        }
    }
}
