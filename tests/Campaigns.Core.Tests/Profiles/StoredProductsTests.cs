using Campaigns.Core.Profiles;
using Campaigns.Core.Storage;
using CsCheck;

namespace Campaigns.Core.Tests.Profiles;

public class StoredProductsTests
{
    private static readonly Gen<ProductHistory> Product =
        from sku in Gen.OneOf(Gen.String[Gen.Char['a', 'e'], 0, 4], Gen.String[Gen.Char['a', 'z'], 60, 90], Gen.String[Gen.Char['é', '漢'], 1, 40])
        from lines in Gen.Int[0, 9]
        from minor in Gen.Long
        select new ProductHistory(sku, lines, lines * 2, minor, OrderGen.Start.AddDays(lines));

    /// <summary>Everything before and after the products, and products of every kind of text.</summary>
    private static readonly Gen<PurchaseHistory> History =
        from orders in OrderGen.Orders(12)
        from products in Product.Array[0, 50]
        select new HistoryBuilder().Refold("17850", orders) with { Products = products };

    [Fact]
    public void A_history_decoded_without_products_is_the_stored_one_in_everything_else() =>
        History.Sample(history =>
        {
            var stored = RowCodec.Encode(history);
            var (whole, without) = (RowCodec.Decode<PurchaseHistory>(stored), PurchaseHistory.WithoutProducts(stored));
            Assert.Equal(history.Products, whole.Products);
            Assert.Empty(without.Products);
            Assert.Equivalent(whole with { Products = [] }, without, strict: true);
        });
}
