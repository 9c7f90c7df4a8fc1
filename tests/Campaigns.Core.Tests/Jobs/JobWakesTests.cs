using Campaigns.Core.Jobs;
using Campaigns.Core.Tests.Faults;

namespace Campaigns.Core.Tests.Jobs;

/// <summary>The timer repeats what was lost and nothing else: messages about the same parts do not pile up, however slow the work is.</summary>
public sealed class JobWakesTests : IAsyncDisposable
{
    private const int Buckets = 16;

    private static readonly DateTimeOffset Start = new(2025, 3, 1, 9, 0, 0, TimeSpan.Zero);

    private readonly TempStore store = TempStore.Create(Buckets);
    private readonly SimulatedTime time = new(Start);

    /// <summary>Messages that a queue is said to hold.</summary>
    private int queued;

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    public async ValueTask DisposeAsync() => await store.DisposeAsync();

    [Fact]
    public async Task What_waits_in_its_queue_is_not_woken_and_what_was_lost_is()
    {
        var runner = Runner();
        queued = (await runner.CreateAsync(Head, Cancelled)).Count;
        for (var i = 0; i < 100; i++)
        {
            time.Advance(TimeSpan.FromSeconds(1));
            Assert.Empty(await RingAsync(runner));
        }

        queued = 0;
        Assert.Equal(Buckets, (await RingAsync(runner)).Count);
    }

    [Fact]
    public async Task What_is_due_is_woken_again_after_a_while_however_full_its_queue_is()
    {
        var runner = Runner();
        queued = (await runner.CreateAsync(Head, Cancelled)).Count;
        Assert.Empty(await RingAsync(runner));
        time.Advance(JobWakes.RepeatAfter);

        Assert.Equal(Buckets, (await RingAsync(runner)).Count);
        Assert.Empty(await RingAsync(runner));
    }

    [Fact]
    public async Task A_part_whose_time_has_come_is_woken_once_though_its_queue_is_full()
    {
        var runner = Runner(later: Start.AddHours(1));
        foreach (var message in await runner.CreateAsync(Head, Cancelled))
        {
            await HandleAsync(runner, message);
        }

        queued = 1;
        Assert.Empty(await RingAsync(runner));
        time.Advance(TimeSpan.FromHours(1));
        Assert.Equal(Buckets, (await RingAsync(runner)).Count);
        Assert.Empty(await RingAsync(runner));
    }

    [Fact]
    public void A_part_whose_handler_died_is_woken_once_though_its_queue_is_full()
    {
        var woken = new OpenRow { Stage = "first", WokenAt = Start, WokenNow = Start };
        var parts = new JobPart?[] { new() { LeaseUntil = Start.AddSeconds(30) }, new() { Done = true }, null };

        Assert.Empty(JobWakes.Of(parts, woken, isIdle: false, Start.AddSeconds(29), Start.AddSeconds(29)));
        Assert.Equal([0], JobWakes.Of(parts, woken, isIdle: false, Start.AddSeconds(31), Start.AddSeconds(31)));
        var again = woken with { WokenAt = Start.AddSeconds(31), WokenNow = Start.AddSeconds(31) };
        Assert.Empty(JobWakes.Of(parts, again, isIdle: false, Start.AddSeconds(60), Start.AddSeconds(60)));
        Assert.Equal([0, 2], JobWakes.Of(parts, again, isIdle: true, Start.AddSeconds(60), Start.AddSeconds(60)));
    }

    [Fact]
    public async Task Repeated_messages_of_a_complete_stage_do_not_multiply()
    {
        var runner = Runner();
        var first = await runner.CreateAsync(Head, Cancelled);
        var following = new List<Outgoing>();
        for (var i = 0; i < 5; i++)
        {
            foreach (var message in first)
            {
                following.AddRange(await HandleAsync(runner, message));
            }
        }

        Assert.Equal(Buckets, following.Count);
        foreach (var message in following)
        {
            await HandleAsync(runner, message);
        }

        Assert.Equal(JobStatus.Done, (await runner.FindAsync(Head.Job, Cancelled))!.Status);
    }

    [Fact]
    public async Task Messages_that_were_lost_between_two_stages_are_sent_by_the_timer()
    {
        var runner = Runner();
        foreach (var message in await runner.CreateAsync(Head, Cancelled))
        {
            await HandleAsync(runner, message); // What follows is lost.
        }

        var woken = await RingAsync(runner);
        Assert.Equal(Buckets, woken.Count);
        Assert.All(woken, m => Assert.Equal("second", Envelope.Parse(m.Body).Work!.Stage));
    }

    private static JobHead Head => new() { Job = "j", Kind = "example", AsOf = Start, CreatedAt = Start };

    private JobRunner Runner(DateTimeOffset? later = null) =>
        new(store.Rows, store.Blobs, new Workspace(store.Rows, time), time, [new Stage("first", 0, later), new Stage("second", 1, null)], TimeSpan.FromSeconds(30));

    private static async Task<IReadOnlyList<Outgoing>> HandleAsync(JobRunner runner, Outgoing message) =>
        await runner.HandleAsync(Envelope.Parse(message.Body).Work!, Cancelled);

    private async Task<List<Outgoing>> RingAsync(JobRunner runner)
    {
        var woken = new List<Outgoing>();
        await foreach (var message in runner.WakeAsync((_, _) => ValueTask.FromResult(queued), Cancelled))
        {
            woken.Add(message);
        }

        return woken;
    }

    /// <summary>A stage that has nothing to do, or says when to come back.</summary>
    private sealed class Stage(string name, int order, DateTimeOffset? later) : IJobStage
    {
        public string Kind => "example";

        public string Name => name;

        public int Order => order;

        public string Queue => "plan";

        public bool PerBucket => true;

        public ValueTask<PartOutcome> RunAsync(JobContext context, int part, CancellationToken cancellation) =>
            ValueTask.FromResult<PartOutcome>(later is { } at ? new PartOutcome.Later(at) : new PartOutcome.Done(default));

        public ValueTask<ReadOnlyMemory<byte>> MergeAsync(JobContext context, IAsyncEnumerable<ReadOnlyMemory<byte>> summaries, CancellationToken cancellation) =>
            ValueTask.FromResult<ReadOnlyMemory<byte>>(default);
    }
}
