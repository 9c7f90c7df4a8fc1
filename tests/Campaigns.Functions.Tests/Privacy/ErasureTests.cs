using System.Net;
using System.Text;
using System.Text.Json;
using Campaigns.Core.Ingest;
using Campaigns.Core.Planning;
using Campaigns.Core.Primitives;
using Campaigns.Core.Storage;
using Campaigns.Functions.Tests.Api;
using MemoryPack;

namespace Campaigns.Functions.Tests.Privacy;

/// <summary>A customer's rights: all that is held of it, and its erasure, by which no figure changes.</summary>
public sealed class ErasureTests
{
    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task An_erased_customer_leaves_no_trace_and_every_figure_of_its_sends_stays()
    {
        await using var app = await CampaignTests.ShopAsync();
        var (run, customer, key) = await SentAsync(app);
        var row = (await app.Get<IRowStore>().FindAsync<CustomerRow>(Tables.Customers, await PartitionAsync(app, key), Tables.Customer(key), Cancelled))!.Value;
        await MeasureAsync(app);
        var before = await FiguresAsync(app, run);
        // A rejected row that names it, beside one that does not.
        using var bad = ImportTests.Body($"customer_id,email,first_name\n{customer},no address,Ann\nsomebody,neither,Ben\n", "text/csv");
        var import = (await app.ImportAsync("/api/customers", bad)).GetProperty("id").GetString()!;
        Assert.NotEmpty(await TracesAsync(app, row, key));

        var job = (await app.SendAsync(HttpMethod.Delete, $"/api/customers/{customer}")).GetProperty("job").GetString()!;
        await app.QuietAsync();

        Assert.Equal("Done", (await app.GetAsync("/api/jobs/" + job)).GetProperty("status").GetString());
        Assert.Equal("", string.Join('\n', await TracesAsync(app, row, key)));
        await ErrorAndSettingsTests.RefusedAsync(app, HttpMethod.Get, $"/api/customers/{customer}/export", null, HttpStatusCode.NotFound);
        var rejects = await app.Admin.GetStringAsync($"/api/imports/{import}/rejects", Cancelled);
        Assert.Contains("somebody", rejects, StringComparison.Ordinal);
        await MeasureAsync(app);
        Assert.Equal(before, await FiguresAsync(app, run));
        Assert.True((await app.SendAsync(HttpMethod.Post, $"/api/runs/{run}/recount")).GetProperty("agrees").GetBoolean());
        Assert.True((await app.SendAsync(HttpMethod.Post, $"/api/runs/{run}/redecide")).GetProperty("agrees").GetBoolean());

        // Again: the same job, nothing new. Somebody who never was: none.
        Assert.Equal(job, (await app.SendAsync(HttpMethod.Delete, $"/api/customers/{customer}")).GetProperty("job").GetString());
        await ErrorAndSettingsTests.RefusedAsync(app, HttpMethod.Delete, "/api/customers/nobody-at-all", null, HttpStatusCode.NotFound);
    }

    [Fact]
    public async Task No_later_import_brings_an_erased_customer_back_by_id_or_by_address()
    {
        await using var app = await CampaignTests.ShopAsync();
        var (_, customer, key) = await SentAsync(app);
        var row = (await app.Get<IRowStore>().FindAsync<CustomerRow>(Tables.Customers, await PartitionAsync(app, key), Tables.Customer(key), Cancelled))!.Value;
        await app.SendAsync(HttpMethod.Delete, $"/api/customers/{customer}");
        await app.QuietAsync();

        using var people = ImportTests.Body($"customer_id,email,consent_email\n{customer},other@example.com,yes\nanother-id,{row.Email},yes\nnew-one,new-one@example.com,yes\n", "text/csv");
        var imported = await app.ImportAsync("/api/customers", people);
        using var orders = ImportTests.Body($"order_id,customer_id,ordered_at,total\nz1,{customer},2026-02-01,10\nz2,new-one,2026-02-01,10\n", "text/csv");
        var ordered = await app.ImportAsync("/api/orders", orders);

        Assert.Equal((2, 1), (imported.GetProperty("summary").GetProperty("erased").GetInt64(), imported.GetProperty("summary").GetProperty("newCustomers").GetInt64()));
        Assert.Contains("2 of the customers were erased before and left out", imported.GetProperty("sentence").GetString(), StringComparison.Ordinal);
        Assert.True(ordered.GetProperty("summary").GetProperty("erased").GetInt64() == 1, ordered.GetRawText());
        Assert.Equal("", string.Join('\n', await TracesAsync(app, row, key)));
        await ErrorAndSettingsTests.RefusedAsync(app, HttpMethod.Get, "/api/customers/another-id/export", null, HttpStatusCode.NotFound);
        Assert.Equal("new-one", (await app.GetAsync("/api/customers/new-one/export")).GetProperty("customerId").GetString());
    }

    [Fact]
    public async Task A_message_that_waits_for_its_hour_is_not_sent_to_an_erased_customer()
    {
        await using var app = await CampaignTests.ShopAsync();
        var now = await app.Workspace.NowAsync(Cancelled);
        await app.SendAsync(HttpMethod.Put, "/api/settings", new { sendFromHour = (now.Hour + 3) % 24, sendUntilHour = (now.Hour + 5) % 24 });
        var run = (await app.SendAsync(HttpMethod.Post, "/api/campaigns/win-back/launch")).GetProperty("run").GetString()!;
        await app.QuietAsync();
        var waiting = (await app.GetAsync($"/api/runs/{run}/ledger/records?state=deferred")).GetProperty("entries").EnumerateArray().First();
        var key = new CustomerKey(waiting.GetProperty("customer").GetString()!);

        await app.SendAsync(HttpMethod.Delete, "/api/customers/" + waiting.GetProperty("customerId").GetString());
        await app.QuietAsync();

        var partition = await PartitionAsync(app, key);
        var record = (await app.Get<IRowStore>().FindAsync<AssignmentRow>(Tables.Customers, partition, Tables.Assignment(run, key), Cancelled))!.Value;
        Assert.Equal((SendState.Skipped, "customer erased", ""), (record.State, record.Reason, record.CustomerId));

        // Once the run has ended, the record has a key that is nobody's.
        await app.SetNowAsync(now.AddHours(4));
        await app.TickAsync("WakeJobs");
        await app.SetNowAsync(now.AddHours(5));
        await app.TickAsync("WakeJobs");
        Assert.Equal("Done", (await app.GetAsync("/api/jobs/" + run)).GetProperty("status").GetString());
        Assert.Null(await app.Get<IRowStore>().GetAsync(Tables.Customers, partition, Tables.Assignment(run, key), Cancelled));
        var totals = await app.GetAsync($"/api/runs/{run}/ledger");
        Assert.True(totals.GetProperty("addsUp").GetBoolean());
        Assert.Contains(totals.GetProperty("records").EnumerateArray(), r => r.GetProperty("reason").GetString() == "customer erased");
    }

    [Fact]
    public async Task Everything_that_is_held_can_be_read_and_the_page_erases_only_whom_it_was_told()
    {
        await using var app = await CampaignTests.ShopAsync();
        var (run, customer, _) = await SentAsync(app);

        var export = await app.GetAsync($"/api/customers/{customer}/export");

        Assert.Contains("@", export.GetProperty("customer").GetProperty("email").GetString(), StringComparison.Ordinal);
        Assert.NotEmpty(export.GetProperty("orders").EnumerateArray());
        var send = export.GetProperty("sends").EnumerateArray().Single(s => s.GetProperty("run").GetString() == run);
        Assert.Contains(export.GetProperty("customer").GetProperty("email").GetString()!, send.GetProperty("message").GetProperty("to").GetString(), StringComparison.Ordinal);
        Assert.NotEqual(JsonValueKind.Null, export.GetProperty("profile").ValueKind);
        Assert.NotEqual(JsonValueKind.Null, export.GetProperty("segments").ValueKind);

        var page = await app.Admin.GetStringAsync("/customers/" + customer, Cancelled);
        Assert.Contains("Erase this customer", page, StringComparison.Ordinal);
        using var unsure = new FormUrlEncodedContent([new("customer", customer), new("confirm", "yes")]);
        using var refused = await app.Admin.PostAsync("/erasures", unsure, Cancelled);
        Assert.Equal(HttpStatusCode.Conflict, refused.StatusCode);
        await app.GetAsync($"/api/customers/{customer}/export");
        using var sure = new FormUrlEncodedContent([new("customer", customer), new("confirm", customer)]);
        using var done = await app.Admin.PostAsync("/erasures", sure, Cancelled);
        Assert.Equal(HttpStatusCode.Redirect, done.StatusCode);
        await app.QuietAsync();
        await ErrorAndSettingsTests.RefusedAsync(app, HttpMethod.Get, $"/api/customers/{customer}/export", null, HttpStatusCode.NotFound);
    }

    /// <summary>A run that was sent, and a customer who got its message.</summary>
    private static async Task<(string Run, string Customer, CustomerKey Key)> SentAsync(AppUnderTest app)
    {
        var run = (await app.SendAsync(HttpMethod.Post, "/api/campaigns/win-back/launch")).GetProperty("run").GetString()!;
        await app.QuietAsync();
        var first = (await app.GetAsync($"/api/runs/{run}/ledger/records?state=accepted")).GetProperty("entries").EnumerateArray().First();
        return (run, first.GetProperty("customerId").GetString()!, new CustomerKey(first.GetProperty("customer").GetString()!));
    }

    private static async Task MeasureAsync(AppUnderTest app)
    {
        await app.SendAsync(HttpMethod.Post, "/api/measure");
        await app.QuietAsync();
    }

    /// <summary>What must not change: the run's counts, its results, and the shop's orders and revenue by day.</summary>
    private static async Task<string> FiguresAsync(AppUnderTest app, string run)
    {
        var days = (await app.GetAsync("/api/kpis?by=day")).GetProperty("rows").EnumerateArray();
        return string.Join('\n',
            (await app.GetAsync($"/api/runs/{run}/ledger")).GetRawText(),
            (await app.GetAsync("/api/kpis?by=campaign")).GetProperty("rows").GetRawText(),
            string.Join('\n', days.Select(d => $"{d.GetProperty("day")} {d.GetProperty("orders")} {d.GetProperty("revenueMinor")}")));
    }

    private static async Task<string> PartitionAsync(AppUnderTest app, CustomerKey key) => new Bucketing((await app.Workspace.SettingsAsync(Cancelled)).Buckets).PartitionOf(key);

    /// <summary>Rows and blobs of the whole store that hold the customer's id, address or key, but for the mark of its erasure and what keeps the address suppressed.</summary>
    private static async Task<List<string>> TracesAsync(AppUnderTest app, CustomerRow customer, CustomerKey key)
    {
        var (rows, blobs, found) = (app.Get<IRowStore>(), app.Get<IBlobStore>(), new List<string>());
        foreach (var table in new[] { Tables.Customers, Tables.Addresses, Tables.Work, Tables.Campaigns, Tables.Codes, Tables.Outbox, Tables.Products })
        {
            await foreach (var partition in rows.PartitionsAsync(table, Cancelled))
            {
                await foreach (var row in rows.ScanAsync(table, partition, " ", "~", Cancelled))
                {
                    if (row.Key != Tables.Erased(key) && (row.Key.Contains(key.Text, StringComparison.Ordinal) || Names(row.Payload.Span)))
                    {
                        found.Add($"{table}/{partition}/{row.Key}");
                    }
                }
            }
        }

        await foreach (var blob in blobs.ListAsync("", Cancelled))
        {
            await using var stream = await blobs.OpenAsync(blob.Name, Cancelled);
            using var copy = new MemoryStream();
            await stream!.CopyToAsync(copy, Cancelled);
            if (Names(copy.ToArray()))
            {
                found.Add(blob.Name);
            }
        }

        // Frequency ties are cut by customer id: a bare id may be a cut of earlier recomputes.
        return [.. found.Where(f => !f.StartsWith("work/erase-", StringComparison.Ordinal) && !(f.StartsWith("work/recompute-", StringComparison.Ordinal) && f.EndsWith("/r|survey", StringComparison.Ordinal)))];

        bool Names(ReadOnlySpan<byte> bytes) =>
            bytes.IndexOf(Encoding.UTF8.GetBytes(customer.Email!)) >= 0 || bytes.IndexOf(MemoryPackSerializer.Serialize(customer.CustomerId)) >= 0;
    }
}
