using Campaigns.Core.Storage;
using Campaigns.Functions.Hosting;
using Cronos;
using MemoryPack;

namespace Campaigns.Functions.LocalTriggers;

/// <summary>When a timer last ran: row {function} of partition timers in table work.</summary>
[MemoryPackable]
public sealed partial record TimerRow : IStoredRow
{
    /// <inheritdoc/>
    public static byte Version => 1;

    /// <summary>System time of the last tick that was run.</summary>
    public required DateTimeOffset LastAt { get; init; }
}

/// <summary>
/// Plays the Functions host's part for timers: cron expressions of six fields in UTC; any number of missed ticks gives one
/// call; of several processes on one store one runs a tick (whoever wins the row). The status is written after the run,
/// as on the host, so a crash repeats it.
/// </summary>
public sealed class LocalTimers(
    IRowStore rows, FunctionTable functions, LocalTriggerSettings settings, IConfiguration configuration, TimeProvider time, ILogger<LocalTimers> log) : BackgroundService
{
    private const string Partition = "timers";

    /// <summary>The next tick after the last one that ran; null where the expression never fires again.</summary>
    public static DateTimeOffset? NextTick(string expression, DateTimeOffset lastAt) =>
        CronExpression.Parse(expression, CronFormat.IncludeSeconds).GetNextOccurrence(lastAt, TimeZoneInfo.Utc);

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            await settings.TimersStarted.WaitAsync(stoppingToken);
            await Task.WhenAll(settings.Functions.Where(f => f.Trigger == "timerTrigger").Select(f => RunAsync(f, stoppingToken)));
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The app stops.
        }
    }

    private async Task RunAsync(FunctionFile file, CancellationToken stopping)
    {
        var expression = configuration[file.Schedule!]
            ?? throw new InvalidOperationException($"App setting {file.Schedule} is missing: the cron expression of {file.Name}.");
        while (true)
        {
            var last = await LastAsync(file.Name, stopping);
            if (NextTick(expression, last) is not { } next)
            {
                return;
            }

            // In steps, so that a clock that is moved (tests, a laptop that slept) is noticed.
            for (var wait = next - time.GetUtcNow(); wait > TimeSpan.Zero; wait = next - time.GetUtcNow())
            {
                await Task.Delay(wait < LongestWait ? wait : LongestWait, time, stopping);
            }

            await TickAsync(file, stopping);
        }
    }

    private async Task TickAsync(FunctionFile file, CancellationToken stopping)
    {
        var now = time.GetUtcNow();
        try
        {
            await functions.TickAsync(file.Name, stopping);
        }
        catch (Exception error) when (error is not OperationCanceledException)
        {
            log.LogError(error, "{Function} failed; it runs again at its next time.", file.Name);
        }

        await rows.UpdateAsync<TimerRow>(Tables.Work, Partition, file.Name, found => found?.LastAt >= now ? null : new TimerRow { LastAt = now }, stopping);
    }

    private async Task<DateTimeOffset> LastAsync(string name, CancellationToken stopping)
    {
        // A timer that never ran counts from now, as on the host.
        var row = await rows.UpdateAsync<TimerRow>(
            Tables.Work, Partition, name, found => found is null ? new TimerRow { LastAt = time.GetUtcNow() } : null, stopping);
        return row!.LastAt;
    }

    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(30);
}
