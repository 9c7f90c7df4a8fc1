using Campaigns.Core.Storage;

namespace Campaigns.Storage.Tests;

/// <summary>What every queue store does. Each test has a queue of its own.</summary>
public abstract class QueueStoreContract
{
    private static readonly TimeSpan Long = TimeSpan.FromMinutes(5);

    private static readonly CancellationToken Never = CancellationToken.None;

    protected abstract IQueueStore Queues { get; }

    protected string Queue { get; } = "q-" + Guid.NewGuid().ToString("N");

    /// <summary>Lets the time of the queue pass.</summary>
    protected abstract Task PassAsync(TimeSpan time);

    [Fact]
    public async Task A_message_is_received_once_with_its_body_and_count()
    {
        const string Body = "{\"name\":\"Zoë – 日本\"}";
        await SendAsync(Body);
        var message = Assert.Single(await ReceiveAsync());
        Assert.Equal(Body, message.Body);
        Assert.Equal(1, message.DequeueCount);
        Assert.Empty(await ReceiveAsync());
        Assert.Equal(1, await Queues.CountAsync(Queue, Never));
        Assert.True(await Queues.DeleteAsync(Queue, message.Id, message.Receipt, Never));
        Assert.Equal(0, await Queues.CountAsync(Queue, Never));
        Assert.False(await Queues.DeleteAsync(Queue, message.Id, message.Receipt, Never));
    }

    [Fact]
    public async Task A_queue_that_was_never_used_is_empty()
    {
        Assert.Empty(await ReceiveAsync());
        Assert.Empty(await Queues.PeekAsync(Queue, 32, Never));
        Assert.Equal(0, await Queues.CountAsync(Queue, Never));
    }

    [Fact]
    public async Task A_message_made_visible_again_is_counted_and_the_old_receipt_is_worth_nothing()
    {
        await SendAsync("x");
        for (var count = 1; count <= 5; count++)
        {
            var message = Assert.Single(await ReceiveAsync());
            Assert.Equal(count, message.DequeueCount);
            Assert.Equal("x", message.Body);
            Assert.NotNull(await Queues.RenewAsync(Queue, message.Id, message.Receipt, TimeSpan.Zero, Never));
            Assert.Null(await Queues.RenewAsync(Queue, message.Id, message.Receipt, Long, Never));
            Assert.False(await Queues.DeleteAsync(Queue, message.Id, message.Receipt, Never));
        }
    }

    [Fact]
    public async Task A_renewed_message_stays_hidden_and_its_new_receipt_deletes_it()
    {
        await SendAsync("x");
        var message = Assert.Single(await ReceiveAsync(visibility: TimeSpan.FromSeconds(1)));
        var renewed = await Queues.RenewAsync(Queue, message.Id, message.Receipt, Long, Never);
        await PassAsync(TimeSpan.FromSeconds(2));
        Assert.Empty(await ReceiveAsync());
        Assert.True(await Queues.DeleteAsync(Queue, message.Id, renewed!, Never));
    }

    [Fact]
    public async Task A_message_comes_back_after_its_visibility_time_out_and_then_the_first_receipt_is_lost()
    {
        await SendAsync("x");
        var first = Assert.Single(await ReceiveAsync(visibility: TimeSpan.FromSeconds(1)));
        await PassAsync(TimeSpan.FromSeconds(2));
        var second = Assert.Single(await ReceiveAsync());
        Assert.Equal(first.Id, second.Id);
        Assert.Equal(2, second.DequeueCount);
        Assert.Null(await Queues.RenewAsync(Queue, first.Id, first.Receipt, Long, Never));
        Assert.False(await Queues.DeleteAsync(Queue, first.Id, first.Receipt, Never));
        Assert.True(await Queues.DeleteAsync(Queue, second.Id, second.Receipt, Never));
    }

    [Fact]
    public async Task A_delayed_message_is_counted_but_not_seen_before_its_time()
    {
        await Queues.SendAsync(Queue, "later", TimeSpan.FromSeconds(2), Never);
        Assert.Empty(await ReceiveAsync());
        Assert.Empty(await Queues.PeekAsync(Queue, 32, Never));
        Assert.Equal(1, await Queues.CountAsync(Queue, Never));
        await PassAsync(TimeSpan.FromSeconds(3));
        Assert.Equal("later", Assert.Single(await ReceiveAsync()).Body);
    }

    [Fact]
    public async Task Peeking_hides_nothing_counts_nothing_and_gives_no_receipt()
    {
        await SendAsync("x");
        var peeked = Assert.Single(await Queues.PeekAsync(Queue, 32, Never));
        Assert.Equal(("x", "", 0), (peeked.Body, peeked.Receipt, peeked.DequeueCount));
        Assert.False(await Queues.DeleteAsync(Queue, peeked.Id, Assert.Single(await ReceiveAsync()).Receipt + "0", Never));
        Assert.Equal(1, await Queues.CountAsync(Queue, Never));
    }

    [Fact]
    public async Task Receivers_at_the_same_time_share_the_messages_without_overlap()
    {
        var sent = Enumerable.Range(0, 40).Select(i => $"m{i:00}").ToArray();
        await Task.WhenAll(sent.Select(body => SendAsync(body).AsTask()));
        var received = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Task.Run(async () =>
        {
            var mine = new List<string>();
            while (await ReceiveAsync(max: 5) is { Count: > 0 } some)
            {
                Assert.True(some.Count <= 5);
                mine.AddRange(some.Select(m => m.Body));
            }

            return mine;
        })));
        Assert.Equal(sent, received.SelectMany(m => m).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task The_longest_body_works_and_limits_are_refused()
    {
        var longest = new string('ä', QueueLimits.BodyBytes / 2);
        await SendAsync(longest);
        Assert.Equal(longest, Assert.Single(await ReceiveAsync()).Body);
        await Assert.ThrowsAsync<ArgumentException>(async () => await SendAsync(longest + "a"));
        await Assert.ThrowsAsync<ArgumentException>(async () => await Queues.SendAsync("Upper_Case", "x", TimeSpan.Zero, Never));
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(async () => await Queues.SendAsync(Queue, "x", TimeSpan.FromDays(8), Never));
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(async () => await ReceiveAsync(max: 33));
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(async () => await Queues.PeekAsync(Queue, 0, Never));
    }

    protected ValueTask SendAsync(string body) => Queues.SendAsync(Queue, body, TimeSpan.Zero, Never);

    protected ValueTask<IReadOnlyList<QueueMessage>> ReceiveAsync(int max = 32, TimeSpan? visibility = null) =>
        Queues.ReceiveAsync(Queue, max, visibility ?? Long, Never);
}
