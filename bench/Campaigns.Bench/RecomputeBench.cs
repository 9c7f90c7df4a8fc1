using System.Diagnostics;
using Campaigns.Core.Ingest;
using Campaigns.Core.Jobs;
using Campaigns.Core.Primitives;
using Campaigns.Core.Profiles;
using Campaigns.Core.Segments;
using Campaigns.Core.Storage;
using Campaigns.Sqlite;

namespace Campaigns.Bench;

/// <summary>
/// Recomputes of stored customers on the embedded store, which the real import filled, beside a raw scan of the same rows in
/// the same run: the first one, which writes every membership, and later ones, which write what changed.
/// </summary>
internal static class RecomputeBench
{
    /// <summary>Parts at once: as many as an instance takes off a queue together ("batchSize" of host.json), so that one computes while another writes.</summary>
    private const int Parallel = 4;

    /// <summary>Buckets at once of the raw scan, which never waits for the disk's acknowledgement.</summary>
    private const int Scanning = 2;

    private const int Buckets = 16;

    /// <summary>Kinds of rows that a recompute reads.</summary>
    private static readonly string[] Kinds = ["h|", "c|", "m|", "p|"];

    /// <summary>Generates and imports the orders into <paramref name="folder"/> unless the store is there already, then recomputes.</summary>
    public static async Task RunAsync(int customers, int orders, string folder)
    {
        Directory.CreateDirectory(folder);
        var path = Path.Combine(folder, $"recompute-{customers}-{orders}.db");
        if (!File.Exists(path))
        {
            var start = Stopwatch.GetTimestamp();
            await ImportBench.ImportGeneratedAsync(customers, orders, path);
            Console.WriteLine($"  store made           {Stopwatch.GetElapsedTime(start).TotalSeconds,8:N2} s (import, {new FileInfo(path).Length >> 20:N0} MiB); it stays for the next run");
            Console.WriteLine("  run again to measure in a process that imported nothing");
            return;
        }

        await using var store = new SqliteStore(new SqliteStoreOptions { Path = path }, TimeProvider.System);
        var workspace = new Workspace(store.Rows, TimeProvider.System);
        await workspace.OpenAsync(Buckets, CancellationToken.None);
        Console.WriteLine($"{customers:N0} customers, {orders:N0} orders, store {new FileInfo(path).Length >> 20:N0} MiB");
        await ScanAsync(store.Rows, "raw scan, cold");
        var latest = await workspace.LatestAsync(ClassifyStep.Latest, CancellationToken.None);
        var end = latest?.AsOf ?? await NewestAsync(store.Rows);
        for (var run = 1; run <= 4; run++)
        {
            await RecomputeAsync(store, workspace, end.AddHours(run), run == 1 && latest is null ? "first recompute" : $"recompute {run}");
        }

        await ScanAsync(store.Rows, "raw scan");
        Console.WriteLine($"  peak memory          {ImportBench.PeakMiB(),8:N0} MiB");
    }

    private static async Task RecomputeAsync(SqliteStore store, Workspace workspace, DateTimeOffset asOf, string what)
    {
        IJobStage[] stages = [new SurveyStep(), new ClassifyStep(workspace)];
        var jobs = new JobRunner(store.Rows, store.Blobs, workspace, TimeProvider.System, stages, TimeSpan.FromSeconds(30));
        var used = ImportBench.Processor();
        var allocated = GC.GetTotalAllocatedBytes();
        var start = Stopwatch.GetTimestamp();
        var waiting = new Queue<Outgoing>(await new Recompute(jobs, workspace, new SchemeCatalog(store.Rows, workspace, TimeProvider.System), new SegmentReader(store.Rows, store.Blobs, workspace), TimeProvider.System).StartAsync(asOf, "", CancellationToken.None));
        var running = new List<Task<IReadOnlyList<Outgoing>>>();
        var surveyed = TimeSpan.Zero;
        while (waiting.Count + running.Count > 0)
        {
            while (waiting.Count > 0 && running.Count < Parallel)
            {
                var work = Envelope.Parse(waiting.Dequeue().Body).Work!;
                surveyed = surveyed == TimeSpan.Zero && work.Stage == ClassifyStep.Stage ? Stopwatch.GetElapsedTime(start) : surveyed;
                running.Add(Task.Run(async () => await jobs.HandleAsync(work, CancellationToken.None)));
            }

            var done = await Task.WhenAny(running);
            running.Remove(done);
            foreach (var next in await done)
            {
                waiting.Enqueue(next);
            }
        }

        var took = Stopwatch.GetElapsedTime(start);
        var now = ImportBench.Processor();
        var report = (await new SegmentReader(store.Rows, store.Blobs, workspace).LatestAsync(CancellationToken.None))!.Report;
        Console.WriteLine($"  {what,-20} {took.TotalSeconds,8:N2} s (survey and fit {surveyed.TotalSeconds:N2} s), processor {(now.User - used.User).TotalSeconds:N2} s user {(now.System - used.System).TotalSeconds:N2} s system, {(GC.GetTotalAllocatedBytes() - allocated) >> 20:N0} MiB allocated");
        Console.WriteLine($"                       {report.Customers:N0} customers in segments, memberships begun {report.Segments.Sum(s => s.MovedIn):N0}, ended {report.Segments.Sum(s => s.MovedOut):N0}");
    }

    /// <summary>Reads the rows that a recompute reads, once, decoding nothing; two buckets at a time.</summary>
    private static async Task ScanAsync(IRowStore rows, string what)
    {
        var start = Stopwatch.GetTimestamp();
        var (count, bytes) = (0L, 0L);
        await System.Threading.Tasks.Parallel.ForAsync(0, Buckets, new ParallelOptions { MaxDegreeOfParallelism = Scanning }, async (bucket, _) =>
        {
            foreach (var kind in Kinds)
            {
                var (found, size) = (0L, 0L);
                await foreach (var row in rows.ScanPrefixAsync(Tables.Customers, Bucketing.Partition(bucket), kind))
                {
                    found++;
                    size += row.Payload.Length;
                }

                Interlocked.Add(ref count, found);
                Interlocked.Add(ref bytes, size);
            }
        });
        var took = Stopwatch.GetElapsedTime(start);
        Console.WriteLine($"  {what,-20} {took.TotalSeconds,8:N2} s {count,12:N0} rows, {bytes >> 20:N0} MiB of payloads, {count / took.TotalSeconds:N0} rows/s");
    }

    private static async Task<DateTimeOffset> NewestAsync(IRowStore rows)
    {
        var newest = DateTimeOffset.MinValue;
        await foreach (var row in rows.ScanPrefixAsync(Tables.Customers, Bucketing.Partition(0), "h|"))
        {
            var last = RowCodec.Decode<PurchaseHistory>(row.Payload).LastOrderAt;
            newest = last > newest ? last : newest;
        }

        return newest.AddMinutes(1);
    }
}
