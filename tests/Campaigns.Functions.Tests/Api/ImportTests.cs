using System.IO.Compression;
using System.Net;
using System.Text;
using System.Text.Json;
using Campaigns.Core.Ingest;
using Campaigns.Core.Jobs;
using Campaigns.Functions.Hosting;

namespace Campaigns.Functions.Tests.Api;

/// <summary>Orders and customers by HTTP and by queue.</summary>
public sealed class ImportTests
{
    private const string Csv = """
        order_id,customer_id,ordered_at,sku,quantity,unit_price
        1,ann,2026-01-05T10:00:00Z,mug,2,3.50
        2,bob,2026-01-06T10:00:00Z,tea,1,4.00

        """;

    private const string First = """{"order_id":"1","customer_id":"ann","ordered_at":"2026-01-05T10:00:00Z","total":7}""";
    private const string Second = """{"order_id":"2","customer_id":"bob","ordered_at":"2026-01-06T10:00:00Z","total":4}""";

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("/api/imports?name=orders.csv", Csv, "text/csv", false)]
    [InlineData("/api/imports", Csv, "application/octet-stream", true)]
    [InlineData("/api/orders", "[" + First + "," + Second + "]", "application/json", false)]
    [InlineData("/api/orders", First + "\n" + Second + "\n", "application/x-ndjson", false)]
    [InlineData("/api/orders", "[" + First + "," + Second + "]", "application/json", true)]
    public async Task Every_form_of_the_same_orders_is_taken_with_202_and_imported(string path, string content, string type, bool gzip)
    {
        await using var app = await AppUnderTest.StartAsync();
        using var body = Body(content, type, gzip);
        using var answer = await app.Admin.PostAsync(path, body, Cancelled);
        Assert.Equal(HttpStatusCode.Accepted, answer.StatusCode);
        var id = JsonSerializer.Deserialize<JsonElement>(await answer.Content.ReadAsStringAsync(Cancelled)).GetProperty("import").GetString();
        await app.QuietAsync();

        var import = await app.GetAsync("/api/imports/" + id);

        Assert.Equal("Done", import.GetProperty("status").GetString());
        Assert.Equal((2, 2, 0), Counts(import));
        Assert.Equal(1, import.GetProperty("share").GetDouble());
        Assert.Contains("2 rows, 2 orders of 2 customers (2 new", import.GetProperty("sentence").GetString(), StringComparison.Ordinal);
        Assert.Single((await app.GetAsync("/api/imports")).EnumerateArray());
        await ErrorAndSettingsTests.RefusedAsync(app, HttpMethod.Get, $"/api/imports/{id}/rejects", null, HttpStatusCode.NotFound);
    }

    [Fact]
    public async Task Bad_rows_can_be_downloaded_and_good_ones_are_imported()
    {
        await using var app = await AppUnderTest.StartAsync();
        using var body = Body(Csv + "3,cid,yesterday,mug,1,3.50\n4,dan,2026-01-07,mug,many,3.50\n", "text/csv");

        var import = await app.ImportAsync("/api/imports", body);

        Assert.Equal((2, 2, 2), Counts(import));
        using var rejects = await app.Admin.GetAsync($"/api/imports/{import.GetProperty("id").GetString()}/rejects", Cancelled);
        Assert.Equal("text/csv", rejects.Content.Headers.ContentType?.MediaType);
        Assert.Equal("attachment", rejects.Content.Headers.ContentDisposition?.DispositionType);
        var lines = (await rejects.Content.ReadAsStringAsync(Cancelled)).TrimEnd().Split('\n');
        Assert.Equal("line,reason,raw", lines[0]);
        Assert.Contains("3,cid,yesterday", lines[1], StringComparison.Ordinal);
        Assert.StartsWith("5,", lines[2], StringComparison.Ordinal);
        Assert.Equal(3, lines.Length);
    }

    [Theory]
    [InlineData("order_id,customer_id,total\n1,ann,3\n", "ordered_at")]
    [InlineData("hello", "column")]
    public async Task A_file_that_cannot_be_imported_is_refused_with_one_sentence(string content, string names)
    {
        await using var app = await AppUnderTest.StartAsync();
        using var body = Body(content, "text/csv");

        var import = await app.ImportAsync("/api/orders", body);

        Assert.Equal("Failed", import.GetProperty("status").GetString());
        Assert.Contains(names, import.GetProperty("problem").GetString(), StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public async Task Two_imports_at_once_with_orders_in_common_count_each_order_once()
    {
        await using var app = await AppUnderTest.StartAsync();
        using var one = Body(Csv, "text/csv");
        using var two = Body($"[{Second},{Second.Replace("\"2\"", "\"3\"", StringComparison.Ordinal)}]", "application/json");

        await Task.WhenAll(app.Admin.PostAsync("/api/imports", one, Cancelled), app.Admin.PostAsync("/api/orders", two, Cancelled));
        await app.QuietAsync();

        var imports = (await app.GetAsync("/api/imports")).EnumerateArray().ToList();
        Assert.Equal(["Done", "Done"], imports.Select(i => i.GetProperty("status").GetString()));
        // Order 2 came in both, with the same content or a newer: new in one of them only.
        Assert.Equal(3, imports.Sum(i => i.GetProperty("summary").GetProperty("new").GetInt64()));
        Assert.Equal(2, (await app.GetAsync("/api/segments")).GetProperty("customers").GetInt64());
    }

    [Fact]
    public async Task An_import_is_followed_by_one_recompute_however_often_its_messages_come()
    {
        await using var app = await AppUnderTest.StartAsync();
        using var body = Body(Csv, "text/csv");
        var id = (await app.ImportAsync("/api/imports", body)).GetProperty("id").GetString()!;
        var before = await app.Workspace.LatestAsync("segments", Cancelled);

        for (var part = 0; part < 4; part++)
        {
            await app.Get<WorkQueues>().SendAsync(
                [new Outgoing("ingest", new Envelope { Work = new WorkMessage(id, IngestStep.StageName, part, DateTimeOffset.UnixEpoch) }.ToJson())], Cancelled);
            await app.QuietAsync();
        }

        Assert.NotNull(before);
        Assert.Equal(before, await app.Workspace.LatestAsync("segments", Cancelled));
    }

    [Theory]
    [InlineData("[" + First + "," + Second + "]", 2)]
    [InlineData("""[{"customer_id":"ann","email":"ann@example.com","consent_email":true},{"customer_id":"bob"}]""", 0)]
    public async Task A_queue_message_with_content_is_an_import_and_repeated_the_same_one(string content, int orders)
    {
        await using var app = await AppUnderTest.StartAsync();
        var message = new Outgoing("ingest", $$"""{"campaigns":1,"content":{{content}}}""");

        await app.Get<WorkQueues>().SendAsync([message, message], Cancelled);
        await app.QuietAsync();
        await app.Get<WorkQueues>().SendAsync([message], Cancelled);
        await app.QuietAsync();

        var import = Assert.Single((await app.GetAsync("/api/imports")).EnumerateArray());
        Assert.Equal("Done", import.GetProperty("status").GetString());
        Assert.Equal((orders, 2, 0), Counts(import));
    }

    [Fact]
    public async Task Customers_come_by_their_own_address_and_say_whom_we_may_contact()
    {
        await using var app = await AppUnderTest.StartAsync();
        using var body = Body("""[{"customer_id":"ann","email":"ann@example.com","consent_email":true,"consent_source":"shop"},{"customer_id":"bob","email":"bob@example.com"}]""", "application/json");

        var import = await app.ImportAsync("/api/customers?name=list", body);

        Assert.Equal((0, 2, 0), Counts(import));
        Assert.Contains("list: ", import.GetProperty("sentence").GetString(), StringComparison.Ordinal);
        Assert.Contains("Contactable: 1 by e-mail, 0 by SMS.", import.GetProperty("sentence").GetString(), StringComparison.Ordinal);
    }

    private static (long Orders, long Customers, long Rejected) Counts(JsonElement import)
    {
        var summary = import.GetProperty("summary");
        return (summary.GetProperty("orders").GetInt64(), summary.GetProperty("customers").GetInt64(), summary.GetProperty("rejected").GetInt64());
    }

    internal static HttpContent Body(string content, string type, bool gzip = false)
    {
        var bytes = Encoding.UTF8.GetBytes(content);
        if (gzip)
        {
            using var packed = new MemoryStream();
            using (var stream = new GZipStream(packed, CompressionLevel.Fastest))
            {
                stream.Write(bytes);
            }

            bytes = packed.ToArray();
        }

        var body = new ByteArrayContent(bytes);
        body.Headers.ContentType = new(type);
        return body;
    }
}
