using System.Globalization;
using System.Net;
using System.Text.Json;
using Campaigns.Azure;
using Campaigns.Core.Jobs;

namespace Campaigns.EndToEnd.Tests;

/// <summary>
/// Between the app and Azurite answers are lost after the commit, connections are cut, the service is busy, pages come short
/// and empty: import, recompute, sending and measuring come to the same as where nothing happens, and no message goes out twice.
/// </summary>
[Collection(Processes.Name)]
public sealed class StorageFaultTests
{
    private const int Buckets = 4, Customers = 60;

    /// <summary>A client tries again what was answered with an error of ours, as it is told to. More often than this it is no fault of the way.</summary>
    private const int MostTries = 20;

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Whatever_happens_between_app_and_storage_the_totals_are_the_same_and_nobody_gets_a_message_twice()
    {
        await using var azurite = await AzuriteServer.StartAsync();
        await using var way = await FaultyStorage.StartAsync(azurite.ConnectionString, seed: 20261123);
        await using var mail = await MailStandIn.StartAsync();
        await using var app = await AppUnderTest.StartAsync(settings:
        [
            $"--CampaignsStorage={way.ConnectionString}",
            $"--Campaigns:Buckets={Buckets}",
            $"--Campaigns:Seed={ShopLoop.Seed}",
            "--Campaigns:FollowUps=false",
            // What a lost answer leaves behind is free again soon.
            "--Campaigns:LeaseSeconds=2",
            "--Campaigns:ClaimSeconds=10",
            "--LocalTimers=true",
            "--Logging:LogLevel:Default=Critical",
            "--WakeJobsSchedule=* * * * * *",
            .. new[] { "RecomputeSegments", "LaunchCampaigns", "MeasureResults" }.Select(timer => $"--{timer}Schedule=0 0 0 1 1 *"),
            .. ShopLoop.SettingsOf(mail).Select(s => $"--{s.Key.Replace("__", ":", StringComparison.Ordinal)}={s.Value}"),
        ]);
        // The test itself looks at the storage directly.
        var store = new AzureStore(new AzureStoreOptions { ConnectionString = azurite.ConnectionString });
        var loop = new ShopLoop(Customers);

        way.Faulty = true;
        var (run, figures) = await loop.RunAsync(new ShopApp(
            (method, path, body) => PersistentlyAsync(app, method, path, body), job => ShopLoop.DoneAsync(store.Rows, job), new Workspace(store.Rows, TimeProvider.System)));
        way.Faulty = false;

        foreach (var fault in Enum.GetValues<StorageFault>())
        {
            Assert.True(way.Happened.GetValueOrDefault(fault) > 0, $"{fault} never happened.");
        }

        await ShopLoop.AssertSentOnceAsync(store.Rows, store.Blobs, Buckets, mail, run);
        Assert.Equal(await loop.UndisturbedAsync(), figures);
        await app.QuietAsync();
    }

    private static async Task<JsonElement> PersistentlyAsync(AppUnderTest app, HttpMethod method, string path, Func<HttpContent?> body)
    {
        for (var tries = 1; ; tries++)
        {
            using var request = new HttpRequestMessage(method, path) { Content = body() };
            using var answer = await app.Admin.SendAsync(request, Cancelled);
            var text = await answer.Content.ReadAsStringAsync(Cancelled);
            if (answer.IsSuccessStatusCode)
            {
                return JsonSerializer.Deserialize<JsonElement>(text);
            }

            Assert.True(answer.StatusCode >= HttpStatusCode.InternalServerError && tries < MostTries, string.Create(CultureInfo.InvariantCulture, $"{method} {path} answered {answer.StatusCode}: {text}"));
        }
    }
}
