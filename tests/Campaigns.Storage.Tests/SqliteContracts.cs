using Campaigns.Core.Storage;

namespace Campaigns.Storage.Tests;

public sealed class SqliteRowStoreTests : RowStoreContract, IAsyncDisposable
{
    private readonly TempStore store = TempStore.Create();

    protected override IRowStore Rows => store.Rows;

    public ValueTask DisposeAsync() => store.DisposeAsync();
}

public sealed class SqliteQueueStoreTests : QueueStoreContract, IAsyncDisposable
{
    private readonly TempStore store = TempStore.Create();

    protected override IQueueStore Queues => store.Queues;

    public ValueTask DisposeAsync() => store.DisposeAsync();
}

public sealed class SqliteBlobStoreTests : BlobStoreContract, IAsyncDisposable
{
    private readonly TempStore store = TempStore.Create();

    protected override IBlobStore Blobs => store.Blobs;

    public ValueTask DisposeAsync() => store.DisposeAsync();
}
