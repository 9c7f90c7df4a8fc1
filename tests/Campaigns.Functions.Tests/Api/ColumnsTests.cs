using System.Net;
using System.Text;
using Campaigns.Core.Ingest;

namespace Campaigns.Functions.Tests.Api;

/// <summary>Files whose headers say too little, explained over HTTP.</summary>
public sealed class ColumnsTests
{
    [Fact]
    public async Task A_file_with_unknown_columns_is_explained_tried_and_imported()
    {
        await using var app = await AppUnderTest.StartAsync();
        using var body = new StringContent("Till no,Bought on,Who,Paid\n17,2026-02-03,ann,7.00\n18,someday,bob,4.00\n", Encoding.UTF8, "text/csv");
        var import = await app.ImportAsync("/api/imports?name=till.csv", body);
        var path = $"/api/imports/{import.GetProperty("id").GetString()}/columns";
        Assert.True(import.GetProperty("asksColumns").GetBoolean());
        Assert.Equal(["Till no", "Bought on", "Who", "Paid"], (await app.GetAsync(path)).GetProperty("columns").EnumerateArray().Select(c => c.GetProperty("name").GetString()!));
        var answer = new { columns = new Dictionary<string, string>(StringComparer.Ordinal) { ["Till no"] = "order_id", ["Bought on"] = "ordered_at", ["Who"] = "customer_id", ["Paid"] = "total" } };

        var check = await app.SendAsync(HttpMethod.Post, path + "/check", answer);
        Assert.Equal((2, 1), (check.GetProperty("rows").GetInt32(), check.GetProperty("rejected").GetInt32()));
        await ErrorAndSettingsTests.RefusedAsync(app, HttpMethod.Post, path, """{"columns":{"Who":"order_id"}}""", HttpStatusCode.UnprocessableEntity);
        var started = await app.SendAsync(HttpMethod.Post, path, answer);
        await app.QuietAsync();

        var done = await app.GetAsync("/api/imports/" + started.GetProperty("import").GetString());
        Assert.Equal(("Done", "till.csv", 1), (done.GetProperty("status").GetString(), done.GetProperty("name").GetString(), done.GetProperty("summary").GetProperty("orders").GetInt32()));
        var kept = Assert.Single((await app.GetAsync("/api/columns")).EnumerateArray());
        Assert.Equal("total", kept.GetProperty("columns").GetProperty("Paid").GetString());
        using var gone = await app.Admin.DeleteAsync("/api/columns/" + kept.GetProperty("id").GetString(), TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.NoContent, gone.StatusCode);
        Assert.Empty((await app.GetAsync("/api/columns")).EnumerateArray());
        Assert.Equal(ImportSubject.Orders.ToString(), done.GetProperty("summary").GetProperty("subject").GetString());
    }
}
