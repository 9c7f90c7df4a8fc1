using Campaigns.Azure;
using Campaigns.Core.Jobs;
using Campaigns.Core.Storage;
using Campaigns.Sqlite;

namespace Campaigns.EndToEnd.Tests;

/// <summary>Many processes on one store: they share the work, come to what one alone comes to, and nobody gets a message twice.</summary>
[Collection(Processes.Name)]
public sealed class FleetTests
{
    /// <summary>Of each bucket somebody gets e-mail.</summary>
    private const int CustomersPerBucket = 6;

    [Fact]
    public async Task Eight_processes_on_one_Azure_storage_share_the_work_and_send_nothing_twice()
    {
        await using var azurite = await AzuriteServer.StartAsync();
        var store = new AzureStore(new AzureStoreOptions { ConnectionString = azurite.ConnectionString });
        await AssertSharedAsync(8, 48, store.Rows, store.Blobs, new(StringComparer.Ordinal) { ["CampaignsStorage"] = azurite.ConnectionString });
    }

    [Fact]
    public async Task Four_processes_on_one_file_share_the_work_and_send_nothing_twice()
    {
        using var folder = new TempFolder();
        var file = folder.Combine("shared.db");
        await using var store = new SqliteStore(new SqliteStoreOptions { Path = file, SurvivesPowerCut = false }, TimeProvider.System);
        await AssertSharedAsync(4, 24, store.Rows, store.Blobs, new(StringComparer.Ordinal) { ["Campaigns__DataFile"] = file });
    }

    /// <param name="processes">Processes of the app. Each holds at most six messages of a queue at a time (host.json).</param>
    private static async Task AssertSharedAsync(int processes, int buckets, IRowStore rows, IBlobStore blobs, Dictionary<string, string?> settings)
    {
        await using var mail = await MailStandIn.StartAsync(callersFirst: processes);
        foreach (var (name, value) in ShopLoop.SettingsOf(mail))
        {
            settings[name] = value;
        }

        var loop = new ShopLoop(buckets * CustomersPerBucket);
        await using var fleet = await AppFleet.StartAsync(processes, rows, buckets, settings);
        var (run, figures) = await loop.RunAsync(new ShopApp(
            fleet.SendAsync,
            job => ShopLoop.DoneAsync(rows, job),
            new Workspace(rows, TimeProvider.System)));
        Assert.Equal(processes, mail.Callers.Count);
        await ShopLoop.AssertSentOnceAsync(rows, blobs, buckets, mail, run);
        Assert.Equal(await loop.UndisturbedAsync(), figures);
    }
}
