using System.Diagnostics;
using System.Globalization;
using Campaigns.Core.Storage;
using Campaigns.Sqlite;

namespace Campaigns.Bench;

/// <summary>Rows written and read per second through the row port of the embedded store, with every flush to the disk.</summary>
internal static class StorageBench
{
    private const int Buckets = 16;

    /// <summary>Bytes of a payload: an encoded order with two lines.</summary>
    private const int PayloadBytes = 120;

    public static async Task RunAsync(int rows)
    {
        var folder = Directory.CreateTempSubdirectory("campaigns-bench-").FullName;
        try
        {
            await using var store = new SqliteStore(new SqliteStoreOptions { Path = Path.Combine(folder, "store.db") }, TimeProvider.System);
            var perBucket = rows / Buckets;
            Print("rows inserted, 1 writer", rows, await TimeAsync(() => InsertAsync(store.Rows, "one", perBucket, 1)));
            Print("rows inserted, 2 writers", rows, await TimeAsync(() => InsertAsync(store.Rows, "two", perBucket, 2)));
            Print("rows scanned, 1 reader", rows, await TimeAsync(() => ScanAsync(store.Rows, "two", 1)));
            Print("rows scanned, 2 readers", rows, await TimeAsync(() => ScanAsync(store.Rows, "two", 2)));
            Print("ranges of 10 rows, 1 reader", rows / 20, await TimeAsync(() => RangesAsync(store.Rows, "two", perBucket, rows / 20)));
            Print("rows fetched by key, 1 reader", rows / 20, await TimeAsync(() => GetsAsync(store.Rows, "two", perBucket, rows / 20)));
            Print("rows replaced one by one", 500, await TimeAsync(() => ReplacesAsync(store.Rows, 500)));
            Print("messages sent, 32 at a time", 20_000, await TimeAsync(() => SendAsync(store.Queues, 20_000)));
            Print("messages received and deleted", 20_000, await TimeAsync(() => ReceiveAsync(store.Queues)));
            Print("MiB of blobs written", 512, await TimeAsync(() => WriteBlobAsync(store.Blobs, 512)));
            Print("MiB of blobs read", 512, await TimeAsync(() => ReadBlobAsync(store.Blobs)));
            Console.WriteLine($"{"file, MiB",-34}{new FileInfo(Path.Combine(folder, "store.db")).Length >> 20,12:N0}");
            Console.WriteLine($"{"largest working set, MiB",-34}{Process.GetCurrentProcess().PeakWorkingSet64 >> 20,12:N0}");
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static async Task<(TimeSpan Wall, TimeSpan Processor)> TimeAsync(Func<Task> work)
    {
        using var process = Process.GetCurrentProcess();
        var processor = process.TotalProcessorTime;
        var start = Stopwatch.GetTimestamp();
        await work();
        var wall = Stopwatch.GetElapsedTime(start);
        process.Refresh();
        return (wall, process.TotalProcessorTime - processor);
    }

    private static void Print(string what, long units, (TimeSpan Wall, TimeSpan Processor) took) => Console.WriteLine(
        $"{what,-34}{units,12:N0}{took.Wall.TotalSeconds,10:N2} s{units / took.Wall.TotalSeconds,14:N0} /s{took.Processor.TotalSeconds,10:N2} s of processor");

    private static string Partition(int bucket) => "b" + bucket.ToString("000", CultureInfo.InvariantCulture);

    private static string Key(int i) => "o|" + (i / 10).ToString("00000000000000000000000000", CultureInfo.InvariantCulture) + "|" + (100_000 + i).ToString(CultureInfo.InvariantCulture);

    private static Task InsertAsync(IRowStore rows, string table, int perBucket, int writers) =>
        Parallel.ForEachAsync(Enumerable.Range(0, Buckets), new ParallelOptions { MaxDegreeOfParallelism = writers }, async (bucket, cancellation) =>
        {
            await using var bulk = new BulkWriter(rows, table, Partition(bucket));
            for (var i = 0; i < perBucket; i++)
            {
                await bulk.AddAsync(new RowOperation.Insert(Key(i), new byte[PayloadBytes]), cancellation);
            }

            await bulk.CompleteAsync(cancellation);
        });

    private static Task ScanAsync(IRowStore rows, string table, int readers) =>
        Parallel.ForEachAsync(Enumerable.Range(0, Buckets), new ParallelOptions { MaxDegreeOfParallelism = readers }, async (bucket, cancellation) =>
        {
            var bytes = 0L;
            await foreach (var row in rows.ScanAsync(table, Partition(bucket), " ", "~", cancellation))
            {
                bytes += row.Payload.Length;
            }

            GC.KeepAlive(bytes);
        });

    private static async Task RangesAsync(IRowStore rows, string table, int perBucket, int count)
    {
        for (var i = 0; i < count; i++)
        {
            var first = Key((int)((long)i * 7919 % (perBucket / 10)) * 10)[..29];
            await rows.RangeAsync(table, Partition(i % Buckets), first, Keys.After(first), RowLimits.PageSize, null, CancellationToken.None);
        }
    }

    private static async Task GetsAsync(IRowStore rows, string table, int perBucket, int count)
    {
        for (var i = 0; i < count; i++)
        {
            await rows.GetAsync(table, Partition(i % Buckets), Key((int)((long)i * 7919 % perBucket)), CancellationToken.None);
        }
    }

    private static async Task ReplacesAsync(IRowStore rows, int count)
    {
        string? etag = null;
        for (var i = 0; i < count; i++)
        {
            var result = await rows.CommitAsync("single", "all", [RowOperation.Write("row", new byte[PayloadBytes], etag)], CancellationToken.None);
            etag = ((CommitResult.Committed)result).ETags[0];
        }
    }

    private static Task SendAsync(IQueueStore queues, int count) =>
        Parallel.ForEachAsync(Enumerable.Range(0, count), new ParallelOptions { MaxDegreeOfParallelism = 32 }, (i, cancellation) =>
            queues.SendAsync("bench", new string('x', 200), TimeSpan.Zero, cancellation));

    private static async Task ReceiveAsync(IQueueStore queues)
    {
        while (await queues.ReceiveAsync("bench", QueueLimits.PerReceive, TimeSpan.FromMinutes(1), CancellationToken.None) is { Count: > 0 } messages)
        {
            await Task.WhenAll(messages.Select(m => queues.DeleteAsync("bench", m.Id, m.Receipt, CancellationToken.None).AsTask()));
        }
    }

    private static async Task WriteBlobAsync(IBlobStore blobs, int mebibytes)
    {
        var piece = new byte[64 * 1024];
        await using var writer = await blobs.CreateAsync("bench", CancellationToken.None);
        for (var i = 0; i < mebibytes * 16; i++)
        {
            await writer.Stream.WriteAsync(piece);
        }

        writer.Complete();
    }

    private static async Task ReadBlobAsync(IBlobStore blobs)
    {
        await using var stream = await blobs.OpenAsync("bench", CancellationToken.None);
        await stream!.CopyToAsync(Stream.Null, 1 << 20);
    }
}
