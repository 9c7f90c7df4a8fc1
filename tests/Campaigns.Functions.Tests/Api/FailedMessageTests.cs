using System.Net;
using Campaigns.Core.Jobs;
using Campaigns.Core.Storage;
using Campaigns.Functions.Hosting;
using Campaigns.Functions.Tests.Triggers;

namespace Campaigns.Functions.Tests.Api;

/// <summary>Messages that failed too often: listed with their errors, tried again or deleted, by HTTP and on the page of problems.</summary>
public sealed class FailedMessageTests
{
    private const string Poison = TouchDue.Queue + "-poison";

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_message_that_fails_again_and_again_is_listed_with_its_error_and_can_be_tried_again_or_deleted()
    {
        await using var app = await AppUnderTest.StartAsync();
        var queues = app.Get<IQueueStore>();
        await app.Get<WorkQueues>().SendAsync([new Outgoing(TouchDue.Queue, "no envelope")], Cancelled);
        await Eventually.HoldsAsync(async () => await queues.CountAsync(Poison, Cancelled) == 1);

        var failed = Assert.Single((await app.GetAsync("/api/failed-messages")).EnumerateArray());
        Assert.Equal(TouchDue.Queue, failed.GetProperty("queue").GetString());
        Assert.Contains("not an envelope", failed.GetProperty("error").GetString(), StringComparison.Ordinal);
        var page = await app.Admin.GetStringAsync("/problems", Cancelled);
        Assert.Contains("not an envelope", page, StringComparison.Ordinal);
        Assert.Contains("Try again", page, StringComparison.Ordinal);

        var id = failed.GetProperty("id").GetString();
        await ErrorAndSettingsTests.RefusedAsync(app, HttpMethod.Post, $"/api/failed-messages/{TouchDue.Queue}/0/requeue", null, HttpStatusCode.NotFound);
        await ErrorAndSettingsTests.RefusedAsync(app, HttpMethod.Post, $"/api/failed-messages/none/{id}/requeue", null, HttpStatusCode.NotFound);
        Assert.Equal(id, Assert.Single((await app.GetAsync("/api/failed-messages")).EnumerateArray()).GetProperty("id").GetString());

        await app.SendAsync(HttpMethod.Post, $"/api/failed-messages/{TouchDue.Queue}/{id}/requeue");
        await Eventually.HoldsAsync(async () => (await queues.PeekAsync(Poison, 1, Cancelled)).Any(m => m.Id != id));

        var again = Assert.Single((await app.GetAsync("/api/failed-messages")).EnumerateArray()).GetProperty("id").GetString();
        using var deleted = await app.Admin.DeleteAsync($"/api/failed-messages/{TouchDue.Queue}/{again}", Cancelled);
        Assert.Equal(HttpStatusCode.NoContent, deleted.StatusCode);
        Assert.Empty((await app.GetAsync("/api/failed-messages")).EnumerateArray());
        Assert.Contains("Nothing has failed", await app.Admin.GetStringAsync("/problems", Cancelled), StringComparison.Ordinal);
    }

    [Fact]
    public async Task All_failed_messages_are_tried_again_at_once_and_those_that_succeed_now_are_gone()
    {
        await using var app = await AppUnderTest.StartAsync();
        var queues = app.Get<IQueueStore>();
        var good = new Envelope { Content = Core.Tracking.Touch.ToContent() }.ToJson();
        for (var i = 0; i < 40; i++)
        {
            await queues.SendAsync(Poison, good, TimeSpan.Zero, Cancelled);
        }

        Assert.Equal(40, (await app.SendAsync(HttpMethod.Post, "/api/failed-messages/requeue")).GetProperty("requeued").GetInt32());

        await app.QuietAsync();
        Assert.Empty((await app.GetAsync("/api/failed-messages")).EnumerateArray());
    }
}
