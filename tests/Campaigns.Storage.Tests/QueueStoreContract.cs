using Campaigns.Core.Storage;

namespace Campaigns.Storage.Tests;

/// <summary>What every queue store does. Each test has a queue of its own.</summary>
public abstract class QueueStoreContract
{
    private static readonly TimeSpan Long = TimeSpan.FromMinutes(5);

    private static readonly CancellationToken Never = CancellationToken.None;

    protected abstract IQueueStore Queues { get; }

    protected string Queue { get; } = "q-" + Guid.NewGuid().ToString("N");

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
    public async Task A_message_made_visible_again_is_counted_and_the_old_receipt_is_worth_nothing()
    {
        await SendAsync("x");
        for (var count = 1; count <= 5; count++)
        {
            var message = Assert.Single(await ReceiveAsync());
            Assert.Equal(count, message.DequeueCount);
            Assert.NotNull(await Queues.RenewAsync(Queue, message.Id, message.Receipt, TimeSpan.Zero, Never));
            Assert.Null(await Queues.RenewAsync(Queue, message.Id, message.Receipt, Long, Never));
            Assert.False(await Queues.DeleteAsync(Queue, message.Id, message.Receipt, Never));
        }
    }

    protected ValueTask SendAsync(string body) => Queues.SendAsync(Queue, body, TimeSpan.Zero, Never);

    protected ValueTask<IReadOnlyList<QueueMessage>> ReceiveAsync(int max = 32) => Queues.ReceiveAsync(Queue, max, Long, Never);
}
