using System.CommandLine;
using Campaigns.Functions.Hosting;

namespace Campaigns.Cli.Demo;

/// <summary>What <c>./campaigns demo</c> was asked to do.</summary>
internal sealed record DemoOptions
{
    /// <summary>A real file of orders, or null for a generated market.</summary>
    public string? Orders { get; init; }

    /// <summary>Customers of the generated market.</summary>
    public int Customers { get; init; } = 10_000;

    /// <summary>Seed of the market, and of who is held out.</summary>
    public ulong Seed { get; init; } = 1;

    /// <summary>Exit at the end instead of serving the console.</summary>
    public bool Once { get; init; }

    /// <summary>File for all that is printed, as JSON; or null.</summary>
    public string? Json { get; init; }

    /// <summary>Null or "sqlite", "azurite", or a connection string.</summary>
    public string? Storage { get; init; }

    /// <summary>SQLite file of the embedded storage, made afresh; null = demo.db in the folder with this machine's data.</summary>
    public string? DataFile { get; init; }

    /// <summary>Share held out by each campaign.</summary>
    public double Holdout { get; init; } = 0.2;

    /// <summary>Wanted port.</summary>
    public int Port { get; init; } = FunctionsApp.DefaultPort;
}

/// <summary><c>./campaigns demo</c>: the whole loop, on a generated market or a real file of orders.</summary>
internal static class DemoCommand
{
    public static Command Create()
    {
        var defaults = new DemoOptions();
        var orders = new Option<string?>("--orders") { Description = "A real file of orders (CSV, gzipped or not) instead of a generated shop" };
        var customers = new Option<int>("--customers") { Description = "Customers of the generated shop", DefaultValueFactory = _ => defaults.Customers };
        var seed = new Option<ulong>("--seed") { Description = "Seed of the generated shop and of who is held out", DefaultValueFactory = _ => defaults.Seed };
        var once = new Option<bool>("--once") { Description = "Exit at the end instead of serving the console" };
        var json = new Option<string?>("--json") { Description = "Also write all that is printed to this file, as JSON" };
        var storage = new Option<string?>("--storage") { Description = "sqlite (default) or azurite" };
        var data = new Option<string?>("--data") { Description = "SQLite file, made afresh; by default .campaigns/demo.db" };
        var holdout = new Option<double>("--holdout") { Description = "Share held out by each campaign, 0 to 0.5", DefaultValueFactory = _ => defaults.Holdout };
        var port = new Option<int>("--port") { Description = "Port of the console; the next free one where it is taken", DefaultValueFactory = _ => defaults.Port };
        customers.Validators.Add(r =>
        {
            if (r.GetValue(customers) is < 100 or > 1_000_000)
            {
                r.AddError("--customers lies between 100 and 1,000,000.");
            }
        });
        holdout.Validators.Add(r =>
        {
            if (r.GetValue(holdout) is not (>= 0 and <= 0.5))
            {
                r.AddError("--holdout lies between 0 and 0.5.");
            }
        });
        orders.Validators.Add(r =>
        {
            if (r.GetValue(orders) is { } file && !File.Exists(file))
            {
                r.AddError($"There is no file {file}.");
            }
        });
        var command = new Command("demo", "Runs the whole loop: orders in, segments, three campaigns, messages into the outbox, results against customers left alone.")
        {
            orders, customers, seed, once, json, storage, data, holdout, port,
        };
        command.SetAction((result, cancellation) => DemoRun.RunAsync(
            new DemoOptions
            {
                Orders = result.GetValue(orders),
                Customers = result.GetValue(customers),
                Seed = result.GetValue(seed),
                Once = result.GetValue(once),
                Json = result.GetValue(json),
                Storage = result.GetValue(storage),
                DataFile = result.GetValue(data),
                Holdout = result.GetValue(holdout),
                Port = result.GetValue(port),
            },
            cancellation));
        return command;
    }
}
