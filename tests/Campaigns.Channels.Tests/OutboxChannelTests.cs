using Campaigns.Channels.Outbox;
using Campaigns.Core.Dispatch;
using Campaigns.Core.Primitives;

namespace Campaigns.Channels.Tests;

public class OutboxChannelTests
{
    [Fact]
    public async Task It_takes_a_message_once_and_can_tell_whether_it_has_it()
    {
        await using var store = TempStore.Create(1);
        var (outbox, reader) = (new OutboxChannel(store.Rows, Channel.Email), new OutboxReader(store.Rows));
        Assert.Equal(FindResult.NeverReceived, await outbox.FindAsync(Messages.Id(1), default));
        await outbox.SendAsync([Messages.Email(1), Messages.Email(2)], default);
        var again = await outbox.SendAsync([Messages.Email(2) with { Subject = "changed" }, Messages.Email(3)], default);
        Assert.All(again, r => Assert.IsType<SendResult.Accepted>(r));
        Assert.Equal(FindResult.Accepted, await outbox.FindAsync(Messages.Id(1), default));
        Assert.Equal("Hello 2", (await reader.FindAsync(Messages.Id(2), default))!.Subject);
        Assert.Equal(3, (await reader.ListAsync("run-1", null, 10, default)).Count);
    }

    [Fact]
    public async Task Large_messages_are_spread_over_commits_and_pages_go_on_where_they_ended()
    {
        await using var store = TempStore.Create(1);
        await new OutboxChannel(store.Rows, Channel.Email).SendAsync([.. Enumerable.Range(0, 90).Select(i => Messages.Email(i, html: new string('x', 90_000)))], default);
        var reader = new OutboxReader(store.Rows);
        var seen = new List<SendId>();
        for (IReadOnlyList<(SendId Id, OutboxRow)> page = [.. await reader.ListAsync("run-1", null, 40, default)]; page.Count > 0; page = await reader.ListAsync("run-1", page[^1].Id.Customer, 40, default))
        {
            seen.AddRange(page.Select(p => p.Id));
        }

        Assert.Equal(90, seen.Distinct().Count());
        Assert.Equal(90, seen.Count);
    }
}
