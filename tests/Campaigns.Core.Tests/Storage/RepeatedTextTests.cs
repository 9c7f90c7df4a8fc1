using Campaigns.Core.Profiles;
using Campaigns.Core.Storage;
using CsCheck;

namespace Campaigns.Core.Tests.Storage;

public class RepeatedTextTests
{
    [Fact]
    public void Any_text_comes_back_as_it_was_stored() =>
        Gen.OneOf(Gen.String[0, 90], Gen.String[Gen.Char['a', 'e'], 0, 4], Gen.String[Gen.Char['é', '漢'], 1, 40]).Array[0, 20].Sample(texts =>
        {
            var history = new PurchaseHistory { CustomerId = "c", Products = Array.ConvertAll(texts, t => new ProductHistory(Storable(t), 1, 1, 1, default)) };
            var read = RowCodec.Decode<PurchaseHistory>(RowCodec.Encode(history));
            Assert.Equal(history.Products.Select(p => p.Sku), read.Products.Select(p => p.Sku));
        });

    [Fact]
    public void Equal_texts_of_many_rows_become_one_string_and_none_is_told_apart_from_empty()
    {
        var row = RowCodec.Encode(new PurchaseHistory { CustomerId = "c", Country = "GB", Products = [new("A-1", 1, 1, 1, default), new("", 1, 1, 1, default)] });
        var (one, other) = (RowCodec.Decode<PurchaseHistory>(row), RowCodec.Decode<PurchaseHistory>(row));
        Assert.Same(one.Products[0].Sku, other.Products[0].Sku);
        Assert.Same(one.Country, other.Country);
        Assert.Equal("", one.Products[1].Sku);
        Assert.Null(RowCodec.Decode<PurchaseHistory>(RowCodec.Encode(one with { Country = null })).Country);
    }

    /// <summary>UTF-8 has no lone surrogates.</summary>
    private static string Storable(string text) => new([.. text.Where(c => !char.IsSurrogate(c))]);
}
