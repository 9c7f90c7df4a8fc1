using Campaigns.Core.Segments;
using CsCheck;

namespace Campaigns.Core.Tests.Segments;

public class RelatedProductsTests
{
    private static readonly string[] Products = [.. Enumerable.Range(0, 12).Select(i => "p" + i)];

    [Fact]
    public void Pairs_are_the_customers_who_bought_both_whatever_the_buckets() =>
        Gen.Select(ShopGen.Shop(15), Gen.Int[1, 4]).Sample((shop, buckets) =>
        {
            var parts = Enumerable.Range(0, buckets).Select(_ => new PairCounts(Products)).ToArray();
            for (var i = 0; i < shop.Length; i++)
            {
                parts[i % buckets].Add(shop[i]);
            }

            var merged = new PairCounts(Products);
            Array.ForEach(parts, p => merged.Merge(p.ToBytes()));
            for (var a = 0; a < Products.Length; a++)
            {
                for (var b = 0; b < Products.Length; b++)
                {
                    var both = shop.Count(h => Has(h, a) && Has(h, b));
                    Assert.Equal(both, merged[a, b]);
                }
            }

            static bool Has(Core.Profiles.PurchaseHistory h, int p) => h.Products.Any(x => x.Sku == Products[p]);
        });

    [Fact]
    public void Neighbours_are_ranked_by_cosine_and_then_sku()
    {
        // Buyers: a 4, b 4 (all of them with a), c 2 (with a), d 2 (with a), e 1 (with a).
        var baskets = new[] { "abcd", "abcd", "abe", "ab" };
        var pairs = new PairCounts(["a", "b", "c", "d", "e"]);
        for (var i = 0; i < baskets.Length; i++)
        {
            pairs.Add(ShopGen.HistoryOf("c" + i, ShopGen.Buy("1", 0, [.. baskets[i].Select(c => c.ToString())])));
        }

        var related = RelatedProducts.From(["a", "b", "c", "d", "e"], pairs);

        Assert.Equal(["b", "c", "d"], related.Of("a").ToArray().Select(n => related.Products[n.Product]));
        Assert.Equal([1f, (float)(2 / Math.Sqrt(8)), (float)(2 / Math.Sqrt(8))], related.Of("a").ToArray().Select(n => n.Cosine));
        Assert.Empty(related.Of("e").ToArray());
        Assert.Empty(related.Of("unknown").ToArray());
    }
}
