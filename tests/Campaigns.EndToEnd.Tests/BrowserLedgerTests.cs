using System.Globalization;
using System.Net.Http.Headers;
using System.Text;
using Campaigns.Channels.Outbox;
using Campaigns.Core.Jobs;
using Campaigns.Core.Planning;
using Campaigns.Core.Segments;
using Campaigns.Core.Storage;
using Campaigns.Functions.Hosting;
using Microsoft.Playwright;

namespace Campaigns.EndToEnd.Tests;

/// <summary>What became of a send, customer by customer, and failed jobs tried again, in a real browser on the real app.</summary>
public sealed class BrowserLedgerTests
{
    private static readonly DateTimeOffset Now = new(2026, 3, 2, 12, 0, 0, TimeSpan.Zero);

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_marketer_sees_what_became_of_everybody_and_reads_a_message_as_it_was_sent()
    {
        await using var app = await AppUnderTest.StartAsync();
        await using var window = await BrowserWindow.OpenAsync(app);
        await ShopAsync(app);
        var run = (await app.SendAsync(HttpMethod.Post, "/api/campaigns/win-back/launch")).GetProperty("run").GetString()!;
        await app.QuietAsync();
        await app.SetNowAsync(Now.AddHours(1));
        await app.TickAsync("WakeJobs");

        await window.SignInAsync(app.Key);
        await window.VisitAsync("/campaigns/win-back");
        await window.Page.GetByRole(AriaRole.Link, new() { Name = "Sending record" }).First.ClickAsync();
        await window.HeadingAsync("Sending record");
        await window.CheckAsync();
        Assert.Equal($"/runs/{run}/ledger", new Uri(window.Page.Url).AbsolutePath);
        await window.SeesAsync("control group");
        await window.Page.GetByRole(AriaRole.Link, new() { Name = "sent", Exact = true }).First.ClickAsync();
        await window.CheckAsync();
        await window.Page.Locator("td.when a").First.ClickAsync();
        await window.SeesAsync("letter by letter what was sent.");
        await Assertions.Expect(window.Page.FrameLocator("iframe.message").Locator("body")).ToContainTextAsync("Unsubscribe");
        await window.CheckAsync();
        window.NothingWrong();
    }

    [Fact]
    public async Task A_failed_job_is_shown_with_its_error_and_is_tried_again_or_deleted_by_a_button()
    {
        await using var app = await AppUnderTest.StartAsync();
        await using var window = await BrowserWindow.OpenAsync(app);
        for (var i = 0; i < 2; i++)
        {
            await app.Get<IQueueStore>().SendAsync("touch-poison", $"no envelope {i}", TimeSpan.Zero, Cancelled);
        }

        await app.Get<IQueueStore>().SendAsync("touch-poison", new Envelope { Content = Core.Tracking.Touch.ToContent() }.ToJson(), TimeSpan.Zero, Cancelled);
        await app.Get<FailedMessages>().NoteAsync("touch", "no envelope 0", new InvalidDataException("A queue message is not an envelope."), Cancelled);

        await window.SignInAsync(app.Key);
        await window.VisitAsync("/problems");
        await window.SeesAsync("A queue message is not an envelope.");
        await window.ConfirmAsync("Delete", "Delete it");
        await window.SeesAsync("Deleted.");
        await window.CheckAsync();
        await window.ClickAsync("Try all failed jobs again");
        await window.SeesAsync("Tried again");
        window.NothingWrong();
    }

    [Fact]
    public async Task What_waits_for_the_morning_does_not_go_out_while_the_campaign_is_paused_or_everything_is_stopped_and_does_when_told_to_go_on()
    {
        await using var app = await AppUnderTest.StartAsync();
        await using var window = await BrowserWindow.OpenAsync(app);
        await ShopAsync(app);
        await app.SetNowAsync(Now.AddHours(10)); // Nobody is written to at ten in the evening.
        var run = (await app.SendAsync(HttpMethod.Post, "/api/campaigns/win-back/launch")).GetProperty("run").GetString()!;
        await app.QuietAsync();
        await app.SetNowAsync(Now.AddHours(22));
        async Task<int> SentAsync()
        {
            await app.TickAsync("WakeJobs");
            return (await app.Get<OutboxReader>().ListAsync(run, null, 100, Cancelled)).Count;
        }

        await window.SignInAsync(app.Key);
        await window.VisitAsync("/campaigns/win-back");
        await window.ClickAsync("Pause");
        await window.SeesAsync("Paused: nothing more is sent until you resume.");
        Assert.Equal(0, await SentAsync());
        await window.ConfirmAsync("Stop all", "Stop all sending");
        await window.SeesAsync("Nothing goes out, in any campaign.");
        await window.CheckAsync();
        await window.ClickAsync("Resume");
        await Assertions.Expect(window.Page.GetByRole(AriaRole.Button, new() { Name = "Pause", Exact = true })).ToBeVisibleAsync();
        Assert.Equal(0, await SentAsync());
        await window.ClickAsync("Resume sending");
        await Assertions.Expect(window.Page.Locator(".banner.stopped")).ToHaveCountAsync(0);
        Assert.True(await SentAsync() > 0);
        window.NothingWrong();
    }

    /// <summary>Sixty customers with consent, half of whom fell silent; a win-back for all segments.</summary>
    private static async Task ShopAsync(AppUnderTest app)
    {
        await app.SetNowAsync(Now);
        await app.SendAsync(HttpMethod.Put, "/api/settings", new { postalAddress = "1 High Street, London", marginShare = 0.5 });
        var orders = new StringBuilder("order_id,customer_id,ordered_at,sku,quantity,unit_price\n");
        var customers = new StringBuilder("customer_id,email,consent_email\n");
        for (var customer = 0; customer < 60; customer++)
        {
            customers.AppendLine(CultureInfo.InvariantCulture, $"c{customer},c{customer}@example.com,yes");
            var last = customer % 2 == 0 ? Now.AddDays(-25 - (customer % 10)) : Now.AddDays(-1 - (customer % 5));
            for (var order = 0; order < 8; order++)
            {
                orders.AppendLine(CultureInfo.InvariantCulture, $"{customer}-{order},c{customer},{last.AddDays(-10 * order):yyyy-MM-dd'T'HH:mm:ss'Z'},p{order % 4},1,{10 + (customer % 7)}.00");
            }
        }

        await ImportAsync(app, "/api/customers", customers.ToString());
        await ImportAsync(app, "/api/orders", orders.ToString());
        await app.SendAsync(HttpMethod.Put, "/api/campaigns/win-back", CampaignPresets.WinBack with { Segments = [.. SegmentNames.ByPriority] });
    }

    private static async Task ImportAsync(AppUnderTest app, string path, string csv)
    {
        using var body = new StringContent(csv, Encoding.UTF8, new MediaTypeHeaderValue("text/csv"));
        await app.ImportAsync(path, body);
    }
}
