using System.Net;
using System.Text;

namespace Campaigns.Functions.Tests.Api;

/// <summary>The global control group over HTTP and on its page: set, drawn, measured.</summary>
public sealed class ControlTests
{
    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    private static async Task<string> PageAsync(AppUnderTest app, string path)
    {
        using var answer = await app.Admin.GetAsync(path, Cancelled);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        return await answer.Content.ReadAsStringAsync(Cancelled);
    }

    [Fact]
    public async Task A_share_holds_from_the_next_quarter_on_and_its_quarter_is_measured_once_a_day()
    {
        await using var app = await AppUnderTest.StartAsync();
        await app.SetNowAsync(new DateTimeOffset(2026, 2, 10, 12, 0, 0, TimeSpan.Zero));
        await app.SendAsync(HttpMethod.Put, "/api/settings", new { timeZone = "UTC", marginShare = 0.5, controlShare = 0.1 });
        Assert.Equal(0.1, (await app.GetAsync("/api/settings")).GetProperty("controlShare").GetDouble());
        var before = await app.GetAsync("/api/control");
        Assert.Equal(("2026-q1", 0, 0.1), (before.GetProperty("quarter").GetString(), before.GetProperty("share").GetDouble(), before.GetProperty("shareSet").GetDouble()));
        Assert.Contains("From 1 Apr 2026 on it is 10 %", await PageAsync(app, "/control"), StringComparison.Ordinal);

        var orders = new StringBuilder("order_id,customer_id,ordered_at,total\n");
        for (var i = 0; i < 60; i++)
        {
            orders.Append(System.Globalization.CultureInfo.InvariantCulture, $"a{i},c{i},2026-01-{1 + (i % 28):D2},20.00\nb{i},c{i},2026-04-{1 + (i % 9):D2},30.00\n");
        }

        await app.SetNowAsync(new DateTimeOffset(2026, 4, 20, 12, 0, 0, TimeSpan.Zero));
        await app.ImportAsync("/api/imports?name=orders.csv", new StringContent(orders.ToString(), Encoding.UTF8, "text/csv"));
        using (var missing = await app.Admin.GetAsync("/api/control/2026-q2", Cancelled))
        {
            Assert.Equal(HttpStatusCode.NotFound, missing.StatusCode);
        }

        await app.TickAsync("MeasureResults");
        var measured = await app.GetAsync("/api/control/2026-Q2");
        var (group, others) = (measured.GetProperty("group"), measured.GetProperty("others"));
        Assert.Equal(60, group.GetProperty("customers").GetInt64() + others.GetProperty("customers").GetInt64());
        Assert.Equal(60 * 3000, group.GetProperty("revenueMinor").GetInt64() + others.GetProperty("revenueMinor").GetInt64());
        // Of 30.00 what they spent before counts, 20.00, to 1 %; half of it is margin.
        Assert.Equal((2007, 2007.0 / 2), (measured.GetProperty("spendCapMinor").GetInt64(), others.GetProperty("profitPerCustomerMinor").GetDouble()));
        Assert.Equal("too early", measured.GetProperty("headline").GetProperty("verdict").GetString());
        Assert.False(measured.GetProperty("sampleRatioAlert").GetBoolean());
        Assert.Equal(measured.GetRawText(), (await app.GetAsync("/api/control")).GetProperty("quarters")[0].GetRawText());

        var page = await PageAsync(app, "/control/2026-q2");
        Assert.Contains("quarter 2 of 2026", page, StringComparison.Ordinal);
        Assert.Contains("too early", page, StringComparison.Ordinal);

        // Again on the same day it stays; by hand it is measured anew.
        await app.SetNowAsync(new DateTimeOffset(2026, 4, 20, 13, 0, 0, TimeSpan.Zero));
        await app.TickAsync("MeasureResults");
        Assert.Equal(measured.GetRawText(), (await app.GetAsync("/api/control/2026-q2")).GetRawText());
        await app.SendAsync(HttpMethod.Post, "/api/measure");
        await app.QuietAsync();
        Assert.NotEqual(measured.GetProperty("measuredAt").GetRawText(), (await app.GetAsync("/api/control/2026-q2")).GetProperty("measuredAt").GetRawText());
    }

    [Fact]
    public async Task What_is_no_quarter_is_not_found_and_says_how_one_is_written()
    {
        await using var app = await AppUnderTest.StartAsync();
        using var answer = await app.Admin.GetAsync("/api/control/spring", Cancelled);
        Assert.Equal(HttpStatusCode.NotFound, answer.StatusCode);
        Assert.Contains("2026-q2", await answer.Content.ReadAsStringAsync(Cancelled), StringComparison.Ordinal);
    }
}
