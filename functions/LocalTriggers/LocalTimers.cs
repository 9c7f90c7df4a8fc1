using Campaigns.Core.Storage;
using Campaigns.Functions.Hosting;
using Cronos;
using MemoryPack;

namespace Campaigns.Functions.LocalTriggers;

/// <summary>A timer: row {function} of partition timers in table work.</summary>
[MemoryPackable]
public sealed partial record TimerRow : IStoredRow
{
    /// <inheritdoc/>
    public static byte Version => 1;

    /// <summary>System time of the last tick that ran to its end; the start of the first process before any.</summary>
    public required DateTimeOffset LastAt { get; init; }

    /// <summary>The process that runs a tick now, or null.</summary>
    public string? Owner { get; init; }

    /// <summary>System time until which it is the only one; renewed while it runs.</summary>
    public DateTimeOffset? ClaimedUntil { get; init; }
}

/// <summary>
/// Plays the Functions host's part for timers: cron expressions of six fields in UTC; any number of missed ticks gives one
/// call. Of several processes on one store one runs a tick: whoever claims the row, under its ETag, before the function is
/// called; the others wait for the end of the claim and see that the tick has run. The tick is marked as run after the
/// function, as on the host: a crash in between repeats it, once the claim has run out.
/// </summary>
public sealed class LocalTimers(
    IRowStore rows, FunctionTable functions, LocalTriggerSettings settings, IConfiguration configuration, TimeProvider time, ILogger<LocalTimers> log) : BackgroundService
{
    private const string Partition = "timers";

    /// <summary>Waits are cut into steps, so that a clock that is moved (a laptop that slept) is noticed.</summary>
    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(30);

    /// <summary>Pause after an error of the store.</summary>
    private static readonly TimeSpan AfterError = TimeSpan.FromSeconds(1);

    private readonly string self = Guid.NewGuid().ToString("N");

    /// <summary>The next tick after the last one that ran; null where the expression never fires again.</summary>
    public static DateTimeOffset? NextTick(string expression, DateTimeOffset lastAt) =>
        CronExpression.Parse(expression, CronFormat.IncludeSeconds).GetNextOccurrence(lastAt, TimeZoneInfo.Utc);

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        // Before anything runs: a schedule that cannot be read must stop the start, not one timer in silence.
        var timers = settings.Functions.Where(f => f.Trigger == "timerTrigger").Select(f => (f.Name, Schedule: ScheduleOf(f))).ToList();
        try
        {
            await settings.TimersStarted.WaitAsync(stoppingToken);
            await Task.WhenAll(timers.Select(t => RunAsync(t.Name, t.Schedule, stoppingToken)));
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The app stops.
        }
    }

    private CronExpression ScheduleOf(FunctionFile file)
    {
        var expression = configuration[file.Schedule!]
            ?? throw new InvalidOperationException($"App setting {file.Schedule} is missing: the cron expression of {file.Name}.");
        return CronExpression.TryParse(expression, CronFormat.IncludeSeconds, out var schedule)
            ? schedule
            : throw new InvalidOperationException($"App setting {file.Schedule} is '{expression}', which is no cron expression of six fields such as \"0 */5 * * * *\".");
    }

    private async Task RunAsync(string name, CronExpression schedule, CancellationToken stopping)
    {
        while (true)
        {
            try
            {
                if (!await RunOnceAsync(name, schedule, stopping))
                {
                    return;
                }
            }
            catch (Exception error) when (!stopping.IsCancellationRequested)
            {
                log.LogError(error, "Timer {Function} cannot reach the store; trying again.", name);
                await Task.Delay(AfterError, time, stopping);
            }
        }
    }

    /// <summary>Waits for the next tick and runs it unless another process does; false where there is none ever again.</summary>
    private async Task<bool> RunOnceAsync(string name, CronExpression schedule, CancellationToken stopping)
    {
        // A timer that never ran counts from now, as on the host.
        var row = (await rows.UpdateAsync<TimerRow>(
            Tables.Work, Partition, name, found => found is null ? new TimerRow { LastAt = time.GetUtcNow() } : null, stopping))!;
        if (schedule.GetNextOccurrence(row.LastAt, TimeZoneInfo.Utc) is not { } next)
        {
            return false;
        }

        await WaitUntilAsync(next, stopping);
        var now = time.GetUtcNow();
        var claim = await rows.UpdateAsync<TimerRow>(
            Tables.Work,
            Partition,
            name,
            found => found is null || found.LastAt != row.LastAt || found.ClaimedUntil > now ? null : found with { Owner = self, ClaimedUntil = now + settings.Visibility },
            stopping);
        if (claim is { } held && held.Owner == self && held.LastAt == row.LastAt)
        {
            await TickAsync(name, now, stopping);
        }
        else if (claim is { ClaimedUntil: { } until })
        {
            // Another process runs it. Should that one die, the tick is ours when its claim has run out.
            var poll = time.GetUtcNow() + settings.LongestPoll;
            await WaitUntilAsync(until < poll ? until : poll, stopping);
        }

        return true;
    }

    private async Task TickAsync(string name, DateTimeOffset at, CancellationToken stopping)
    {
        using var running = CancellationTokenSource.CreateLinkedTokenSource(stopping);
        var renewal = RenewAsync(name, running.Token);
        try
        {
            await functions.TickAsync(name, stopping);
        }
        catch (Exception error) when (!stopping.IsCancellationRequested)
        {
            log.LogError(error, "{Function} failed; it runs again at its next time.", name);
        }
        finally
        {
            await running.CancelAsync();
            await renewal;
        }

        await rows.UpdateAsync<TimerRow>(
            Tables.Work, Partition, name, found => found?.Owner == self ? new TimerRow { LastAt = at } : null, stopping);
    }

    private async Task RenewAsync(string name, CancellationToken stop)
    {
        while (true)
        {
            try
            {
                await Task.Delay(settings.Visibility / 2, time, stop);
            }
            catch (OperationCanceledException)
            {
                return; // The function is done.
            }

            try
            {
                await rows.UpdateAsync<TimerRow>(
                    Tables.Work,
                    Partition,
                    name,
                    found => found?.Owner == self ? found with { ClaimedUntil = time.GetUtcNow() + settings.Visibility } : null,
                    CancellationToken.None);
            }
            catch (Exception error)
            {
                log.LogWarning(error, "The claim of timer {Function} could not be renewed; another process may run the same tick.", name);
            }
        }
    }

    private async Task WaitUntilAsync(DateTimeOffset until, CancellationToken stopping)
    {
        for (var wait = until - time.GetUtcNow(); wait > TimeSpan.Zero; wait = until - time.GetUtcNow())
        {
            await Task.Delay(wait < LongestWait ? wait : LongestWait, time, stopping);
        }
    }
}
