using Campaigns.Core.Primitives;
using Campaigns.Core.Profiles;

namespace Campaigns.Core.Dispatch;

/// <summary>Chooses products for a message at the moment of sending. Owned here because only dispatch asks; Offers' recommender stands behind it.</summary>
public interface IRecommendations
{
    /// <summary>At most <c>Offer.RecommendedProducts</c> products for the customer, best first; may be empty.</summary>
    ValueTask<IReadOnlyList<RecommendedProduct>> RecommendAsync(CustomerKey customer, PurchaseHistory history, CancellationToken cancellation);

    /// <summary>The products of a bundle, with their names where these are known.</summary>
    ValueTask<IReadOnlyList<RecommendedProduct>> NamedAsync(IReadOnlyList<string> skus, CancellationToken cancellation) =>
        ValueTask.FromResult<IReadOnlyList<RecommendedProduct>>([.. skus.Select(s => new RecommendedProduct(s, s, ""))]);
}

/// <summary>A product for a message.</summary>
/// <param name="Sku">Product.</param>
/// <param name="Name">Its name for people.</param>
/// <param name="Reason">Why this one, for people: "goes with your last order".</param>
public sealed record RecommendedProduct(string Sku, string Name, string Reason);
