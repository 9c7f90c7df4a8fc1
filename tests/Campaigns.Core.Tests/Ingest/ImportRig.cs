using System.Text;
using Campaigns.Core.Ingest;
using Campaigns.Core.Jobs;
using Campaigns.Core.Primitives;
using Campaigns.Core.Profiles;
using Campaigns.Core.Storage;

namespace Campaigns.Core.Tests.Ingest;

/// <summary>Imports through the real steps on a temporary store.</summary>
internal sealed class ImportRig : IAsyncDisposable
{
    private int imports;

    private ImportRig(TempStore store, int? seed)
    {
        Store = store;
        Stages = [new ParseStep(store.Workspace), new IngestStep([new HistoryFold()], orders => NetOrders.Of(orders).UnmatchedRefundMinor)];
        Runner = new JobRunner(store.Rows, store.Blobs, store.Workspace, TimeProvider.System, Stages, TimeSpan.FromSeconds(30));
        Imports = new Imports(store.Rows, store.Blobs, store.Workspace, Runner, TimeProvider.System);
        Driver = new JobDriver(Runner, seed);
    }

    public TempStore Store { get; }

    public IJobStage[] Stages { get; }

    public JobRunner Runner { get; }

    public Imports Imports { get; }

    public JobDriver Driver { get; }

    public static ImportRig Create(int buckets = 4, int? seed = null) => new(TempStore.Create(buckets), seed);

    public Task<ImportProgress> ImportAsync(string content, ImportRequest? request = null) => ImportAsync(Encoding.UTF8.GetBytes(content), request);

    public async Task<ImportProgress> ImportAsync(byte[] content, ImportRequest? request = null)
    {
        var named = (request ?? new ImportRequest()) with { Id = request?.Id ?? "import" + ++imports };
        var started = await Imports.StartAsync(named, new MemoryStream(content), CancellationToken.None);
        await Driver.RunAsync(started.Messages);
        return (await Imports.FindAsync(started.Id, CancellationToken.None))!;
    }

    public async Task<string> RejectsAsync(string id)
    {
        await using var stream = await Imports.OpenRejectsAsync(id, CancellationToken.None);
        using var reader = new StreamReader(stream!);
        return await reader.ReadToEndAsync();
    }

    /// <summary>All rows of one kind ("o|", "h|", "c|") over all buckets.</summary>
    public async Task<List<T>> RowsAsync<T>(string prefix)
        where T : class, IStoredRow, MemoryPack.IMemoryPackable<T>
    {
        var found = new List<T>();
        await foreach (var partition in Store.Rows.PartitionsAsync(Tables.Customers, CancellationToken.None))
        {
            await foreach (var row in Store.Rows.ScanPrefixAsync(Tables.Customers, partition, prefix))
            {
                found.Add(RowCodec.Decode<T>(row.Payload));
            }
        }

        return found;
    }

    /// <summary>Histories by customer, as text: what must not depend on arrival or buckets.</summary>
    public async Task<SortedDictionary<string, string>> HistoriesAsync() =>
        new((await RowsAsync<PurchaseHistory>("h|")).ToDictionary(h => h.CustomerId, h => System.Text.Json.JsonSerializer.Serialize(h)), StringComparer.Ordinal);

    public async Task<CustomerRow?> CustomerAsync(string id)
    {
        var settings = await Store.Workspace.SettingsAsync(CancellationToken.None);
        var key = CustomerKey.Of(settings.Salt, id);
        return (await Store.Rows.FindAsync<CustomerRow>(
            Tables.Customers, new Bucketing(settings.Buckets).PartitionOf(key), Tables.Customer(key), CancellationToken.None))?.Value;
    }

    public ValueTask DisposeAsync() => Store.DisposeAsync();
}
