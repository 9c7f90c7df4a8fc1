using System.Diagnostics;
using Campaigns.Core.Jobs;
using Campaigns.Core.Planning;
using Campaigns.Functions.Access;
using Campaigns.Functions.Hosting;
using Campaigns.Functions.LocalTriggers;
using Microsoft.Extensions.Hosting;
using Spectre.Console;

namespace Campaigns.Cli.Demo;

/// <summary>The demo from an empty store to figures, and then the console.</summary>
internal static class DemoRun
{
    /// <summary>What follows is fed in and credited week by week.</summary>
    private static readonly TimeSpan Week = TimeSpan.FromDays(7);

    /// <summary>Sending ends when nothing more is due within so long after the launch: every recipient's morning has come by then.</summary>
    private static readonly TimeSpan SendingEnds = TimeSpan.FromHours(48);

    /// <summary>The demo's own file: `serve` keeps a shop's data elsewhere, so that no demo ever deletes it.</summary>
    private const string DataFile = "demo.db";

    public static async Task<int> RunAsync(DemoOptions options, CancellationToken cancellation)
    {
        var clock = Stopwatch.StartNew();
        try
        {
            IDemoSource source = options.Orders is null ? new MarketSource(options) : await FileSource.OpenAsync(options, cancellation);
            Say.Line($"[bold]Campaigns demo[/] on {source.Description}.");
            await using var app = await StartAsync(options, cancellation);
            var key = app.NewKey ?? await app.Get<ApiKeys>().CreateAsync("admin", cancellation);
            using var shop = new DemoShop(app, key);
            var report = await RunAsync(source, shop, options, cancellation);
            report = report with { Seconds = clock.Elapsed.TotalSeconds, PeakMemoryMegabytes = PeakMemoryMegabytes() };
            DemoPrinter.Print(report);
            if (options.Json is { } file)
            {
                await File.WriteAllTextAsync(file, report.ToJson(), cancellation);
            }

            return options.Once ? 0 : await ServeAsync(app, key, options, cancellation);
        }
        catch (InvalidOperationException problem)
        {
            Say.Line($"[red]The demo cannot go on:[/] {problem.Message}");
            return 1;
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            return 130;
        }
    }

    private static string FileOf(DemoOptions options) => Path.GetFullPath(options.DataFile ?? Path.Combine(LocalApp.DataFolder(), DataFile));

    private static async Task<LocalApp> StartAsync(DemoOptions options, CancellationToken cancellation)
    {
        var file = FileOf(options);
        Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        foreach (var old in new[] { file, file + "-wal", file + "-shm" })
        {
            File.Delete(old); // The demo begins afresh each time; `serve` keeps its data elsewhere.
        }

        return await LocalApp.StartAsync(
            options.Storage,
            file,
            options.Port,
            quiet: true,
            ["--LocalTimers=false", "--Campaigns:FollowUps=false", $"--Campaigns:Seed={options.Seed.ToString(System.Globalization.CultureInfo.InvariantCulture)}"],
            cancellation);
    }

    private static async Task<DemoReport> RunAsync(IDemoSource source, DemoShop shop, DemoOptions options, CancellationToken cancellation)
    {
        await AnsiConsole.Progress()
            .Columns(new TaskDescriptionColumn(), new ProgressBarColumn(), new PercentageColumn(), new ElapsedTimeColumn())
            .StartAsync(context => StepsAsync(source, shop, context, cancellation));
        var runs = await shop.RunsAsync(cancellation);
        return await DemoReport.ReadAsync(source, shop, runs, options, cancellation);
    }

    private static async Task StepsAsync(IDemoSource source, DemoShop shop, ProgressContext progress, CancellationToken cancellation)
    {
        using var bar = new DemoProgress(progress, shop);
        await shop.Workspace.SetNowAsync(source.LaunchAt, cancellation);
        await shop.PutAsync("/api/settings", source.Settings, cancellation);
        // Business time moves by weeks here, and nobody stands by to look at the first messages.
        await shop.Workspace.ChangeAsync(s => s with { Brakes = SendBrakes.Off }, cancellation);
        await source.ImportHistoryAsync(shop, cancellation);
        await bar.StepAsync("Segments", () => shop.TickAsync("RecomputeSegments", cancellation));
        shop.SegmentsAtLaunch = await shop.GetAsync("/api/segments", cancellation);
        await bar.StepAsync("Campaigns", () => LaunchAsync(shop, cancellation));
        await bar.StepAsync("Messages into the outbox", () => SendAsync(source, shop, cancellation));
        var runs = await shop.RunsAsync(cancellation);
        for (var from = source.LaunchAt; from < source.EndAt; from += Week)
        {
            var to = from + Week < source.EndAt ? from + Week : source.EndAt;
            await shop.Workspace.SetNowAsync(to, cancellation);
            await source.FeedAsync(shop, runs, from, to, cancellation);
            bar.Advance("Orders that follow", (to - source.LaunchAt) / (source.EndAt - source.LaunchAt));
        }

        await bar.StepAsync("Segments after it", () => shop.TickAsync("RecomputeSegments", cancellation));
        await bar.StepAsync("Results", () => shop.TickAsync("MeasureResults", cancellation));
        await shop.TickAsync("LaunchCampaigns", cancellation); // Ends the campaigns whose windows are over.
    }

    private static async Task LaunchAsync(DemoShop shop, CancellationToken cancellation)
    {
        foreach (var campaign in CampaignPresets.Demo)
        {
            await shop.PutAsync("/api/campaigns/" + campaign.Id, campaign, cancellation);
            await shop.PostAsync($"/api/campaigns/{campaign.Id}/activate", cancellation);
        }

        await shop.TickAsync("LaunchCampaigns", cancellation);
    }

    /// <summary>Moves the clock from one recipients' morning to the next until all is sent.</summary>
    private static async Task SendAsync(IDemoSource source, DemoShop shop, CancellationToken cancellation)
    {
        while (await shop.NextDueAsync(cancellation) is { } due && due <= source.LaunchAt + SendingEnds)
        {
            await shop.Workspace.SetNowAsync(due, cancellation);
            await shop.TickAsync("WakeJobs", cancellation);
        }
    }

    private static async Task<int> ServeAsync(LocalApp app, string key, DemoOptions options, CancellationToken cancellation)
    {
        app.Get<CampaignsOptions>().FollowUps = true;
        app.Get<LocalTriggerSettings>().StartTimers();
        AnsiConsole.WriteLine();
        Say.Line($"The console: [bold]{app.Address}[/]. Sign in with the admin's API key [bold]{key}[/]");
        Say.Line(app.Get<StorePorts>().Distributed ? $"Ctrl-C ends the demo." : (FormattableString)$"Ctrl-C ends the demo; its data stay: ./campaigns serve --data {FileOf(options)}");
        await app.App.WaitForShutdownAsync(cancellation);
        return 0;
    }

    /// <summary>The most memory that this process ever held, from the system's own count where there is one.</summary>
    private static double PeakMemoryMegabytes()
    {
        if (File.Exists("/proc/self/status"))
        {
            var line = File.ReadLines("/proc/self/status").FirstOrDefault(l => l.StartsWith("VmHWM:", StringComparison.Ordinal));
            if (line is not null)
            {
                return double.Parse(line.AsSpan(6, line.Length - 6 - 2), System.Globalization.CultureInfo.InvariantCulture) / 1024;
            }
        }

        using var process = Process.GetCurrentProcess();
        return process.PeakWorkingSet64 / (1024.0 * 1024.0);
    }
}
