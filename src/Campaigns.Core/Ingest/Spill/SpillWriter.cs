using Campaigns.Core.Storage;

namespace Campaigns.Core.Ingest.Spill;

/// <summary>
/// Sorts one bucket's records by customer, kind and order id, keeping the order of the source among equals: gathers a chunk
/// in memory and hands it over to be written as a sorted run, one blob each. Memory is the chunk, whatever the size of the import.
/// <code>
/// run    = entry*
/// entry  = length of the rest (4 bytes, little endian), hash of the customer (16), kind (1), length of the order id (2), order id (UTF-8), body
/// </code>
/// </summary>
/// <param name="runs">Writes the runs.</param>
/// <param name="prefix">Prefix of their names.</param>
/// <param name="firstBytes">Bytes of the first chunk: buckets fill evenly, and those that started alike would all be full at once.</param>
internal sealed class SpillWriter(RunWrites runs, string prefix, int firstBytes)
{
    private SpillChunk? chunk;

    /// <summary>Runs handed over so far.</summary>
    public int Runs { get; private set; }

    /// <summary>Records so far.</summary>
    public long Records { get; private set; }

    /// <summary>Name of the blob of a run.</summary>
    public static string RunName(string prefix, int run) => prefix + run.ToString("0000", System.Globalization.CultureInfo.InvariantCulture);

    /// <summary>Adds an entry (as <see cref="SpillEntry"/> encodes it, from the customer's hash on).</summary>
    public ValueTask AddAsync(ReadOnlySpan<byte> entry, CancellationToken cancellation)
    {
        chunk ??= runs.Rent();
        chunk.Add(entry);
        Records++;
        return chunk.Bytes >= (Runs == 0 ? firstBytes : runs.ChunkBytes) ? FlushAsync(cancellation) : ValueTask.CompletedTask;
    }

    /// <summary>Hands over what is gathered.</summary>
    public async ValueTask FlushAsync(CancellationToken cancellation)
    {
        if (chunk is { } full)
        {
            chunk = null;
            await runs.StartAsync(full, RunName(prefix, Runs++), cancellation);
        }
    }
}

/// <summary>Sorts and writes chunks as runs beside the gathering of the next. For one thread at a time.</summary>
/// <param name="blobs">Where to.</param>
/// <param name="chunkBytes">Bytes of a chunk.</param>
internal sealed class RunWrites(IBlobStore blobs, int chunkBytes)
{
    /// <summary>Runs under way at a time: one is sorted while the other waits for the disk. Each holds a chunk more.</summary>
    private const int AtOnce = 2;

    private readonly SemaphoreSlim free = new(AtOnce, AtOnce);
    private readonly System.Collections.Concurrent.ConcurrentBag<SpillChunk> idle = [];
    private readonly List<Task> underWay = [];

    /// <summary>Bytes at which a chunk is handed over.</summary>
    public int ChunkBytes { get; } = chunkBytes;

    /// <summary>An empty chunk.</summary>
    public SpillChunk Rent() => idle.TryTake(out var chunk) ? chunk : new SpillChunk(ChunkBytes);

    /// <summary>Begins to write a run, once there is room. Throws what an earlier one threw.</summary>
    public async ValueTask StartAsync(SpillChunk chunk, string name, CancellationToken cancellation)
    {
        await free.WaitAsync(cancellation);
        foreach (var failed in underWay.Where(t => t.IsCompleted && !t.IsCompletedSuccessfully))
        {
            await failed;
        }

        underWay.RemoveAll(static t => t.IsCompleted);
        underWay.Add(Task.Run(() => WriteAsync(chunk, name, cancellation), CancellationToken.None));
    }

    /// <summary>Waits until all are written.</summary>
    public Task CompleteAsync() => Task.WhenAll(underWay);

    private async Task WriteAsync(SpillChunk chunk, string name, CancellationToken cancellation)
    {
        try
        {
            chunk.Sort();
            await using (var blob = await blobs.CreateAsync(name, cancellation))
            {
                await chunk.WriteAsync(blob.Stream, cancellation);
                blob.Complete();
            }

            chunk.Clear();
            idle.Add(chunk);
        }
        finally
        {
            free.Release();
        }
    }
}
