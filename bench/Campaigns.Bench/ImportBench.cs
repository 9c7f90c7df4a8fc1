using System.Diagnostics;
using System.Globalization;
using System.IO.Compression;
using Campaigns.Core.Ingest;
using Campaigns.Core.Jobs;
using Campaigns.Core.Profiles;
using Campaigns.Sqlite;
using Sylvan.Data.Csv;

namespace Campaigns.Bench;

/// <summary>A file of orders through the real import on the embedded store, beside a plain reading of the same file.</summary>
internal static class ImportBench
{
    private const int Parallel = 2;

    /// <summary>The two imports with goals, each in a process of its own, so that one's peak of memory is not the other's.</summary>
    public static async Task<int> RunBothAsync()
    {
        var folder = Environment.GetEnvironmentVariable("CAMPAIGNS_SHARED");
        var retail = folder is { Length: > 0 } ? Path.Combine(folder, "data", "online_retail.csv.gz") : FindBeside("shared/data/online_retail.csv.gz");
        if (retail is not null && File.Exists(retail))
        {
            await RunApartAsync(["import", retail]);
        }
        else
        {
            Console.WriteLine("The Online Retail file is not here (../shared/data/online_retail.csv.gz, or name the folder in CAMPAIGNS_SHARED): left out.");
        }

        return await RunApartAsync(["import", "--customers", "1000000", "--orders", "10000000"]);
    }

    /// <summary>Imports a generated file.</summary>
    public static async Task RunGeneratedAsync(int customers, int orders)
    {
        var generated = Path.GetTempFileName();
        try
        {
            Generate(generated, customers, orders);
            await RunAsync(generated);
        }
        finally
        {
            File.Delete(generated);
        }
    }

    /// <summary>Imports generated orders into a store that stays.</summary>
    public static async Task ImportGeneratedAsync(int customers, int orders, string store)
    {
        var generated = Path.GetTempFileName();
        try
        {
            Generate(generated, customers, orders);
            await ImportAsync(generated, store);
        }
        finally
        {
            File.Delete(generated);
        }
    }

    /// <param name="file">A CSV of orders, gzip or not.</param>
    public static async Task RunAsync(string file)
    {
        var folder = Directory.CreateTempSubdirectory("campaigns-bench-").FullName;
        try
        {
            var start = Stopwatch.GetTimestamp();
            var lines = Read(file);
            var plain = Stopwatch.GetElapsedTime(start);
            Console.WriteLine($"{Path.GetFileName(file)}: {new FileInfo(file).Length >> 20:N0} MiB, {lines:N0} rows");
            Console.WriteLine($"  plain read and parse {plain.TotalSeconds,8:N2} s {lines / plain.TotalSeconds,12:N0} rows/s");

            var used = Processor();
            start = Stopwatch.GetTimestamp();
            var summary = await ImportAsync(file, Path.Combine(folder, "store.db"));
            var took = Stopwatch.GetElapsedTime(start);
            used = (Processor().User - used.User, Processor().System - used.System);
            Console.WriteLine($"  import               {took.TotalSeconds,8:N2} s {lines / took.TotalSeconds,12:N0} rows/s, {took / plain:N1} times the plain reading");
            Console.WriteLine($"  processor            {used.User.TotalSeconds,8:N2} s user, {used.System.TotalSeconds:N2} s system, {GC.GetTotalAllocatedBytes() >> 20:N0} MiB allocated, {GC.CollectionCount(0)}/{GC.CollectionCount(1)}/{GC.CollectionCount(2)} collections, paused {GC.GetTotalPauseDuration().TotalSeconds:N2} s");
            Console.WriteLine($"  {summary.Orders:N0} orders of {summary.Customers:N0} customers, {summary.Rejected:N0} rows rejected, gross {summary.GrossMinor:N0} minor units");
            Console.WriteLine($"  store {Directory.GetFiles(folder).Sum(f => new FileInfo(f).Length) >> 20:N0} MiB, peak memory {PeakMiB():N0} MiB");
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    /// <summary>Writes a file of generated orders, one line each, by time; customers differ in how often they buy.</summary>
    public static void Generate(string file, int customers, int orders)
    {
        using var writer = new StreamWriter(file);
        writer.WriteLine("order_id,customer_id,ordered_at,sku,quantity,unit_price,discount_amount,country");
        var chance = new Random(1);
        var start = new DateTime(2024, 1, 1);
        for (var i = 0; i < orders; i++)
        {
            // A square makes some customers buy often and most seldom.
            var customer = (int)(Math.Pow(chance.NextDouble(), 1.3) * customers);
            var at = start.AddSeconds(i * (2.0 * 365 * 86_400 / orders));
            writer.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"{1_000_000 + i},{customer},{at:yyyy-MM-dd HH:mm:ss},P{chance.Next(2000)},{chance.Next(1, 4)},{chance.Next(100, 9900) / 100m},{(chance.Next(5) == 0 ? "1.00" : "")},United Kingdom"));
        }
    }

    /// <summary>The file beside the repository or a folder above it.</summary>
    private static string? FindBeside(string relative)
    {
        for (var at = new DirectoryInfo(AppContext.BaseDirectory); at is not null; at = at.Parent)
        {
            if (File.Exists(Path.Combine(at.FullName, relative)))
            {
                return Path.Combine(at.FullName, relative);
            }
        }

        return null;
    }

    private static async Task<int> RunApartAsync(string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(Environment.ProcessPath!, [typeof(ImportBench).Assembly.Location, .. arguments]))!;
        await process.WaitForExitAsync();
        return process.ExitCode;
    }

    private static long Read(string file)
    {
        using var bytes = File.OpenRead(file);
        using var unpacked = file.EndsWith(".gz", StringComparison.Ordinal) ? new GZipStream(bytes, CompressionMode.Decompress) : (Stream)bytes;
        using var text = new StreamReader(unpacked, bufferSize: 128 * 1024);
        using var csv = CsvDataReader.Create(text);
        var (rows, characters) = (0L, 0L);
        while (csv.Read())
        {
            rows++;
            for (var i = 0; i < csv.FieldCount; i++)
            {
                characters += csv.GetFieldSpan(i).Length;
            }
        }

        return characters > 0 ? rows : 0;
    }

    private static async Task<ImportSummary> ImportAsync(string file, string path)
    {
        await using var store = new SqliteStore(new SqliteStoreOptions { Path = path }, TimeProvider.System);
        var workspace = new Workspace(store.Rows, TimeProvider.System);
        await workspace.OpenAsync(16, CancellationToken.None);
        IJobStage[] stages = [new ParseStep(workspace), new IngestStep([new HistoryFold()], orders => NetOrders.Of(orders).UnmatchedRefundMinor)];
        var jobs = new JobRunner(store.Rows, store.Blobs, workspace, TimeProvider.System, stages, TimeSpan.FromSeconds(30));
        var imports = new Imports(store.Rows, store.Blobs, workspace, jobs, TimeProvider.System);
        var clock = Stopwatch.StartNew();
        ImportStarted started;
        await using (var content = File.OpenRead(file))
        {
            started = await imports.StartAsync(new ImportRequest { Id = "bench", Name = Path.GetFileName(file) }, content, CancellationToken.None);
        }

        Console.WriteLine($"  stored               {clock.Elapsed.TotalSeconds,8:N2} s");
        var waiting = new Queue<Outgoing>(started.Messages);
        var running = new List<Task<IReadOnlyList<Outgoing>>>();
        while (waiting.Count + running.Count > 0)
        {
            while (waiting.Count > 0 && running.Count < Parallel)
            {
                var work = Envelope.Parse(waiting.Dequeue().Body).Work!;
                running.Add(Task.Run(async () => await jobs.HandleAsync(work, CancellationToken.None)));
            }

            var done = await Task.WhenAny(running);
            running.Remove(done);
            foreach (var next in await done)
            {
                if (waiting.Count == 0 && running.Count == 0)
                {
                    Console.WriteLine($"  parsed and sorted    {clock.Elapsed.TotalSeconds,8:N2} s, memory so far {PeakMiB():N0} MiB");
                }

                waiting.Enqueue(next);
            }
        }

        var import = await imports.FindAsync(started.Id, CancellationToken.None);
        return import is { Status: JobStatus.Done, Summary: { } summary } ? summary : throw new InvalidOperationException($"The import failed: {import?.Problem}");
    }

    internal static (TimeSpan User, TimeSpan System) Processor()
    {
        using var process = Process.GetCurrentProcess();
        return (process.UserProcessorTime, process.PrivilegedProcessorTime);
    }

    /// <summary>The process's largest resident memory: VmHWM.</summary>
    internal static long PeakMiB()
    {
        using var process = Process.GetCurrentProcess();
        return process.PeakWorkingSet64 >> 20;
    }
}
