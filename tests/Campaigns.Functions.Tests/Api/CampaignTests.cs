using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using Campaigns.Core.Offers;
using Campaigns.Core.Planning;
using Campaigns.Core.Segments;
using Campaigns.Functions.Api;

namespace Campaigns.Functions.Tests.Api;

/// <summary>Campaigns, runs and results by HTTP.</summary>
public sealed class CampaignTests
{
    private static readonly DateTimeOffset Now = new(2026, 3, 2, 12, 0, 0, TimeSpan.Zero);

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_campaign_is_changed_only_by_who_read_its_latest_state()
    {
        await using var app = await AppUnderTest.StartAsync();
        var campaign = CampaignPresets.WinBack;
        var (_, first) = await PutAsync(app, campaign, null, HttpStatusCode.OK);

        var (problem, _) = await PutAsync(app, campaign, null, HttpStatusCode.BadRequest);
        Assert.Contains("already", problem.GetProperty("problems")[0].GetProperty("sentence").GetString(), StringComparison.Ordinal);
        var (changed, second) = await PutAsync(app, campaign with { Name = "Come back" }, first, HttpStatusCode.OK);
        Assert.Equal("Come back", changed.GetProperty("name").GetString());
        Assert.NotEqual(first, second);
        await PutAsync(app, campaign with { Name = "Too late" }, first, HttpStatusCode.PreconditionFailed);
        await PutAsync(app, campaign with { Id = "another" }, second, HttpStatusCode.PreconditionFailed);

        using var read = await app.Admin.GetAsync("/api/campaigns/" + campaign.Id, Cancelled);
        Assert.Equal(second, read.Headers.ETag?.ToString());
        Assert.Equal("Come back", (await read.Content.ReadFromJsonAsync<JsonElement>(Cancelled)).GetProperty("name").GetString());
        Assert.Equal(campaign.Id, Assert.Single((await app.GetAsync("/api/campaigns")).GetProperty("campaigns").EnumerateArray()).GetProperty("id").GetString());
    }

    [Fact]
    public async Task What_is_missing_in_a_campaign_is_said_field_by_field()
    {
        await using var app = await AppUnderTest.StartAsync();

        var (answer, _) = await PutAsync(app, CampaignPresets.WinBack with { Name = "", Segments = [], HoldoutShare = 0.9 }, null, HttpStatusCode.BadRequest);

        var fields = answer.GetProperty("problems").EnumerateArray().Select(p => p.GetProperty("field").GetString()).ToList();
        Assert.Contains("name", fields);
        Assert.Contains("segments", fields);
        Assert.Contains("holdoutShare", fields);
        var id = await ErrorAndSettingsTests.RefusedAsync(
            app, HttpMethod.Put, "/api/campaigns/other", JsonSerializer.Serialize(CampaignPresets.WinBack, CampaignsApi.Json), HttpStatusCode.BadRequest);
        Assert.Contains("id", id, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_campaign_goes_only_the_ways_that_its_state_allows()
    {
        await using var app = await AppUnderTest.StartAsync();
        await PutAsync(app, CampaignPresets.WinBack, null, HttpStatusCode.OK);
        const string Path = "/api/campaigns/win-back";

        await ErrorAndSettingsTests.RefusedAsync(app, HttpMethod.Post, Path + "/pause", null, HttpStatusCode.Conflict);
        await ErrorAndSettingsTests.RefusedAsync(app, HttpMethod.Post, Path + "/finish", null, HttpStatusCode.Conflict);
        foreach (var (step, state) in new[] { ("activate", "Active"), ("pause", "Paused"), ("resume", "Active"), ("finish", "Finished") })
        {
            Assert.Equal(state, (await app.SendAsync(HttpMethod.Post, $"{Path}/{step}")).GetProperty("status").GetString());
        }

        await ErrorAndSettingsTests.RefusedAsync(app, HttpMethod.Post, Path + "/activate", null, HttpStatusCode.Conflict);
        await ErrorAndSettingsTests.RefusedAsync(app, HttpMethod.Delete, Path, null, HttpStatusCode.Conflict);
        await ErrorAndSettingsTests.RefusedAsync(app, HttpMethod.Delete, "/api/campaigns/none", null, HttpStatusCode.NotFound);
        await PutAsync(app, CampaignPresets.MembersExclusive, null, HttpStatusCode.OK);
        await app.SendAsync(HttpMethod.Delete, "/api/campaigns/members-exclusive");
        await ErrorAndSettingsTests.RefusedAsync(app, HttpMethod.Get, "/api/campaigns/members-exclusive", null, HttpStatusCode.NotFound);
    }

    [Fact]
    public async Task A_preview_says_before_the_launch_that_a_send_is_too_small_to_measure()
    {
        await using var app = await ShopAsync();
        var generous = CampaignPresets.WinBack with
        {
            Id = "generous",
            Segments = [.. SegmentNames.ByPriority],
            Treatments = [CampaignPresets.WinBack.Treatments[0] with { Offer = CampaignPresets.WinBack.Treatments[0].Offer with { Kind = OfferKind.TimeLimitedDiscount, ValidHours = 72, Code = "BIG", DiscountShare = 0.6 } }],
        };
        await PutAsync(app, generous, null, HttpStatusCode.OK);

        var forecast = (await app.GetAsync("/api/campaigns/generous/preview")).GetProperty("forecast");
        Assert.Equal(("TooSmall", false), (forecast.GetProperty("measurable").GetString(), forecast.GetProperty("paysForItself").GetBoolean()));
        Assert.Equal(0.2, forecast.GetProperty("holdoutShare").GetDouble());
        Assert.Contains(forecast.GetProperty("sentences").EnumerateArray(), s => s.GetString()!.StartsWith("Too small to measure", StringComparison.Ordinal));

        var page = await app.Admin.GetStringAsync("/campaigns/generous/preview", Cancelled);
        Assert.Contains("What to expect", page, StringComparison.Ordinal);
        Assert.Contains("no number of further buyers pays for this", page, StringComparison.Ordinal);

        var run = (await app.SendAsync(HttpMethod.Post, "/api/campaigns/generous/launch")).GetProperty("run").GetString();
        Assert.Contains("no control group is large enough", (await app.GetAsync("/api/runs/" + run)).GetProperty("holdout").GetProperty("reason").GetString(), StringComparison.Ordinal);
        await app.QuietAsync();
    }

    [Fact]
    public async Task A_launch_pressed_twice_is_one_run_whose_figures_add_up_and_whose_recount_agrees()
    {
        await using var app = await ShopAsync();
        var preview = await app.GetAsync("/api/campaigns/win-back/preview");

        using var one = await app.Admin.PostAsync("/api/campaigns/win-back/launch?occurrence=0", null, Cancelled);
        var again = await app.SendAsync(HttpMethod.Post, "/api/campaigns/win-back/launch?occurrence=0");
        await app.QuietAsync();

        Assert.Equal(HttpStatusCode.Accepted, one.StatusCode);
        var id = again.GetProperty("run").GetString()!;
        Assert.Equal(id, (await one.Content.ReadFromJsonAsync<JsonElement>(Cancelled)).GetProperty("run").GetString());
        Assert.Equal(id, Assert.Single((await app.GetAsync("/api/runs")).GetProperty("runs").EnumerateArray()).GetProperty("run").GetString());

        var run = await app.GetAsync("/api/runs/" + id);
        var (plan, dispatch) = (run.GetProperty("plan"), run.GetProperty("dispatch"));
        Assert.Equal(("win-back", 0, "Done"), (run.GetProperty("campaign").GetString(), run.GetProperty("occurrence").GetInt32(), run.GetProperty("status").GetString()));
        var audience = plan.GetProperty("audience").GetInt64();
        Assert.True(audience > 10, $"only {audience} customers are in the audience");
        Assert.Equal(preview.GetProperty("audience").GetInt64(), audience);
        Assert.Equal(audience, Long(plan, "treated") + Long(plan, "heldOut") + Sum(plan, "skipped"));
        Assert.Equal(Long(dispatch, "assigned"), Long(plan, "treated") + Long(plan, "heldOut"));
        Assert.Equal(Long(dispatch, "assigned"), Long(dispatch, "heldOut") + Long(dispatch, "sent") + Long(dispatch, "unknown") + Sum(dispatch, "rejected") + Sum(dispatch, "skipped"));
        Assert.True(dispatch.GetProperty("addsUp").GetBoolean());
        Assert.True(Long(dispatch, "sent") > 0);

        var recount = await app.SendAsync(HttpMethod.Post, $"/api/runs/{id}/recount");
        Assert.True(recount.GetProperty("agrees").GetBoolean());
        Assert.Equal(Long(dispatch, "assigned"), Long(recount, "customers"));
        var redecided = await app.SendAsync(HttpMethod.Post, $"/api/runs/{id}/redecide");
        Assert.Equal((true, Long(dispatch, "assigned")), (redecided.GetProperty("agrees").GetBoolean(), Long(redecided, "customers")));
        await ItsDecisionsCanBeReadAsync(app, id, Long(dispatch, "assigned"));
    }

    /// <summary>As a file of all, and one explained.</summary>
    private static async Task ItsDecisionsCanBeReadAsync(AppUnderTest app, string run, long assigned)
    {
        using var csv = await app.Admin.GetAsync($"/api/runs/{run}/decisions", Cancelled);
        Assert.Equal("text/csv", csv.Content.Headers.ContentType?.MediaType);
        var lines = (await csv.Content.ReadAsStringAsync(Cancelled)).TrimEnd().Split("\r\n");
        Assert.StartsWith("treatment,propensity,reward,segment,eligible,", lines[0], StringComparison.Ordinal);
        Assert.Equal(assigned, lines.Length - 1);

        var found = new List<JsonElement>();
        for (var customer = 0; customer < 60 && found.Count == 0; customer += 2)
        {
            using var answer = await app.Admin.GetAsync($"/api/runs/{run}/decisions/c{customer}", Cancelled);
            if (answer.IsSuccessStatusCode)
            {
                found.Add(await answer.Content.ReadFromJsonAsync<JsonElement>(Cancelled));
            }
        }

        var decision = Assert.Single(found);
        Assert.True(decision.GetProperty("repeats").GetBoolean());
        Assert.StartsWith("drew ", decision.GetProperty("sentence").GetString(), StringComparison.Ordinal);
        Assert.Equal(1_000_000, decision.GetProperty("candidates").EnumerateArray().Sum(c => Long(c, "partsPerMillion")));
        Assert.Contains("no such customer", await ErrorAndSettingsTests.RefusedAsync(app, HttpMethod.Get, $"/api/runs/{run}/decisions/nobody", null, HttpStatusCode.NotFound), StringComparison.OrdinalIgnoreCase);
        await ErrorAndSettingsTests.RefusedAsync(app, HttpMethod.Get, "/api/runs/none/decisions", null, HttpStatusCode.NotFound);
    }

    [Fact]
    public async Task Results_come_by_every_grouping_as_json_and_as_csv()
    {
        await using var app = await ShopAsync();
        await app.SendAsync(HttpMethod.Post, "/api/campaigns/win-back/launch");
        await app.QuietAsync();
        Assert.StartsWith("measure-", (await app.SendAsync(HttpMethod.Post, "/api/measure")).GetProperty("job").GetString(), StringComparison.Ordinal);
        await app.QuietAsync();

        foreach (var by in new[] { "campaign", "segment", "offer", "channel", "day", "Campaign", "" })
        {
            var kpis = await app.GetAsync(by.Length == 0 ? "/api/kpis" : "/api/kpis?by=" + by);
            var rows = kpis.GetProperty("rows").GetArrayLength();
            Assert.True(rows > 0, $"no rows by {by}");
            Assert.Equal("GBP", kpis.GetProperty("currency").GetString());
            using var csv = await app.Admin.GetAsync($"/api/kpis?format=csv&by={(by.Length == 0 ? "campaign" : by)}", Cancelled);
            Assert.Equal("text/csv", csv.Content.Headers.ContentType?.MediaType);
            Assert.Equal(rows + 1, (await csv.Content.ReadAsStringAsync(Cancelled)).TrimEnd().Split('\n').Length);
        }

        using var accepting = new HttpRequestMessage(HttpMethod.Get, "/api/kpis");
        accepting.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue("text/csv"));
        using var asCsv = await app.Admin.SendAsync(accepting, Cancelled);
        Assert.Equal("text/csv", asCsv.Content.Headers.ContentType?.MediaType);
        await ErrorAndSettingsTests.RefusedAsync(app, HttpMethod.Get, "/api/kpis?format=xml", null, HttpStatusCode.BadRequest);

        var segments = await app.GetAsync("/api/segments");
        Assert.Equal(60, segments.GetProperty("customers").GetInt64());
        // The clock of this store stands still: recomputed at the same time, it is the same job again.
        var first = (await app.SendAsync(HttpMethod.Post, "/api/recompute")).GetProperty("job").GetString();
        await app.QuietAsync();
        Assert.Equal(first, (await app.SendAsync(HttpMethod.Post, "/api/recompute")).GetProperty("job").GetString());
        await app.QuietAsync();
        Assert.Equal("Done", (await app.GetAsync("/api/jobs/" + first)).GetProperty("status").GetString());
    }

    [Fact]
    public async Task The_result_table_has_a_row_per_segment_and_variant_with_its_verdict_and_what_to_do()
    {
        await using var app = await ShopAsync();
        Assert.Contains("no such campaign", await ErrorAndSettingsTests.RefusedAsync(app, HttpMethod.Get, "/api/campaigns/none/results", null, HttpStatusCode.NotFound), StringComparison.Ordinal);
        await app.SendAsync(HttpMethod.Post, "/api/campaigns/win-back/launch");
        await app.QuietAsync();
        await app.SendAsync(HttpMethod.Post, "/api/measure");
        await app.QuietAsync();

        var results = await app.GetAsync("/api/campaigns/win-back/results");
        Assert.Equal("GBP", results.GetProperty("currency").GetString());
        var rows = results.GetProperty("rows").EnumerateArray().ToList();
        var campaign = Assert.Single((await app.GetAsync("/api/kpis?by=campaign")).GetProperty("rows").EnumerateArray(), r => r.GetProperty("scope").GetString() == "campaign");
        Assert.Equal(Long(campaign, "treated"), rows.Sum(r => Long(r, "recipients")));
        Assert.Equal(rows.Count, rows.Select(r => (r.GetProperty("segment").GetString(), r.GetProperty("treatment").GetString())).Distinct().Count());
        Assert.All(rows, r =>
        {
            Assert.Equal(("too early", "wait"), (r.GetProperty("verdict").GetString(), r.GetProperty("advice").GetString()));
            Assert.InRange(r.GetProperty("newestShare").GetDouble(), 0.01, 1);
            // The badge beside it says "too early" already.
            Assert.StartsWith("Wait: ", r.GetProperty("sentence").GetString(), StringComparison.Ordinal);
            Assert.DoesNotContain("Too early", r.GetProperty("sentence").GetString(), StringComparison.Ordinal);
        });
        Assert.All(results.GetProperty("shares").EnumerateArray(), s => Assert.Equal(1, Assert.Single(s.GetProperty("runs").EnumerateArray()).GetProperty("shares").EnumerateArray().Sum(v => v.GetDouble()), 9));
    }

    [Fact]
    public async Task While_everything_is_stopped_nothing_is_launched()
    {
        await using var app = await ShopAsync();
        await app.SendAsync(HttpMethod.Post, "/api/stop");

        Assert.Contains("stop", await ErrorAndSettingsTests.RefusedAsync(app, HttpMethod.Post, "/api/campaigns/win-back/launch", null, HttpStatusCode.Conflict), StringComparison.OrdinalIgnoreCase);

        Assert.Equal("Draft", (await app.GetAsync("/api/campaigns/win-back")).GetProperty("status").GetString());
        await app.SendAsync(HttpMethod.Post, "/api/resume");
        Assert.NotNull((await app.SendAsync(HttpMethod.Post, "/api/campaigns/win-back/launch")).GetProperty("run").GetString());
        await app.QuietAsync();
    }

    /// <summary>Sixty customers with consent, half of whom bought every ten days and then fell silent; a draft win-back.</summary>
    internal static async Task<AppUnderTest> ShopAsync(params string[] settings)
    {
        var app = await AppUnderTest.StartAsync(false, settings);
        await app.SetNowAsync(Now);
        await app.SendAsync(HttpMethod.Put, "/api/settings", new { postalAddress = "1 High Street, London", marginShare = 0.5 });
        var orders = new StringBuilder("order_id,customer_id,ordered_at,sku,quantity,unit_price\n");
        var customers = new StringBuilder("customer_id,email,phone,consent_email,consent_sms\n");
        for (var customer = 0; customer < 60; customer++)
        {
            customers.AppendLine(CultureInfo.InvariantCulture, $"c{customer},c{customer}@example.com,,yes,no");
            var last = customer % 2 == 0 ? Now.AddDays(-25 - (customer % 10)) : Now.AddDays(-1 - (customer % 5));
            for (var order = 0; order < 8; order++)
            {
                orders.AppendLine(CultureInfo.InvariantCulture, $"{customer}-{order},c{customer},{last.AddDays(-10 * order):yyyy-MM-dd'T'HH:mm:ss'Z'},p{order % 4},1,{10 + (customer % 7)}.00");
            }
        }

        using var one = ImportTests.Body(customers.ToString(), "text/csv");
        using var two = ImportTests.Body(orders.ToString(), "text/csv");
        await app.ImportAsync("/api/customers", one);
        await app.ImportAsync("/api/orders", two);
        await PutAsync(app, CampaignPresets.WinBack with { Segments = [.. SegmentNames.ByPriority] }, null, HttpStatusCode.OK);
        return app;
    }

    private static long Long(JsonElement of, string name) => of.GetProperty(name).GetInt64();

    private static long Sum(JsonElement of, string name) => of.GetProperty(name).EnumerateObject().Sum(p => p.Value.GetInt64());

    private static async Task<(JsonElement Body, string? ETag)> PutAsync(AppUnderTest app, Campaign campaign, string? etag, HttpStatusCode status)
    {
        using var request = new HttpRequestMessage(HttpMethod.Put, "/api/campaigns/" + campaign.Id) { Content = JsonContent.Create(campaign, options: CampaignsApi.Json) };
        if (etag is not null)
        {
            request.Headers.TryAddWithoutValidation("If-Match", etag);
        }

        using var answer = await app.Admin.SendAsync(request, Cancelled);
        var body = await answer.Content.ReadAsStringAsync(Cancelled);
        Assert.True(status == answer.StatusCode, $"{(int)answer.StatusCode}: {body}");
        return (JsonSerializer.Deserialize<JsonElement>(body), answer.Headers.ETag?.ToString());
    }
}
