using Campaigns.Core.Ingest;
using Campaigns.Core.Storage;

namespace Campaigns.Core.Tests.Ingest;

/// <summary>Product feeds: recognised, merged with what orders say of products, and what they say is used by orders that say less.</summary>
public class ProductFeedTests
{
    private const string Feed =
        "sku,name,link,image,price,stock,lowest_30_day_price,unit_cost,category\n"
        + "mug,Blue mug,https://shop.example/mug,https://shop.example/mug.png,12.50,7,10.00,4.25,kitchen\n"
        + "tea,Green tea,https://shop.example/tea,,4.00 GBP,0,,,\n";

    [Fact]
    public async Task A_feed_is_known_by_its_header_and_says_all_of_its_products()
    {
        await using var rig = ImportRig.Create();
        var import = await rig.ImportAsync(Feed);

        Assert.Equal((ImportSubject.Products, 2L, 2L, 0L), (import.Summary!.Subject, import.Summary.Rows, import.Summary.Products, import.Summary.Rejected));
        var mug = await ProductAsync(rig, "mug");
        Assert.Equal(
            ("Blue mug", "kitchen", "https://shop.example/mug", "https://shop.example/mug.png", 1_250L, 7L, 1_000L, 4_250_000L),
            (mug.Name, mug.Category, mug.Link, mug.Image, mug.PriceMinor, mug.Stock, mug.Lowest30DayPrice, mug.UnitCostMinorE4));
        Assert.Equal((400L, 0L, null), ((await ProductAsync(rig, "tea")).PriceMinor, (await ProductAsync(rig, "tea")).Stock, (await ProductAsync(rig, "tea")).UnitCostMinorE4));
    }

    [Theory]
    [InlineData("id,title,link,image_link,price,availability,product_type\nmug,Blue mug,https://shop.example/mug,,12.50 GBP,out_of_stock,kitchen\n", ImportSubject.Detect)]
    [InlineData("""[{"sku": "mug", "name": "Blue mug", "link": "https://shop.example/mug", "price": 12.5, "stock": -2, "category": "kitchen"}]""", ImportSubject.Detect)]
    [InlineData("""[{"id": "mug", "title": "Blue mug", "url": "https://shop.example/mug", "price": "GBP 12.50", "stock": 0, "product_type": "kitchen"}]""", ImportSubject.Products)]
    public async Task Feeds_for_search_engines_and_JSON_say_the_same(string content, ImportSubject subject)
    {
        await using var rig = ImportRig.Create();
        var import = await rig.ImportAsync(content, new ImportRequest { Subject = subject });

        Assert.Equal((ImportSubject.Products, 1L), (import.Summary!.Subject, import.Summary.Products));
        var mug = await ProductAsync(rig, "mug");
        Assert.Equal(("Blue mug", "kitchen", "https://shop.example/mug", 1_250L, 0L), (mug.Name, mug.Category, mug.Link, mug.PriceMinor, mug.Stock));
    }

    [Fact]
    public async Task What_is_wrong_is_rejected_by_row_with_its_reason()
    {
        await using var rig = ImportRig.Create();
        var import = await rig.ImportAsync("sku,name,link,price,stock\n,No sku,,1,1\na,A,javascript:alert(1),1,1\nb,B,,1 EUR,1\nc,C,,1,many\nd,D,,1,1\n");

        Assert.Equal(
            ["link or image is no http or https address", "no sku", "price, lowest_30_day_price or unit_cost is not an amount of 0 or more in GBP", "stock is not a number of 0 or more"],
            import.Summary!.RejectedByReason.Keys);
        Assert.Equal(1, import.Summary.Products);
    }

    [Fact]
    public async Task Orders_name_products_only_where_the_feed_is_silent_and_the_feed_keeps_what_it_leaves_open()
    {
        await using var rig = ImportRig.Create();
        await rig.ImportAsync("order_id,customer_id,ordered_at,sku,product_name,category,quantity,unit_price\n1,ann,2025-01-01,mug,Mug (old),pots,1,10\n");
        await rig.ImportAsync("sku,name,price\nmug,Blue mug,12.50\n");
        await rig.ImportAsync("order_id,customer_id,ordered_at,sku,product_name,category,quantity,unit_price\n2,ann,2025-01-02,mug,Mug (again),pans,1,10\n");
        var again = await rig.ImportAsync("sku,name,stock\nmug,,3\n");

        var mug = await ProductAsync(rig, "mug");
        Assert.Equal(("Blue mug", "pots", 1_250L, 3L, 1L), (mug.Name, mug.Category, mug.PriceMinor, mug.Stock, again.Summary!.Products));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(600)]
    public async Task Order_lines_without_cost_or_category_take_the_feeds_when_they_are_first_stored_and_keep_them(int orders)
    {
        await using var rig = ImportRig.Create(1);
        var file = "order_id,customer_id,ordered_at,sku,quantity,unit_price,unit_cost\n"
            + string.Concat(Enumerable.Range(0, orders).Select(i => $"{i},c{i},2025-01-01,mug,1,12.50,\n")) + "own,ann,2025-01-01,mug,1,12.50,5\nother,ann,2025-01-02,cup,1,1,\n";
        await rig.ImportAsync(Feed);
        await rig.ImportAsync(file);
        await rig.ImportAsync("sku,name,price,unit_cost\nmug,Blue mug,12.50,6\n");
        var again = await rig.ImportAsync(file);

        Assert.Equal((0L, 0L, orders + 2L), (again.Summary!.New, again.Summary.Replaced, again.Summary.Unchanged));
        var lines = (await rig.RowsAsync<OrderRow>("o|")).ToDictionary(o => o.OrderId, o => o.Lines[0], StringComparer.Ordinal);
        Assert.Equal((4_250_000L, "kitchen"), (lines["0"].UnitCostMinorE4, lines["0"].Category));
        Assert.Equal((5_000_000L, "kitchen"), (lines["own"].UnitCostMinorE4, lines["own"].Category));
        Assert.Equal((null, null), (lines["other"].UnitCostMinorE4, lines["other"].Category));
    }

    private static async Task<ProductRow> ProductAsync(ImportRig rig, string sku) =>
        (await rig.Store.Rows.FindAsync<ProductRow>(Tables.Products, Tables.All, sku, default))!.Value;
}
