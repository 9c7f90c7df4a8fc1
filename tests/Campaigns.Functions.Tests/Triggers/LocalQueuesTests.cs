using System.Globalization;
using Campaigns.Core.Jobs;
using Campaigns.Core.Storage;
using Campaigns.Functions.Hosting;
using Campaigns.Functions.LocalTriggers;
using Campaigns.Testing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;

namespace Campaigns.Functions.Tests.Triggers;

/// <summary>The local queue triggers play the Functions host's part: on a real store, by a clock that the test moves.</summary>
public sealed class LocalQueuesTests : IAsyncDisposable
{
    private const string Queue = "probes";

    private static readonly TimeSpan Visibility = TimeSpan.FromSeconds(30);

    private readonly WatchedTime time = new();
    private readonly TempStore store;
    private readonly TroubledQueues queues;
    private readonly WorkQueues work;
    private readonly ProbeLog log = new();
    private readonly LocalTriggerSettings settings;
    private LocalQueues? triggers;

    public LocalQueuesTests()
    {
        store = TempStore.Create(buckets: 1, time);
        queues = new TroubledQueues(store.Queues);
        work = new WorkQueues(queues);
        settings = new LocalTriggerSettings
        {
            Functions = [new FunctionFile(nameof(QueueProbe), "queueTrigger", "message", Queue, null)],
            Queues = new QueueHostSettings(4, 2, 3, TimeSpan.Zero),
            Visibility = Visibility,
        };
    }

    [Fact]
    public async Task Work_that_takes_longer_than_the_visibility_time_out_is_delivered_once()
    {
        var end = new TaskCompletionSource();
        log.Work = _ => end.Task;
        await SendAsync("long");
        await StartAsync();

        for (var half = 1; half <= 6; half++)
        {
            await Eventually.HoldsAsync(() => time.Begun(Visibility / 2) >= half);
            time.Advance(Visibility / 2);
            await Eventually.HoldsAsync(() => queues.Renewals >= half);
            await PolledAsync();
        }

        Assert.Single(log.Calls);
        end.SetResult();
        await EmptyAsync();
        Assert.Single(log.Calls);
    }

    [Fact]
    public async Task A_renewal_whose_answer_was_lost_neither_ends_the_renewing_nor_the_work()
    {
        var end = new TaskCompletionSource();
        log.Work = _ => end.Task;
        queues.OnRenewed.Enqueue(new IOException("the answer was lost"));
        await SendAsync("long");
        await StartAsync();
        await Eventually.HoldsAsync(() => time.Begun(Visibility / 2) >= 1);
        time.Advance(Visibility / 2);

        await Eventually.HoldsAsync(() => time.Begun(Visibility / 2) >= 2);
        end.SetResult();

        // Its receipt is lost: it comes back after the time-out, runs again, and is deleted then.
        await Eventually.HoldsAsync(() => log.Calls.Count == 2, () => time.Advance(TimeSpan.FromSeconds(1)));
        await EmptyAsync();
    }

    [Fact]
    public async Task A_message_that_fails_too_often_goes_to_the_poison_queue_with_its_body_intact()
    {
        const string Body = "{\"campaigns\":1,\"content\":\"Jürgen \\\"&<>\\u0001 日本\"}";
        log.Work = _ => throw new InvalidDataException("no");
        await SendAsync(Body);
        await StartAsync();

        await PoisonedAsync(1);

        Assert.Equal([Body, Body, Body], log.Calls);
        Assert.Equal(Body, Assert.Single(await queues.PeekAsync(LocalQueues.Poison(Queue), 32, CancellationToken.None)).Body);
        await EmptyAsync();
    }

    [Fact]
    public async Task A_message_that_fails_and_then_works_is_not_poisoned()
    {
        log.Work = _ => log.Calls.Count < 3 ? throw new IOException("not yet") : Task.CompletedTask;
        await SendAsync("third time lucky");
        await StartAsync();

        await EmptyAsync();

        Assert.Equal(3, log.Calls.Count);
        Assert.Equal(0, await queues.CountAsync(LocalQueues.Poison(Queue), CancellationToken.None));
    }

    [Fact]
    public async Task A_crash_between_the_copy_to_the_poison_queue_and_the_delete_leaves_both()
    {
        log.Work = _ => throw new InvalidDataException("no");
        queues.OnDelete.Enqueue(new IOException("the process ended here"));
        await SendAsync("bad");
        await StartAsync();

        await PoisonedAsync(1);

        Assert.Equal(1, await queues.CountAsync(Queue, CancellationToken.None));
        Assert.Equal(3, log.Calls.Count);
        // What was left comes back after its time-out, and is poisoned without another try.
        await Eventually.HoldsAsync(
            async () => await queues.CountAsync(Queue, CancellationToken.None) == 0, () => time.Advance(TimeSpan.FromSeconds(5)));
        Assert.Equal(2, await queues.CountAsync(LocalQueues.Poison(Queue), CancellationToken.None));
        Assert.Equal(3, log.Calls.Count);
    }

    [Fact]
    public async Task A_message_that_takes_the_process_down_each_time_is_poisoned_and_not_tried_for_ever()
    {
        await SendAsync("deadly");
        for (var crash = 0; crash < settings.Queues.MaxDequeueCount; crash++)
        {
            Assert.Equal(crash + 1, Assert.Single(await queues.ReceiveAsync(Queue, 1, Visibility, CancellationToken.None)).DequeueCount);
            time.Advance(Visibility);
        }

        await StartAsync();

        await PoisonedAsync(1);
        Assert.Empty(log.Calls);
    }

    [Fact]
    public async Task Never_more_messages_are_in_flight_than_batch_size_and_threshold_together()
    {
        using var gate = new SemaphoreSlim(0);
        log.Work = _ => gate.WaitAsync();
        for (var i = 0; i < 40; i++)
        {
            await SendAsync(i.ToString(CultureInfo.InvariantCulture));
        }

        await StartAsync();
        await Eventually.HoldsAsync(() => log.Running == 4);
        gate.Release(2); // Two are left, as many as the threshold: a further batch comes.
        await Eventually.HoldsAsync(() => log.Running == 6);
        for (var i = 2; i < 40; i++)
        {
            gate.Release();
        }

        await EmptyAsync();
        Assert.Equal(6, log.Peak);
        Assert.Equal(40, log.Calls.Distinct().Count());
        Assert.Equal(40, log.Calls.Count);
    }

    [Fact]
    public void Batch_sizes_and_tries_are_those_of_the_host_file()
    {
        var read = FunctionFiles.ReadQueueSettings(RepositoryRoot.Path);

        Assert.Equal(new QueueHostSettings(4, 2, 5, TimeSpan.Zero), read);
    }

    [Fact]
    public async Task Messages_of_the_same_process_need_no_poll()
    {
        await StartAsync();
        await Eventually.HoldsAsync(() => time.Begun(settings.ShortestPoll) == 1);

        await work.SendAsync([new Outgoing(Queue, "at once")], CancellationToken.None);

        await Eventually.HoldsAsync(() => log.Calls.Count == 1);
    }

    [Fact]
    public async Task Messages_of_another_process_are_found_by_polling()
    {
        await StartAsync();
        await Eventually.HoldsAsync(() => time.Begun(settings.LongestPoll) > 0, () => time.Advance(settings.ShortestPoll));
        await using var other = new Sqlite.SqliteStore(new Sqlite.SqliteStoreOptions { Path = store.Path, SurvivesPowerCut = false }, time);

        await other.Queues.SendAsync(Queue, "from elsewhere", TimeSpan.Zero, CancellationToken.None);
        await Eventually.HoldsAsync(() => log.Calls.Count == 1, () => time.Advance(settings.LongestPoll));

        Assert.Equal(["from elsewhere"], log.Calls);
    }

    [Fact]
    public async Task Errors_of_the_store_do_not_end_the_pump()
    {
        Exception[] errors = [new IOException("disk"), new TaskCanceledException("a client's time-out"), new InvalidOperationException("closed"), new TimeoutException()];
        Array.ForEach(errors, queues.OnReceive.Enqueue);
        await SendAsync("after the storm");
        await StartAsync();

        await Eventually.HoldsAsync(() => log.Calls.Count == 1, () => time.Advance(settings.LongestPoll));

        Assert.Empty(queues.OnReceive);
    }

    [Fact]
    public async Task A_message_that_cannot_be_deleted_after_its_work_runs_again_and_is_no_failure()
    {
        queues.OnDelete.Enqueue(new IOException("disk"));
        await SendAsync("twice");
        await StartAsync();

        await Eventually.HoldsAsync(() => log.Calls.Count == 2, () => time.Advance(TimeSpan.FromSeconds(1)));

        await EmptyAsync();
        Assert.Equal(0, await queues.CountAsync(LocalQueues.Poison(Queue), CancellationToken.None));
    }

    private async Task StartAsync()
    {
        var services = new ServiceCollection().AddSingleton(log).BuildServiceProvider();
        triggers = new LocalQueues(queues, work, new FunctionTable(services, [typeof(QueueProbe)]), settings, time, NullLogger<LocalQueues>.Instance);
        await triggers.StartAsync(CancellationToken.None);
    }

    private ValueTask SendAsync(string body) => queues.SendAsync(Queue, body, TimeSpan.Zero, CancellationToken.None);

    /// <summary>The pump has looked at the queue since now.</summary>
    private Task PolledAsync()
    {
        var before = queues.Receives;
        return Eventually.HoldsAsync(() => queues.Receives > before, () => time.Advance(TimeSpan.FromMilliseconds(20)));
    }

    private Task EmptyAsync() => Eventually.HoldsAsync(
        async () => await queues.CountAsync(Queue, CancellationToken.None) == 0, () => time.Advance(TimeSpan.FromMilliseconds(20)));

    private Task PoisonedAsync(int messages) => Eventually.HoldsAsync(
        async () => await queues.CountAsync(LocalQueues.Poison(Queue), CancellationToken.None) == messages, () => time.Advance(TimeSpan.FromMilliseconds(20)));

    public async ValueTask DisposeAsync()
    {
        if (triggers is not null)
        {
            await triggers.StopAsync(CancellationToken.None);
            triggers.Dispose();
        }

        await store.DisposeAsync();
    }
}
