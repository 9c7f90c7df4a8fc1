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

    [Fact]
    public async Task Another_container_of_the_account_holds_its_own_files()
    {
        var inbox = store!.ContainerOf("campaigns-inbox");
        await using (var writer = await inbox.CreateAsync("orders.csv", TestContext.Current.CancellationToken))
        {
            await writer.Stream.WriteAsync("order_id,customer_id"u8.ToArray(), TestContext.Current.CancellationToken);
            writer.Complete();
        }

        var file = Assert.Single(await inbox.ListAsync("", TestContext.Current.CancellationToken).ToListAsync(TestContext.Current.CancellationToken));
        Assert.Equal(("orders.csv", 20L), (file.Name, file.Bytes));
        Assert.InRange(file.WrittenAt, DateTimeOffset.UtcNow.AddHours(-1), DateTimeOffset.UtcNow.AddHours(1));
        Assert.Null(await Blobs.OpenAsync("orders.csv", TestContext.Current.CancellationToken));
        await using var read = await inbox.OpenAsync("orders.csv", TestContext.Current.CancellationToken);
        Assert.NotNull(read);
    }
}
