using System.Net;
using Campaigns.Core.Jobs;

namespace Campaigns.Functions.Tests.Api;

/// <summary>How sends begin and are held, by HTTP and on the campaign's page.</summary>
public sealed class BrakesTests
{
    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_new_store_has_all_brakes_on_and_each_is_switched_off_by_name()
    {
        await using var app = await AppUnderTest.StartAsync();
        var fresh = new SendBrakes();
        await app.SendAsync(HttpMethod.Put, "/api/settings", new { brakes = new { launchWaitMinutes = 0 } });
        Assert.Equal(fresh with { LaunchWaitMinutes = 0 }, (await app.Workspace.SettingsAsync(Cancelled)).Brakes);
        Assert.Contains("minutes", await ErrorAndSettingsTests.RefusedAsync(app, HttpMethod.Put, "/api/settings", """{"brakes":{"firstMinutes":-1}}""", HttpStatusCode.BadRequest), StringComparison.Ordinal);
    }

    [Fact]
    public async Task How_often_and_when_customers_may_be_written_to_is_set_by_http_and_by_form()
    {
        await using var app = await AppUnderTest.StartAsync();
        await app.SendAsync(HttpMethod.Put, "/api/settings", new { contact = new { caps = new[] { new { channel = "Sms", days = 30, sends = 1 } }, closedDays = new[] { "sundays" } } });
        var set = (await app.Workspace.SettingsAsync(Cancelled)).Contact;
        Assert.Equal(new FrequencyCap(Campaigns.Core.Primitives.Channel.Sms, 30, 1), Assert.Single(set.Caps));
        Assert.Contains("sms: 1 in 30 days", await app.Admin.GetStringAsync("/settings", Cancelled), StringComparison.Ordinal);
        Assert.Contains("someday", await ErrorAndSettingsTests.RefusedAsync(app, HttpMethod.Put, "/api/settings", """{"contact":{"closedDays":["someday"]}}""", HttpStatusCode.BadRequest), StringComparison.Ordinal);
        var form = Campaigns.Functions.Console.SettingsForm.Of(await app.Workspace.SettingsAsync(Cancelled));
        var (change, problems) = form.Read(default);
        Assert.Empty(problems);
        Assert.Equal(set.Caps, change(await app.Workspace.SettingsAsync(Cancelled)).Contact.Caps);
    }

    [Fact]
    public async Task A_send_that_is_cancelled_within_its_wait_reaches_nobody_and_says_so()
    {
        await using var app = await WaitingAsync();
        var run = (await app.SendAsync(HttpMethod.Post, "/api/campaigns/win-back/launch")).GetProperty("run").GetString()!;
        await app.QuietAsync();
        Assert.Contains("The first messages go out at", await app.Admin.GetStringAsync("/campaigns/win-back", Cancelled), StringComparison.Ordinal);
        using var pressed = await app.Admin.PostAsync($"/campaigns/win-back/sends/{run}/cancel", new FormUrlEncodedContent([]), Cancelled);
        Assert.True(pressed.StatusCode is HttpStatusCode.Redirect or HttpStatusCode.Found, $"{pressed.StatusCode}");
        await app.SetNowAsync((await app.Workspace.NowAsync(Cancelled)).AddMinutes(10));
        await app.TickAsync("WakeJobs");
        var told = await app.GetAsync("/api/runs/" + run);
        Assert.Equal(0, told.GetProperty("dispatch").GetProperty("sent").GetInt64());
        Assert.True(told.GetProperty("dispatch").GetProperty("skipped").GetProperty("send cancelled").GetInt64() > 0);
        Assert.NotEqual("", told.GetProperty("brakes").GetProperty("cancelledAt").GetString());
        Assert.Contains("Cancelled on", await app.Admin.GetStringAsync("/campaigns/win-back", Cancelled), StringComparison.Ordinal);
        await ErrorAndSettingsTests.RefusedAsync(app, HttpMethod.Post, "/api/runs/run-of-nobody/cancel", null, HttpStatusCode.NotFound);
        await ErrorAndSettingsTests.RefusedAsync(app, HttpMethod.Post, $"/api/runs/{run}/resume", null, HttpStatusCode.Conflict);
    }

    [Fact]
    public async Task After_the_wait_it_goes_out_and_can_still_be_called_a_mistake()
    {
        await using var app = await WaitingAsync();
        var run = (await app.SendAsync(HttpMethod.Post, "/api/campaigns/win-back/launch")).GetProperty("run").GetString()!;
        await app.QuietAsync();
        await app.SetNowAsync((await app.Workspace.NowAsync(Cancelled)).AddMinutes(10));
        await app.TickAsync("WakeJobs");
        Assert.True((await app.GetAsync("/api/runs/" + run)).GetProperty("dispatch").GetProperty("sent").GetInt64() > 0);
        await ErrorAndSettingsTests.RefusedAsync(app, HttpMethod.Post, $"/api/runs/{run}/cancel", null, HttpStatusCode.Conflict);
        await app.SendAsync(HttpMethod.Post, $"/api/runs/{run}/mistake", new { note = "wrong prices" });
        var brakes = (await app.GetAsync("/api/runs/" + run)).GetProperty("brakes");
        Assert.Equal("wrong prices", brakes.GetProperty("mistakeNote").GetString());
        Assert.Contains("wrong prices", await app.Admin.GetStringAsync("/campaigns/win-back", Cancelled), StringComparison.Ordinal);
    }

    private static async Task<AppUnderTest> WaitingAsync()
    {
        var app = await CampaignTests.ShopAsync();
        await app.SendAsync(HttpMethod.Put, "/api/settings", new { brakes = SendBrakes.Off with { LaunchWaitMinutes = 10 } });
        return app;
    }
}
