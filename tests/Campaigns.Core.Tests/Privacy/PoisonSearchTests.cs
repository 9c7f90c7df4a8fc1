using Campaigns.Core.Primitives;
using Campaigns.Core.Privacy;

namespace Campaigns.Core.Tests.Privacy;

public class PoisonSearchTests
{
    [Fact]
    public async Task Failed_messages_that_name_the_customer_go_and_all_others_stay_visible()
    {
        await using var store = TempStore.Create(1);
        var identity = new Identity("C-1001", new CustomerKey("abcdefghijklmnopqrstuvwxyz"), "ann@example.com", "+441632960000");
        string[] hers = ["{\"customer\":\"c-1001\"}", "{\"email\":\"Ann@Example.com\"}", "{\"phone\":\"+441632960000\"}", "{\"send\":\"run.abcdefghijklmnopqrstuvwxyz\"}"];
        string[] others = [.. Enumerable.Range(0, 40).Select(i => $"{{\"customer\":\"c-{i}\"}}")];
        foreach (var body in hers.Concat(others))
        {
            await store.Queues.SendAsync("ingest-poison", body, TimeSpan.Zero, CancellationToken.None);
        }

        await new PoisonSearch(store.Queues, () => ["ingest-poison", "touch-poison"]).RemoveAsync(identity, CancellationToken.None);

        var left = new List<string>();
        while (await store.Queues.ReceiveAsync("ingest-poison", 32, TimeSpan.FromMinutes(1), CancellationToken.None) is { Count: > 0 } messages)
        {
            left.AddRange(messages.Select(m => m.Body));
        }

        Assert.Equal(others.Order(), left.Order());
    }
}
