using System.Net;
using System.Text;
using System.Text.Json;
using Campaigns.Core.Jobs;
using Campaigns.Core.Storage;
using Campaigns.Functions.Hosting;
using Microsoft.Extensions.DependencyInjection;

namespace Campaigns.Functions.Tests;

/// <summary>Replays calls as they were captured on the real Functions host 4.1037.</summary>
public sealed class HostContractTests
{
    private const string TimerCall = """
        {"Data":{"timer":{"Schedule":{"AdjustForDST":true},"ScheduleStatus":{"Last":"2026-11-22T03:00:00+00:00","Next":"2026-11-23T03:00:00+00:00","LastUpdated":"2026-11-22T03:00:00+00:00"},"IsPastDue":false}},
         "Metadata":{"sys":{"MethodName":"WakeJobs","UtcNow":"2026-11-22T03:00:00.01Z","RandGuid":"1b4e28ba-2fa1-11d2-883f-0016d3cca427"}}}
        """;

    private const string TimerCallWithoutStatus = """
        {"Data":{"timer":{"Schedule":{"AdjustForDST":true},"ScheduleStatus":null,"IsPastDue":true}},"Metadata":{"sys":{"MethodName":"WakeJobs","UtcNow":"2026-11-22T03:00:00Z","RandGuid":"x"}}}
        """;

    public static TheoryData<string> TimerCalls => [TimerCall, TimerCallWithoutStatus];

    /// <summary>A queue call as the host makes it: the payload encoded twice, its top-level properties over the metadata of the same name.</summary>
    private static string QueueCall(string payload) => JsonSerializer.Serialize(new
    {
        Data = new { message = JsonSerializer.Serialize(payload) },
        Metadata = new Dictionary<string, object>
        {
            ["DequeueCount"] = "1",
            ["ExpirationTime"] = "\"2026-11-29T03:00:00+00:00\"",
            ["Id"] = "\"7\"",
            ["InsertionTime"] = "\"2026-11-22T03:00:00+00:00\"",
            ["PopReceipt"] = "\"MjJOb3YyMDI2MDM6MDA6MDAyZmZm\"",
            ["sys"] = new { MethodName = "ImportDue", UtcNow = "2026-11-22T03:00:00Z", RandGuid = "x" },
            ["name"] = "\"Jürgen\"",
        },
    });

    [Theory]
    [MemberData(nameof(TimerCalls))]
    public async Task A_timer_call_is_answered_with_json_that_is_never_empty(string call)
    {
        await using var app = await AppUnderTest.StartAsync(underHost: true);
        await AssertSuccessAsync(await PostAsync(app, "WakeJobs", call));
    }

    [Fact]
    public async Task A_queue_call_with_a_doubly_encoded_payload_reaches_its_job()
    {
        await using var app = await AppUnderTest.StartAsync(underHost: true);
        var message = new Envelope { Work = new WorkMessage("no-such-job", "parse", 0, DateTimeOffset.UnixEpoch) }.ToJson();
        await AssertSuccessAsync(await PostAsync(app, "ImportDue", QueueCall(message)));
    }

    [Fact]
    public void Names_of_our_payload_never_collide_with_the_metadata_of_a_message()
    {
        string[] metadata = ["DequeueCount", "ExpirationTime", "Id", "InsertionTime", "NextVisibleTime", "PopReceipt", "sys"];
        var body = new Envelope { Work = new WorkMessage("j", "s", 0, default), Content = JsonSerializer.SerializeToElement(1) }.ToJson();
        using var json = JsonDocument.Parse(body);
        Assert.DoesNotContain(json.RootElement.EnumerateObject(), p => metadata.Contains(p.Name, StringComparer.OrdinalIgnoreCase));
    }

    [Theory]
    [InlineData("plain text, no JSON")]
    [InlineData("{\"id\":7,\"name\":\"Jürgen\"}")]
    [InlineData("{\"campaigns\":1}")]
    public async Task A_message_that_is_none_of_ours_fails_with_json_so_that_the_host_poisons_it(string payload)
    {
        await using var app = await AppUnderTest.StartAsync(underHost: true);
        var answer = await PostAsync(app, "MeasureDue", QueueCall(payload));
        Assert.Equal(HttpStatusCode.InternalServerError, answer.StatusCode);
        using var json = JsonDocument.Parse(await answer.Content.ReadAsStringAsync());
        Assert.NotEmpty(json.RootElement.GetProperty("error").GetString()!);
    }

    [Theory]
    [InlineData("X-Forwarded-For", "203.0.113.7")]
    [InlineData("X-Forwarded-Host", "campaigns.example")]
    [InlineData("X-Forwarded-Proto", "https")]
    public async Task A_trigger_endpoint_refuses_calls_that_came_through_the_proxy(string header, string value)
    {
        await using var app = await AppUnderTest.StartAsync(underHost: true);
        var answer = await PostAsync(app, "WakeJobs", TimerCall, (header, value));
        Assert.Equal(HttpStatusCode.NotFound, answer.StatusCode);
        Assert.NotEmpty(await answer.Content.ReadAsStringAsync());
    }

    [Fact]
    public async Task A_trigger_endpoint_refuses_calls_that_name_no_invocation()
    {
        await using var app = await AppUnderTest.StartAsync(underHost: true);
        using var content = new StringContent(TimerCall, Encoding.UTF8, "application/json");
        Assert.Equal(HttpStatusCode.NotFound, (await app.Anonymous.PostAsync("/WakeJobs", content)).StatusCode);
    }

    [Fact]
    public async Task By_hand_there_are_no_trigger_endpoints()
    {
        await using var app = await AppUnderTest.StartAsync();
        foreach (var name in app.App.Services.GetRequiredService<FunctionTable>().Names)
        {
            using var content = new StringContent(TimerCall, Encoding.UTF8, "application/json");
            using var request = new HttpRequestMessage(HttpMethod.Post, "/" + name) { Content = content };
            request.Headers.Add(TriggerEndpoints.InvocationHeader, "1");
            request.Headers.Add("X-Api-Key", app.Key);
            Assert.Equal(HttpStatusCode.NotFound, (await app.Anonymous.SendAsync(request)).StatusCode);
        }
    }

    [Fact]
    public async Task The_host_finds_the_app_ready_by_any_answer_to_its_root()
    {
        await using var app = await AppUnderTest.StartAsync(underHost: true);
        Assert.True((int)(await app.Anonymous.GetAsync("/")).StatusCode < 500);
    }

    private static async Task<HttpResponseMessage> PostAsync(AppUnderTest app, string function, string call, params (string Name, string Value)[] headers)
    {
        // The host sends chunked JSON.
        using var content = new StreamContent(new MemoryStream(Encoding.UTF8.GetBytes(call)));
        content.Headers.ContentType = new("application/json");
        using var request = new HttpRequestMessage(HttpMethod.Post, "/" + function) { Content = content };
        request.Headers.TransferEncodingChunked = true;
        request.Headers.Add(TriggerEndpoints.InvocationHeader, "8a4e28ba-2fa1-11d2-883f-0016d3cca427");
        request.Headers.Add("X-Azure-Functions-HostVersion", "4.1037.0.0");
        foreach (var (name, value) in headers)
        {
            request.Headers.Add(name, value);
        }

        return await app.Anonymous.SendAsync(request);
    }

    private static async Task AssertSuccessAsync(HttpResponseMessage answer)
    {
        var body = await answer.Content.ReadAsStringAsync();
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.Equal("application/json", answer.Content.Headers.ContentType?.MediaType);
        using var json = JsonDocument.Parse(body);
        Assert.Equal(JsonValueKind.Object, json.RootElement.ValueKind);
        Assert.True(json.RootElement.TryGetProperty("Outputs", out _));
    }
}
