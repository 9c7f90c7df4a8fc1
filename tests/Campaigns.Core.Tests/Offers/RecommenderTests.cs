using Campaigns.Core.Offers;
using Campaigns.Core.Profiles;
using Campaigns.Core.Segments;
using Campaigns.Core.Tests.Segments;
using CsCheck;

namespace Campaigns.Core.Tests.Offers;

public class RecommenderTests
{
    private static readonly DateTimeOffset AsOf = ShopGen.Start.AddDays(700);

    [Fact]
    public void Recommendations_are_distinct_products_of_the_shop_and_new_ones_come_with_their_reason() =>
        Gen.Select(ShopGen.Shop(20), ShopGen.History, Gen.Int[0, 6]).Sample((shop, history, count) =>
        {
            var got = Of(shop).Recommend(history, count, AsOf);
            var owned = history.Products.Select(p => p.Sku).ToHashSet(StringComparer.Ordinal);
            var sold = shop.Append(history).SelectMany(h => h.Products).Select(p => p.Sku).ToHashSet(StringComparer.Ordinal);

            Assert.True(got.Count <= count);
            Assert.Equal(got.Count, got.DistinctBy(r => r.Sku).Count());
            Assert.All(got, r =>
            {
                Assert.Contains(r.Sku, sold);
                Assert.Equal(r.Basis is RecommendationBasis.BoughtAgain or RecommendationBasis.BoughtLately, owned.Contains(r.Sku));
                Assert.True(r.Because is null || owned.Contains(r.Because));
                Assert.True(r.Basis != RecommendationBasis.BoughtAgain || (r.DaysAgo >= Recommender.RecentDays && r.Times >= Recommender.FavouriteLines));
            });
            // What was bought lately comes only when nothing else is left, so never before another.
            var bases = got.Select(r => r.Basis == RecommendationBasis.BoughtLately).ToList();
            Assert.Equal(bases.Order(), bases);
        });

    [Fact]
    public void Similar_products_and_own_favourites_take_turns()
    {
        var shop = Enumerable.Range(0, 5).Select(i => ShopGen.HistoryOf("s" + i, ShopGen.Buy("1", 0, "tea", "pot", i < 3 ? "cup" : "tin"))).ToArray();
        var history = ShopGen.HistoryOf(
            "c", [.. Enumerable.Range(0, 5).Select(i => ShopGen.Buy("o" + i, 600 + i, "tea")), ShopGen.Buy("x", 606, "pot")]);

        var got = Of(shop).Recommend(history, 3, AsOf);

        Assert.Equal(["cup", "tea", "tin"], got.Select(r => r.Sku));
        Assert.Equal(
            ["bought with Green tea, which you own", "you bought it 5 times, last 96 days ago", "bought with Green tea, which you own"],
            got.Select(r => r.Reason(sku => sku == "tea" ? "Green tea" : null)));
    }

    [Fact]
    public void A_newcomer_gets_the_best_sellers()
    {
        var shop = Enumerable.Range(0, 5).Select(i => ShopGen.HistoryOf("s" + i, ShopGen.Buy("1", 0, i < 3 ? ["b", "a"] : ["a"]))).ToArray();
        var got = Of(shop).Recommend(ShopGen.HistoryOf("c"), 3, AsOf);

        Assert.Equal([("a", RecommendationBasis.BestSeller), ("b", RecommendationBasis.BestSeller)], got.Select(r => (r.Sku, r.Basis)));
    }

    [Fact]
    public void What_was_just_bought_is_recommended_only_where_nothing_else_is_left()
    {
        var history = ShopGen.HistoryOf("c", ShopGen.Buy("1", 695, "a"), ShopGen.Buy("2", 698, "a"));

        Assert.Equal([("a", RecommendationBasis.BoughtLately)], Of([history]).Recommend(history, 3, AsOf).Select(r => (r.Sku, r.Basis)));
        var other = ShopGen.HistoryOf("d", ShopGen.Buy("1", 0, "b"));
        Assert.Equal("b", Of([history, other]).Recommend(history, 1, AsOf).Single().Sku);
    }

    private static Recommender Of(PurchaseHistory[] shop)
    {
        var parameters = ShopGen.ParametersOf(shop, AsOf, discountsKnown: true);
        var pairs = new PairCounts(parameters.TopProducts);
        Array.ForEach(shop, pairs.Add);
        return new Recommender(RelatedProducts.From(parameters.TopProducts, pairs), parameters);
    }
}
