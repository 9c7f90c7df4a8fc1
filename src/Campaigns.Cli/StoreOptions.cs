using System.CommandLine;
using Campaigns.Core.Planning;
using Campaigns.Functions.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Campaigns.Cli;

/// <summary>Which store a command reads: that of <c>serve</c>, which may go on running.</summary>
internal sealed class StoreOptions
{
    /// <summary>Exit code where there is nothing to read.</summary>
    public const int NothingFound = 2;

    public Option<string?> Storage { get; } = new("--storage") { Description = "sqlite (default), azurite, or a connection string of Azure Storage" };

    public Option<string?> Data { get; } = new("--data") { Description = "SQLite file; by default .campaigns/campaigns.db" };

    /// <summary>Opens the store for <paramref name="read"/>: no triggers run, nothing listens.</summary>
    public async Task<int> ReadAsync(ParseResult result, Func<IServiceProvider, Task<int>> read)
    {
        var file = result.GetValue(Data) ?? Path.Combine(LocalApp.DataFolder(), "campaigns.db");
        var arguments = LocalApp.StoreArguments(result.GetValue(Storage), file);
        if (arguments.Exists(a => a.EndsWith(file, StringComparison.Ordinal)) && !File.Exists(file))
        {
            Say.Line($"There is no store at {file}: name its file with --data.");
            return NothingFound;
        }

        // Built and never started.
        await using var app = FunctionsApp.Build([.. arguments], builder => builder.Logging.ClearProviders());
        return await read(app.Services);
    }
}

/// <summary>A run that a command names.</summary>
internal static class StoredRun
{
    /// <summary>Runs that are named where the one asked for does not exist.</summary>
    private const int ListLength = 10;

    public static Argument<string> Argument() => new("run") { Description = "Id of the run, as the console and /api/runs show it" };

    /// <summary>Says that there is no such run, and which there are.</summary>
    public static async Task<int> MissingAsync(IServiceProvider services, string run, CancellationToken cancellation)
    {
        Say.Line($"There is no run '{run}'. The newest:");
        foreach (var known in (await services.GetRequiredService<Runs>().ListAsync(ListLength, null, cancellation)).Runs)
        {
            Say.Line($"  {known.Run}  {known.CampaignName}, {known.LaunchedAt:yyyy-MM-dd HH:mm}");
        }

        return StoreOptions.NothingFound;
    }
}
