using Campaigns.Core.Storage;
using Campaigns.Functions.Hosting;
using Campaigns.Functions.LocalTriggers;
using Campaigns.Sqlite;
using Campaigns.Testing;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;

namespace Campaigns.Functions.Tests.Triggers;

/// <summary>The local timers play the Functions host's part: on a real store, by a clock that the test moves.</summary>
public sealed class LocalTimersTests : IAsyncDisposable
{
    private const string Setting = "TimerProbeSchedule";

    private static readonly TimeSpan Hour = TimeSpan.FromHours(1);

    /// <summary>The step in which timers wait for a tick that is far.</summary>
    private static readonly TimeSpan LongWait = TimeSpan.FromSeconds(30);

    private readonly WatchedTime time = new();
    private readonly TempStore store;
    private readonly TroubledRows rows;
    private readonly ProbeLog log = new();
    private readonly List<IAsyncDisposable> running = [];

    public LocalTimersTests()
    {
        store = TempStore.Create(buckets: 1, time);
        rows = new TroubledRows(store.Rows);
    }

    private static LocalTriggerSettings Settings => new()
    {
        Functions = [new FunctionFile(nameof(TimerProbe), "timerTrigger", "timer", null, Setting)],
        Queues = new QueueHostSettings(4, 2, 3, TimeSpan.Zero),
        Timers = true,
    };

    [Fact]
    public async Task A_timer_that_never_ran_counts_from_now()
    {
        await StartAsync(rows);
        await RowAsync(r => r is not null);
        Assert.Empty(log.Calls);

        await TicksAsync(1, waits: 1);

        Assert.Equal(13, (await RowAsync(r => r is { Owner: null, LastAt.Hour: 13 })).LastAt.Hour);
    }

    [Fact]
    public async Task Any_number_of_missed_ticks_gives_exactly_one_call()
    {
        await WriteAsync(new TimerRow { LastAt = time.GetUtcNow() - (500 * Hour) });
        await StartAsync(rows);

        await Eventually.HoldsAsync(() => log.Calls.Count == 1); // At once: nothing moves the clock.
        var row = await RowAsync(r => r is { Owner: null } && r.LastAt == time.GetUtcNow());

        // The loop waits for the next full hour; only then is there another.
        await Eventually.HoldsAsync(() => time.Begun(LongWait) > 0);
        time.Advance(TimeSpan.FromMinutes(30));
        Assert.Single(log.Calls);
        Assert.Equal(row, await RowAsync(_ => true));
        await TicksAsync(2, waits: 2);
    }

    [Fact]
    public async Task Of_two_processes_on_one_store_one_runs_a_tick()
    {
        await StartAsync(rows);
        await StartAsync(OtherProcess());
        await RowAsync(r => r is not null);

        for (var tick = 1; tick <= 10; tick++)
        {
            // The tick is held open until the other process has tried its luck and found the claim.
            var end = new TaskCompletionSource();
            log.Work = _ => end.Task;
            var polls = time.Begun(Settings.LongestPoll);
            await TicksAsync(tick, waits: 1 + tick); // Both at first; then one more by whoever ran the last tick.
            await Eventually.HoldsAsync(() => time.Begun(Settings.LongestPoll) > polls);
            Assert.Equal(tick, log.Calls.Count);
            end.SetResult();
            await RowAsync(r => r is { Owner: null });
        }

        time.Advance(TimeSpan.FromSeconds(5)); // The one that waited sees that the tick has run.
        Assert.Equal(10, log.Calls.Count);
    }

    [Fact]
    public async Task A_function_that_takes_longer_than_the_claim_keeps_it()
    {
        await StartAsync(rows);
        await StartAsync(OtherProcess());
        await RowAsync(r => r is not null);
        var end = new TaskCompletionSource();
        log.Work = _ => end.Task;
        await TicksAsync(1, waits: 2);

        for (var half = 1; half <= 5; half++)
        {
            await Eventually.HoldsAsync(() => time.Begun(Settings.Visibility / 2) >= half);
            time.Advance(Settings.Visibility / 2);
            await RowAsync(r => r?.ClaimedUntil == time.GetUtcNow() + Settings.Visibility);
        }

        Assert.Single(log.Calls);
        end.SetResult();
        await RowAsync(r => r is { Owner: null });
        Assert.Single(log.Calls);
    }

    [Fact]
    public async Task The_tick_of_a_process_that_died_is_run_by_another_once_the_claim_has_run_out()
    {
        var claimed = time.GetUtcNow() + TimeSpan.FromSeconds(20);
        await WriteAsync(new TimerRow { LastAt = time.GetUtcNow() - (2 * Hour), Owner = "died", ClaimedUntil = claimed });
        await StartAsync(rows);
        await Eventually.HoldsAsync(() => time.Begun(Settings.LongestPoll) > 0);
        Assert.Empty(log.Calls);

        await Eventually.HoldsAsync(() => log.Calls.Count == 1, () => time.Advance(TimeSpan.FromSeconds(1)));

        Assert.True(time.GetUtcNow() >= claimed);
        await RowAsync(r => r is { Owner: null });
    }

    [Fact]
    public async Task Errors_of_the_store_and_of_the_function_do_not_end_a_timer()
    {
        rows.OnGet.Enqueue(new IOException("disk"));
        rows.OnGet.Enqueue(new TaskCanceledException("a client's time-out"));
        await StartAsync(rows);
        await Eventually.HoldsAsync(
            async () => await store.Rows.GetAsync(Tables.Work, "timers", nameof(TimerProbe), CancellationToken.None) is not null,
            () => time.Advance(TimeSpan.FromSeconds(1)));
        Assert.Empty(rows.OnGet);
        log.Work = _ => log.Calls.Count == 1 ? throw new TaskCanceledException("a time-out within") : Task.CompletedTask;

        await TicksAsync(1, waits: 1);
        await RowAsync(r => r is { Owner: null, LastAt.Minute: 0 });
        await TicksAsync(2, waits: 2);
    }

    [Theory]
    [InlineData("every day")]
    [InlineData("0 3 * * *")]
    [InlineData(null)]
    public async Task A_schedule_that_cannot_be_read_stops_the_start_and_names_the_setting(string? expression)
    {
        using var timers = Build(rows, expression);
        await timers.StartAsync(CancellationToken.None);

        var error = await Assert.ThrowsAsync<InvalidOperationException>(() => timers.ExecuteTask!);

        Assert.Contains(Setting, error.Message, StringComparison.Ordinal);
    }

    private LocalTimers Build(IRowStore onRows, string? expression)
    {
        var configuration = new ConfigurationBuilder().AddInMemoryCollection([new(Setting, expression)]).Build();
        var services = new ServiceCollection().AddSingleton(log).BuildServiceProvider();
        return new LocalTimers(onRows, new FunctionTable(services, [typeof(TimerProbe)]), Settings, configuration, time, NullLogger<LocalTimers>.Instance);
    }

    private async Task StartAsync(IRowStore onRows)
    {
        var timers = Build(onRows, "0 0 * * * *");
        running.Insert(0, new Stopping(timers));
        await timers.StartAsync(CancellationToken.None);
    }

    private IRowStore OtherProcess()
    {
        var other = new SqliteStore(new SqliteStoreOptions { Path = store.Path, SurvivesPowerCut = false }, time);
        running.Add(other);
        return other.Rows;
    }

    /// <summary>Moves the clock to the next full hour, once, and waits until so many calls were made.</summary>
    /// <summary>Moves the clock to the next tick once the timers wait for it, and waits for so many calls in all.</summary>
    /// <param name="calls">Calls since the start.</param>
    /// <param name="waits">Long waits begun since the start: a timer between two of them would miss that the clock moves.</param>
    private async Task TicksAsync(int calls, int waits)
    {
        await Eventually.HoldsAsync(() => time.Begun(LongWait) >= waits);
        var now = time.GetUtcNow();
        time.SetUtcNow(new DateTimeOffset(now.Year, now.Month, now.Day, now.Hour, 0, 0, TimeSpan.Zero) + Hour);
        await Eventually.HoldsAsync(() => log.Calls.Count >= calls);
    }

    private async Task<TimerRow> RowAsync(Func<TimerRow?, bool> condition)
    {
        TimerRow? row = null;
        await Eventually.HoldsAsync(async () =>
        {
            row = (await store.Rows.FindAsync<TimerRow>(Tables.Work, "timers", nameof(TimerProbe), CancellationToken.None))?.Value;
            return condition(row);
        });
        return row!;
    }

    private async Task WriteAsync(TimerRow row) =>
        await store.Rows.CommitAsync(Tables.Work, "timers", [new RowOperation.Upsert(nameof(TimerProbe), RowCodec.Encode(row))], CancellationToken.None);

    public async ValueTask DisposeAsync()
    {
        foreach (var one in running)
        {
            await one.DisposeAsync();
        }

        await store.DisposeAsync();
    }

    private sealed class Stopping(LocalTimers timers) : IAsyncDisposable
    {
        public async ValueTask DisposeAsync()
        {
            await timers.StopAsync(CancellationToken.None);
            timers.Dispose();
        }
    }
}
