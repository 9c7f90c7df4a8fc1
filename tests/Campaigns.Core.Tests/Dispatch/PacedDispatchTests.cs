using Campaigns.Core.Dispatch;
using Campaigns.Core.Jobs;
using Campaigns.Core.Planning;
using Campaigns.Core.Primitives;
using Campaigns.Core.Storage;

namespace Campaigns.Core.Tests.Dispatch;

/// <summary>Each pass of a <see cref="DispatchWorld"/> is an instance of its own, which knows only what is stored.</summary>
public class PacedDispatchTests
{
    private static async Task<DispatchWorld> WorldAsync(int customers, params SendLimit[] limits)
    {
        var world = await DispatchWorld.CreateAsync(customers);
        await world.Workspace.ChangeAsync(s => s with { Limits = limits }, default);
        return world;
    }

    private static RememberingChannel Taking(Channel channel, List<DateTimeOffset>? at = null, TestClock? clock = null) =>
        new(channel, canTell: true, seed: 0) { Answer = _ => { at?.Add(clock!.GetUtcNow()); return new SendResult.Accepted(null); } };

    [Fact]
    public async Task What_a_rate_holds_up_goes_out_a_little_later_in_the_same_pass_and_nothing_is_dropped()
    {
        await using var world = await WorldAsync(60, new SendLimit { Channel = Channel.Email, PerSecond = 2 });
        var times = new List<DateTimeOffset>();
        var counts = await world.FinishAsync(Taking(Channel.Email, times, world.Clock), Taking(Channel.Sms));
        Assert.Equal((0, 60), (counts.Skipped.Count, counts.Assigned));
        Assert.Equal(counts.SentByEmail, times.Count);
        for (var i = 0; i < times.Count; i++)
        {
            Assert.InRange(times.Count(t => t >= times[i] && t < times[i].AddSeconds(1)), 1, 4);
        }
    }

    [Fact]
    public async Task A_days_messages_go_out_on_that_day_and_the_others_on_the_next()
    {
        await using var world = await WorldAsync(60, new SendLimit { Channel = Channel.Email, PerDay = 10 });
        var times = new List<DateTimeOffset>();
        var email = Taking(Channel.Email, times, world.Clock);
        for (var i = 0; i < 200 && await world.PassAsync(world.Rows, email, Taking(Channel.Sms)) is PartOutcome.Later { DueAt: var due }; i++)
        {
            Assert.True(due > world.Clock.GetUtcNow());
            world.Clock.Advance(due - world.Clock.GetUtcNow());
        }

        var byDay = times.GroupBy(t => t.UtcDateTime.Date).Select(d => d.Count()).ToList();
        Assert.Equal((10, 10, 32), (byDay[0], byDay.Max(), byDay.Sum()));
    }

    [Fact]
    public async Task Without_a_limit_nothing_is_written_for_the_pace()
    {
        await using var world = await WorldAsync(60);
        await world.FinishAsync(Taking(Channel.Email), Taking(Channel.Sms));
        Assert.Null(await world.Rows.FindAsync<SendPace>(Tables.Work, "workspace", SendPace.NameOf(Channel.Email), default));
    }

    [Fact]
    public async Task A_block_of_tokens_costs_one_commit_and_serves_several_calls()
    {
        await using var world = await WorldAsync(300, new SendLimit { Channel = Channel.Email, PerSecond = 60 });
        var rows = new CountingRows(world.Rows);
        Assert.IsType<PartOutcome.Done>(await world.PassAsync(rows, Taking(Channel.Email), Taking(Channel.Sms)));
        Assert.Equal((3, 1), (rows.Commits, rows.Reads)); // 160 messages at 60 a block; the row is read once.
    }

    [Fact]
    public async Task A_provider_that_asks_to_wait_is_left_alone_by_every_instance()
    {
        await using var world = await WorldAsync(60);
        var calls = 0;
        var busy = new RememberingChannel(Channel.Email, canTell: true, seed: 0) { Answer = _ => { calls++; return new SendResult.NotSent("busy", TimeSpan.FromMinutes(10)); } };
        await world.PassAsync(world.Rows, busy, Taking(Channel.Sms));
        Assert.Equal(3, calls); // One call with three messages.
        await world.PassAsync(world.Rows, busy, Taking(Channel.Sms));
        Assert.Equal(3, calls);
        world.Clock.Advance(TimeSpan.FromMinutes(10));
        var counts = await world.FinishAsync(Taking(Channel.Email), Taking(Channel.Sms));
        Assert.Equal(counts.Assigned, counts.Sent + counts.HeldOut);
    }

    [Fact]
    public async Task After_a_lost_answer_another_instance_sends_one_message_a_call_until_one_is_taken()
    {
        await using var world = await WorldAsync(60);
        var sizes = new List<int>();
        var lost = true;
        var email = new SizedChannel(sizes, () => lost);
        await world.PassAsync(world.Rows, email, Taking(Channel.Sms));
        var before = sizes.Count;
        Assert.Equal(3, sizes[0]);
        Assert.All(sizes.Skip(1), size => Assert.Equal(1, size));
        lost = false;
        world.Clock.Advance(TimeSpan.FromMinutes(6));
        await world.PassAsync(world.Rows, email, Taking(Channel.Sms));
        Assert.Equal((1, 3), (sizes[before], sizes[before + 2]));
    }

    /// <summary>Notes how many messages a call carries.</summary>
    private sealed class SizedChannel(List<int> sizes, Func<bool> lost) : IMessageChannel
    {
        public string Name => "sized";

        public Channel Channel => Channel.Email;

        public int BatchSize => 3;

        public ValueTask<IReadOnlyList<SendResult>> SendAsync(IReadOnlyList<OutgoingMessage> batch, CancellationToken cancellation)
        {
            sizes.Add(batch.Count);
            return new([.. batch.Select(_ => lost() ? (SendResult)new SendResult.Unknown("lost") : new SendResult.Accepted(null))]);
        }

        public ValueTask<FindResult> FindAsync(SendId id, CancellationToken cancellation) => new(FindResult.CannotTell);
    }

    /// <summary>Counts what the pace of e-mail costs.</summary>
    private sealed class CountingRows(IRowStore rows) : IRowStore
    {
        private static readonly string Key = SendPace.NameOf(Channel.Email);

        public int Commits { get; private set; }

        public int Reads { get; private set; }

        public ValueTask<Row?> GetAsync(string table, string partition, string key, CancellationToken cancellation)
        {
            Reads += key == Key ? 1 : 0;
            return rows.GetAsync(table, partition, key, cancellation);
        }

        public ValueTask<RowPage> RangeAsync(string table, string partition, string from, string before, int limit, string? continuation, CancellationToken cancellation) =>
            rows.RangeAsync(table, partition, from, before, limit, continuation, cancellation);

        public ValueTask<CommitResult> CommitAsync(string table, string partition, IReadOnlyList<RowOperation> operations, CancellationToken cancellation)
        {
            Commits += operations.Any(o => o.Key == Key) ? 1 : 0;
            return rows.CommitAsync(table, partition, operations, cancellation);
        }

        public IAsyncEnumerable<string> PartitionsAsync(string table, CancellationToken cancellation) => rows.PartitionsAsync(table, cancellation);
    }
}
