using Campaigns.Azure;
using Campaigns.Core.Storage;

namespace Campaigns.Storage.Tests;

/// <summary>One Azurite for all tests of the collection, started by the first that wants it.</summary>
public sealed class Azurite : IAsyncDisposable
{
    private readonly Lazy<Task<AzuriteServer>> server = new(() => AzuriteServer.StartAsync());

    public async Task<AzureStore> OpenAsync() => new(new AzureStoreOptions { ConnectionString = (await server.Value).ConnectionString });

    public async Task<string> ConnectionStringAsync() => (await server.Value).ConnectionString;

    public async ValueTask DisposeAsync()
    {
        if (server.IsValueCreated && server.Value.IsCompletedSuccessfully)
        {
            await (await server.Value).DisposeAsync();
        }
    }
}

[CollectionDefinition(Name)]
public sealed class AzuriteCollection : ICollectionFixture<Azurite>
{
    public const string Name = "Azurite";
}

[Collection(AzuriteCollection.Name)]
public sealed class AzureRowStoreTests(Azurite azurite) : RowStoreContract, IAsyncLifetime
{
    private AzureStore? store;

    protected override IRowStore Rows => store!.Rows;

    protected override int Histories => 10;

    public async ValueTask InitializeAsync() => store = await azurite.OpenAsync();

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}

[Collection(AzuriteCollection.Name)]
public sealed class AzureQueueStoreTests(Azurite azurite) : QueueStoreContract, IAsyncLifetime
{
    private AzureStore? store;

    protected override IQueueStore Queues => store!.Queues;

    public async ValueTask InitializeAsync() => store = await azurite.OpenAsync();

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    /// <summary>Azurite keeps its own time, by the second: here time passes by waiting.</summary>
    protected override Task PassAsync(TimeSpan time) => Task.Delay(time);
}

[Collection(AzuriteCollection.Name)]
public sealed class AzureBlobStoreTests(Azurite azurite) : BlobStoreContract, IAsyncLifetime
{
    private AzureStore? store;

    protected override IBlobStore Blobs => store!.Blobs;

    public async ValueTask InitializeAsync() => store = await azurite.OpenAsync();

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
