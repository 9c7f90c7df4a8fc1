using System.Text;
using Campaigns.Core.Ingest;
using Campaigns.Core.Ingest.Csv;
using Campaigns.Core.Jobs;
using Campaigns.Core.Profiles;

namespace Campaigns.Core.Tests.Ingest;

/// <summary>Exports of shop systems, recognised by their headers, in the import and in files that are read into memory.</summary>
public class ShopExportTests
{
    private const string ShopifyHeader =
        "Name,Email,Financial Status,Paid at,Fulfillment Status,Fulfilled at,Accepts Marketing,Currency,Subtotal,Shipping,Taxes,Total,Discount Code,"
        + "Discount Amount,Shipping Method,Created at,Lineitem quantity,Lineitem name,Lineitem price,Lineitem compare at price,Lineitem sku,"
        + "Lineitem requires shipping,Lineitem taxable,Lineitem fulfillment status,Billing Name,Shipping Country,Cancelled at,Payment Method,"
        + "Refunded Amount,Vendor,Id,Tags,Risk Level,Source,Lineitem discount,Phone\n";

    private const string WooOrders =
        "order_id,order_number,order_date,status,shipping_total,shipping_tax_total,fee_total,fee_tax_total,tax_total,discount_total,order_total,"
        + "refunded_total,order_currency,payment_method,shipping_method,customer_id,billing_first_name,billing_email,billing_country,coupon_items\n";

    private const string WooItems =
        "order_id,order_number,date,status,order_total,refunded_total,order_currency,customer_id,billing_email,billing_country,item_id,"
        + "item_product_id,item_name,item_sku,item_quantity,item_subtotal,item_subtotal_tax,item_total,item_total_tax,item_refunded,item_refunded_qty,coupon_items\n";

    [Fact]
    public async Task Shopify_rows_of_one_name_are_one_order_of_the_customer_with_the_email()
    {
        var file = await ReadAsync(ShopifyHeader
            + First("#1001", "Ann@Shop.example", "paid", "30.00", "36.50", "", "0.00", "2025-03-01 23:30:00 -0500", 2, "Mug", "10.00", "'MUG-1", "", "0")
            + Next("#1001", "ann@shop.example", 1, "Spoon", "10.00", "SPN", "0")
            + First("#1002", "bob@shop.example", "paid", "5.00", "5.00", "", "0.00", "2025-03-03 10:00:00 +0000", 1, "Spoon", "5.00", "SPN", "", "0"));

        Assert.Equal(("Shopify orders export", "EUR", 3L, 0L), (file.Format, file.Currency, file.Rows, file.Rejected));
        Assert.Equal(["email:ann@shop.example", "email:bob@shop.example"], file.Customers.Select(c => c.CustomerId));
        var order = Assert.Single(file.Customers[0].Orders);
        Assert.Equal(("#1001", 3_000L, new DateTime(2025, 3, 2, 4, 30, 0)), (order.OrderId, order.AmountMinor, order.OrderedAt.UtcDateTime));
        Assert.Equal([("MUG-1", 2), ("SPN", 1)], order.Lines.Select(l => (l.Sku, l.Quantity)));
        Assert.Equal("GB", order.Country);
    }

    [Fact]
    public async Task A_code_of_Shopify_is_shared_over_the_lines_and_one_on_shipping_is_not()
    {
        var file = await ReadAsync(ShopifyHeader
            + First("#1", "a@shop.example", "paid", "90.00", "95.00", "TEN", "10.00", "2025-03-01 10:00:00 +0000", 1, "A", "66.67", "A", "", "0")
            + Next("#1", "a@shop.example", 1, "B", "33.33", "B", "0")
            + First("#2", "a@shop.example", "paid", "20.00", "20.00", "FREESHIP", "4.90", "2025-03-02 10:00:00 +0000", 1, "C", "20.00", "C", "", "0"));

        var orders = file.Customers[0].Orders;
        Assert.Equal([667L, 333L], orders[0].Lines.Select(l => l.DiscountMinor));
        Assert.Equal((9_000L, "TEN"), (orders[0].AmountMinor, orders[0].CouponCode));
        Assert.Equal((2_000L, 0L), (orders[1].AmountMinor, orders[1].DiscountMinor));
    }

    [Fact]
    public async Task Of_a_Shopify_order_that_was_cancelled_or_refunded_whole_nothing_is_left_and_of_one_refunded_in_part_the_rest()
    {
        var file = await ReadAsync(ShopifyHeader
            + First("#1", "a@shop.example", "refunded", "20.00", "20.00", "", "0", "2025-03-01 10:00:00 +0000", 2, "A", "10.00", "A", "", "20.00")
            + First("#2", "a@shop.example", "voided", "20.00", "20.00", "", "0", "2025-03-02 10:00:00 +0000", 2, "A", "10.00", "A", "", "0")
            + First("#3", "a@shop.example", "pending", "20.00", "20.00", "", "0", "2025-03-03 10:00:00 +0000", 2, "A", "10.00", "A", "2025-03-04 10:00:00 +0000", "0")
            + First("#4", "a@shop.example", "partially_refunded", "20.00", "25.00", "", "0", "2025-03-05 10:00:00 +0000", 2, "A", "10.00", "A", "", "5.00"));

        Assert.Equal(4, file.Customers[0].Orders.Count);
        var net = Assert.Single(NetOrders.Of(file.Customers[0].Orders).Orders);
        Assert.Equal(("#4", 1_600L), (net.OrderId, net.AmountMinor));
    }

    [Fact]
    public async Task A_Shopify_row_without_its_order_is_rejected_with_the_reason()
    {
        var file = await ReadAsync(ShopifyHeader
            + Next("#9", "a@shop.example", 1, "A", "10.00", "A", "0")
            + First("#1", "", "paid", "20.00", "20.00", "", "0", "2025-03-01 10:00:00 +0000", 2, "A", "10.00", "A", "", "0")
            + Next("#1", "", 1, "B", "10.00", "B", "0")
            + First("#2", "a@shop.example", "paid", "20.00", "20.00", "", "0", "2025-03-02 10:00:00 +0000", 2, "A", "ten", "A", "", "0"));

        Assert.Empty(file.Customers);
        Assert.Equal((4L, 4L), (file.Rows, file.Rejected));
        Assert.Equal(
            [("no customer on the row (guest sale)", 2L), ("the date is not one that we can read (ISO 8601, or give the date format)", 1L), ("the unit price is not an amount of 0 or more", 1L)],
            file.RejectedByReason.Select(r => (r.Key, r.Value)));
    }

    [Fact]
    public async Task WooCommerce_orders_are_worth_their_goods_and_guests_join_the_customer_with_their_email()
    {
        var file = await ReadAsync(WooOrders
            + "11,11,2025-03-01 10:00:00,completed,5.00,1.00,2.00,0.00,11.00,6.00,68.00,0.00,EUR,card,flat,7,Ann,ann@shop.example,GB,id:3|code:SPRING|amount:6.00|description:\n"
            + "12,12,2025-03-02 10:00:00,processing,0,0,0,0,0,0,20.00,5.00,EUR,card,flat,0,Ann,Ann@shop.example,GB,\n"
            + "13,13,2025-03-03 10:00:00,failed,0,0,0,0,0,0,20.00,0,EUR,card,flat,7,Ann,ann@shop.example,GB,\n"
            + "14,14,2025-03-04 10:00:00,wc-cancelled,0,0,0,0,0,0,20.00,0,EUR,card,flat,0,Bob,bob@shop.example,GB,\n");

        Assert.Equal(("WooCommerce export, one row per order", 0L), (file.Format, file.Rejected));
        Assert.Equal(["7", "email:bob@shop.example"], file.Customers.Select(c => c.CustomerId));
        var net = NetOrders.Of(file.Customers[0].Orders).Orders;
        Assert.Equal([("11", 5_000L, 600L, "SPRING"), ("12", 1_500L, 0L, null)], net.Select(o => (o.OrderId, o.AmountMinor, o.DiscountMinor, o.CouponCode)));
        Assert.Empty(NetOrders.Of(file.Customers[1].Orders).Orders);
    }

    [Fact]
    public async Task WooCommerce_items_are_lines_with_their_discount_and_what_came_back()
    {
        var file = await ReadAsync(WooItems
            + "21,21,3/1/2025 10:00,completed,44.00,10.00,EUR,7,ann@shop.example,GB,1,501,Mug,MUG,3,30.00,0,27.00,0,9.00,1,\n"
            + "21,21,3/1/2025 10:00,completed,44.00,10.00,EUR,7,ann@shop.example,GB,2,502,Spoon,,1,12.00,0,12.00,0,0,0,\n");

        var order = Assert.Single(NetOrders.Of(Assert.Single(file.Customers).Orders).Orders);
        Assert.Equal([("MUG", 2, 200L, 1_800L), ("502", 1, 0L, 1_200L)], order.Lines.Select(l => (l.Sku, l.Quantity, l.DiscountMinor, l.AmountMinor)));
    }

    [Fact]
    public async Task Imports_recognise_the_same_exports()
    {
        await using var rig = ImportRig.Create();
        var import = await rig.ImportAsync(
            ShopifyHeader
            + First("#1001", "ann@shop.example", "paid", "30.00", "36.50", "", "0.00", "2025-03-01 23:30:00 +0000", 2, "Mug", "10.00", "MUG", "", "0")
            + Next("#1001", "ann@shop.example", 1, "Spoon", "10.00", "SPN", "0"),
            new ImportRequest { Currency = "EUR" });

        Assert.Null(import.Problem);
        Assert.Equal((2L, 0L, 1L), (import.Summary!.Rows, import.Summary.Rejected, import.Summary.Orders));
        var history = Assert.Single(await rig.RowsAsync<PurchaseHistory>("h|"));
        Assert.Equal(("email:ann@shop.example", 3_000L), (history.CustomerId, history.SpendMinor));
    }

    [Fact]
    public async Task Any_other_file_is_read_by_mapping_its_columns()
    {
        var file = await ReadAsync(
            "basket,house,when,paid,saved,matched,thing\n1,h1,2025-03-01,3.86,0.43,0.10,p1\n1,h1,2025-03-01,1.59,0,0,p2\n2,h1,2025-03-05,0,0,0,p1\n",
            "order_id=basket, customer_id=house,ordered_at=when,total=paid,discount_amount=saved+matched,sku=thing");

        var orders = Assert.Single(file.Customers).Orders;
        Assert.Equal([545L, 0L], orders.Select(o => o.AmountMinor));
        Assert.Equal([53L, 0L], orders[0].Lines.Select(l => l.DiscountMinor));
        Assert.Equal(2, NetOrders.Of(orders).Orders.Count);
    }

    [Fact]
    public async Task Totals_that_share_an_order_id_are_lines_where_they_differ_and_repeats_where_they_do_not()
    {
        var lines = await ReadAsync("order_id,customer_id,ordered_at,total\n1,a,2025-03-01,3.00\n1,a,2025-03-01,3.00\n1,a,2025-03-01,4.00\n");
        Assert.True(lines.LinesOfTotals);
        Assert.Equal(1_000, lines.Customers[0].Orders[0].AmountMinor);

        var repeats = await ReadAsync("order_id,customer_id,ordered_at,total\n1,a,2025-03-01,3.00\n1,a,2025-03-01,3.00\n2,a,2025-03-01,4.00\n");
        Assert.Equal((false, 1L), (repeats.LinesOfTotals, repeats.RepeatedOrders));
        Assert.Equal([300L, 400L], repeats.Customers[0].Orders.Select(o => o.AmountMinor));
    }

    [Theory]
    [InlineData("ordr_id=basket", "There is no field \"ordr_id\" to map; the fields are order_id,")]
    [InlineData("order_id", "The mapping \"order_id\" names no column")]
    [InlineData("order_id=a,order_id=b", "The field \"order_id\" is mapped twice.")]
    [InlineData("order_id=basket,customer_id=haus", "The column \"haus\", mapped to customer_id, is missing; the file has basket, house.")]
    public async Task A_mapping_that_does_not_fit_is_refused_in_one_sentence(string map, string sentence)
    {
        var refused = await Assert.ThrowsAsync<JobFailedException>(() => ReadAsync("basket,house\n1,a\n", map));
        Assert.StartsWith(sentence, refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Rows_in_another_currency_than_most_are_rejected()
    {
        var file = await ReadAsync("order_id,customer_id,ordered_at,total,currency\n1,a,2025-03-01,3,USD\n2,a,2025-03-01,3000,jpy\n3,a,2025-03-02,500,JPY\n");
        Assert.Equal(("JPY", 1L, 3_500L), (file.Currency, file.Rejected, file.Customers[0].Orders.Sum(o => o.AmountMinor)));
    }

    private static async Task<OrderFile> ReadAsync(string content, string map = "") => await OrderFile.ReadAsync(
        () => new MemoryStream(Encoding.UTF8.GetBytes(content)),
        new OrderFileReading { Map = ColumnMap.Parse(map), Now = new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero) },
        TestContext.Current.CancellationToken);

    private static string First(
        string name, string email, string status, string subtotal, string total, string code, string discount, string at, int quantity, string item, string price, string sku, string cancelled, string refunded) =>
        $"{name},{email},{status},{at},fulfilled,,yes,EUR,{subtotal},4.00,2.50,{total},{code},{discount},Post,{at},{quantity},{item},{price},,{sku},true,true,fulfilled,Somebody,GB,{cancelled},Card,{refunded},Us,771,,Low,web,0.00,\n";

    private static string Next(string name, string email, int quantity, string item, string price, string sku, string discount) =>
        $"{name},{email},,,,,,,,,,,,,,,{quantity},{item},{price},,{sku},true,true,fulfilled,,,,,,,,,,,{discount},\n";
}
