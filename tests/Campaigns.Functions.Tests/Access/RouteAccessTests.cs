using System.Net;
using System.Text;
using Campaigns.Functions.Hosting;
using Microsoft.AspNetCore.Routing;

namespace Campaigns.Functions.Tests.Access;

/// <summary>Nothing is open but what stands in this list, whatever routes are added and however a path is written.</summary>
public sealed class RouteAccessTests
{
    /// <summary>Routes that need no key, and nothing else: whoever adds one adds it here and says why it may be.</summary>
    private static readonly string[] Open =
    [
        "GET /api/health", // says "ok" and nothing else
        "GET /signin", "POST /signin", // asks for the key
        "GET /t/c/{token}", "GET /t/o/{token}", "GET /u/{token}", "POST /u/{token}", "GET /o/{token}", "POST /o/{token}", // signed by us
        "POST /webhooks/twilio", "POST /webhooks/twilio/{token}", "POST /webhooks/sendgrid", // signed by the provider
        "POST /webhooks/shopify", "POST /webhooks/woocommerce", // signed by the shop system
    ];

    private static readonly HttpMethod[] Methods =
        [HttpMethod.Get, HttpMethod.Post, HttpMethod.Put, HttpMethod.Delete, HttpMethod.Patch, HttpMethod.Head, HttpMethod.Options, new("PROPFIND")];

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Every_route_but_those_of_the_list_asks_for_a_key_by_every_method(bool underHost)
    {
        await using var app = await AppUnderTest.StartAsync(underHost);
        var patterns = RoutesOf(app).Select(r => r.Pattern).Distinct().ToList();
        Assert.True(patterns.Count > 40, $"only {patterns.Count} routes were found");

        var let = new List<string>();
        foreach (var pattern in patterns)
        {
            var path = Filled(pattern);
            foreach (var method in Methods.Where(m => !Open.Contains($"{m} {pattern}")))
            {
                using var request = new HttpRequestMessage(method, path);
                using var answer = await app.Anonymous.SendAsync(request, TestContext.Current.CancellationToken);
                var refused = answer.StatusCode == HttpStatusCode.Unauthorized
                    || (method == HttpMethod.Get && answer.StatusCode == HttpStatusCode.Redirect && answer.Headers.Location?.OriginalString == "/signin")
                    || (underHost && method == HttpMethod.Post && app.Get<FunctionTable>().Names.Contains(pattern[1..]) && answer.StatusCode == HttpStatusCode.NotFound);
                if (!refused)
                {
                    let.Add($"{method} {path} → {(int)answer.StatusCode}");
                }
            }
        }

        Assert.Empty(let);
    }

    [Fact]
    public async Task Every_route_of_the_list_exists_and_answers_without_a_key()
    {
        await using var app = await AppUnderTest.StartAsync();
        var routes = RoutesOf(app).SelectMany(r => r.Methods.Select(m => $"{m} {r.Pattern}")).ToHashSet();

        foreach (var open in Open)
        {
            Assert.Contains(open, routes);
            var (method, pattern) = (open.Split(' ')[0], open.Split(' ')[1]);
            using var request = new HttpRequestMessage(new HttpMethod(method), Filled(pattern));
            using var answer = await app.Anonymous.SendAsync(request, TestContext.Current.CancellationToken);
            Assert.NotEqual(HttpStatusCode.Unauthorized, answer.StatusCode);
            Assert.NotEqual("/signin", answer.Headers.Location?.OriginalString);
        }
    }

    [Theory]
    [InlineData("/API/settings")]
    [InlineData("/Api/Settings/")]
    [InlineData("//api/settings")]
    [InlineData("/api//settings")]
    [InlineData("/./api/settings")]
    [InlineData("/t/../api/settings")]
    [InlineData("/t/c/../../api/settings")]
    [InlineData("/t/%2e%2e/api/settings")]
    [InlineData("/t/..%2fapi%2fsettings")]
    [InlineData("/t/c/..%2f..%2fapi%2fsettings")]
    [InlineData("/t/c/..%5c..%5capi%5csettings")]
    [InlineData("/u/%2e%2e%2fapi%2fsettings")]
    [InlineData("/assets/../api/settings")]
    [InlineData("/assets/..%2fapi/settings")]
    [InlineData("/assets/settings")]
    [InlineData("/signin/../api/settings")]
    [InlineData("/signin/settings")]
    [InlineData("/signin%2f..%2fapi%2fsettings")]
    [InlineData("/api/health/../settings")]
    [InlineData("/api/health/settings")]
    [InlineData("/api/health;/settings")]
    [InlineData("/webhooks/../api/settings")]
    [InlineData("/webhooks/settings")]
    [InlineData("/t/settings")]
    [InlineData("/%61pi/settings")]
    [InlineData("/api%2fsettings")]
    [InlineData("/api/settings%00")]
    [InlineData("/api/settings?/api/health")]
    [InlineData("/api/settings#/api/health")]
    public async Task No_way_of_writing_a_path_gets_round_the_key(string path)
    {
        await using var app = await AppUnderTest.StartAsync();

        var answer = await RawHttp.SendAsync(app.Anonymous.BaseAddress!, "GET " + path);

        Assert.InRange(RawHttp.StatusOf(answer), 300, 499);
        Assert.DoesNotContain("holdoutShare", answer, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("<nav", answer, StringComparison.OrdinalIgnoreCase);
    }

    [Theory]
    [InlineData("GET http://127.0.0.1/api/settings")]
    [InlineData("GET http://elsewhere.example/api/settings")]
    [InlineData("OPTIONS *")]
    public async Task No_form_of_the_request_line_gets_round_the_key(string line)
    {
        await using var app = await AppUnderTest.StartAsync();

        Assert.InRange(RawHttp.StatusOf(await RawHttp.SendAsync(app.Anonymous.BaseAddress!, line)), 300, 499);
    }

    [Theory]
    [InlineData("X-Original-URL: /api/health")]
    [InlineData("X-Rewrite-URL: /api/health")]
    [InlineData("X-HTTP-Method-Override: GET")]
    [InlineData("X-Forwarded-Prefix: /t")]
    [InlineData("X-Forwarded-For: 127.0.0.1")]
    [InlineData("X-Azure-Functions-InvocationId: 8a4e28ba-2fa1-11d2-883f-0016d3cca427")]
    public async Task No_header_but_the_key_opens_a_route(string header)
    {
        await using var app = await AppUnderTest.StartAsync(underHost: true);

        Assert.Equal(401, RawHttp.StatusOf(await RawHttp.SendAsync(app.Anonymous.BaseAddress!, "GET /api/settings", header)));
    }

    [Fact]
    public async Task A_key_does_not_open_a_trigger_endpoint_to_calls_from_outside()
    {
        await using var app = await AppUnderTest.StartAsync(underHost: true);
        foreach (var name in app.Get<FunctionTable>().Names)
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, "/" + name) { Content = new StringContent("{}", Encoding.UTF8, "application/json") };
            request.Headers.Add("X-Api-Key", app.Key);
            request.Headers.Add(TriggerEndpoints.InvocationHeader, "1");
            request.Headers.Add("X-Forwarded-For", "203.0.113.9");

            using var answer = await app.Anonymous.SendAsync(request, TestContext.Current.CancellationToken);

            Assert.Equal(HttpStatusCode.NotFound, answer.StatusCode);
        }
    }

    private static List<(string Pattern, IReadOnlyList<string> Methods)> RoutesOf(AppUnderTest app) =>
    [
        .. ((IEndpointRouteBuilder)app.App).DataSources.SelectMany(s => s.Endpoints).OfType<RouteEndpoint>()
            .Select(e => ("/" + e.RoutePattern.RawText!.TrimStart('/'), e.Metadata.GetMetadata<IHttpMethodMetadata>()?.HttpMethods ?? ["GET"])),
    ];

    private static string Filled(string pattern) => System.Text.RegularExpressions.Regex.Replace(pattern, @"\{[^}]*\}", "x");
}
