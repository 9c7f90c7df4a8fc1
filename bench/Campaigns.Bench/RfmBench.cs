using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Text.Json;
using Campaigns.Core.Profiles;

namespace Campaigns.Bench;

/// <summary>
/// RFM quintiles of all customers from orders in memory, beside DuckDB on the same orders in its own table, where
/// `npm ci` was run in bench/duckdb. Both give a score of each kind to every customer; a checksum says that they agree.
/// </summary>
internal static class RfmBench
{
    private const int Repetitions = 5;
    private const int Days = 730;

    public static async Task RunAsync(int customers, int orders)
    {
        var (customerOf, dayOf, amountMinor) = Generate(customers, orders);
        Console.WriteLine($"RFM quintiles of {customers:N0} customers from {orders:N0} orders in memory, {Environment.ProcessorCount} cores");
        var seconds = new double[Repetitions];
        var checksum = 0L;
        for (var i = 0; i < Repetitions; i++)
        {
            var start = Stopwatch.GetTimestamp();
            var table = RfmTable.Of(customers, customerOf, dayOf, amountMinor, Days - 1, new RfmSettings());
            seconds[i] = Stopwatch.GetElapsedTime(start).TotalSeconds;
            checksum = Checksum(table.Frequency);
        }

        Print("Campaigns, one thread", seconds);
        await RunDuckDbAsync(customerOf, dayOf, amountMinor, checksum);
        using var process = Process.GetCurrentProcess();
        Console.WriteLine($"  peak memory {process.PeakWorkingSet64 >> 20:N0} MiB, of these the orders {(16L * orders) >> 20:N0}");
    }

    /// <summary>Everybody orders once, then some more often than others, in no order.</summary>
    private static (int[] Customers, int[] Days, long[] Amounts) Generate(int customers, int orders)
    {
        var chance = new Random(1);
        var (customerOf, dayOf, amountMinor) = (new int[orders], new int[orders], new long[orders]);
        for (var i = 0; i < orders; i++)
        {
            customerOf[i] = i < customers ? i : (int)(Math.Pow(chance.NextDouble(), 1.3) * customers);
            dayOf[i] = chance.Next(Days);
            amountMinor[i] = chance.Next(100, 20_000);
        }

        return (customerOf, dayOf, amountMinor);
    }

    private static async Task RunDuckDbAsync(int[] customerOf, int[] dayOf, long[] amountMinor, long checksum)
    {
        var script = Script();
        if (script is null || !Directory.Exists(Path.Combine(Path.GetDirectoryName(script)!, "node_modules")))
        {
            Console.WriteLine("  DuckDB: not measured; run `npm ci` in bench/duckdb first");
            return;
        }

        var folder = Directory.CreateTempSubdirectory("campaigns-bench-").FullName;
        try
        {
            await File.WriteAllBytesAsync(Path.Combine(folder, "customer"), MemoryMarshal.AsBytes(customerOf.AsSpan()).ToArray());
            await File.WriteAllBytesAsync(Path.Combine(folder, "day"), MemoryMarshal.AsBytes(dayOf.AsSpan()).ToArray());
            await File.WriteAllBytesAsync(Path.Combine(folder, "amount"), MemoryMarshal.AsBytes(amountMinor.AsSpan()).ToArray());
            var lines = await NodeAsync([script, folder, $"{customerOf.Length}", $"{Environment.ProcessorCount}"]);
            var results = lines.ConvertAll(line => JsonDocument.Parse(line).RootElement);
            Print($"DuckDB, {Environment.ProcessorCount} threads", [.. results.Select(r => r.GetProperty("seconds").GetDouble())]);
            var same = results.Count > 0 && results.All(r => r.GetProperty("checksum").GetString() == $"{checksum}");
            Console.WriteLine(same ? "  both give every customer the same frequency score" : $"  the frequency scores DIFFER: checksum {checksum} here");
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static async Task<List<string>> NodeAsync(string[] arguments)
    {
        using var node = Process.Start(new ProcessStartInfo("node", arguments) { RedirectStandardOutput = true, UseShellExecute = false })!;
        var lines = new List<string>();
        while (await node.StandardOutput.ReadLineAsync() is { } line)
        {
            lines.Add(line);
        }

        await node.WaitForExitAsync();
        return lines;
    }

    private static long Checksum(ReadOnlySpan<byte> scores)
    {
        var sum = 0L;
        for (var i = 0; i < scores.Length; i++)
        {
            sum += (long)i * scores[i];
        }

        return sum;
    }

    private static void Print(string who, double[] seconds) =>
        Console.WriteLine($"  {who,-24} {string.Join("  ", seconds.Select(s => $"{s:N3}"))} s, best {(seconds.Length == 0 ? 0 : seconds.Min()):N3}");

    private static string? Script()
    {
        for (var at = new DirectoryInfo(AppContext.BaseDirectory); at is not null; at = at.Parent)
        {
            if (Path.Combine(at.FullName, "bench", "duckdb", "rfm.mjs") is var path && File.Exists(path))
            {
                return path;
            }
        }

        return null;
    }
}
