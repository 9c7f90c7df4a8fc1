using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Campaigns.Functions.Api;

namespace Campaigns.Functions.Tests.Api;

/// <summary>The segment scheme by HTTP: read, change, preview, explain, decide by hand; and orders that classify at once.</summary>
public sealed class SegmentSchemeTests
{
    private static readonly DateTimeOffset Now = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_scheme_is_changed_only_by_who_has_seen_its_newest_version_and_versions_are_kept()
    {
        await using var app = await AppUnderTest.StartAsync();
        var (json, tag) = await ReadAsync(app);
        var renamed = With(json, s => s["segments"]![0]!["name"] = "Gone");

        Assert.Equal(HttpStatusCode.PreconditionRequired, (await PutAsync(app, renamed, null)).Status);
        var (status, saved) = await PutAsync(app, renamed, tag);
        Assert.Equal(HttpStatusCode.OK, status);
        Assert.Equal(1, saved.GetProperty("version").GetInt32());
        Assert.Equal(HttpStatusCode.Conflict, (await PutAsync(app, With(json, s => s["name"] = "Mine"), tag)).Status);

        Assert.Equal("Gone", JsonNode.Parse((await ReadAsync(app)).Json)!["segments"]![0]!["name"]!.GetValue<string>());
        var versions = (await app.GetAsync("/api/segments/scheme/versions")).GetProperty("versions");
        Assert.Equal([1, 0], versions.EnumerateArray().Select(v => v.GetProperty("version").GetInt32()));
        Assert.Contains("Gone", versions[0].GetProperty("changes")[0].GetString(), StringComparison.Ordinal);
        Assert.Equal("admin", versions[0].GetProperty("by").GetString());
        Assert.Equal(JsonNode.Parse(json)!.ToJsonString(), JsonNode.Parse((await app.GetAsync("/api/segments/scheme?version=0")).GetRawText())!.ToJsonString());
    }

    [Fact]
    public async Task A_faulty_scheme_is_refused_with_the_path_to_every_fault()
    {
        await using var app = await AppUnderTest.StartAsync();
        var (json, tag) = await ReadAsync(app);
        var faulty = With(json, s => s["segments"]![0]!["rule"] = JsonNode.Parse("""{"field":"ordrs","at_least":3}"""));

        var (status, body) = await PutAsync(app, faulty, tag);

        Assert.Equal(HttpStatusCode.BadRequest, status);
        Assert.StartsWith("$.segments[0].rule", body.GetProperty("faults")[0].GetProperty("path").GetString(), StringComparison.Ordinal);
        Assert.Equal(tag, (await ReadAsync(app)).Tag);
    }

    [Fact]
    public async Task An_order_classifies_its_customer_at_once()
    {
        await using var app = await ShopAsync();
        Assert.Equal("at-risk", await PrimaryAsync(app, "quiet"));

        await app.SetNowAsync(Now.AddDays(1));
        await ImportAsync(app, "order_id,customer_id,ordered_at,sku,quantity,unit_price\nnew-order,quiet,2026-03-02,tea,1,10\nfirst,stranger,2026-03-02,tea,1,10\n", recompute: false);

        Assert.DoesNotContain("at-risk", await SegmentsAsync(app, "quiet"));
        Assert.Equal(["new"], await SegmentsAsync(app, "stranger"));
        var history = (await app.GetAsync("/api/customers/quiet/segments")).GetProperty("history").EnumerateArray().ToList();
        var ended = history.Single(m => m.GetProperty("segment").GetString() == "at-risk");
        Assert.Equal(Now.AddDays(1), ended.GetProperty("until").GetDateTimeOffset());
        Assert.Equal(["at-risk"], await SegmentsAsync(app, "quiet", Now.AddHours(1)));
    }

    [Fact]
    public async Task A_changed_attribute_classifies_its_customer_at_once()
    {
        await using var app = await ShopAsync();
        await ImportAsync(app, "customer_id,city\nquiet,Leeds\nc1,York\n", recompute: false);
        var (json, tag) = await ReadAsync(app);
        Assert.Equal(HttpStatusCode.OK, (await PutAsync(app, With(json, s => s["segments"]![0]!["rule"] = JsonNode.Parse("""{"field":"attribute.city","is":"Leeds"}""")), tag)).Status);
        await ImportAsync(app, "customer_id,city\nc2,York\n", recompute: true);
        var leeds = JsonNode.Parse(json)!["segments"]![0]!["id"]!.GetValue<string>();
        Assert.DoesNotContain(leeds, await SegmentsAsync(app, "c1"));

        await app.SetNowAsync(Now.AddDays(1));
        await ImportAsync(app, "customer_id,city\nquiet,York\nc1,Leeds\n", recompute: false);

        Assert.DoesNotContain(leeds, await SegmentsAsync(app, "quiet"));
        Assert.Contains(leeds, await SegmentsAsync(app, "c1"));
        var explained = (await app.GetAsync("/api/customers/c1/segments")).GetProperty("explanations").EnumerateArray().Single(e => e.GetProperty("segment").GetString() == leeds);
        Assert.Contains(" since 2 Mar: ", explained.GetProperty("reason").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_preview_says_who_would_come_and_go_and_changes_nothing()
    {
        await using var app = await ShopAsync();
        var (json, _) = await ReadAsync(app);
        var wider = With(json, s => s["segments"]!.AsArray().First(n => n!["id"]!.GetValue<string>() == "new")!["rule"] = JsonNode.Parse("""{"field":"orders","at_least":1}"""));

        using var body = new StringContent(wider, Encoding.UTF8, "application/json");
        using var answer = await app.Admin.PostAsync("/api/segments/preview", body, Cancelled);
        var preview = await answer.Content.ReadFromJsonAsync<JsonElement>(CampaignsApi.Json, Cancelled);

        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.False(preview.GetProperty("estimated").GetBoolean());
        var all = preview.GetProperty("allCustomers").GetInt64();
        var segment = preview.GetProperty("segments").EnumerateArray().Single(s => s.GetProperty("segment").GetString() == "new");
        Assert.Equal(all, segment.GetProperty("members").GetInt64());
        Assert.Equal(1.0, segment.GetProperty("customerShare").GetDouble());
        Assert.Equal(0, segment.GetProperty("out").GetInt64());
        Assert.InRange(segment.GetProperty("in").GetInt64(), 1, all);
        Assert.All(segment.GetProperty("examples").EnumerateArray(), e => Assert.NotEmpty(e.GetProperty("reason").GetString()!));
        Assert.Equal("0", (await ReadAsync(app)).Tag);
    }

    [Fact]
    public async Task A_customer_is_placed_by_hand_and_taken_back()
    {
        await using var app = await ShopAsync();

        await app.SendAsync(HttpMethod.Put, "/api/customers/quiet/segments/loyal", new { member = true, reason = "an old friend", until = Now.AddDays(9) });
        Assert.Contains("loyal", await SegmentsAsync(app, "quiet"));
        var loyal = (await app.GetAsync("/api/customers/quiet/segments")).GetProperty("explanations").EnumerateArray().Single(e => e.GetProperty("segment").GetString() == "loyal");
        Assert.StartsWith("placed by hand by admin", loyal.GetProperty("reason").GetString(), StringComparison.Ordinal);

        await app.SendAsync(HttpMethod.Delete, "/api/customers/quiet/segments/loyal");
        Assert.DoesNotContain("loyal", await SegmentsAsync(app, "quiet"));
        using var unknown = await app.Admin.PutAsJsonAsync("/api/customers/quiet/segments/vip", new { member = true, reason = "x" }, Cancelled);
        Assert.Equal(HttpStatusCode.BadRequest, unknown.StatusCode);
    }

    [Fact]
    public async Task Fields_and_the_types_of_attributes_are_listed_and_a_type_that_a_rule_rests_on_stays()
    {
        await using var app = await AppUnderTest.StartAsync();
        using var customers = new StringContent("customer_id,age,city\na,34,Leeds\nb,41,York\n", Encoding.UTF8, "text/csv");
        await app.ImportAsync("/api/imports", customers);

        var fields = (await app.GetAsync("/api/fields")).GetProperty("fields").EnumerateArray().ToDictionary(f => f.GetProperty("name").GetString()!, f => f.GetProperty("type").GetString());
        Assert.Equal("Number", fields["attribute.age"]);
        Assert.Equal("Text", fields["attribute.city"]);
        Assert.Contains("days_since_last_order", fields.Keys);

        var (json, tag) = await ReadAsync(app);
        var (status, _) = await PutAsync(app, With(json, s => s["segments"]![0]!["rule"] = JsonNode.Parse("""{"field":"attribute.age","at_least":40}""")), tag);
        Assert.Equal(HttpStatusCode.OK, status);
        using var refused = await app.Admin.PutAsJsonAsync("/api/attributes/age", new { type = "Text" }, Cancelled);
        Assert.Equal(HttpStatusCode.Conflict, refused.StatusCode);
        var changed = await app.SendAsync(HttpMethod.Put, "/api/attributes/city", new { type = "YesNo" });
        Assert.Equal("admin", changed.GetProperty("by").GetString());
    }

    [Fact]
    public async Task A_workspace_cuts_and_names_RFM_its_own_way_and_is_told_what_is_wrong_with_it()
    {
        await using var app = await ShopAsync();
        Assert.Equal(5, (await app.GetAsync("/api/rfm")).GetProperty("settings").GetProperty("bins").GetInt32());

        var map = new[] { new { name = "away", leastRecency = 1, mostRecency = 1, leastFrequency = 1, mostFrequency = 2 }, new { name = "here", leastRecency = 2, mostRecency = 2, leastFrequency = 1, mostFrequency = 2 } };
        using var refused = await app.Admin.PutAsJsonAsync("/api/rfm", new { bins = 3, map }, Cancelled);
        Assert.Equal(HttpStatusCode.BadRequest, refused.StatusCode);
        var fault = (await refused.Content.ReadFromJsonAsync<JsonElement>(Cancelled)).GetProperty("faults")[0];
        Assert.Equal("$.map", fault.GetProperty("path").GetString());
        Assert.Contains("R3 F1", fault.GetProperty("message").GetString(), StringComparison.Ordinal);

        await app.SendAsync(HttpMethod.Put, "/api/rfm", new { recencyCutsDays = new[] { 30 }, orderCuts = new[] { 1 }, map });
        var saved = await app.GetAsync("/api/rfm");
        Assert.Equal((2, 2, "here"), (saved.GetProperty("map").GetProperty("recency").GetInt32(), saved.GetProperty("map").GetProperty("frequency").GetInt32(), saved.GetProperty("map").GetProperty("rules")[1].GetProperty("name").GetString()));
        Assert.Equal(90, (await app.GetAsync("/api/models/settings")).GetProperty("horizonDays").GetInt32());
    }

    [Fact]
    public async Task An_import_that_gives_an_attribute_another_type_than_the_scheme_names_breaks_nothing()
    {
        await using var app = await ShopAsync();
        var (json, tag) = await ReadAsync(app);
        var (status, _) = await PutAsync(app, With(json, s =>
        {
            s["attributes"] = JsonNode.Parse("""{"member":"text"}""");
            s["segments"]![0]!["rule"] = JsonNode.Parse("""{"field":"attribute.member","is":"gold"}""");
        }), tag);
        Assert.Equal(HttpStatusCode.OK, status);

        using var customers = new StringContent("customer_id,member\na,yes\nb,no\n", Encoding.UTF8, "text/csv");
        await app.ImportAsync("/api/imports", customers);

        Assert.Equal("YesNo", (await app.GetAsync("/api/attributes")).GetProperty("attributes").EnumerateArray().Single(a => a.GetProperty("name").GetString() == "member").GetProperty("type").GetString());
        var (again, _) = await ReadAsync(app);
        Assert.Contains("attribute.member", again, StringComparison.Ordinal);
        Assert.NotEqual(JsonValueKind.Undefined, (await app.GetAsync("/api/segments")).ValueKind);
        Assert.NotEqual(JsonValueKind.Undefined, (await app.GetAsync("/api/customers/quiet/segments")).ValueKind);
    }

    [Fact]
    public async Task Diagnostics_say_who_is_covered_and_which_segments_are_too_small_to_measure()
    {
        await using var empty = await AppUnderTest.StartAsync();
        using var none = await empty.Admin.GetAsync("/api/segments/diagnostics", Cancelled);
        Assert.Equal(HttpStatusCode.NotFound, none.StatusCode);

        await using var app = await ShopAsync();
        var found = await app.GetAsync("/api/segments/diagnostics");
        Assert.Equal(1, found.GetProperty("coveredShare").GetDouble());
        Assert.InRange(found.GetProperty("leastToMeasure").GetInt64(), 1_000, 10_000);
        // Nobody gave consent, so nobody can be written to.
        Assert.Contains("at-risk", found.GetProperty("tooSmall").EnumerateArray().Select(s => s.GetString()));
        Assert.Contains("new", found.GetProperty("empty").EnumerateArray().Select(s => s.GetString()));
        Assert.All(found.GetProperty("idleConditions").EnumerateArray(), i => Assert.StartsWith("$.segments[", i.GetProperty("path").GetString(), StringComparison.Ordinal));
        Assert.InRange(found.GetProperty("conditionCustomers").GetInt64(), 1, 71);
    }

    [Fact]
    public async Task Models_say_why_they_are_preliminary_and_their_settings_are_checked()
    {
        await using var app = await ShopAsync();

        var models = await app.GetAsync("/api/models");
        Assert.Contains(models.GetProperty("preliminary").EnumerateArray(), p => p.GetProperty("code").GetString() == "customers");
        Assert.NotEmpty((await app.GetAsync("/api/segments")).GetProperty("preliminary").EnumerateArray());
        var settings = JsonNode.Parse((await app.GetAsync("/api/models/settings")).GetRawText())!;
        settings["horizonDays"] = 0;
        using var refused = await app.Admin.PutAsJsonAsync("/api/models/settings", settings, Cancelled);
        Assert.Equal(HttpStatusCode.BadRequest, refused.StatusCode);
        settings["horizonDays"] = 60;
        Assert.Equal(60, (await app.SendAsync(HttpMethod.Put, "/api/models/settings", settings)).GetProperty("horizonDays").GetInt32());
    }

    private static async Task<AppUnderTest> ShopAsync()
    {
        var app = await AppUnderTest.StartAsync();
        await app.SetNowAsync(Now);
        var orders = new StringBuilder("order_id,customer_id,ordered_at,sku,quantity,unit_price\n");
        foreach (var i in Enumerable.Range(0, 30))
        {
            foreach (var month in Enumerable.Range(1, 6))
            {
                orders.Append(System.Globalization.CultureInfo.InvariantCulture, $"o{i}-{month},c{i},2025-{6 + month:00}-{1 + (i % 28):00},tea,1,10\n");
            }
        }

        foreach (var order in new[] { "2025-10-25", "2025-11-25", "2025-12-25" })
        {
            orders.Append(System.Globalization.CultureInfo.InvariantCulture, $"q{order},quiet,{order},tea,1,10\n");
        }

        // Gaps of every length up to 200 days, so that nobody in doubt is lost already.
        foreach (var gap in Enumerable.Range(1, 40))
        {
            orders.Append(System.Globalization.CultureInfo.InvariantCulture, $"g{gap}a,g{gap},{Now.AddDays(-5 - (gap * 5)):yyyy-MM-dd},pot,1,10\ng{gap}b,g{gap},{Now.AddDays(-5):yyyy-MM-dd},pot,1,10\n");
        }

        await ImportAsync(app, orders.ToString(), recompute: true);
        return app;
    }

    private static async Task ImportAsync(AppUnderTest app, string csv, bool recompute)
    {
        using var body = new StringContent(csv, Encoding.UTF8, "text/csv");
        await app.ImportAsync("/api/imports", body);
        if (recompute)
        {
            await app.TickAsync("RecomputeSegments");
        }
    }

    private static async Task<(string Json, string Tag)> ReadAsync(AppUnderTest app)
    {
        using var answer = await app.Admin.GetAsync("/api/segments/scheme", Cancelled);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        return (await answer.Content.ReadAsStringAsync(Cancelled), answer.Headers.ETag!.Tag.Trim('"'));
    }

    private static async Task<(HttpStatusCode Status, JsonElement Body)> PutAsync(AppUnderTest app, string json, string? tag)
    {
        using var request = new HttpRequestMessage(HttpMethod.Put, "/api/segments/scheme") { Content = new StringContent(json, Encoding.UTF8, "application/json") };
        if (tag is not null)
        {
            request.Headers.TryAddWithoutValidation("If-Match", $"\"{tag}\"");
        }

        using var answer = await app.Admin.SendAsync(request, Cancelled);
        return (answer.StatusCode, JsonSerializer.Deserialize<JsonElement>(await answer.Content.ReadAsStringAsync(Cancelled)));
    }

    private static string With(string json, Action<JsonNode> change)
    {
        var node = JsonNode.Parse(json)!;
        change(node);
        return node.ToJsonString();
    }

    private static async Task<string?> PrimaryAsync(AppUnderTest app, string customer) => (await SegmentsAsync(app, customer)).FirstOrDefault();

    private static async Task<List<string>> SegmentsAsync(AppUnderTest app, string customer, DateTimeOffset? at = null)
    {
        var view = await app.GetAsync($"/api/customers/{customer}/segments{(at is { } time ? "?at=" + Uri.EscapeDataString(time.ToString("O")) : "")}");
        return [.. view.GetProperty("memberships").EnumerateArray().Select(m => m.GetProperty("segment").GetString()!)];
    }
}
