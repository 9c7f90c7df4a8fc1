using Campaigns.Core.Dispatch;
using Campaigns.Core.Jobs;
using Campaigns.Core.Offers;
using Campaigns.Core.Primitives;
using Campaigns.Core.Profiles;
using Campaigns.Core.Segments;

namespace Campaigns.Functions.Hosting;

/// <summary>Puts the recommender of the latest segments behind dispatch's port, with product names.</summary>
public sealed class Recommendations(SegmentReader segments, ProductNames names, Workspace workspace) : IRecommendations
{
    /// <summary>Products looked at beyond those that a message names, in place of some that are sold out.</summary>
    private const int MostSoldOut = 12;

    /// <inheritdoc/>
    public async ValueTask<IReadOnlyList<RecommendedProduct>> RecommendAsync(CustomerKey customer, PurchaseHistory history, CancellationToken cancellation)
    {
        if (await segments.LatestAsync(cancellation) is not { } snapshot)
        {
            return [];
        }

        var chosen = new List<Recommendation>();
        foreach (var one in new Recommender(snapshot).Recommend(history, Offer.RecommendedProducts + MostSoldOut, await workspace.NowAsync(cancellation)))
        {
            if (chosen.Count < Offer.RecommendedProducts && !await names.IsSoldOutAsync(one.Sku, cancellation))
            {
                chosen.Add(one);
            }
        }

        var skus = chosen.Select(c => c.Sku).Concat(chosen.Where(c => c.Because is not null).Select(c => c.Because!)).Distinct(StringComparer.Ordinal).ToList();
        var known = await names.OfAsync(skus, cancellation);
        return [.. chosen.Select(c => new RecommendedProduct(c.Sku, known.GetValueOrDefault(c.Sku, c.Sku), c.Reason(sku => known.GetValueOrDefault(sku))))];
    }

    /// <inheritdoc/>
    public async ValueTask<IReadOnlyList<RecommendedProduct>> NamedAsync(IReadOnlyList<string> skus, CancellationToken cancellation)
    {
        var known = await names.OfAsync(skus, cancellation);
        return [.. skus.Select(s => new RecommendedProduct(s, known.GetValueOrDefault(s, s), ""))];
    }
}
