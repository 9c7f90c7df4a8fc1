using System.Net;

namespace Campaigns.EndToEnd.Tests;

/// <summary>What a browser is told and what is asked of it: cookies, origins, the content policy.</summary>
public sealed class BrowserAccessTests
{
    [Fact]
    public async Task Signing_in_gives_a_cookie_that_scripts_and_other_sites_cannot_use()
    {
        await using var app = await AppUnderTest.StartAsync();
        var cookie = await SignInAsync(app);
        Assert.Contains("httponly", cookie, StringComparison.OrdinalIgnoreCase);
        Assert.Contains("samesite=strict", cookie, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("secure", cookie, StringComparison.OrdinalIgnoreCase);
        Assert.Contains("secure", await SignInAsync(app, ("X-Forwarded-Proto", "https")), StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain(app.Key, cookie, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_wrong_key_gets_no_cookie()
    {
        await using var app = await AppUnderTest.StartAsync();
        using var answer = await app.Anonymous.PostAsync("/signin", Form(("key", "ck_" + new string('x', 43))));
        Assert.Equal(HttpStatusCode.Unauthorized, answer.StatusCode);
        Assert.False(answer.Headers.Contains("Set-Cookie"));
    }

    [Theory]
    [InlineData("cross-site", HttpStatusCode.Forbidden)]
    [InlineData("same-site", HttpStatusCode.Forbidden)]
    [InlineData("none", HttpStatusCode.Forbidden)]
    [InlineData("same-origin", HttpStatusCode.Redirect)]
    public async Task Only_our_own_pages_may_change_something_by_cookie(string site, HttpStatusCode expected)
    {
        await using var app = await AppUnderTest.StartAsync();
        var cookie = (await SignInAsync(app)).Split(';')[0];
        using var request = new HttpRequestMessage(HttpMethod.Post, "/stop") { Content = Form(("back", "/")) };
        request.Headers.Add("Cookie", cookie);
        request.Headers.Add("Sec-Fetch-Site", site);
        using var answer = await app.Anonymous.SendAsync(request);
        Assert.Equal(expected, answer.StatusCode);
        Assert.Equal(expected == HttpStatusCode.Redirect, await app.Get<Campaigns.Core.Jobs.Workspace>().IsStoppedAsync(TestContext.Current.CancellationToken));
    }

    [Theory]
    [InlineData("//elsewhere.example/x")]
    [InlineData("https://elsewhere.example")]
    [InlineData("/\\elsewhere.example")]
    public async Task Coming_back_never_leads_elsewhere(string back)
    {
        await using var app = await AppUnderTest.StartAsync();
        using var answer = await app.Admin.PostAsync("/stop", Form(("back", back)));
        Assert.Equal("/?done=stopped", answer.Headers.Location?.OriginalString);
    }

    [Theory]
    [InlineData("/")]
    [InlineData("/signin")]
    [InlineData("/campaigns/new")]
    [InlineData("/no-such-page")]
    public async Task Pages_allow_no_script_or_style_of_others_and_none_inside_the_page(string path)
    {
        await using var app = await AppUnderTest.StartAsync();
        using var answer = await app.Admin.GetAsync(path);
        var policy = string.Join(';', answer.Headers.GetValues("Content-Security-Policy"));
        Assert.Contains("default-src 'none'", policy, StringComparison.Ordinal);
        Assert.DoesNotContain("unsafe", policy, StringComparison.Ordinal);
        Assert.Equal("no-store", answer.Headers.CacheControl?.ToString());
    }

    private static async Task<string> SignInAsync(AppUnderTest app, params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/signin") { Content = Form(("key", app.Key)) };
        foreach (var (name, value) in headers)
        {
            request.Headers.Add(name, value);
        }

        using var answer = await app.Anonymous.SendAsync(request);
        Assert.Equal(HttpStatusCode.Redirect, answer.StatusCode);
        return Assert.Single(answer.Headers.GetValues("Set-Cookie"));
    }

    private static FormUrlEncodedContent Form(params (string Name, string Value)[] fields) =>
        new(fields.Select(f => KeyValuePair.Create(f.Name, f.Value)));
}
