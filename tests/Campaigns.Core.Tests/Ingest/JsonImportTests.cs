using Campaigns.Core.Ingest;
using Campaigns.Core.Jobs;

namespace Campaigns.Core.Tests.Ingest;

public class JsonImportTests
{
    private const string One = """{"order_id":"1","customer_id":"ann","ordered_at":"2025-03-01T10:00:00Z","coupon_code":"SPRING","lines":[{"sku":"mug","quantity":2,"unit_price":3.10,"discount_amount":0.20,"unit_cost":1},{"sku":"tea","quantity":1,"unit_price":"4"}]}""";
    private const string Two = """{"order_id":2,"email":"bob@example.com","ordered_at":"2025-03-02","total":-5.5}""";

    [Theory]
    [InlineData("[" + One + ",\n" + Two + "]")]
    [InlineData(One + "\n\n" + Two + "\n")]
    public async Task An_array_and_one_object_per_line_are_the_same(string content)
    {
        await using var rig = ImportRig.Create();
        var import = await rig.ImportAsync(content);

        Assert.Null(import.Problem);
        var orders = (await rig.RowsAsync<OrderRow>("o|")).OrderBy(o => o.OrderId).ToList();
        Assert.Equal([1000, -550], orders.Select(o => o.AmountMinor));
        Assert.Equal(("SPRING", 20, 2), (orders[0].CouponCode, orders[0].DiscountMinor, orders[0].Lines.Length));
        Assert.Equal(("email:bob@example.com", 550), (orders[1].CustomerId, import.Summary!.UnmatchedRefundMinor));
    }

    [Fact]
    public async Task A_broken_line_is_rejected_and_a_broken_array_refused()
    {
        await using var rig = ImportRig.Create();
        var lines = await rig.ImportAsync(One + "\n{\"order_id\":\n" + Two);
        var array = await rig.ImportAsync("[" + One + ", {\"order_id\": ");

        Assert.Equal((2, 1), (lines.Summary!.New, lines.Summary.Rejected));
        Assert.StartsWith("line,reason,raw\n2,\"the line is not a JSON object\"", await rig.RejectsAsync(lines.Id), StringComparison.Ordinal);
        Assert.Equal(JobStatus.Failed, array.Status);
        Assert.Contains("The JSON is broken", array.Problem!, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Of_two_versions_of_an_order_in_one_import_the_newer_stands()
    {
        await using var rig = ImportRig.Create();
        await rig.ImportAsync(
            """{"order_id":"1","customer_id":"a","ordered_at":"2025-01-01","total":2,"updated_at":"2025-01-03"}""" + "\n"
            + """{"order_id":"1","customer_id":"a","ordered_at":"2025-01-01","total":1,"updated_at":"2025-01-02"}""");

        Assert.Equal(200, Assert.Single(await rig.RowsAsync<OrderRow>("o|")).AmountMinor);
    }

    [Fact]
    public async Task Content_without_an_id_is_named_by_its_hash_and_imported_once()
    {
        await using var rig = ImportRig.Create();
        var bytes = System.Text.Encoding.UTF8.GetBytes(One);
        var first = await rig.Imports.StartAsync(new ImportRequest(), new MemoryStream(bytes), default);
        await rig.Driver.RunAsync(first.Messages);
        var second = await rig.Imports.StartAsync(new ImportRequest(), new MemoryStream(bytes), default);
        await rig.Driver.RunAsync(second.Messages);

        Assert.Equal(first.Id, second.Id);
        Assert.Equal(first.Id, Assert.Single(await rig.Imports.ListAsync(default)).Id);
    }

    [Fact]
    public async Task Customers_come_by_json_with_the_same_rules()
    {
        await using var rig = ImportRig.Create();
        var import = await rig.ImportAsync("""[{"customer_id":"ann","email":"ann@example.com","consent_email":true,"attributes":{"size":"XL"}}]""", new ImportRequest { Subject = ImportSubject.Customers });

        Assert.Equal(1, import.Summary!.ContactableByEmail);
        Assert.Equal("XL", (await rig.CustomerAsync("ann"))!.Attributes["size"]);
    }
}
