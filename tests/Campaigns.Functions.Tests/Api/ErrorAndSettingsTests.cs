using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;

namespace Campaigns.Functions.Tests.Api;

/// <summary>Settings by HTTP, and what any request that is wrong is answered.</summary>
public sealed class ErrorAndSettingsTests
{
    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Settings_change_only_what_is_named_and_never_show_a_secret()
    {
        await using var app = await AppUnderTest.StartAsync();
        var before = await app.GetAsync("/api/settings");

        var after = await app.SendAsync(HttpMethod.Put, "/api/settings", new { name = "Tea & Co", marginShare = 0.4, shopUrl = "https://shop.example" });

        Assert.Equal("Tea & Co", after.GetProperty("name").GetString());
        Assert.Equal(0.4, after.GetProperty("marginShare").GetDouble());
        Assert.Equal(before.GetProperty("currency").GetString(), after.GetProperty("currency").GetString());
        Assert.Equal(after.GetRawText(), (await app.GetAsync("/api/settings")).GetRawText());
        Assert.DoesNotContain(after.EnumerateObject(), p => p.Name.Contains("salt", StringComparison.OrdinalIgnoreCase) || p.Name.Contains("signing", StringComparison.OrdinalIgnoreCase));
    }

    [Fact]
    public async Task A_new_store_chooses_the_control_group_by_itself_until_a_share_is_named()
    {
        await using var app = await AppUnderTest.StartAsync();
        Assert.True((await app.GetAsync("/api/settings")).GetProperty("holdoutAutomatic").GetBoolean());

        var named = await app.SendAsync(HttpMethod.Put, "/api/settings", new { holdoutShare = 0.15 });
        Assert.Equal((0.15, false), (named.GetProperty("holdoutShare").GetDouble(), named.GetProperty("holdoutAutomatic").GetBoolean()));

        var back = await app.SendAsync(HttpMethod.Put, "/api/settings", new { holdoutAutomatic = true });
        Assert.Equal((JsonValueKind.Null, true), (back.GetProperty("holdoutShare").ValueKind, back.GetProperty("holdoutAutomatic").GetBoolean()));
    }

    [Theory]
    [InlineData("""{"holdoutShare":0.6}""", "holdoutShare")]
    [InlineData("""{"holdoutShare":-0.1}""", "holdoutShare")]
    [InlineData("""{"controlShare":0.21}""", "controlShare")]
    [InlineData("""{"holdoutShare":0.1,"holdoutAutomatic":true}""", "holdoutAutomatic")]
    [InlineData("""{"holdoutAutomatic":false}""", "holdoutShare")]
    [InlineData("""{"marginShare":1.5}""", "marginShare")]
    [InlineData("""{"marginShareByCategory":{"toys":2}}""", "marginShareByCategory")]
    [InlineData("""{"churnDays":0}""", "churnDays")]
    [InlineData("""{"currency":"EURO"}""", "currency")]
    [InlineData("""{"country":"Germany"}""", "country")]
    [InlineData("""{"timeZone":"Mars/Olympus"}""", "timeZone")]
    [InlineData("""{"publicBaseUrl":"mail.example.com"}""", "publicBaseUrl")]
    [InlineData("""{"publicBaseUrl":"javascript:alert(1)"}""", "publicBaseUrl")]
    [InlineData("""{"shopUrl":"file:///etc/passwd"}""", "shopUrl")]
    [InlineData("""{"name":" "}""", "name")]
    [InlineData("""{"sendFromHour":20,"sendUntilHour":9}""", "sendFromHour")]
    [InlineData("""{"emailCostMicros":-1}""", "Costs")]
    public async Task A_setting_that_makes_no_sense_is_refused_with_a_sentence_that_names_it(string body, string names)
    {
        await using var app = await AppUnderTest.StartAsync();
        var before = (await app.GetAsync("/api/settings")).GetRawText();

        Assert.Contains(names, await RefusedAsync(app, HttpMethod.Put, "/api/settings", body, HttpStatusCode.BadRequest), StringComparison.Ordinal);

        Assert.Equal(before, (await app.GetAsync("/api/settings")).GetRawText());
    }

    [Fact]
    public async Task Settings_that_would_not_fit_a_row_are_refused()
    {
        await using var app = await AppUnderTest.StartAsync();
        var long2 = new string('x', 2_000_000);

        await RefusedAsync(app, HttpMethod.Put, "/api/settings", JsonSerializer.Serialize(new { postalAddress = long2 }), HttpStatusCode.BadRequest);
        await RefusedAsync(app, HttpMethod.Put, "/api/settings", JsonSerializer.Serialize(new { name = long2 }), HttpStatusCode.BadRequest);
    }

    [Fact]
    public async Task Stop_and_resume_are_settings_that_everybody_sees()
    {
        await using var app = await AppUnderTest.StartAsync();

        Assert.True((await app.SendAsync(HttpMethod.Post, "/api/stop")).GetProperty("stopped").GetBoolean());
        Assert.True((await app.GetAsync("/api/settings")).GetProperty("stopped").GetBoolean());
        Assert.False((await app.SendAsync(HttpMethod.Post, "/api/resume")).GetProperty("stopped").GetBoolean());
        Assert.False(await app.Workspace.IsStoppedAsync(Cancelled));
    }

    [Theory]
    [InlineData("GET", "/api/nothing", null, 404)]
    [InlineData("GET", "/api", null, 404)]
    [InlineData("GET", "/api/nothing.csv", null, 404)]
    [InlineData("DELETE", "/api/settings", null, 404)]
    [InlineData("PUT", "/api/settings", "{", 400)]
    [InlineData("PUT", "/api/settings", "", 400)]
    [InlineData("PUT", "/api/settings", "null", 400)]
    [InlineData("PUT", "/api/settings", "[1]", 400)]
    [InlineData("PUT", "/api/settings", """{"churnDays":"many"}""", 400)]
    [InlineData("PUT", "/api/settings", """{"churnDays":99999999999999}""", 400)]
    [InlineData("PUT", "/api/campaigns/a", "{", 400)]
    [InlineData("PUT", "/api/campaigns/a", "", 400)]
    [InlineData("PUT", "/api/campaigns/a", "{}", 400)]
    [InlineData("PUT", "/api/campaigns/a", "null", 400)]
    [InlineData("POST", "/api/campaigns/a/launch?occurrence=first", null, 400)]
    [InlineData("POST", "/api/campaigns/a/launch", null, 409)]
    [InlineData("GET", "/api/campaigns/%C3%BC", null, 404)]
    [InlineData("GET", "/api/campaigns/a%23b", null, 404)]
    [InlineData("GET", "/api/campaigns?from=%C3%BC", null, 400)]
    [InlineData("GET", "/api/runs?from=a%23", null, 400)]
    [InlineData("GET", "/api/runs/a%3Fb", null, 404)]
    [InlineData("GET", "/api/runs/none", null, 404)]
    [InlineData("POST", "/api/runs/none/recount", null, 404)]
    [InlineData("GET", "/api/jobs/a%5Cb", null, 404)]
    [InlineData("GET", "/api/jobs/none", null, 404)]
    [InlineData("GET", "/api/imports/none", null, 404)]
    [InlineData("GET", "/api/imports/none/rejects", null, 404)]
    [InlineData("GET", "/api/imports/%C3%BC/rejects", null, 404)]
    [InlineData("GET", "/api/segments", null, 404)]
    [InlineData("GET", "/api/kpis", null, 404)]
    [InlineData("GET", "/api/kpis?by=moon", null, 400)]
    [InlineData("GET", "/api/kpis?by=1", null, 400)]
    [InlineData("GET", "/api/kpis?by=%2B1", null, 400)]
    [InlineData("GET", "/api/kpis?by=campaign,segment", null, 400)]
    public async Task Whatever_is_wrong_is_answered_with_one_sentence_in_json(string method, string path, string? body, int status)
    {
        await using var app = await AppUnderTest.StartAsync();

        await RefusedAsync(app, new HttpMethod(method), path, body, (HttpStatusCode)status);
    }

    [Theory]
    [InlineData("/api/settings")]
    [InlineData("/api/campaigns/a")]
    public async Task Another_content_type_is_refused_with_a_sentence(string path)
    {
        await using var app = await AppUnderTest.StartAsync();
        using var content = new StringContent("{}", Encoding.UTF8, "text/plain");
        using var answer = await app.Admin.PutAsync(path, content, Cancelled);

        Assert.Equal(HttpStatusCode.UnsupportedMediaType, answer.StatusCode);
        Assert.Contains("application/json", (await answer.Content.ReadFromJsonAsync<JsonElement>(Cancelled)).GetProperty("error").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_body_above_the_limit_is_refused_with_a_sentence()
    {
        await using var app = await AppUnderTest.StartAsync();
        using var content = new ByteArrayContent(new byte[31_000_000]);
        content.Headers.ContentType = new("application/json");
        using var request = new HttpRequestMessage(HttpMethod.Put, "/api/settings") { Content = content };
        request.Headers.ExpectContinue = true; // So that the answer comes before the body is sent.

        using var answer = await app.Admin.SendAsync(request, Cancelled);

        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, answer.StatusCode);
        Assert.NotEmpty((await answer.Content.ReadFromJsonAsync<JsonElement>(Cancelled)).GetProperty("error").GetString()!);
    }

    [Fact]
    public async Task Jobs_and_failed_messages_can_be_seen()
    {
        await using var app = await AppUnderTest.StartAsync();
        await app.Get<Core.Storage.IQueueStore>().SendAsync("measure-poison", """{"campaigns":1,"work":{"job":"measure-7","stage":"measure","part":0,"asOf":"2026-01-01T00:00:00Z"}}""", TimeSpan.Zero, Cancelled);
        await app.Get<Core.Storage.IQueueStore>().SendAsync("touch-poison", "no JSON at all", TimeSpan.Zero, Cancelled);

        var failed = (await app.GetAsync("/api/failed-messages")).EnumerateArray().ToList();
        Assert.Equal(["measure/measure-7", "touch/"], failed.Select(f => $"{f.GetProperty("queue").GetString()}/{f.GetProperty("job").GetString()}").Order());

        Assert.Empty((await app.GetAsync("/api/jobs")).EnumerateArray());
    }

    /// <summary>Sends it with the admin key; the answer has this status and is <c>{"error": sentence}</c>, which is given.</summary>
    internal static async Task<string> RefusedAsync(AppUnderTest app, HttpMethod method, string path, string? body, HttpStatusCode status)
    {
        using var request = new HttpRequestMessage(method, path) { Content = body is null ? null : new StringContent(body, Encoding.UTF8, "application/json") };
        using var answer = await app.Admin.SendAsync(request, Cancelled);
        var text = await answer.Content.ReadAsStringAsync(Cancelled);
        Assert.True(status == answer.StatusCode, $"{method} {path} answered {(int)answer.StatusCode}: {text}");
        Assert.Equal("application/json", answer.Content.Headers.ContentType?.MediaType);
        var sentence = JsonSerializer.Deserialize<JsonElement>(text).GetProperty("error").GetString()!;
        Assert.NotEmpty(sentence);
        Assert.DoesNotContain("Exception", sentence, StringComparison.Ordinal);
        return sentence;
    }
}
