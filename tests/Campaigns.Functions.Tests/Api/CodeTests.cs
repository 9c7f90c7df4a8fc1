using System.Net;
using System.Text;
using System.Text.Json;
using Campaigns.Core.Planning;
using Campaigns.Core.Primitives;
using Campaigns.Core.Segments;

namespace Campaigns.Functions.Tests.Api;

/// <summary>Pools of single-use codes by HTTP and in the console, from the file to the order.</summary>
public sealed class CodeTests
{
    private static readonly DateTimeOffset Now = new(2026, 3, 2, 12, 0, 0, TimeSpan.Zero);

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    private static async Task<JsonElement> UploadAsync(AppUnderTest app, string text, bool gzip = false)
    {
        using var body = ImportTests.Body(text, "text/plain", gzip);
        using var answer = await app.Admin.PostAsync("/api/codes/spring", body, Cancelled);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        return JsonSerializer.Deserialize<JsonElement>(await answer.Content.ReadAsStringAsync(Cancelled));
    }

    private static string Codes(int count) => string.Join('\n', Enumerable.Range(0, count).Select(i => $"SPRING-{i:D3}"));

    [Fact]
    public async Task A_recipient_is_sent_a_code_of_its_own_and_orders_say_who_redeemed_it()
    {
        await using var app = await CampaignTests.ShopAsync();
        var preset = CampaignPresets.WinBack;
        var campaign = preset with
        {
            Id = "coded",
            Segments = [.. SegmentNames.ByPriority],
            HoldoutShare = 0.2,
            Treatments = [.. preset.Treatments.Select(t => t with { Offer = t.Offer with { Code = null, CodePool = "spring" }, Template = t.Template with { Html = "<p>Yours: [{{offer.code}}]</p>" } })],
        };
        await app.SendAsync(HttpMethod.Put, "/api/campaigns/coded", campaign);
        Assert.Contains("no pool of codes 'spring'", await ErrorAndSettingsTests.RefusedAsync(app, HttpMethod.Post, "/api/campaigns/coded/launch", null, HttpStatusCode.Conflict), StringComparison.Ordinal);
        await UploadAsync(app, Codes(5));
        Assert.Contains("has 5 free codes", (await app.GetAsync("/api/campaigns/coded/preview")).GetProperty("codesMissing").GetString(), StringComparison.Ordinal);
        var uploaded = await UploadAsync(app, Codes(80), gzip: true);
        Assert.Equal((75, 5, 0), (uploaded.GetProperty("added").GetInt32(), uploaded.GetProperty("unchanged").GetInt32(), uploaded.GetProperty("rejected").GetInt32()));

        var run = (await app.SendAsync(HttpMethod.Post, "/api/campaigns/coded/launch")).GetProperty("run").GetString()!;
        await app.QuietAsync();
        var given = await GivenAsync(app, run);
        Assert.Equal((await app.GetAsync("/api/runs/" + run)).GetProperty("plan").GetProperty("treated").GetInt32(), given.Count);
        Assert.Equal(given.Count, given.Select(g => g[0]).Distinct().Count());
        var salt = (await app.Workspace.SettingsAsync(Cancelled)).Salt;
        foreach (var line in given.Take(5))
        {
            Assert.Contains($"[{line[0]}]", await app.Admin.GetStringAsync($"/outbox/{run}/{CustomerKey.Of(salt, line[2]).Text}/html", Cancelled), StringComparison.Ordinal);
        }

        await OrderAsync(app, ("own", given[0][2], given[0][0].ToLowerInvariant()), ("passed-on", "stranger", given[1][0]), ("none", given[2][2], "OTHER"));
        var pool = await app.GetAsync("/api/codes/spring");
        Assert.Equal(
            (80, 80 - given.Count, given.Count, 1, 1),
            (Int(pool, "codes"), Int(pool, "free"), Int(pool, "given"), Int(pool, "redeemed"), Int(pool, "redeemedByOthers")));
        var leaked = Assert.Single(pool.GetProperty("others").EnumerateArray());
        Assert.Equal((given[1][0], given[1][2], "stranger", "passed-on"), (Text(leaked, "code"), Text(leaked, "customer"), Text(leaked, "redeemedBy"), Text(leaked, "order")));
        Assert.Equal(["assigned", "redeemed", "redeemed by somebody else"], (await GivenAsync(app, run)).Select(g => g[3]).Distinct().Order(StringComparer.Ordinal));
        Assert.Empty(await GivenAsync(app, "run-none"));

        var page = await app.Admin.GetStringAsync("/codes/spring", Cancelled);
        Assert.Contains("Redeemed by somebody else", page, StringComparison.Ordinal);
        Assert.Contains("stranger", page, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_file_in_the_console_begins_a_pool_and_rejected_lines_are_shown()
    {
        await using var app = await AppUnderTest.StartAsync();
        using var form = new MultipartFormDataContent { { new StringContent("spring"), "\"pool\"" } };
        using var file = new ByteArrayContent(Encoding.UTF8.GetBytes("A1\nwith space\nB2\nA1\n"));
        form.Add(file, "\"file\"", "\"codes.txt\"");
        using var answer = await app.Admin.PostAsync("/codes", form, Cancelled);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        var page = await answer.Content.ReadAsStringAsync(Cancelled);
        Assert.Contains("2 codes added, 0 there already, 2 rejected.", page, StringComparison.Ordinal);
        Assert.Contains("twice in this file", page, StringComparison.Ordinal);
        Assert.Contains("/codes/spring", await app.Admin.GetStringAsync("/codes", Cancelled), StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_is_no_pool_or_no_file_of_codes_is_refused_in_a_sentence()
    {
        await using var app = await AppUnderTest.StartAsync();
        await ErrorAndSettingsTests.RefusedAsync(app, HttpMethod.Get, "/api/codes/none", null, HttpStatusCode.NotFound);
        await ErrorAndSettingsTests.RefusedAsync(app, HttpMethod.Get, "/api/codes/none/given", null, HttpStatusCode.NotFound);
        using var body = ImportTests.Body("", "text/plain");
        using var empty = await app.Admin.PostAsync("/api/codes/spring", body, Cancelled);
        Assert.Equal(HttpStatusCode.BadRequest, empty.StatusCode);
        Assert.Contains("empty", await empty.Content.ReadAsStringAsync(Cancelled), StringComparison.Ordinal);
        using var other = ImportTests.Body("A1", "text/plain");
        using var named = await app.Admin.PostAsync("/api/codes/Not%20an%20id", other, Cancelled);
        Assert.Equal(HttpStatusCode.BadRequest, named.StatusCode);
        using var missing = await app.Admin.GetAsync("/codes/none", Cancelled);
        Assert.Equal(HttpStatusCode.NotFound, missing.StatusCode);
    }

    /// <summary>Lines of the list of given codes: code, run, customer, state.</summary>
    private static async Task<List<string[]>> GivenAsync(AppUnderTest app, string run)
    {
        var lines = (await app.Admin.GetStringAsync("/api/codes/spring/given?run=" + run, Cancelled)).TrimEnd().Split('\n');
        Assert.Equal("code,run,customer_id,state,orders,redeemed_by", lines[0]);
        return [.. lines.Skip(1).Select(l => l.Split(','))];
    }

    private static async Task OrderAsync(AppUnderTest app, params (string Id, string Customer, string Code)[] orders)
    {
        await app.SetNowAsync(Now.AddHours(3));
        var json = JsonSerializer.Serialize(orders.Select(o => new { order_id = o.Id, customer_id = o.Customer, ordered_at = Now.AddHours(2), total = 20, coupon_code = o.Code }));
        using var body = ImportTests.Body(json, "application/json");
        var import = await app.ImportAsync("/api/orders", body);
        Assert.Equal("Done", import.GetProperty("status").GetString());
    }

    private static int Int(JsonElement json, string name) => json.GetProperty(name).GetInt32();

    private static string? Text(JsonElement json, string name) => json.GetProperty(name).GetString();
}
