using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using System.Text.RegularExpressions;
using Campaigns.Channels.Outbox;
using Campaigns.Core.Ingest;
using Campaigns.Core.Offers;
using Campaigns.Core.Planning;
using Campaigns.Core.Primitives;
using Campaigns.Core.Segments;
using Campaigns.Core.Storage;

namespace Campaigns.EndToEnd.Tests;

/// <summary>One customer, one order, one campaign: every step of the loop through the real app, by real HTTP, on a business clock that the test moves.</summary>
public sealed partial class WalkTests : IAsyncLifetime
{
    private const string Ada = "ada", Bob = "bob";

    /// <summary>After the sending hours: nothing goes out before nine in the morning.</summary>
    private static readonly DateTimeOffset Evening = new(2026, 3, 2, 22, 30, 0, TimeSpan.Zero);

    private static readonly DateTimeOffset Morning = new(2026, 3, 3, 9, 0, 0, TimeSpan.Zero);

    private AppUnderTest app = null!;

    public async ValueTask InitializeAsync()
    {
        app = await AppUnderTest.StartAsync(settings: "--Campaigns:FollowUps=false");
        await app.SetNowAsync(Evening);
        await app.SendAsync(HttpMethod.Put, "/api/settings", new
        {
            name = "Walk shop",
            currency = "GBP",
            timeZone = "Europe/London",
            marginShare = 0.4,
            publicBaseUrl = app.Admin.BaseAddress!.ToString(),
            shopUrl = "https://shop.example.com/welcome",
            postalAddress = "Walk shop, 1 Example Street, London",
        });
        // Bob never said whether he wants messages: unknown consent means no.
        await app.ImportAsync("/api/customers", JsonContent.Create(new object[]
        {
            new { customer_id = Ada, email = "ada@example.com", first_name = "Ada", consent_email = "yes", consent_source = "checkout", consent_at = "2026-03-01T10:00:00Z" },
            new { customer_id = Bob, email = "bob@example.com" },
        }));
        await OrderAsync(Ada, "A-1", Evening.AddDays(-1), 5000);
        await OrderAsync(Bob, "B-1", Evening.AddDays(-1), 3000);
        await app.TickAsync("RecomputeSegments");
    }

    public ValueTask DisposeAsync() => app.DisposeAsync();

    [Fact]
    public async Task One_order_and_one_campaign_go_through_the_whole_loop()
    {
        Assert.Equal(2, (await SegmentAsync(SegmentNames.New)).GetProperty("customers").GetInt64());
        var run = await LaunchAsync("welcome");

        // Quiet hours: decided, and put off to the morning.
        var record = await RecordAsync(run, Ada);
        Assert.Equal((SendState.Deferred, Morning), (record.State, record.DueAt));
        await app.TickAsync("WakeJobs");
        Assert.Empty(await OutboxAsync(run));

        await app.SetNowAsync(Morning);
        await app.TickAsync("WakeJobs");
        var message = Assert.Single(await OutboxAsync(run));
        Assert.Equal(("ada@example.com", Morning), (message.To, message.At));
        record = await RecordAsync(run, Ada);
        Assert.Equal((SendState.Accepted, Morning, Morning.AddHours(48)), (record.State, record.SentAt, record.OfferEndsAt));

        // The link in the message leads to the shop, and is remembered as a click.
        await app.SetNowAsync(Morning.AddHours(1));
        using (var answer = await app.Anonymous.GetAsync(Link(message.Html!, "/t/c/"), TestContext.Current.CancellationToken))
        {
            Assert.Equal((HttpStatusCode.Redirect, "https://shop.example.com/welcome"), (answer.StatusCode, answer.Headers.Location?.OriginalString));
        }

        await app.QuietAsync();
        Assert.Equal(Morning.AddHours(1), (await RecordAsync(run, Ada)).ClickedAt);

        // She orders with the code: 40.00 at 15 % off. The message gets the credit.
        await app.SetNowAsync(Morning.AddHours(3));
        await OrderAsync(Ada, "A-2", Morning.AddHours(2), 4000, 600, "WELCOME15");
        var outcome = (await RecordAsync(run, Ada)).Outcome;
        Assert.Equal((1, 3400L, 600L, 600L), (outcome.Orders, outcome.RevenueMinor, outcome.DiscountMinor, outcome.RedeemedMinor));
        Assert.Equal((1, 3400L), (outcome.CreditedOrders, outcome.CreditedMinor));

        await app.SetNowAsync(Evening.AddDays(31));
        await app.TickAsync("MeasureResults");
        await AssertKpisAsync();
    }

    [Fact]
    public async Task Looking_at_the_unsubscribe_page_does_not_unsubscribe_and_its_button_does()
    {
        var run = await LaunchAsync("welcome");
        await app.SetNowAsync(Morning);
        await app.TickAsync("WakeJobs");
        var address = Assert.Single(await OutboxAsync(run)).UnsubscribeUrl!;

        using (var page = await app.Anonymous.GetAsync(address, TestContext.Current.CancellationToken))
        {
            Assert.Equal(HttpStatusCode.OK, page.StatusCode);
            Assert.Contains("<form method=\"post\">", await page.Content.ReadAsStringAsync(TestContext.Current.CancellationToken), StringComparison.Ordinal);
        }

        await app.QuietAsync();
        Assert.Null((await CustomerAsync(Ada)).EmailSuppression);

        // One click, as mail programs send it (RFC 8058).
        using var form = new FormUrlEncodedContent([new("List-Unsubscribe", "One-Click")]);
        using (var done = await app.Anonymous.PostAsync(address, form, TestContext.Current.CancellationToken))
        {
            Assert.Equal(HttpStatusCode.OK, done.StatusCode);
        }

        await app.QuietAsync();
        Assert.NotNull((await CustomerAsync(Ada)).EmailSuppression);
        Assert.Equal(Morning, (await RecordAsync(run, Ada)).UnsubscribedAt);

        // The next campaign, weeks later and in daylight, has nobody to write to and says why.
        await app.SetNowAsync(Morning.AddDays(14));
        await app.TickAsync("RecomputeSegments");
        var next = await LaunchAsync("again");
        Assert.Empty(await OutboxAsync(next));
        await app.TickAsync("MeasureResults");
        Assert.Null(await FindRecordAsync(next, Ada));
        var plan = RowCodec.Decode<RunPlan>((await Core.Jobs.JobRows.ResultAsync(
            app.Get<IRowStore>(), app.Get<IBlobStore>(), next, AssignStep.StageName, TestContext.Current.CancellationToken))!.Value);
        Assert.Equal(
            new Dictionary<string, long> { [ExclusionReasons.DoNotContact] = 1, [ExclusionReasons.NoConsent] = 1 },
            plan.SkippedByReason());
    }

    [Fact]
    public async Task A_link_that_was_changed_or_cut_off_is_refused_and_touches_nothing()
    {
        var run = await LaunchAsync("welcome");
        await app.SetNowAsync(Morning);
        await app.TickAsync("WakeJobs");
        var click = Link(Assert.Single(await OutboxAsync(run)).Html!, "/t/c/");
        var unsubscribe = Assert.Single(await OutboxAsync(run)).UnsubscribeUrl!;

        // A token signed for one purpose does not serve another.
        foreach (var address in new[] { click[..^1], click.Replace("/t/c/", "/u/", StringComparison.Ordinal), unsubscribe.Replace("/u/", "/t/c/", StringComparison.Ordinal) })
        {
            using var answer = await app.Anonymous.GetAsync(address, TestContext.Current.CancellationToken);
            Assert.Equal(HttpStatusCode.NotFound, answer.StatusCode);
        }

        using var post = await app.Anonymous.PostAsync(click.Replace("/t/c/", "/u/", StringComparison.Ordinal), null, TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.NotFound, post.StatusCode);
        await app.QuietAsync();
        var record = await RecordAsync(run, Ada);
        Assert.Equal((null, null), (record.ClickedAt, record.UnsubscribedAt));
        Assert.Null((await CustomerAsync(Ada)).EmailSuppression);
    }

    private async Task AssertKpisAsync()
    {
        var kpis = await app.GetAsync("/api/kpis?by=campaign");
        Assert.Equal("GBP", kpis.GetProperty("currency").GetString());
        var row = Assert.Single(kpis.GetProperty("rows").EnumerateArray());
        long Of(string name) => row.GetProperty(name).GetInt64();
        Assert.Equal("welcome", row.GetProperty("campaign").GetString());
        Assert.Equal((1, 1, 0, 1), (Of("customers"), Of("treated"), Of("heldOut"), Of("sent")));
        Assert.Equal((1, 3400, 1, 3400), (Of("orders"), Of("revenueMinor"), Of("creditedOrders"), Of("creditedRevenueMinor")));
        Assert.Equal(1, row.GetProperty("conversion").GetDouble());
        Assert.Equal(1, row.GetProperty("skipped").GetProperty(ExclusionReasons.NoConsent).GetInt64());
        Assert.Equal("not known yet", row.GetProperty("churnNote").GetString());
        // Nobody was held out: no figure says what would have come anyway.
        Assert.Equal("too small to measure", row.GetProperty("verdict").GetString());
        Assert.Equal(JsonValueKind.Null, row.GetProperty("roi").ValueKind);
        // 6.00 of discount and one e-mail at a tenth of a penny.
        Assert.Equal(600.1, row.GetProperty("costMinor").GetDouble(), 6);

        var results = await app.GetAsync("/api/campaigns/welcome/results");
        var variant = Assert.Single(results.GetProperty("rows").EnumerateArray());
        Assert.Equal((1, 0), (variant.GetProperty("recipients").GetInt64(), variant.GetProperty("control").GetInt64()));
        Assert.Equal(("too small to measure", "wait"), (variant.GetProperty("verdict").GetString(), variant.GetProperty("advice").GetString()));
        Assert.Contains("nobody who could have got it was held out", variant.GetProperty("sentence").GetString(), StringComparison.Ordinal);

        var csv = await app.Admin.GetStringAsync("/api/kpis?by=campaign&format=csv", TestContext.Current.CancellationToken);
        var lines = csv.Split("\r\n", StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(2, lines.Length);
        var (names, cells) = (lines[0].Split(','), lines[1].Split(','));
        string Cell(string name) => cells[Array.IndexOf(names, name)];
        Assert.Equal(("campaign", "welcome", "1", "3400", "600.1"), (Cell("scope"), Cell("campaign"), Cell("sent"), Cell("revenueMinor"), Cell("costMinor")));
    }

    /// <summary>Makes a campaign by HTTP, activates it and ticks the timer that launches it; gives the run.</summary>
    private async Task<string> LaunchAsync(string campaign)
    {
        await app.SendAsync(HttpMethod.Put, "/api/campaigns/" + campaign, new Campaign
        {
            Id = campaign,
            Name = "Welcome",
            Segments = [.. SegmentNames.ByPriority],
            HoldoutShare = 0,
            Treatments =
            [
                new Treatment
                {
                    Id = "discount",
                    Offer = new Offer { Id = "discount", Name = "15 % off", Kind = OfferKind.TimeLimitedDiscount, DiscountShare = 0.15, ValidHours = 48, Code = campaign.ToUpperInvariant() + "15" },
                    Channels = [Channel.Email],
                    Template = new MessageTemplate
                    {
                        Subject = "{{firstName}}, {{offer.discountPercent}} % off",
                        Html = "<p>Until {{offer.endsAt}}: <a href=\"{{shopUrl}}\">to the shop</a></p>",
                    },
                },
            ],
        });
        var before = (await RunsAsync()).ToHashSet(StringComparer.Ordinal);
        await app.SendAsync(HttpMethod.Post, $"/api/campaigns/{campaign}/activate");
        await app.TickAsync("LaunchCampaigns");
        return Assert.Single(await RunsAsync(), run => !before.Contains(run));
    }

    private async Task OrderAsync(string customer, string order, DateTimeOffset at, long minor, long discountMinor = 0, string? code = null)
    {
        var import = await app.ImportAsync("/api/orders", JsonContent.Create(new object[]
        {
            new
            {
                order_id = order,
                customer_id = customer,
                ordered_at = at,
                coupon_code = code,
                lines = new[] { new { sku = "TEA", quantity = 1, unit_price = minor / 100m, discount_amount = discountMinor / 100m } },
            },
        }));
        Assert.Equal("Done", import.GetProperty("status").GetString());
        Assert.Equal(1, import.GetProperty("summary").GetProperty("new").GetInt64());
    }

    private async Task<IReadOnlyList<string>> RunsAsync() =>
        [.. (await app.GetAsync("/api/runs")).GetProperty("runs").EnumerateArray().Select(r => r.GetProperty("run").GetString()!)];

    private async Task<JsonElement> SegmentAsync(string name) =>
        (await app.GetAsync("/api/segments")).GetProperty("segments").EnumerateArray().Single(s => s.GetProperty("segment").GetString() == name);

    private async Task<IReadOnlyList<OutboxRow>> OutboxAsync(string run) =>
        [.. (await new OutboxReader(app.Get<IRowStore>()).ListAsync(run, null, 10, TestContext.Current.CancellationToken)).Select(m => m.Message)];

    private async Task<AssignmentRow> RecordAsync(string run, string customer) =>
        await FindRecordAsync(run, customer) ?? throw new InvalidOperationException($"{customer} is not in {run}.");

    private async Task<AssignmentRow?> FindRecordAsync(string run, string customer)
    {
        var (partition, key) = await PlaceOfAsync(customer);
        return (await app.Get<IRowStore>().FindAsync<AssignmentRow>(Tables.Customers, partition, Tables.Assignment(run, key), TestContext.Current.CancellationToken))?.Value;
    }

    private async Task<CustomerRow> CustomerAsync(string customer)
    {
        var (partition, key) = await PlaceOfAsync(customer);
        return (await app.Get<IRowStore>().FindAsync<CustomerRow>(Tables.Customers, partition, Tables.Customer(key), TestContext.Current.CancellationToken))!.Value;
    }

    private async Task<(string Partition, CustomerKey Key)> PlaceOfAsync(string customer)
    {
        var settings = await app.Workspace.SettingsAsync(TestContext.Current.CancellationToken);
        var key = CustomerKey.Of(settings.Salt, customer);
        return (new Bucketing(settings.Buckets).PartitionOf(key), key);
    }

    private static string Link(string html, string path) =>
        Links().Matches(html).Select(m => WebUtility.HtmlDecode(m.Groups["address"].Value)).Single(l => l.Contains(path, StringComparison.Ordinal));

    [GeneratedRegex("(?:href|src)=\"(?<address>[^\"]+)\"", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Links();
}
