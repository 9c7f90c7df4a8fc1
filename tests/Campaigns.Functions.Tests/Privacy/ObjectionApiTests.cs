using System.Net;
using System.Text;

namespace Campaigns.Functions.Tests.Privacy;

/// <summary>Objections to profiling over HTTP and on the customer's page.</summary>
public sealed class ObjectionApiTests
{
    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task An_objection_stands_in_what_is_exported_and_on_the_page_until_it_is_taken_back()
    {
        await using var app = await AppUnderTest.StartAsync();
        using var body = new StringContent("order_id,customer_id,ordered_at,total\n1,ann,2026-01-05,7.00\n", Encoding.UTF8, "text/csv");
        await app.ImportAsync("/api/imports", body);

        using var noted = await app.Admin.PutAsync("/api/customers/ann/profiling-objection", null, Cancelled);
        using var unknown = await app.Admin.PutAsync("/api/customers/bob/profiling-objection", null, Cancelled);

        Assert.Equal((HttpStatusCode.NoContent, HttpStatusCode.NotFound), (noted.StatusCode, unknown.StatusCode));
        var customer = (await app.GetAsync("/api/customers/ann/export")).GetProperty("customer");
        Assert.True(customer.GetProperty("objectsToProfiling").GetBoolean());
        Assert.StartsWith("by hand by ", customer.GetProperty("profiling").GetProperty("source").GetString(), StringComparison.Ordinal);
        using var page = await app.Admin.GetAsync("/customers/ann", Cancelled);
        Assert.Contains("Objects to profiling</strong>", await page.Content.ReadAsStringAsync(Cancelled), StringComparison.Ordinal);

        using var lifted = await app.Admin.DeleteAsync("/api/customers/ann/profiling-objection", Cancelled);
        Assert.Equal(HttpStatusCode.NoContent, lifted.StatusCode);
        Assert.False((await app.GetAsync("/api/customers/ann/export")).GetProperty("customer").GetProperty("objectsToProfiling").GetBoolean());
    }
}
