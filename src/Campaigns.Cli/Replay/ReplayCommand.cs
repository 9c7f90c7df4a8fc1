using System.CommandLine;
using System.Text.Encodings.Web;
using System.Text.Json;
using Campaigns.Core.Jobs;
using Campaigns.Core.Measurement.Replay;

namespace Campaigns.Cli.Replay;

/// <summary><c>./campaigns replay DECISIONS.csv</c>: what another policy would have brought, from decisions that were logged with their probabilities.</summary>
internal static class ReplayCommand
{
    private static readonly JsonSerializerOptions Readable = new() { WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private const string About =
        "Values a policy on logged decisions: columns treatment (none for no message), propensity, a reward and any context columns. "
        + "Inverse propensity scoring, self-normalised and doubly robust, with intervals; refused where the log says too little.";

    public static Command Create()
    {
        var decisions = new Argument<string>("decisions") { Description = "CSV file of decisions, gzip or not" };
        var reward = new Option<string>("--reward") { Description = "Column of the reward", DefaultValueFactory = _ => "reward" };
        var margin = new Option<double>("--margin") { Description = "Share of the reward that is earned", DefaultValueFactory = _ => 1 };
        var cost = new Option<string[]>("--cost") { Description = "TREATMENT=AMOUNT: cost of a row with the treatment, 0 by default", AllowMultipleArgumentsPerToken = true };
        var policy = new Option<string?>("--policy") { Description = "everyone=TREATMENT: the same for all" };
        var file = new Option<string?>("--policy-file") { Description = "JSON file of rules: context values to a treatment or to shares" };
        var learn = new Option<string[]>("--learn") { Description = "COLUMN[,COLUMN…]: learns the best treatment per combination of their values" };
        var folds = new Option<int>("--folds") { Description = "Folds of the cross-fitting; a row's fold is its zero-based index modulo the folds", DefaultValueFactory = _ => 5 };
        var json = new Option<string?>("--json") { Description = "Writes the report as JSON" };
        var command = new Command("replay", About) { decisions, reward, margin, cost, policy, file, learn, folds, json };
        command.SetAction((result, cancellation) => RunAsync(
            () => new ReplayOptions
            {
                Decisions = result.GetValue(decisions)!,
                Reward = result.GetValue(reward)!.Trim(),
                Margin = result.GetValue(margin),
                Costs = ReplayOptions.CostsOf(result.GetValue(cost) ?? []),
                Everyone = ReplayOptions.EveryoneOf(result.GetValue(policy)),
                PolicyFile = result.GetValue(file),
                Learn = [.. (result.GetValue(learn) ?? []).SelectMany(static c => c.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)).Distinct(StringComparer.OrdinalIgnoreCase)],
                Folds = result.GetValue(folds),
                Json = result.GetValue(json),
            }.Checked(),
            cancellation));
        return command;
    }

    private static Task<int> RunAsync(Func<ReplayOptions> read, CancellationToken cancellation)
    {
        var file = "";
        return CommandFrame.RunAsync(() => file, async () =>
        {
            var options = read();
            file = Path.GetFileName(options.Decisions);
            var replay = await CommandProgress.RunAsync(progress => ReplayAsync(options, progress, cancellation));
            if (options.Json is { } report)
            {
                var json = ReplayReport.Of(replay);
                json.Insert(0, "file", Path.GetFileName(options.Decisions));
                await File.WriteAllTextAsync(report, json.ToJsonString(Readable) + "\n", cancellation);
            }

            ReplayTables.Print(options, replay);
            return 0;
        });
    }

    private static async Task<PolicyReplay> ReplayAsync(ReplayOptions options, CommandProgress progress, CancellationToken cancellation)
    {
        if (!File.Exists(options.Decisions))
        {
            throw new JobFailedException("there is no such file.");
        }

        var rules = options.PolicyFile is { } path ? PolicyRules.Parse(await File.ReadAllBytesAsync(path, cancellation)) : null;
        LoggedDecisions raw;
        await using (var content = progress.Open(options.Decisions, "Reading decisions"))
        {
            raw = await DecisionFile.ReadAsync(content, options.Reward, rules?.Columns ?? options.Learn, cancellation);
        }

        progress.Set("Valuing policies", 0);
        var log = raw.Net(options.Margin, options.Costs).CheckedFor(options.Folds);
        return rules is not null ? PolicyReplay.Of(log, rules.On(log, Path.GetFileName(options.PolicyFile!)), options.Folds)
            : options.Everyone is { } treatment ? PolicyReplay.Of(log, ReplayPolicy.ForEveryone(log, log.IndexOf(treatment, "--policy")), options.Folds)
            : PolicyReplay.Learn(log, options.Folds);
    }
}
