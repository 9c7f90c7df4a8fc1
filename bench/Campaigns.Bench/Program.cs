using System.Globalization;

namespace Campaigns.Bench;

internal static class Program
{
    public static async Task<int> Main(string[] arguments)
    {
        CultureInfo.DefaultThreadCurrentCulture = CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;
        switch (arguments)
        {
            case ["storage", .. var rest]:
                await StorageBench.RunAsync(rest is [var rows] ? int.Parse(rows, NumberStyles.None, CultureInfo.InvariantCulture) : 2_000_000);
                return 0;
            case ["import"]:
                return await ImportBench.RunBothAsync();
            case ["import", "--customers", var customers, "--orders", var orders]:
                await ImportBench.RunGeneratedAsync(int.Parse(customers, NumberStyles.None, CultureInfo.InvariantCulture), int.Parse(orders, NumberStyles.None, CultureInfo.InvariantCulture));
                return 0;
            case ["import", var file]:
                await ImportBench.RunAsync(file);
                return 0;
            case ["models", .. var rest]:
                ModelsBench.Run(rest is [var many] ? int.Parse(many, NumberStyles.None, CultureInfo.InvariantCulture) : 1_000_000);
                return 0;
            case ["segments", .. var rest]:
                SegmentsBench.Run(rest is [var some] ? int.Parse(some, NumberStyles.None, CultureInfo.InvariantCulture) : 2_000_000);
                return 0;
            case ["recompute", "--customers", var customers, "--orders", var orders, "--store", var folder]:
                await RecomputeBench.RunAsync(int.Parse(customers, NumberStyles.None, CultureInfo.InvariantCulture), int.Parse(orders, NumberStyles.None, CultureInfo.InvariantCulture), folder);
                return 0;
            case ["recompute"]:
            case ["recompute", "--customers", _]:
                var count = arguments is [_, _, var given] ? int.Parse(given, NumberStyles.None, CultureInfo.InvariantCulture) : 1_000_000;
                await RecomputeBench.RunAsync(count, 10 * count, Path.Combine(Path.GetTempPath(), "campaigns-bench"));
                return 0;
            case ["coverage", "--seeds", var seeds, "--orders", var file]:
                await CoverageBench.RunAsync(int.Parse(seeds, NumberStyles.None, CultureInfo.InvariantCulture), 0, file);
                return 0;
            case ["coverage", "--seeds", var seeds, "--customers", var customers]:
                await CoverageBench.RunAsync(
                    int.Parse(seeds, NumberStyles.None, CultureInfo.InvariantCulture), int.Parse(customers, NumberStyles.None, CultureInfo.InvariantCulture), null);
                return 0;
            case ["decisions", .. var rest]:
                DecisionsBench.Run(rest is [var wanted] ? int.Parse(wanted, NumberStyles.None, CultureInfo.InvariantCulture) : 2_000_000);
                return 0;
            case ["stand-in"]:
                await ProviderStandIn.ServeAsync();
                return 0;
            case ["dispatch", .. var rest] when rest is [] or ["--customers", _]:
                await DispatchBench.RunAsync(rest is [_, var several] ? int.Parse(several, NumberStyles.None, CultureInfo.InvariantCulture) : 100_000);
                return 0;
            case ["dispatch", "--azurite", var recipients]:
                await DispatchBench.CountAsync(int.Parse(recipients, NumberStyles.None, CultureInfo.InvariantCulture));
                return 0;
            case ["rfm"]:
                await RfmBench.RunAsync(1_000_000, 10_000_000);
                return 0;
            default:
                Console.Error.WriteLine("Usage: bench storage [rows] | bench import (both goals, each in a process of its own) | bench import FILE | bench import --customers N --orders N | bench recompute [--customers N [--orders N --store FOLDER]] (makes the store the first time) | bench models [customers] | bench rfm | bench segments [customers] | bench decisions [number] | bench dispatch [--customers N | --azurite N] | bench coverage --seeds N (--customers N | --orders FILE)");
                return 2;
        }
    }
}
