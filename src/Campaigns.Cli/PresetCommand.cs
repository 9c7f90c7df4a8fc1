using System.CommandLine;
using System.Globalization;
using System.Text;
using Campaigns.Core.Ingest;
using Campaigns.Core.Jobs;
using Campaigns.Core.Segments;
using Campaigns.Functions.Hosting;
using Campaigns.Functions.LocalTriggers;
using Campaigns.Functions.Presets;
using Campaigns.Simulation.Samples;
using Spectre.Console;

namespace Campaigns.Cli;

/// <summary>
/// <c>./campaigns preset</c>: lists the segment schemes to begin with, loads one into the local store, and with
/// <c>--sample</c> imports its sample customers and says what came out.
/// </summary>
internal static class PresetCommand
{
    /// <summary>Exit code where the preset could not be loaded.</summary>
    private const int NotLoaded = 1;

    /// <summary>Exit code where there is no preset of the name.</summary>
    private const int Unknown = 2;

    /// <summary>Who loaded it, in the list of versions.</summary>
    private const string By = "command line";

    public static Command Create()
    {
        var name = new Argument<string?>("name") { Description = "Name of the preset; without it, all are listed", Arity = ArgumentArity.ZeroOrOne };
        var sample = new Option<bool>("--sample") { Description = "Also import its sample customers, orders and events, and say what came out per segment" };
        var files = new Option<string?>("--files") { Description = "Only write the sample as customers.csv and orders.csv into this folder" };
        var storage = new Option<string?>("--storage") { Description = "sqlite (default), azurite, or a connection string of Azure Storage" };
        var data = new Option<string?>("--data") { Description = "SQLite file; by default .campaigns/campaigns.db, with --sample .campaigns/preset-NAME.db, made afresh" };
        var command = new Command("preset", "Lists segment schemes to begin with; loads one, with sample customers if you like.") { name, sample, files, storage, data };
        command.SetAction((result, cancellation) => RunAsync(
            result.GetValue(name),
            new Asked(result.GetValue(sample), result.GetValue(files), result.GetValue(storage), result.GetValue(data)),
            cancellation));
        return command;
    }

    private static async Task<int> RunAsync(string? name, Asked asked, CancellationToken cancellation)
    {
        var library = new PresetLibrary(Path.Combine(AppContext.BaseDirectory, PresetLibrary.Folder));
        if (name is null)
        {
            List(library);
            return 0;
        }

        if (library.Find(name) is not { } preset)
        {
            Say.Line($"There is no preset '{name}'.");
            List(library);
            return Unknown;
        }

        if (asked.Files is { } folder)
        {
            await WriteAsync(preset, folder, cancellation);
            return 0;
        }

        try
        {
            return asked.Sample ? await LoadSampleAsync(preset, asked, cancellation) : await LoadAsync(preset, asked, cancellation);
        }
        catch (InvalidOperationException problem)
        {
            Say.Line($"[red]The preset could not be loaded:[/] {problem.Message}");
            return NotLoaded;
        }
    }

    private static void List(PresetLibrary library)
    {
        var grid = new Grid().AddColumn(new GridColumn().NoWrap().Padding(2, 0, 2, 0)).AddColumn();
        foreach (var preset in library.All)
        {
            var segments = string.Join("; ", preset.Scheme.Segments.Select(s => s.Name));
            grid.AddRow($"[bold]{Markup.Escape(preset.Name)}[/]", Markup.Escape($"{preset.Scheme.Name}: {segments}"));
        }

        AnsiConsole.Write(grid);
        Say.Line($"");
        Say.Line($"./campaigns preset NAME loads one into the local store; with --sample into a store of its own, with customers to look at.");
    }

    private static async Task WriteAsync(Preset preset, string folder, CancellationToken cancellation)
    {
        Directory.CreateDirectory(folder);
        var customers = new SampleCustomers(preset.Name, preset.About.Recipe, TimeProvider.System.GetUtcNow());
        foreach (var (file, write) in new (string, Action<TextWriter>)[] { ("customers.csv", customers.WriteCustomers), ("orders.csv", customers.WriteOrders) })
        {
            using var text = new StringWriter(CultureInfo.InvariantCulture);
            write(text);
            await File.WriteAllTextAsync(Path.Combine(folder, file), text.ToString(), new UTF8Encoding(false), cancellation);
        }

        Say.Line($"{preset.About.Recipe.Customers:N0} sample customers of {preset.Name} are in {folder}: customers.csv and orders.csv, as an import takes them.");
    }

    /// <summary>Saves the scheme in the store, which an app may have open; its queue classifies everybody by it.</summary>
    private static async Task<int> LoadAsync(Preset preset, Asked asked, CancellationToken cancellation)
    {
        var file = Path.GetFullPath(asked.Data ?? Path.Combine(LocalApp.DataFolder(), "campaigns.db"));
        Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        await using var app = await LocalApp.StartAsync(asked.Storage, file, FunctionsApp.DefaultPort, quiet: true, ["--LocalTimers=false"], cancellation);
        if (!Loaded(await app.Get<PresetLoading>().LoadAsync(preset, sample: false, By, cancellation)))
        {
            return NotLoaded;
        }

        await app.Get<Quiescence>().WaitAsync(cancellation);
        await PrintAsync(app, preset, cancellation);
        Say.Line($"./campaigns serve{(asked.Data is null ? "" : " --data " + file)} shows it.");
        if (app.NewKey is { } key)
        {
            Say.Line($"The admin's API key, shown this once: [bold]{key}[/]");
        }

        return 0;
    }

    private static async Task<int> LoadSampleAsync(Preset preset, Asked asked, CancellationToken cancellation)
    {
        var file = Path.GetFullPath(asked.Data ?? Path.Combine(LocalApp.DataFolder(), $"preset-{preset.Name}.db"));
        Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        if (asked.Data is null && asked.Storage is null)
        {
            foreach (var old in new[] { file, file + "-wal", file + "-shm" })
            {
                File.Delete(old); // A sample's own store begins afresh each time; one that was named is kept.
            }
        }

        await using var app = await LocalApp.StartAsync(asked.Storage, file, FunctionsApp.DefaultPort, quiet: true, ["--LocalTimers=false"], cancellation);
        var loaded = await app.Get<PresetLoading>().LoadAsync(preset, sample: true, By, cancellation);
        if (!Loaded(loaded))
        {
            return NotLoaded;
        }

        await app.Get<Quiescence>().WaitAsync(cancellation);
        foreach (var id in ((PresetLoaded.Loaded)loaded).Imports)
        {
            var import = await app.Get<Imports>().FindAsync(id, cancellation);
            if (import is not { Status: JobStatus.Done, Summary: { } summary })
            {
                throw new InvalidOperationException(import?.Problem ?? $"The import {id} did not finish.");
            }

            Say.Line($"{import.Name}: {summary.Rows:N0} rows, {summary.Rejected:N0} rejected.");
        }

        await PrintAsync(app, preset, cancellation);
        await PrintReasonsAsync(app, preset, cancellation);
        Say.Line($"Look at them: ./campaigns serve --data {file}");
        if (app.NewKey is { } key)
        {
            Say.Line($"The admin's API key, shown this once: [bold]{key}[/]");
        }

        return 0;
    }

    private static bool Loaded(PresetLoaded result)
    {
        switch (result)
        {
            case PresetLoaded.Loaded loaded:
                Say.Line($"[bold]{loaded.Preset.Scheme.Name}[/] is in force, as version {loaded.Number} of the segments.");
                return true;
            case PresetLoaded.Unfit unfit:
                Say.Line($"[red]The preset does not fit this workspace:[/]");
                foreach (var fault in unfit.Faults)
                {
                    Say.Line($"  {fault}");
                }

                return false;
            case PresetLoaded.Refused refused:
                Say.Line($"[red]Nothing was changed:[/] {refused.Reason}");
                return false;
            default:
                throw new NotSupportedException($"There is no way to say a {result.GetType().Name}.");
        }
    }

    private static async Task PrintAsync(LocalApp app, Preset preset, CancellationToken cancellation)
    {
        if (await app.Get<SegmentReader>().LatestAsync(cancellation) is not { Report: { AllCustomers: > 0 } report })
        {
            Say.Line($"There are no customers in this store yet. The preset needs:");
            foreach (var line in NeedsOf(preset.About.Needs))
            {
                Say.Line($"  {line}");
            }

            return;
        }

        var table = new Table().Border(TableBorder.Simple).AddColumns("Segment", "Customers", "Share", "First segment of", "Of these by e-mail");
        foreach (var segment in report.Segments)
        {
            table.AddRow(
                Markup.Escape(segment.Name),
                Number(segment.Members),
                string.Create(CultureInfo.InvariantCulture, $"{100.0 * segment.Members / report.AllCustomers:0.#} %"),
                Number(segment.Customers),
                Number(segment.ContactableEmail));
        }

        AnsiConsole.Write(table);
        var covered = report.Segments.Sum(s => s.Customers);
        Say.Line($"{covered:N0} of {report.AllCustomers:N0} customers are in a segment; {report.AllCustomers - covered:N0} are in none.");
    }

    /// <summary>For every segment a customer of the sample who is in it, and why.</summary>
    private static async Task PrintReasonsAsync(LocalApp app, Preset preset, CancellationToken cancellation)
    {
        var ids = new SampleCustomers(preset.Name, preset.About.Recipe, TimeProvider.System.GetUtcNow());
        foreach (var segment in preset.Scheme.SegmentIds)
        {
            if (preset.About.Groups.FirstOrDefault(g => g.Segments.Contains(segment, StringComparer.Ordinal)) is { } group
                && await app.Get<CustomerSegments>().ReadAsync(ids.IdOf(group, 0), null, cancellation) is { } customer
                && customer.Explanations.FirstOrDefault(e => e.Member && e.Segment == segment) is { } why)
            {
                Say.Line($"  {customer.CustomerId} – {why.Reason}");
            }
        }
    }

    private static IEnumerable<string> NeedsOf(PresetNeeds needs) =>
        needs.Customers.Select(c => $"customers: {c.Column} ({c.Meaning})")
            .Concat(needs.Orders.Select(o => $"orders: {o.Column} ({o.Meaning})"))
            .Concat(needs.Events.Select(e => $"events: {e.Event} ({e.Meaning})"));

    private static string Number(long count) => count.ToString("N0", CultureInfo.InvariantCulture);

    private sealed record Asked(bool Sample, string? Files, string? Storage, string? Data);
}
