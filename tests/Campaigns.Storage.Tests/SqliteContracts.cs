using Campaigns.Core.Storage;
using Microsoft.Extensions.Time.Testing;

namespace Campaigns.Storage.Tests;

public sealed class SqliteRowStoreTests : RowStoreContract, IAsyncDisposable
{
    private readonly TempStore store = TempStore.Create();

    protected override IRowStore Rows => store.Rows;

    protected override int Histories => 200;

    public ValueTask DisposeAsync() => store.DisposeAsync();
}

public sealed class SqliteQueueStoreTests : QueueStoreContract, IAsyncDisposable
{
    private readonly FakeTimeProvider time = new();
    private readonly TempStore store;

    public SqliteQueueStoreTests() => store = TempStore.Create(time: time);

    protected override IQueueStore Queues => store.Queues;

    public ValueTask DisposeAsync() => store.DisposeAsync();

    protected override Task PassAsync(TimeSpan time)
    {
        this.time.Advance(time);
        return Task.CompletedTask;
    }
}

public sealed class SqliteBlobStoreTests : BlobStoreContract, IAsyncDisposable
{
    private readonly TempStore store = TempStore.Create();

    protected override IBlobStore Blobs => store.Blobs;

    public ValueTask DisposeAsync() => store.DisposeAsync();
}
