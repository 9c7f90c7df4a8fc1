using System.Net;
using System.Text.Json;
using Campaigns.Channels.Outbox;
using Campaigns.Core.Planning;
using Campaigns.Core.Primitives;

namespace Campaigns.Functions.Tests.Api;

/// <summary>The sending record by HTTP and as a page.</summary>
public sealed class LedgerTests
{
    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Everybody_in_the_audience_is_in_one_count_and_each_count_lists_as_many_customers()
    {
        await using var app = await CampaignTests.ShopAsync();
        var run = (await app.SendAsync(HttpMethod.Post, "/api/campaigns/win-back/launch")).GetProperty("run").GetString()!;
        await app.QuietAsync();

        var totals = await app.GetAsync($"/api/runs/{run}/ledger");

        Assert.True(totals.GetProperty("addsUp").GetBoolean());
        var plan = (await app.GetAsync("/api/runs/" + run)).GetProperty("plan");
        Assert.Equal(plan.GetProperty("audience").GetInt64(), totals.GetProperty("audience").GetInt64());
        var records = totals.GetProperty("records").EnumerateArray().ToList();
        Assert.Equal(totals.GetProperty("audience").GetInt64(), totals.GetProperty("leftOut").EnumerateObject().Sum(l => l.Value.GetInt64()) + records.Sum(Customers));
        Assert.Contains(records, r => r.GetProperty("state").GetString() == nameof(SendState.HeldOut));
        Assert.Contains(records, r => r.GetProperty("state").GetString() == nameof(SendState.Accepted));
        foreach (var count in records)
        {
            var (state, reason) = (count.GetProperty("state").GetString(), count.GetProperty("reason").GetString());
            var listed = await ListAsync(app, run, $"state={state}&reason={Uri.EscapeDataString(reason!)}");
            Assert.Equal(Customers(count), listed.Distinct().Count());
            Assert.Equal(Customers(count), listed.Count);
        }

        Assert.Equal(records.Sum(Customers), (await ListAsync(app, run, "")).Distinct().Count());
        await ErrorAndSettingsTests.RefusedAsync(app, HttpMethod.Get, $"/api/runs/{run}/ledger/records?state=lost", null, HttpStatusCode.BadRequest);
        await ErrorAndSettingsTests.RefusedAsync(app, HttpMethod.Get, "/api/runs/none/ledger", null, HttpStatusCode.NotFound);

        var page = await app.Admin.GetStringAsync($"/runs/{run}/ledger?state=Accepted&reason=", Cancelled);
        Assert.Contains("control group", page, StringComparison.Ordinal);
        Assert.Contains((await ListAsync(app, run, "state=accepted"))[0], page, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_sent_message_is_made_again_letter_by_letter_although_shop_and_customer_changed_since()
    {
        await using var app = await CampaignTests.ShopAsync();
        var run = (await app.SendAsync(HttpMethod.Post, "/api/campaigns/win-back/launch")).GetProperty("run").GetString()!;
        await app.QuietAsync();
        var customer = (await ListAsync(app, run, "state=accepted"))[0];
        var sent = await app.Get<OutboxReader>().FindAsync(new SendId(run, CustomerKey.Of((await app.Workspace.SettingsAsync(Cancelled)).Salt, customer)), Cancelled);
        await app.SendAsync(HttpMethod.Put, "/api/settings", new { name = "Another name", postalAddress = "2 Low Street, York", publicBaseUrl = "https://elsewhere.example" });
        Assert.Equal("k2", (await app.SendAsync(HttpMethod.Post, "/api/link-keys/rotate")).GetProperty("key").GetString());
        using var changed = ImportTests.Body($"customer_id,email,first_name\n{customer},new@example.com,Bob\n", "text/csv");
        await app.ImportAsync("/api/customers", changed);

        var again = await app.GetAsync($"/api/runs/{run}/messages/{customer}");

        Assert.True(again.GetProperty("same").GetBoolean());
        Assert.Equal(
            (sent!.To, sent.Subject, sent.Html, sent.Text),
            (again.GetProperty("to").GetString(), again.GetProperty("subject").GetString(), again.GetProperty("html").GetString(), again.GetProperty("text").GetString()));
        var unsubscribe = sent.Text[sent.Text.LastIndexOf("/u/v1.k1.", StringComparison.Ordinal)..].Trim();
        Assert.Contains("<button", await app.Anonymous.GetStringAsync(unsubscribe, Cancelled), StringComparison.Ordinal);
        Assert.Contains("letter by letter what was sent.", await app.Admin.GetStringAsync($"/runs/{run}/messages/{customer}", Cancelled), StringComparison.Ordinal);
        Assert.Contains("control group", await ErrorAndSettingsTests.RefusedAsync(app, HttpMethod.Get, $"/api/runs/{run}/messages/{(await ListAsync(app, run, "state=heldOut"))[0]}", null, HttpStatusCode.NotFound), StringComparison.Ordinal);
    }

    /// <summary>All pages, seven customers each.</summary>
    private static async Task<List<string>> ListAsync(AppUnderTest app, string run, string filter)
    {
        var (ids, from) = (new List<string>(), "");
        while (true)
        {
            var page = await app.GetAsync($"/api/runs/{run}/ledger/records?limit=7&{filter}{from}");
            ids.AddRange(page.GetProperty("entries").EnumerateArray().Select(e => e.GetProperty("customerId").GetString()!));
            if (page.GetProperty("next").GetString() is not { } next)
            {
                return ids;
            }

            from = "&from=" + next;
        }
    }

    private static long Customers(JsonElement count) => count.GetProperty("customers").GetInt64();
}
