using Campaigns.Core.Storage;

namespace Campaigns.Sqlite;

/// <summary>
/// The embedded store: rows, queues and blobs in one SQLite file. Safe to kill at any moment and to be opened by several
/// processes of one machine at a time: nothing rests on what one process remembers.
/// </summary>
public sealed class SqliteStore : IAsyncDisposable
{
    private readonly Writer writer;
    private readonly Readers readers;

    /// <summary>Opens the file, and makes it where there is none. Throws <see cref="IOException"/> where it is not a store of this program.</summary>
    public SqliteStore(SqliteStoreOptions options, TimeProvider time)
    {
        ArgumentNullException.ThrowIfNull(time);
        var path = Path.GetFullPath(options.Path);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        var connection = Connection.OpenWriting(path, options.SurvivesPowerCut);
        try
        {
            Schema.Prepare(connection);
            BlobSweep.Run(connection, time.GetUtcNow());
        }
        catch
        {
            connection.Dispose();
            throw;
        }

        var partitions = new PartitionIds();
        writer = new Writer(connection, partitions);
        readers = new Readers(path, options.Readers);
        Rows = new SqliteRows(writer, readers, partitions);
        Queues = new SqliteQueues(writer, readers, time, options.QueueShuffleSeed);
        Blobs = new SqliteBlobs(writer, readers, time);
    }

    /// <summary>The row port.</summary>
    public IRowStore Rows { get; }

    /// <summary>The queue port.</summary>
    public IQueueStore Queues { get; }

    /// <summary>The blob port.</summary>
    public IBlobStore Blobs { get; }

    /// <summary>Finishes the writes that were handed in, then closes the file.</summary>
    public async ValueTask DisposeAsync()
    {
        // Readers first: the last connection to close copies the write-ahead log into the file, which the writer may do and readers may not.
        readers.Dispose();
        await writer.DisposeAsync();
    }
}
