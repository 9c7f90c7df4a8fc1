using System.Collections.Concurrent;
using System.Globalization;

namespace Campaigns.Core.Tests.Faults;

/// <summary>
/// Sending under crashes after every await, lost answers, late and repeated messages, processes that overtake each other,
/// and events in any order: <c>./campaigns test --seeds N</c> tells more stories. One that fails is told again alone by
/// <c>CAMPAIGNS_SEED</c>.
/// </summary>
public class FaultSimulationTests
{
    private const int Seeds = 1000;

    [Fact]
    public async Task Whatever_goes_wrong_nobody_is_called_for_twice_everything_ends_sums_stay_and_an_opt_out_wins()
    {
        var (from, count) = Number("CAMPAIGNS_SEED") is { } one ? (one, 1) : (1, Number("CAMPAIGNS_SEEDS") ?? Seeds);
        var failures = new ConcurrentBag<(int Seed, Exception Error)>();
        await Parallel.ForEachAsync(
            Enumerable.Range(from, count),
            new ParallelOptions { MaxDegreeOfParallelism = Environment.ProcessorCount, CancellationToken = TestContext.Current.CancellationToken },
            async (seed, _) =>
            {
                try
                {
                    await using var world = new SimulatedWorld(seed);
                    await world.RunAsync();
                }
#pragma warning disable CA1031 // Whatever a seed fails with is reported with the seed.
                catch (Exception error)
#pragma warning restore CA1031
                {
                    failures.Add((seed, error));
                }
            });
        var all = failures.OrderBy(f => f.Seed).ToList();
        Assert.True(all.Count == 0, $"{all.Count} of {count} seeds fail: {string.Join(", ", all.Take(20).Select(f => f.Seed))}. Seed {all.FirstOrDefault().Seed}: {all.FirstOrDefault().Error}");
    }

    private static int? Number(string variable) =>
        int.TryParse(Environment.GetEnvironmentVariable(variable), NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;
}
