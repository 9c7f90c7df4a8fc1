using System.CommandLine;
using Campaigns.Core.Measurement;
using Campaigns.Core.Planning;
using Campaigns.Core.Planning.Decisions;
using Campaigns.Functions.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Campaigns.Cli;

/// <summary>
/// <c>./campaigns recount RUN</c>: refolds a run from its orders and compares with what was folded step by step, and makes its
/// decisions once more from what it froze. Reads the store of <c>serve</c>, which may go on running; changes nothing.
/// </summary>
internal static class RecountCommand
{
    /// <summary>Exit code where stored outcomes do not follow from the orders, or decisions not from what the run froze.</summary>
    private const int Differs = 1;

    /// <summary>Exit code where there is nothing to recount.</summary>
    private const int NothingFound = 2;

    public static Command Create()
    {
        var run = new Argument<string>("run") { Description = "Id of the run, as the console and /api/runs show it" };
        var storage = new Option<string?>("--storage") { Description = "sqlite (default), azurite, or a connection string of Azure Storage" };
        var data = new Option<string?>("--data") { Description = "SQLite file; by default .campaigns/campaigns.db" };
        var command = new Command("recount", "Recounts a run from its orders, decides it once more, and says whether what is stored agrees.") { run, storage, data };
        command.SetAction((result, cancellation) => RunAsync(result.GetValue(run)!, result.GetValue(storage), result.GetValue(data), cancellation));
        return command;
    }

    private static async Task<int> RunAsync(string run, string? storage, string? data, CancellationToken cancellation)
    {
        var file = data ?? Path.Combine(LocalApp.DataFolder(), "campaigns.db");
        var arguments = LocalApp.StoreArguments(storage, file);
        if (arguments.Exists(a => a.EndsWith(file, StringComparison.Ordinal)) && !File.Exists(file))
        {
            Say.Line($"There is no store at {file}: name its file with --data.");
            return NothingFound;
        }

        // Built and never started: no triggers run, nothing listens.
        await using var app = FunctionsApp.Build([.. arguments], builder => builder.Logging.ClearProviders());
        if (await app.Services.GetRequiredService<Recount>().RunAsync(run, cancellation) is { } report)
        {
            var check = await app.Services.GetRequiredService<RunDecisions>().CheckAsync(run, cancellation);
            return Math.Max(Print(report), Print(check!));
        }

        Say.Line($"There is no run '{run}'. The newest:");
        foreach (var known in (await app.Services.GetRequiredService<Runs>().ListAsync(ListLength, null, cancellation)).Runs)
        {
            Say.Line($"  {known.Run}  {known.CampaignName}, {known.LaunchedAt:yyyy-MM-dd HH:mm}");
        }

        return NothingFound;
    }

    /// <summary>Runs that are named where the one asked for does not exist.</summary>
    private const int ListLength = 10;

    private static int Print(DecisionCheck check)
    {
        if (check.Agrees)
        {
            Say.Line($"{check.Run}: {check.Customers:N0} customers decided once more; every logged decision comes out again.");
            return 0;
        }

        Say.Line($"{check.Run}: of {check.Customers:N0} customers, {check.Different:N0} have a logged decision that does not come out again. The first {check.Examples.Count}:");
        foreach (var customer in check.Examples)
        {
            Say.Line($"  customer {customer}");
        }

        return Differs;
    }

    private static int Print(RecountReport report)
    {
        if (report.Agrees)
        {
            Say.Line($"{report.Run}: {report.Customers:N0} customers recounted from their orders; every stored result agrees.");
            return 0;
        }

        Say.Line($"{report.Run}: of {report.Customers:N0} customers, {report.Different:N0} have a stored result that their orders do not bear out. The first {report.Examples.Count}:");
        foreach (var example in report.Examples)
        {
            // Outcomes are figures; the id is the shop's own and is needed to look the customer up.
            Say.Line($"  customer {example.CustomerId}");
            Say.Line($"    stored    {example.Stored}");
            Say.Line($"    recounted {example.Recounted}");
        }

        return Differs;
    }
}
