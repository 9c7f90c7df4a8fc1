using Campaigns.Channels.Outbox;
using Campaigns.Core.Jobs;
using Campaigns.Core.Planning;
using Campaigns.Core.Segments;
using Microsoft.Playwright;

namespace Campaigns.EndToEnd.Tests;

/// <summary>The console as a marketer uses it, in a real browser on the real app.</summary>
public sealed class BrowserTests
{
    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_marketer_goes_from_the_example_shop_to_messages_and_stops_everything()
    {
        await using var app = await AppUnderTest.StartAsync();
        await using var window = await BrowserWindow.OpenAsync(app);
        await window.SignInAsync(app.Key);
        await window.CheckAsync();
        await window.SeesAsync("Drop your orders file");
        await window.ClickAsync("Try the example shop");
        await window.SeesAsync("Who to write to");
        await app.QuietAsync();
        await window.VisitAsync("/");
        await Assertions.Expect(window.Page.Locator(".card.at-risk .value")).Not.ToHaveTextAsync("0");
        await Assertions.Expect(window.Page.Locator(".plot canvas")).ToBeVisibleAsync();
        await EveryPageIsSoundAsync(window);

        await window.VisitAsync("/");
        await window.ClickAsync("Draft win-back");
        await window.HeadingAsync("Edit “Win-back”");
        await window.CheckAsync();
        await window.Page.GetByLabel("Name of the campaign").FillAsync("Come back to us");
        await window.Page.GetByLabel("Control group").FillAsync("25");
        await window.ClickAsync("Save and preview");
        await window.HeadingAsync("Come back to us");
        await window.SeesAsync("Example message");
        await Assertions.Expect(window.Page.FrameLocator("iframe.message").Locator("body")).ToContainTextAsync("It has been a while");
        await window.CheckAsync();

        await window.ConfirmAsync("Launch", "Launch the campaign");
        await window.SeesAsync("Launched.");
        await app.QuietAsync();
        await SendAllAsync(app);
        await MessagesAreInTheOutboxAsync(app, window);
        await ACustomerIsExplainedAsync(app, window);
        await EverythingStopsAndGoesOnAsync(app, window);
        window.NothingWrong();
    }

    [Fact]
    public async Task A_form_says_beside_the_field_what_is_to_be_put_right_and_keeps_what_was_written()
    {
        await using var app = await AppUnderTest.StartAsync();
        await using var window = await BrowserWindow.OpenAsync(app);
        await window.SignInAsync(app.Key);
        await window.VisitAsync("/campaigns/new");
        await window.Page.GetByLabel("Name of the campaign").FillAsync("Ours");
        await window.Page.GetByLabel("Control group").FillAsync("lots");
        await window.Page.GetByLabel("Subject of the e-mail").FillAsync("Dear {{lastName}}");
        await window.ClickAsync("Save and preview");
        await window.SeesAsync("Control group: write a number");
        await window.SeesAsync("there is no field 'lastName'");
        Assert.Equal("lots", await window.Page.GetByLabel("Control group").InputValueAsync());
        Assert.Equal("true", await window.Page.GetByLabel("Control group").GetAttributeAsync("aria-invalid"));
        window.Expect(422);

        await window.Page.GetByLabel("Control group").FillAsync("10");
        await window.Page.GetByLabel("Subject of the e-mail").FillAsync("Dear {{firstName}}");
        await window.ClickAsync("Add a message variant");
        await window.SeesAsync("Message variant 2");
        await window.CheckAsync();
        await window.Page.GetByLabel("Text message (SMS)").Last.FillAsync("Short {{shopUrl}} – and a dash of Unicode ☂");
        await window.SeesAsync("outside the SMS alphabet");
        await window.ClickAsync("Save and preview");
        await window.HeadingAsync("Ours");

        var saved = (await app.Get<CampaignCatalog>().FindAsync("ours", Cancelled))!.Value;
        Assert.Equal(0.1, saved.HoldoutShare);
        Assert.Equal(2, saved.Treatments.Length);
        Assert.Equal("Dear {{firstName}}", saved.Treatments[0].Template.Subject);
        window.NothingWrong();
    }

    [Fact]
    public async Task A_chosen_file_is_imported_and_its_bad_rows_can_be_downloaded()
    {
        await using var app = await AppUnderTest.StartAsync();
        await using var window = await BrowserWindow.OpenAsync(app);
        await window.SignInAsync(app.Key);
        await window.Page.Locator("#file").SetInputFilesAsync(new FilePayload
        {
            Name = "shop.csv",
            MimeType = "text/csv",
            Buffer = "order_id,customer_id,ordered_at,sku,quantity,unit_price\n1,anna,2026-01-05,A,2,5.00\n2,bert,soon,A,1,5.00\n"u8.ToArray(),
        });
        await window.HeadingAsync("Import of shop.csv");
        await window.SeesAsync("Rejected rows");
        await window.CheckAsync();
        var download = await window.Page.RunAndWaitForDownloadAsync(() => window.Page.GetByRole(AriaRole.Button, new() { Name = "Download the rejected rows" }).ClickAsync());
        await using var rejects = await download.CreateReadStreamAsync();
        using var reader = new StreamReader(rejects!);
        Assert.Contains("2,bert,soon", await reader.ReadToEndAsync(Cancelled), StringComparison.Ordinal);
        window.NothingWrong();
    }

    [Fact]
    public async Task Without_script_a_campaign_can_still_be_drafted_launched_and_stopped()
    {
        await using var app = await AppUnderTest.StartAsync();
        await using var window = await BrowserWindow.OpenAsync(app, script: false);
        await window.SignInAsync(app.Key);
        await window.ClickAsync("Try the example shop");
        await app.QuietAsync();
        await window.VisitAsync("/");
        await app.QuietAsync();
        await window.VisitAsync("/");
        await window.ClickAsync("Draft 48-hour discount");
        await window.ClickAsync("Save and preview");
        await window.Page.GetByRole(AriaRole.Link, new() { Name = "Show the preview" }).ClickAsync();
        await window.SeesAsync("Example message");
        await window.VisitAsync("/campaigns/48-hour-discount");
        await window.ConfirmAsync("Launch", "Launch the campaign");
        await window.SeesAsync("Launched.");
        await window.ConfirmAsync("Stop all", "Stop all sending");
        await window.SeesAsync("All sending is stopped.");
        window.NothingWrong();
    }

    private static async Task EveryPageIsSoundAsync(BrowserWindow window)
    {
        string[] paths = ["/campaigns", "/campaigns/new", "/segments", "/segments/loyal", "/customers", "/outbox", "/imports", "/imports/example-orders", "/problems", "/settings"];
        foreach (var path in paths)
        {
            await window.VisitAsync(path);
        }
    }

    /// <summary>Recipients live in several time zones: the clock goes through their day.</summary>
    private static async Task SendAllAsync(AppUnderTest app)
    {
        var now = await app.Get<Workspace>().NowAsync(Cancelled);
        for (var hour = 3; hour <= 24; hour += 3)
        {
            await app.Get<Workspace>().SetNowAsync(now.AddHours(hour), Cancelled);
            await app.TickAsync("WakeJobs");
        }
    }

    private static async Task MessagesAreInTheOutboxAsync(AppUnderTest app, BrowserWindow window)
    {
        await window.VisitAsync("/campaigns/win-back");
        await window.SeesAsync("cost of sending");
        await window.Page.GetByLabel("To", new() { Exact = true }).FillAsync("you@example.com");
        await window.ClickAsync("Send the test");
        await window.SeesAsync("The test message is sent.");
        var run = Campaign.RunId("win-back", 0);
        Assert.NotEmpty(await app.Get<OutboxReader>().ListAsync(run, null, 10, Cancelled));
        var test = Assert.Single(await app.Get<OutboxReader>().ListAsync("test", null, 10, Cancelled));
        Assert.Equal("you@example.com", test.Message.To);

        await window.VisitAsync("/outbox?run=" + run);
        await window.Page.Locator("tbody a").First.ClickAsync();
        await window.CheckAsync();
        await Assertions.Expect(window.Page.Locator("iframe.message, p.sms").First).ToBeVisibleAsync();
    }

    private static async Task ACustomerIsExplainedAsync(AppUnderTest app, BrowserWindow window)
    {
        var example = (await app.Get<SegmentReader>().LatestAsync(Cancelled))!.Report.Of(SegmentNames.AtRisk).Examples[0];
        await window.VisitAsync("/segments/at-risk");
        await window.Page.GetByRole(AriaRole.Link, new() { Name = example.CustomerId }).ClickAsync();
        await window.HeadingAsync(example.CustomerId);
        await window.SeesAsync("Segments, and why");
        await window.SeesAsync("since the last order");
        await window.CheckAsync();
        await window.VisitAsync("/customers");
        await window.Page.GetByLabel("Customer id, e-mail address or phone number").FillAsync(example.CustomerId);
        await window.ClickAsync("Find");
        await window.HeadingAsync(example.CustomerId);
    }

    private static async Task EverythingStopsAndGoesOnAsync(AppUnderTest app, BrowserWindow window)
    {
        await window.VisitAsync("/campaigns/win-back");
        await window.ConfirmAsync("Stop all", "Stop all sending");
        await window.SeesAsync("Nothing goes out, in any campaign.");
        Assert.True(await app.Get<Workspace>().IsStoppedAsync(Cancelled));
        await window.HeadingAsync("Come back to us");
        await window.ClickAsync("Resume sending");
        await Assertions.Expect(window.Page.Locator(".banner.stopped")).ToHaveCountAsync(0);
        Assert.False(await app.Get<Workspace>().IsStoppedAsync(Cancelled));
        await window.ClickAsync("Pause");
        await window.SeesAsync("Paused: nothing more is sent until you resume.");
        await window.VisitAsync("/");
        await window.SeesAsync("Come back to us");
    }
}
