using System.Diagnostics;
using System.Globalization;
using System.Text.Json;

namespace Campaigns.Bench;

/// <summary>
/// Runs the whole demo with many seeds, each in a process of its own, and counts how often the headline interval of a
/// campaign contains the true lift, how wide it is, and what was called proven.
/// </summary>
internal static class CoverageBench
{
    /// <param name="seeds">Seeds 1 … seeds: never picked.</param>
    /// <param name="customers">Customers of the generated shop; ignored with a file.</param>
    /// <param name="orders">A real file of orders, or null.</param>
    public static async Task RunAsync(int seeds, int customers, string? orders)
    {
        var tallies = new SortedDictionary<string, Tally>(StringComparer.Ordinal);
        var clock = Stopwatch.StartNew();
        for (var seed = 1; seed <= seeds; seed++)
        {
            using var report = await DemoAsync(seed, customers, orders);
            foreach (var campaign in report.RootElement.GetProperty("campaigns").EnumerateArray())
            {
                var row = campaign.GetProperty("row");
                var name = row.GetProperty("campaign").GetString()!;
                tallies.TryAdd(name, new Tally());
                tallies[name].Add(campaign, row);
            }

            var contained = string.Join(", ", tallies.Select(t => $"{t.Key} {t.Value.Contained} of {t.Value.Intervals}"));
            Console.Error.Write($"\r{seed} of {seeds} seeds, {clock.Elapsed.TotalSeconds:0} s; the interval contains the true lift: {contained}");
        }

        Console.Error.WriteLine();
        Console.WriteLine($"{(orders is null ? $"generated shop, {customers:N0} customers" : Path.GetFileName(orders))}, {seeds} seeds, {clock.Elapsed.TotalSeconds:0} s");
        Console.WriteLine("| campaign | intervals | contain the true lift | proven gain | proven loss | not proven | too small | mean true | mean measured |");
        Console.WriteLine("|---|---|---|---|---|---|---|---|---|");
        foreach (var (name, tally) in tallies)
        {
            Console.WriteLine($"| {name} | {tally.Intervals} | {tally.Contained} | {tally.Of("proven gain")} | {tally.Of("proven loss")} | {tally.Of("not proven")} | {tally.Of("too small to measure")} | {tally.MeanTrue:0} | {tally.MeanMeasured:0} |");
        }
    }

    private static async Task<JsonDocument> DemoAsync(int seed, int customers, string? orders)
    {
        var json = Path.GetTempFileName();
        try
        {
            var start = new ProcessStartInfo("dotnet") { UseShellExecute = false, RedirectStandardOutput = true, RedirectStandardError = true };
            string[] arguments =
            [
                Path.Combine(AppContext.BaseDirectory, "Campaigns.Cli.dll"), "demo", "--once", "--json", json,
                "--seed", seed.ToString(CultureInfo.InvariantCulture),
                .. orders is null ? new[] { "--customers", customers.ToString(CultureInfo.InvariantCulture) } : ["--orders", orders],
            ];
            foreach (var argument in arguments)
            {
                start.ArgumentList.Add(argument);
            }

            using var process = Process.Start(start)!;
            var output = process.StandardOutput.ReadToEndAsync();
            var errors = process.StandardError.ReadToEndAsync();
            await process.WaitForExitAsync();
            return process.ExitCode == 0
                ? JsonDocument.Parse(await File.ReadAllBytesAsync(json))
                : throw new InvalidOperationException($"Seed {seed} ended with {process.ExitCode}:\n{await output}\n{await errors}");
        }
        finally
        {
            File.Delete(json);
        }
    }

    private sealed class Tally
    {
        private readonly Dictionary<string, int> verdicts = new(StringComparer.Ordinal);
        private double trueSum;
        private double measuredSum;

        public int Intervals { get; private set; }

        public int Contained { get; private set; }

        public double MeanTrue => trueSum / Math.Max(1, Intervals);

        public double MeanMeasured => measuredSum / Math.Max(1, Intervals);

        public int Of(string verdict) => verdicts.GetValueOrDefault(verdict);

        public void Add(JsonElement campaign, JsonElement row)
        {
            var verdict = row.GetProperty("verdict").GetString() ?? "none";
            verdicts[verdict] = verdicts.GetValueOrDefault(verdict) + 1;
            if (campaign.GetProperty("intervalContainsTruth").ValueKind is JsonValueKind.Null)
            {
                return;
            }

            Intervals++;
            Contained += campaign.GetProperty("intervalContainsTruth").GetBoolean() ? 1 : 0;
            trueSum += campaign.GetProperty("truePer1000Minor").GetDouble();
            measuredSum += row.GetProperty("incrementalPer1000Minor").GetDouble();
        }
    }
}
