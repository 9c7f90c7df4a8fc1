using System.CommandLine;
using Campaigns.Core.Jobs;
using Campaigns.Simulation.Offers;

namespace Campaigns.Cli.Simulate;

/// <summary><c>./campaigns simulate</c>: the adaptive policy in generated markets, held against what the generator knows.</summary>
internal static class SimulateCommand
{
    /// <summary>Exit code where a goal is missed, or storage decides otherwise than the pure core.</summary>
    private const int Missed = 1;

    /// <summary>Customers per round where none are named.</summary>
    private static readonly int[] Sizes = [2_000, 5_000, 20_000];

    /// <summary>More than this per round would take minutes and tell nothing new.</summary>
    private const int MaxCustomers = 1_000_000;
    private const int MaxRounds = 1_000;
    private const int MaxSeeds = 10_000;

    private const string About =
        "Plays the adaptive policy in generated markets (5 segments, 3 offers and nothing, a season; 10 % held out, 2 % for each offer) and scores it on the expected profit that the generator knows.";

    public static Command Create()
    {
        var customers = new Option<int?>("--customers") { Description = "Customers per round; by default 2,000, 5,000 and 20,000, one after the other" };
        var rounds = new Option<int>("--rounds") { Description = "Rounds", DefaultValueFactory = _ => SimulateReport.GoalRounds };
        var seeds = new Option<int>("--seeds") { Description = "Markets", DefaultValueFactory = _ => 100 };
        var none = new Option<bool>("--no-effects") { Description = "No message changes anything: what the search then costs, and how often it sees a gain" };
        var json = new Option<string?>("--json") { Description = "Writes the report as JSON; the plot goes beside it" };
        var plot = new Option<string?>("--plot") { Description = "File of the plot (SVG); by default beside the report, else simulate.svg in this folder" };
        var command = new Command("simulate", About) { customers, rounds, seeds, none, json, plot };
        command.SetAction((result, cancellation) => RunAsync(
            result.GetValue(customers), result.GetValue(rounds), result.GetValue(seeds), !result.GetValue(none), result.GetValue(json), result.GetValue(plot), cancellation));
        return command;
    }

    private static Task<int> RunAsync(int? customers, int rounds, int seeds, bool effects, string? json, string? plot, CancellationToken cancellation)
    {
        return CommandFrame.RunAsync(() => "", async () =>
        {
            Within("--customers", customers ?? 1, MaxCustomers);
            Within("--rounds", rounds, MaxRounds);
            Within("--seeds", seeds, MaxSeeds);
            var sizes = customers is { } one ? [one] : Sizes;
            var (trials, stored) = await CommandProgress.RunAsync(async progress => (
                Play(sizes, rounds, seeds, effects, progress, cancellation),
                await StoredMarket.RunAsync(effects, done => progress.Set("Through the real steps", done), cancellation)));
            var goals = effects ? trials.SelectMany(SimulateReport.Goals).ToList() : [];
            var picture = plot ?? (json is null ? "simulate.svg" : Path.ChangeExtension(json, ".svg"));
            SimulateTables.Print(trials, goals, effects);
            SimulateTables.Print(stored);
            await File.WriteAllTextAsync(picture, RegretPlot.Draw(trials), cancellation);
            if (json is not null)
            {
                await SimulateReport.WriteAsync(json, trials, stored, goals, effects, picture, cancellation);
                Say.Line($"Written: {json}");
            }

            Say.Line($"Written: {picture}");
            return goals.TrueForAll(g => g.Met) && stored.Different == 0 ? 0 : Missed;
        });
    }

    private static List<OfferTrial> Play(int[] sizes, int rounds, int seeds, bool effects, CommandProgress progress, CancellationToken cancellation)
    {
        var trials = new List<OfferTrial>();
        foreach (var size in sizes)
        {
            var done = 0;
            trials.Add(OfferTrial.Run(size, rounds, seeds, effects, () => progress.Set($"{size:N0} customers per round", Interlocked.Increment(ref done) / (double)seeds), cancellation));
        }

        return trials;
    }

    private static void Within(string option, int value, int most)
    {
        if (value < 1 || value > most)
        {
            throw new JobFailedException($"{option} is {value}; choose 1 to {most:N0}.");
        }
    }
}
