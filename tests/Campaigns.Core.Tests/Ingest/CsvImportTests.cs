using System.IO.Compression;
using System.Text;
using Campaigns.Core.Ingest;
using Campaigns.Core.Jobs;
using Campaigns.Core.Primitives;
using Campaigns.Core.Storage;

namespace Campaigns.Core.Tests.Ingest;

public class CsvImportTests
{
    private const string Good = "order_id,customer_id,ordered_at,total\n1,ann,2025-03-01T10:00:00Z,12.50\n";

    [Fact]
    public async Task Bad_rows_keep_their_line_reason_and_text_and_the_good_ones_are_imported()
    {
        await using var rig = ImportRig.Create();
        var import = await rig.ImportAsync(
            "order_id,customer_id,ordered_at,sku,quantity,unit_price,product_name\n"
            + "1,ann,2025-03-01,mug,2,3.10,\"A mug\nof two lines\"\n"
            + "2,ann,31/03/2025,mug,2,3.10,\n"
            + "\n"
            + "3,,2025-03-01,mug,2,3.10,\n"
            + "4,ann,2025-03-01,mug,none,3.10,\"said \"\"x\"\"\"\n"
            + "5,bob,2025-03-02,mug,0.5,3.10,\n");

        Assert.Equal(
            "line,reason,raw\n"
            + "4,\"the date is not one that we can read (ISO 8601, or give the date format)\",\"2,ann,31/03/2025,mug,2,3.10,\"\n"
            + "6,\"no customer on the row (guest sale)\",\"3,,2025-03-01,mug,2,3.10,\"\n"
            + "7,\"the quantity is not a number other than 0\",\"4,ann,2025-03-01,mug,none,3.10,\"\"said \"\"\"\"x\"\"\"\"\"\"\"\n",
            await rig.RejectsAsync(import.Id));
        Assert.Equal((5, 3, 2, 2), (import.Summary!.Rows, import.Summary.Rejected, import.Summary.New, import.Summary.Customers));
        Assert.Equal(1, import.Summary.RejectedByReason["no customer on the row (guest sale)"]);
        Assert.Equal([155, 620], (await rig.RowsAsync<OrderRow>("o|")).Select(o => o.AmountMinor).Order());
        Assert.Equal("A mug\nof two lines", (await rig.Store.Rows.FindAsync<ProductRow>(Tables.Products, Tables.All, "mug", default))!.Value.Name);
    }

    [Theory]
    [InlineData("order_id,customer_id,total\n", "The column \"ordered_at\" is missing")]
    [InlineData("order_id,customer_id,ordered_at\n", "The column \"total\" is missing")]
    [InlineData("order_id,customer_id,ordered_at,sku,unit_price\n", "The column \"quantity\" is missing")]
    [InlineData("ordered_at,customer_id,total\n", "The column \"order_id\" is missing")]
    [InlineData("once upon a time\n", "The column \"order_id\" is missing")]
    [InlineData("", "The file is empty.")]
    [InlineData("PK\u0003\u0004 and so on", "This is a ZIP or Excel file")]
    [InlineData("a\0b", "This is not a text file")]
    public async Task A_file_that_cannot_be_read_is_refused_with_one_sentence(string content, string sentence)
    {
        await using var rig = ImportRig.Create();
        var import = await rig.ImportAsync(content);

        Assert.Equal(JobStatus.Failed, import.Status);
        Assert.StartsWith(sentence, import.Problem, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Utf_16_and_broken_gzip_are_refused()
    {
        await using var rig = ImportRig.Create();

        Assert.Contains("UTF-16", (await rig.ImportAsync(Encoding.Unicode.GetPreamble().Concat(Encoding.Unicode.GetBytes(Good)).ToArray())).Problem!, StringComparison.Ordinal);
        Assert.Contains("gzip", (await rig.ImportAsync(new byte[] { 0x1f, 0x8b, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15 })).Problem!, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Gzip_is_seen_from_the_bytes_and_a_mark_of_utf_8_is_no_part_of_a_name()
    {
        await using var rig = ImportRig.Create();
        using var packed = new MemoryStream();
        await using (var gzip = new GZipStream(packed, CompressionLevel.Fastest))
        {
            await gzip.WriteAsync((byte[])[0xef, 0xbb, 0xbf]);
            await gzip.WriteAsync(Encoding.UTF8.GetBytes(Good));
        }

        var import = await rig.ImportAsync(packed.ToArray(), new ImportRequest { Name = "orders.csv" });

        Assert.Null(import.Problem);
        Assert.Equal((1, 1250), (import.Summary!.New, import.Summary.GrossMinor));
    }

    [Fact]
    public async Task Bytes_that_are_not_utf_8_are_read_as_Windows_1252_with_a_notice()
    {
        await using var rig = ImportRig.Create();
        var western = CodePagesEncodingProvider.Instance.GetEncoding(1252)!;
        var import = await rig.ImportAsync(western.GetBytes("order_id;customer_id;ordered_at;total;country\n1;ann;2025-03-01;1.234,50;Österreich – €\n"));

        var order = Assert.Single(await rig.RowsAsync<OrderRow>("o|"));
        Assert.Equal(("Österreich – €", 123_450), (order.Country, order.AmountMinor));
        Assert.Contains("Windows-1252", Assert.Single(import.Summary!.Notices), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Dates_without_a_zone_are_local_times_of_the_workspace()
    {
        await using var rig = ImportRig.Create();
        await rig.ImportAsync(
            "order_id,customer_id,ordered_at,total\nsummer,a,2025-07-01 12:00,1\nwinter,a,2025-01-01 12:00:30,1\nzoned,a,2025-07-01T12:00:00+03:00,1\n");
        var orders = (await rig.RowsAsync<OrderRow>("o|")).ToDictionary(o => o.OrderId, o => o.OrderedAt);

        Assert.Equal(new DateTimeOffset(2025, 7, 1, 11, 0, 0, TimeSpan.Zero), orders["summer"]);
        Assert.Equal(new DateTimeOffset(2025, 1, 1, 12, 0, 30, TimeSpan.Zero), orders["winter"]);
        Assert.Equal(new DateTimeOffset(2025, 7, 1, 9, 0, 0, TimeSpan.Zero), orders["zoned"]);
    }

    [Fact]
    public async Task A_date_format_that_is_given_is_used_and_the_future_is_rejected()
    {
        await using var rig = ImportRig.Create();
        await rig.Store.Workspace.SetNowAsync(new DateTimeOffset(2025, 4, 1, 0, 0, 0, TimeSpan.Zero), default);
        var import = await rig.ImportAsync(
            "order_id,customer_id,ordered_at,total\n1,a,31.03.2025,1\n2,a,05.04.2025,1\n", new ImportRequest { DateFormat = "dd.MM.yyyy" });

        Assert.Equal((1, 1), (import.Summary!.New, import.Summary.RejectedByReason["the date lies in the future"]));
    }

    [Fact]
    public async Task The_first_import_sets_the_currency_and_others_are_rejected_row_by_row()
    {
        await using var rig = ImportRig.Create();
        var first = await rig.ImportAsync(
            "order_id,customer_id,ordered_at,total,currency\n1,a,2025-01-01,5,EUR\n2,a,2025-01-01,5,GBP\n", new ImportRequest { Currency = "eur" });

        Assert.Equal("EUR", (await rig.Store.Workspace.SettingsAsync(default)).Currency);
        Assert.Equal((1, 1), (first.Summary!.New, first.Summary.RejectedByReason["currency GBP is not the workspace's EUR"]));
        var later = await rig.ImportAsync(Good, new ImportRequest { Currency = "USD" });
        Assert.Contains("a workspace has one currency", later.Problem!, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("-1.00")]
    [InlineData("1.00")]
    public async Task A_refund_takes_its_discount_back_whichever_sign_the_shop_writes(string discount)
    {
        await using var rig = ImportRig.Create();
        var import = await rig.ImportAsync($"order_id,customer_id,ordered_at,sku,quantity,unit_price,discount_amount\nr1,a,2025-01-02,mug,-2,5.00,{discount}\n");
        Assert.Equal(0, import.Summary!.Rejected);
        var order = Assert.Single(await rig.RowsAsync<OrderRow>("o|"));
        Assert.Equal((-900, -100), (order.AmountMinor, order.DiscountMinor));
    }

    [Fact]
    public async Task A_discount_below_zero_on_a_sale_is_rejected()
    {
        await using var rig = ImportRig.Create();
        var import = await rig.ImportAsync("order_id,customer_id,ordered_at,sku,quantity,unit_price,discount_amount\ns1,a,2025-01-02,mug,2,5.00,-1.00\n");
        Assert.Equal(1, import.Summary!.Rejected);
    }

    [Fact]
    public async Task A_total_with_a_discount_keeps_what_was_paid()
    {
        await using var rig = ImportRig.Create();
        await rig.ImportAsync("order_id,customer_id,ordered_at,total,discount_amount\n#1001,a,2025-01-01,8.00,2.00\n");

        var order = Assert.Single(await rig.RowsAsync<OrderRow>("o|"));
        Assert.Equal(("#1001", 800, 200), (order.OrderId, order.AmountMinor, order.DiscountMinor));
        Assert.True((await rig.Store.Workspace.SettingsAsync(default)).DiscountsKnown);
    }

    [Fact]
    public async Task Orders_with_an_address_alone_find_their_customer_or_get_an_id_from_it()
    {
        await using var rig = ImportRig.Create();
        await rig.ImportAsync("customer_id,email,phone\nann,Ann@Example.com,020 7946 0018\n");
        await rig.ImportAsync(
            "order_id,email,phone,ordered_at,total\n1,ann@EXAMPLE.com,,2025-01-01,1\n2,,+442079460018,2025-01-01,1\n3,Bob@example.com,,2025-01-01,1\n4,nobody,,2025-01-01,1\n");

        Assert.Equal(["ann", "ann", "email:bob@example.com"], (await rig.RowsAsync<OrderRow>("o|")).Select(o => o.CustomerId).Order(StringComparer.Ordinal));
        Assert.Equal("Bob@example.com", (await rig.CustomerAsync("email:bob@example.com"))!.Email);
    }

    [Fact]
    public async Task Customers_carry_consent_and_unknown_means_no()
    {
        await using var rig = ImportRig.Create();
        var import = await rig.ImportAsync(
            "customer_id,email,phone,first_name,consent_email,consent_sms,consent_source,consent_at,time_zone,size\n"
            + "ann,ann@example.com,+447700900123,Ann,yes,,checkout,2025-01-01,Europe/Paris,XL\n"
            + "bob,bob@example.com,+447700900124,Bob,no,1,,,,\n"
            + "cid,cid@example.com,,,maybe,,,,,\n"
            + "dan,dan@,,,yes,,,,,\n");

        Assert.Equal((1, 1), (import.Summary!.ContactableByEmail, import.Summary.ContactableBySms));
        Assert.Equal(["consent is neither yes nor no", "the e-mail address is not valid"], import.Summary.RejectedByReason.Keys);
        var ann = (await rig.CustomerAsync("ann"))!;
        Assert.Equal(new Consent(true, "checkout", new DateTimeOffset(2025, 1, 1, 0, 0, 0, TimeSpan.Zero)), ann.EmailConsent);
        Assert.Equal((null, "XL", "Europe/Paris"), (ann.SmsConsent.Given, ann.Attributes["size"], ann.TimeZone));
    }

    [Fact]
    public async Task A_suppressed_address_stays_suppressed_whoever_is_imported_with_it()
    {
        await using var rig = ImportRig.Create();
        var book = new AddressBook(rig.Store.Rows, rig.Store.Workspace);
        const string File = "customer_id,email,consent_email\nann,ann@example.com,yes\n";
        await rig.ImportAsync(File);
        await book.SuppressAsync(Channel.Email, "ANN@example.com", "unsubscribed", DateTimeOffset.UnixEpoch, default);
        Assert.Equal("unsubscribed", (await rig.CustomerAsync("ann"))!.EmailSuppression);

        var import = await rig.ImportAsync(File + "anna,ann@example.com,yes\n");

        Assert.Equal("unsubscribed", (await rig.CustomerAsync("anna"))!.EmailSuppression);
        Assert.Equal(0, import.Summary!.ContactableByEmail);
        Assert.Equal(2, (await book.FindAsync("ann@example.com", default)).Count);
    }
}
