using System.Globalization;
using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using Campaigns.Core.Offers;
using Campaigns.Core.Planning;
using Campaigns.Core.Segments;
using Campaigns.Functions.Api;

namespace Campaigns.Functions.Tests.Api;

/// <summary>What may come in by files, calls and templates that nobody meant well: taken as it is, or refused with a sentence; never a failed job, and nothing else suffers.</summary>
public sealed class HostileInputTests
{
    private const string Json = "application/json", Csv = "text/csv";

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    private static readonly string Long = new('x', 600);

    /// <summary>Path, content type, one bad record, and what the reason says. A good record goes with each.</summary>
    public static TheoryData<string, string, string, string> BadRecords => new()
    {
        { "/api/customers", Json, """{"customer_id":"a\u0000b"}""", "control character" },
        { "/api/customers", Json, """{"customer_id":"a\nb\u001b[2J"}""", "control character" },
        { "/api/customers", Csv, "a\u0007b,,,", "control character" },
        { "/api/customers", Json, $$"""{"customer_id":"{{Long}}"}""", "customer id too long" },
        { "/api/customers", Csv, $"{Long},,,", "customer id too long" },
        { "/api/customers", Json, """{"customer_id":"half \ud83d"}""", "not valid Unicode" },
        { "/api/customers", Json, """{"customer_id":"p","attributes":{"half \ud83d":"x"}}""", "not valid Unicode" },
        { "/api/customers", Json, "{\"customer_id\":\"many\",\"attributes\":{" + string.Join(',', Enumerable.Range(0, 300).Select(i => $"\"a{i}\":{i}")) + "}}", "attributes" },
        { "/api/customers", Json, "{\"customer_id\":\"fat\",\"attributes\":{\"note\":\"" + new string('n', 1_200_000) + "\"}}", "larger than" },
        { "/api/customers", Json, """{"customer_id":"bcc","email":"ann@example.com\r\nBcc: all@example.com"}""", "e-mail address is not valid" },
        { "/api/customers", Csv, "bcc,\"ann@example.com\nBcc: all@example.com\",,", "e-mail address is not valid" },
        { "/api/customers", Json, """{"customer_id":"late","consent_email":true,"consent_at":"9999-12-31T23:59:59Z"}""", "lies in the future" },
        { "/api/customers", Csv, "late,late@example.com,yes,9999-12-31", "lies in the future" },
        { "/api/customers", Json, """{"customer_id":"late","updated_at":"2999-01-01"}""", "lies in the future" },
        { "/api/orders", Json, """{"order_id":"9","customer_id":"a\u0001b","ordered_at":"2026-01-05T10:00:00Z","total":7}""", "control character" },
        { "/api/orders", Json, """{"order_id":"9\u0000","customer_id":"c","ordered_at":"2026-01-05T10:00:00Z","total":7}""", "control character" },
        { "/api/orders", Csv, "9,a\u0001b,2026-01-05,7,", "control character" },
        { "/api/orders", Csv, $"9,{Long},2026-01-05,7,", "customer id too long" },
        { "/api/orders", Csv, $"{Long},c,2026-01-05,7,", "order id too long" },
        { "/api/orders", Json, $$"""{"order_id":"{{Long}}","customer_id":"c","ordered_at":"2026-01-05T10:00:00Z","total":7}""", "order id too long" },
        { "/api/orders", Json, """{"order_id":"9","customer_id":"\udc00","ordered_at":"2026-01-05T10:00:00Z","total":7}""", "not valid Unicode" },
        { "/api/orders", Json, """{"order_id":"9","customer_id":"c","ordered_at":"9999-12-31T23:59:59Z","total":7}""", "lies in the future" },
        { "/api/orders", Csv, "9,c,9999-12-31,7,", "lies in the future" },
        { "/api/orders", Json, """{"order_id":"9","customer_id":"c","ordered_at":"2026-01-05T10:00:00Z","updated_at":"2999-01-01","total":7}""", "lies in the future" },
        { "/api/orders", Csv, "9,c,2026-01-05,7,XXQ", "currency XXQ" },
        { "/api/orders", Json, """{"order_id":"9","customer_id":"c","ordered_at":"2026-01-05T10:00:00Z","total":7,"currency":"XXQ"}""", "currency XXQ" },
        { "/api/orders", Json, """{"order_id":"9","customer_id":"c","ordered_at":"2026-01-05T10:00:00Z","total":1e400}""", "not an amount" },
        { "/api/orders", Json, """{"order_id":["9"],"customer_id":{},"ordered_at":null,"total":7}""", "no order id" },
    };

    [Theory]
    [MemberData(nameof(BadRecords), DisableDiscoveryEnumeration = true)]
    public async Task A_bad_record_is_rejected_with_its_reason_and_the_good_one_beside_it_is_taken(string path, string type, string bad, string reason)
    {
        await using var app = await AppUnderTest.StartAsync(settings: "--Campaigns:FollowUps=false");
        var import = await ImportAsync(app, path, type, bad, reason);
        Assert.Equal("Done", import.GetProperty("status").GetString());
        Assert.Equal((1, 1), (import.GetProperty("summary").GetProperty("customers").GetInt64(), import.GetProperty("summary").GetProperty("rejected").GetInt64()));
    }

    private static async Task<JsonElement> ImportAsync(AppUnderTest app, string path, string type, string bad, string reason)
    {
        var isCustomer = path.EndsWith("customers", StringComparison.Ordinal);
        var good = (isCustomer, type) switch
        {
            (true, Json) => """{"customer_id":"good","email":"good@example.com"}""",
            (true, _) => "good,good@example.com,yes,",
            (_, Json) => """{"order_id":"1","customer_id":"good","ordered_at":"2026-01-05T10:00:00Z","total":7}""",
            _ => "1,good,2026-01-05,7,GBP",
        };
        using var body = ImportTests.Body(
            type == Json ? $"{bad}\n{good}\n" : (isCustomer ? "customer_id,email,consent_email,consent_at" : "order_id,customer_id,ordered_at,total,currency") + $"\n{bad}\n{good}\n", type);
        var import = await app.ImportAsync(path, body);
        using var rejects = await app.Admin.GetAsync($"/api/imports/{import.GetProperty("id").GetString()}/rejects", Cancelled);
        Assert.Contains(reason, await rejects.Content.ReadAsStringAsync(Cancelled), StringComparison.Ordinal);
        return import;
    }

    [Theory]
    [InlineData("a/b#c?d\\e")]
    [InlineData("gid://shopify/Customer/1")]
    [InlineData("😀 Łódź %41 100%")]
    [InlineData("' OR 1=1 --")]
    [InlineData("<script>alert(1)</script>")]
    public async Task Whatever_an_id_holds_its_customer_is_found_shown_and_erased(string id)
    {
        await using var app = await AppUnderTest.StartAsync(settings: "--Campaigns:FollowUps=false");
        using var customers = JsonContent.Create(new[] { new { customer_id = id, email = "one@example.com", first_name = "Ann\r\nBcc: all@example.com" } });
        await app.ImportAsync("/api/customers", customers);
        using var orders = JsonContent.Create(new[] { new { order_id = id, customer_id = id, ordered_at = "2026-01-05T10:00:00Z", lines = new[] { new { sku = id[..2], quantity = 1, unit_price = 3 } } } });
        Assert.Equal(1, (await app.ImportAsync("/api/orders", orders)).GetProperty("summary").GetProperty("new").GetInt64());

        var path = "/api/customers/" + Uri.EscapeDataString(id);
        var export = await app.GetAsync(path + "/export");
        Assert.Equal((id, id), (export.GetProperty("customerId").GetString(), Assert.Single(export.GetProperty("orders").EnumerateArray()).GetProperty("orderId").GetString()));
        await app.GetAsync(path + "/segments");
        using (var page = await app.Admin.GetAsync("/customers/" + Uri.EscapeDataString(id), Cancelled))
        {
            Assert.Equal(HttpStatusCode.OK, page.StatusCode);
            Assert.DoesNotContain("<script>alert", await page.Content.ReadAsStringAsync(Cancelled), StringComparison.Ordinal);
        }

        await app.SendAsync(HttpMethod.Delete, path);
        await app.QuietAsync();
        await ErrorAndSettingsTests.RefusedAsync(app, HttpMethod.Get, path + "/export", null, HttpStatusCode.NotFound);
    }

    [Fact]
    public async Task A_file_is_refused_or_says_what_was_left_out_where_it_has_more_columns_than_a_customer_may_have_attributes()
    {
        await using var app = await AppUnderTest.StartAsync(settings: "--Campaigns:FollowUps=false");
        static string File(int columns) => "customer_id," + string.Join(',', Enumerable.Range(0, columns).Select(i => $"a{i}")) + "\nann," + string.Join(',', Enumerable.Range(0, columns)) + "\n";
        using var some = ImportTests.Body(File(60), Csv);
        var taken = await app.ImportAsync("/api/customers", some);
        Assert.Contains("10 columns", taken.GetProperty("summary").GetProperty("notices")[0].GetString(), StringComparison.Ordinal);
        using var many = ImportTests.Body(File(300), Csv);
        var refused = await app.ImportAsync("/api/customers", many);
        Assert.Equal("Failed", refused.GetProperty("status").GetString());
        Assert.Contains("301 columns", refused.GetProperty("problem").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Bytes_that_are_no_UTF_8_are_read_as_Windows_1252_in_files_of_either_kind()
    {
        await using var app = await AppUnderTest.StartAsync(settings: "--Campaigns:FollowUps=false");
        foreach (var (text, type) in new[] { ("customer_id,first_name\nzo\u00eb,Zo\u00eb\n", Csv), ("""{"customer_id":"rené","first_name":"René"}""", Json) })
        {
            using var body = new ByteArrayContent(Encoding.Latin1.GetBytes(text));
            body.Headers.ContentType = new(type);
            var import = await app.ImportAsync("/api/customers", body);
            Assert.Equal((1, 0), (import.GetProperty("summary").GetProperty("customers").GetInt64(), import.GetProperty("summary").GetProperty("rejected").GetInt64()));
            Assert.Contains("Windows-1252", import.GetProperty("summary").GetProperty("notices")[0].GetString(), StringComparison.Ordinal);
        }

        await app.GetAsync("/api/customers/zo%C3%AB/export");
        await app.GetAsync("/api/customers/ren%C3%A9/export");
    }

    [Theory]
    [InlineData("XXQ")]
    [InlineData("£")]
    [InlineData("pounds")]
    public async Task A_currency_that_is_none_is_refused_and_does_not_become_the_workspaces(string currency)
    {
        await using var app = await AppUnderTest.StartAsync(settings: "--Campaigns:FollowUps=false");
        var before = (await app.GetAsync("/api/settings")).GetProperty("currency").GetString();
        using var body = ImportTests.Body("order_id,customer_id,ordered_at,total\n1,ann,2026-01-05,7\n", Csv);
        using var answer = await app.Admin.PostAsync("/api/orders?currency=" + Uri.EscapeDataString(currency), body, Cancelled);
        await app.QuietAsync();
        var text = await answer.Content.ReadAsStringAsync(Cancelled);
        if (answer.IsSuccessStatusCode)
        {
            var import = await app.GetAsync("/api/imports/" + JsonSerializer.Deserialize<JsonElement>(text).GetProperty("import").GetString());
            Assert.Equal("Failed", import.GetProperty("status").GetString());
            text = import.GetProperty("problem").GetString()!;
        }

        Assert.Contains(currency, text, StringComparison.OrdinalIgnoreCase);
        Assert.Equal(before, (await app.GetAsync("/api/settings")).GetProperty("currency").GetString());
    }

    /// <summary>Subject, HTML, and what the sentence says.</summary>
    public static TheoryData<string, string, string> BadTemplates => new()
    {
        { "Hello\r\nBcc: all@example.com", "<p>x</p>", "single line" },
        { "Hello", "{{#each products}}{{#each products}}{{name}}{{/each}}{{/each}}", "each" },
        { "Hello", string.Concat(Enumerable.Repeat("{{#if firstName}}", 20)) + string.Concat(Enumerable.Repeat("{{/if}}", 20)), "the most are 8" },
        { "Hello", "{{#while true}}x{{/while}}", "while" },
        { "Hello", "{{> self}}", "self" },
        { "Hello", "{{exec 'rm'}}", "exec" },
        { "Hello", "{{{firstName}}}", "two braces" },
        { "Hello", "{{constructor.prototype}}", "constructor" },
        { "Hello", new string('x', 250_000), "200,000" },
        { "{{offer.name}}" + new string('x', 2_000), "<p>x</p>", "Subject" },
    };

    [Theory]
    [MemberData(nameof(BadTemplates), DisableDiscoveryEnumeration = true)]
    public async Task A_template_that_loops_calls_what_is_not_there_or_explodes_is_refused_when_it_is_saved(string subject, string html, string says)
    {
        await using var app = await AppUnderTest.StartAsync();
        var campaign = CampaignPresets.WinBack with
        {
            Treatments = [CampaignPresets.WinBack.Treatments[0] with { Template = new MessageTemplate { Subject = subject, Html = html } }],
        };
        var sentence = await RefusedAsync(app, campaign);
        Assert.Contains(says, sentence, StringComparison.Ordinal);
    }

    private static async Task<string> RefusedAsync(AppUnderTest app, Campaign campaign)
    {
        using var answer = await app.Admin.PutAsJsonAsync("/api/campaigns/" + campaign.Id, campaign, CampaignsApi.Json, Cancelled);
        var text = await answer.Content.ReadAsStringAsync(Cancelled);
        Assert.True(answer.StatusCode == HttpStatusCode.BadRequest, string.Create(CultureInfo.InvariantCulture, $"{(int)answer.StatusCode}: {text[..Math.Min(text.Length, 500)]}"));
        return string.Join('\n', JsonSerializer.Deserialize<JsonElement>(text).GetProperty("problems").EnumerateArray().Select(p => p.GetProperty("sentence").GetString()));
    }
}
