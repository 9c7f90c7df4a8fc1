using Campaigns.Core.Jobs;
using Campaigns.Core.Storage;
using Campaigns.Sqlite;

namespace Campaigns.Testing;

/// <summary>
/// An embedded store on a temporary file with an opened workspace: real storage, made in milliseconds, deleted on dispose.
/// It does not wait for the disk, and its queue gives messages in a drawn order, as Azure may.
/// </summary>
public sealed class TempStore : IAsyncDisposable
{
    private readonly string folder;

    private TempStore(string folder, SqliteStore store, Workspace workspace)
    {
        this.folder = folder;
        Store = store;
        Workspace = workspace;
    }

    public SqliteStore Store { get; }

    public IRowStore Rows => Store.Rows;

    public IQueueStore Queues => Store.Queues;

    public IBlobStore Blobs => Store.Blobs;

    public Workspace Workspace { get; }

    /// <summary>The file, for a second store on it.</summary>
    public string Path => System.IO.Path.Combine(folder, "store.db");

    /// <param name="buckets">1 … 256.</param>
    /// <param name="time">System time of queue and workspace; null = the real one.</param>
    /// <param name="shuffleSeed">Order in which the queue gives messages; the same seed gives the same order.</param>
    public static TempStore Create(int buckets = 16, TimeProvider? time = null, ulong shuffleSeed = 1)
    {
        var place = Directory.CreateTempSubdirectory("campaigns-store-").FullName;
        var store = new SqliteStore(
            new SqliteStoreOptions { Path = System.IO.Path.Combine(place, "store.db"), SurvivesPowerCut = false, QueueShuffleSeed = shuffleSeed },
            time ?? TimeProvider.System);
        var workspace = new Workspace(store.Rows, time ?? TimeProvider.System);
        // The embedded store answers from its own threads: nothing here waits for this one.
        workspace.OpenAsync(buckets, CancellationToken.None).AsTask().GetAwaiter().GetResult();
        // Tests of brakes switch them on; in all others nobody waits.
        workspace.ChangeAsync(s => s with { Brakes = SendBrakes.Off }, CancellationToken.None).AsTask().GetAwaiter().GetResult();
        return new TempStore(place, store, workspace);
    }

    public async ValueTask DisposeAsync()
    {
        await Store.DisposeAsync();
        Directory.Delete(folder, recursive: true);
    }
}
