using System.Net;
using System.Net.Http.Headers;
using Campaigns.Functions.Access;
using Campaigns.Testing;
using Microsoft.Extensions.Time.Testing;

namespace Campaigns.Functions.Tests.Access;

public sealed class KeyTests
{
    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_key_opens_by_either_header_and_by_nothing_else()
    {
        await using var app = await AppUnderTest.StartAsync();

        Assert.Equal(HttpStatusCode.OK, await StatusAsync(app, r => r.Headers.Add("X-Api-Key", app.Key)));
        Assert.Equal(HttpStatusCode.OK, await StatusAsync(app, r => r.Headers.Authorization = new AuthenticationHeaderValue("Bearer", app.Key)));
        Assert.Equal(HttpStatusCode.Unauthorized, await StatusAsync(app, r => r.Headers.Authorization = new AuthenticationHeaderValue("Basic", app.Key)));
        Assert.Equal(HttpStatusCode.Unauthorized, await StatusAsync(app, r => r.Headers.Add("Cookie", $"X-Api-Key={app.Key}; campaigns={app.Key}")));
        foreach (var name in new[] { "key", "api_key", "code", "X-Api-Key", "access_token" })
        {
            Assert.Equal(HttpStatusCode.Unauthorized, await StatusAsync(app, _ => { }, $"/api/settings?{name}={app.Key}"));
        }
    }

    [Fact]
    public async Task A_key_that_differs_in_anything_is_none()
    {
        await using var app = await AppUnderTest.StartAsync();
        string[] wrong =
        [
            "x", app.Key[..^1], app.Key + "x", app.Key.ToUpperInvariant(), new('a', 31), new('a', 43), new('a', 513), new('a', 4000),
            $"{app.Key},{app.Key}", "ck_" + new string('A', 43), "null", "*", "%",
        ];

        foreach (var key in wrong)
        {
            Assert.Equal(HttpStatusCode.Unauthorized, await StatusAsync(app, r => r.Headers.Add("X-Api-Key", key)));
            Assert.Equal(HttpStatusCode.Unauthorized, await StatusAsync(app, r => r.Headers.TryAddWithoutValidation("Authorization", "Bearer " + key)));
        }
    }

    [Fact]
    public async Task A_key_changed_in_the_settings_ends_the_one_before_and_no_other()
    {
        await using var store = TempStore.Create(buckets: 1);
        var keys = new ApiKeys(store.Rows, TimeProvider.System);
        var (first, second) = (new string('a', 32), new string('b', 32));
        await keys.ReplaceAsync(first, "settings", Cancelled);
        var other = await keys.CreateAsync("till", Cancelled);

        await keys.ReplaceAsync(second, "settings", Cancelled);
        await keys.ReplaceAsync(second, "settings", Cancelled);

        Assert.Null(await keys.VerifyAsync(first, Cancelled));
        Assert.NotNull(await keys.VerifyAsync(second, Cancelled));
        Assert.NotNull(await keys.VerifyAsync(other, Cancelled));
        await Assert.ThrowsAsync<ArgumentException>(async () => await keys.ReplaceAsync("short", "settings", Cancelled));
    }

    [Fact]
    public async Task A_cookie_opens_pages_until_it_ends_or_its_key_does()
    {
        await using var app = await AppUnderTest.StartAsync();
        var keys = app.Get<ApiKeys>();
        var key = await keys.CreateAsync("console", Cancelled);
        var cookie = (await app.Get<SignIn>().CookieForAsync(key, Cancelled))!;
        var past = new SignIn(keys, app.Workspace, new FakeTimeProvider(DateTimeOffset.UtcNow - SignIn.Lasts - TimeSpan.FromSeconds(2)));
        var ended = (await past.CookieForAsync(key, Cancelled))!;

        Assert.Equal(HttpStatusCode.OK, await WithCookieAsync(app, cookie));
        Assert.Equal(HttpStatusCode.Unauthorized, await WithCookieAsync(app, ended));
        await keys.RemoveAsync((await keys.VerifyAsync(key, Cancelled))!, Cancelled);
        Assert.Equal(HttpStatusCode.Unauthorized, await WithCookieAsync(app, cookie));
    }

    [Fact]
    public async Task A_forged_cookie_opens_nothing()
    {
        await using var app = await AppUnderTest.StartAsync();
        var parts = (await app.Get<SignIn>().CookieForAsync(app.Key, Cancelled))!.Split('.');
        var (end, hash, signature) = (parts[1], parts[2], parts[3]);
        await using var elsewhere = await AppUnderTest.StartAsync();
        string[] forged =
        [
            $"v1.{long.Parse(end, System.Globalization.CultureInfo.InvariantCulture) + 1}.{hash}.{signature}",
            $"v1.{end}.{new string('0', 64)}.{signature}",
            $"v1.{end}.{hash}.{new string('0', 64)}",
            $"v1.{end}.{hash}.",
            $"v1.{end}.{hash}",
            $"v2.{end}.{hash}.{signature}",
            $"v1.{end}.{hash}.{signature}.x",
            $"v1.{end}.{hash}.{signature.ToUpperInvariant()}",
            (await elsewhere.Get<SignIn>().CookieForAsync(elsewhere.Key, Cancelled))!,
            "...", "v1...", new string('.', 3000),
        ];

        foreach (var cookie in forged)
        {
            Assert.Equal(HttpStatusCode.Unauthorized, await WithCookieAsync(app, cookie));
        }
    }

    [Theory]
    [InlineData("Sec-Fetch-Site", "cross-site", false)]
    [InlineData("Sec-Fetch-Site", "same-site", false)]
    [InlineData("Sec-Fetch-Site", "none", false)]
    [InlineData("Sec-Fetch-Site", "same-origin", true)]
    [InlineData("Origin", "https://evil.example", false)]
    [InlineData("Origin", "null", false)]
    [InlineData("X-Nothing", "x", false)]
    public async Task A_change_by_cookie_must_come_from_our_own_pages(string header, string value, bool passes)
    {
        await using var app = await AppUnderTest.StartAsync();
        var cookie = await app.Get<SignIn>().CookieForAsync(app.Key, Cancelled);

        foreach (var method in new[] { HttpMethod.Post, HttpMethod.Put, HttpMethod.Delete, HttpMethod.Patch })
        {
            using var request = new HttpRequestMessage(method, "/api/stop");
            request.Headers.Add("Cookie", $"{SignIn.Cookie}={cookie}");
            request.Headers.Add(header, value);
            using var answer = await app.Anonymous.SendAsync(request, Cancelled);
            Assert.Equal(passes, answer.StatusCode != HttpStatusCode.Forbidden);
        }

        Assert.Equal(passes, await app.Workspace.IsStoppedAsync(Cancelled));
    }

    [Fact]
    public async Task A_change_by_key_may_come_from_anywhere()
    {
        await using var app = await AppUnderTest.StartAsync();
        using var request = new HttpRequestMessage(HttpMethod.Post, "/api/stop");
        request.Headers.Add("X-Api-Key", app.Key);
        request.Headers.Add("Sec-Fetch-Site", "cross-site");

        Assert.Equal(HttpStatusCode.OK, (await app.Anonymous.SendAsync(request, Cancelled)).StatusCode);
    }

    private static Task<HttpStatusCode> WithCookieAsync(AppUnderTest app, string cookie) =>
        StatusAsync(app, r => r.Headers.TryAddWithoutValidation("Cookie", $"{SignIn.Cookie}={cookie}"));

    private static async Task<HttpStatusCode> StatusAsync(AppUnderTest app, Action<HttpRequestMessage> prepare, string path = "/api/settings")
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        prepare(request);
        using var answer = await app.Anonymous.SendAsync(request, Cancelled);
        return answer.StatusCode;
    }
}
