using System.CommandLine;
using Campaigns.Core.Jobs;
using Campaigns.Functions.Access;
using Campaigns.Functions.Hosting;
using Microsoft.Extensions.Hosting;
using Spectre.Console;

namespace Campaigns.Cli;

/// <summary><c>./campaigns serve</c>: the app and local triggers with the data left from last time.</summary>
internal static class ServeCommand
{
    public static Command Create()
    {
        var storage = new Option<string?>("--storage") { Description = "sqlite (default), azurite, or a connection string of Azure Storage" };
        var port = new Option<int>("--port") { Description = "Port; the next free one where it is taken", DefaultValueFactory = _ => FunctionsApp.DefaultPort };
        var data = new Option<string?>("--data") { Description = "SQLite file; by default .campaigns/campaigns.db" };
        var newKey = new Option<bool>("--new-key") { Description = "Make and print a further admin key" };
        var command = new Command("serve", "Runs the app on this machine: API, console and triggers.") { storage, port, data, newKey };
        command.SetAction((result, cancellation) => RunAsync(
            result.GetValue(storage), result.GetValue(port), result.GetValue(data), result.GetValue(newKey), cancellation));
        return command;
    }

    private static async Task<int> RunAsync(string? storage, int port, string? data, bool newKey, CancellationToken cancellation)
    {
        var file = data ?? Path.Combine(LocalApp.DataFolder(), "campaigns.db");
        await using var app = await LocalApp.StartAsync(storage, file, port, quiet: false, [], cancellation);
        var key = app.NewKey ?? (newKey ? await app.Get<ApiKeys>().CreateAsync("admin", cancellation) : null);
        Say.Line($"Campaigns runs at [bold]{app.Address}[/] on {app.Get<StorePorts>().Description}.");
        Say.Line(key is null
            ? (FormattableString)$"Sign in with the admin key of the first start; ./campaigns serve --new-key makes another."
            : $"The admin's API key, shown this once: [bold]{key}[/]");
        if (await app.Get<Workspace>().SimulatedNowAsync(cancellation) is { } now)
        {
            Say.Line($"This store holds a demo: its clock stands at {now:yyyy-MM-dd HH:mm} and moves only when told to.");
        }

        AnsiConsole.WriteLine("Ctrl-C stops it.");
        await app.App.WaitForShutdownAsync(cancellation);
        return 0;
    }
}
