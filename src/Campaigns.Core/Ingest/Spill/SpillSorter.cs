using System.Buffers.Binary;
using System.Collections.Concurrent;
using System.Text;
using System.Threading.Channels;
using Campaigns.Core.Jobs;
using Campaigns.Core.Primitives;

namespace Campaigns.Core.Ingest.Spill;

/// <summary>
/// Spreads records over buckets beside the reading of the source: the reader fills batches, a task of its own hashes the
/// customers and gathers the records per bucket, and full chunks are sorted and written beside both.
/// </summary>
internal sealed class SpillSorter : IAsyncDisposable
{
    /// <summary>Bytes of a batch: about a thousand records, so that handing over costs nothing.</summary>
    private const int BatchBytes = 64 * 1024;

    /// <summary>Batches between the reader and the task.</summary>
    private const int BatchesAhead = 4;

    private readonly byte[] salt;
    private readonly Bucketing bucketing;
    private readonly RunWrites runs;
    private readonly SpillWriter[] buckets;
    private readonly CancellationTokenSource stop;
    private readonly Channel<Batch> full = System.Threading.Channels.Channel.CreateBounded<Batch>(new BoundedChannelOptions(BatchesAhead) { SingleReader = true, SingleWriter = true });
    private readonly ConcurrentQueue<Batch> idle = new();
    private readonly Task placing;
    private Batch batch = new();
    private string? lastId;

    public SpillSorter(JobContext context, CancellationToken cancellation)
    {
        (salt, bucketing) = (context.Settings.Salt, context.Bucketing);
        stop = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        var chunk = Math.Min(ImportLimits.SpillBytesPerBucket, ImportLimits.SpillBytes / bucketing.Count);
        runs = new RunWrites(context.Blobs, chunk);
        buckets = [.. Enumerable.Range(0, bucketing.Count)
            .Select(b => new SpillWriter(runs, Imports.RunPrefix(context.Head.Job, b), (int)((long)chunk * (bucketing.Count + b) / (2 * bucketing.Count))))];
        placing = Task.Run(PlaceAllAsync, CancellationToken.None);
    }

    /// <summary>The buckets; to be read after completion.</summary>
    public IReadOnlyList<SpillWriter> Buckets => buckets;

    /// <summary>Adds a customer's entry, the hash at its beginning left blank.</summary>
    public ValueTask AddAsync(string customerId, ReadOnlySpan<byte> entry)
    {
        // Neighbouring rows often have the same customer: no second hash then.
        var same = string.Equals(customerId, lastId, StringComparison.Ordinal);
        lastId = customerId;
        batch.Add(same ? null : customerId, entry);
        return batch.Used >= BatchBytes ? SendAsync() : ValueTask.CompletedTask;
    }

    /// <summary>Waits until all records are in runs.</summary>
    public async ValueTask CompleteAsync()
    {
        await SendAsync();
        full.Writer.TryComplete();
        await placing;
    }

    /// <summary>Waits for what is under way, so that nothing is written after it.</summary>
    public async ValueTask DisposeAsync()
    {
        await stop.CancelAsync();
        full.Writer.TryComplete();
        await placing.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await runs.CompleteAsync().ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        stop.Dispose();
    }

    private async ValueTask SendAsync()
    {
        try
        {
            await full.Writer.WriteAsync(batch, stop.Token);
        }
        catch (ChannelClosedException)
        {
            await placing; // Throws what ended it.
            throw;
        }

        batch = idle.TryDequeue(out var used) ? used : new Batch();
    }

    private async Task PlaceAllAsync()
    {
        try
        {
            var hash = new byte[CustomerKey.HashLength];
            var bucket = 0;
            await foreach (var next in full.Reader.ReadAllAsync(stop.Token))
            {
                for (var at = 0; at < next.Used;)
                {
                    at = next.Take(at, out var id, out var entry);
                    if (id.Length > 0)
                    {
                        CustomerKey.Hash(salt, id, hash);
                        bucket = bucketing.BucketOfHash(hash);
                    }

                    hash.CopyTo(entry);
                    await buckets[bucket].AddAsync(entry, stop.Token);
                }

                next.Clear();
                idle.Enqueue(next);
            }

            foreach (var writer in buckets)
            {
                await writer.FlushAsync(stop.Token);
            }

            await runs.CompleteAsync();
        }
        catch (Exception error)
        {
            full.Writer.TryComplete(error);
            throw;
        }
    }

    /// <summary>Entries with their customers' ids: length of the id (0 = that of the entry before), length of the entry, id (UTF-8), entry.</summary>
    private sealed class Batch
    {
        private byte[] buffer = new byte[BatchBytes + (8 * 1024)];

        public int Used { get; private set; }

        public void Add(string? id, ReadOnlySpan<byte> entry)
        {
            var size = id is null ? 0 : Encoding.UTF8.GetByteCount(id);
            var need = Used + 8 + size + entry.Length;
            if (need > buffer.Length)
            {
                Array.Resize(ref buffer, Math.Max(need, buffer.Length * 2));
            }

            BinaryPrimitives.WriteInt32LittleEndian(buffer.AsSpan(Used), size);
            BinaryPrimitives.WriteInt32LittleEndian(buffer.AsSpan(Used + 4), entry.Length);
            Encoding.UTF8.GetBytes(id, buffer.AsSpan(Used + 8));
            entry.CopyTo(buffer.AsSpan(Used + 8 + size));
            Used = need;
        }

        /// <summary>The entry at the place; gives the next one's.</summary>
        public int Take(int at, out ReadOnlySpan<byte> id, out Span<byte> entry)
        {
            var size = BinaryPrimitives.ReadInt32LittleEndian(buffer.AsSpan(at));
            var length = BinaryPrimitives.ReadInt32LittleEndian(buffer.AsSpan(at + 4));
            id = buffer.AsSpan(at + 8, size);
            entry = buffer.AsSpan(at + 8 + size, length);
            return at + 8 + size + length;
        }

        public void Clear() => Used = 0;
    }
}
