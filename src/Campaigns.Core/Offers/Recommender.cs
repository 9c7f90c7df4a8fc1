using System.Globalization;
using Campaigns.Core.Profiles;
using Campaigns.Core.Segments;

namespace Campaigns.Core.Offers;

/// <summary>Where a recommendation comes from.</summary>
public enum RecommendationBasis
{
    /// <summary>Customers who bought one of this customer's products bought it too.</summary>
    BoughtTogether = 1,

    /// <summary>The customer bought it more than once.</summary>
    BoughtAgain = 2,

    /// <summary>Many customers of the shop bought it.</summary>
    BestSeller = 3,

    /// <summary>The customer bought it lately; only where there is nothing else.</summary>
    BoughtLately = 4,
}

/// <summary>A product recommended to a customer.</summary>
/// <param name="Sku">Product.</param>
/// <param name="Basis">Where it comes from.</param>
/// <param name="Because">The product of the customer's own that it is bought with, or null.</param>
/// <param name="Times">Times that the customer bought it; 0 where never.</param>
/// <param name="DaysAgo">Days since the customer last bought it; 0 where never.</param>
public sealed record Recommendation(string Sku, RecommendationBasis Basis, string? Because = null, int Times = 0, int DaysAgo = 0)
{
    /// <summary>The reason in words, with product names from <paramref name="nameOf"/> (the sku where it gives null).</summary>
    public string Reason(Func<string, string?> nameOf) => Basis switch
    {
        RecommendationBasis.BoughtTogether => $"bought with {nameOf(Because!) ?? Because}, which you own",
        RecommendationBasis.BestSeller => "one of the shop's best sellers",
        _ => string.Create(CultureInfo.InvariantCulture, $"you bought it {(Times == 1 ? "once" : Times == 2 ? "twice" : $"{Times} times")}, last {DaysAgo} day{(DaysAgo == 1 ? "" : "s")} ago"),
    };
}

/// <summary>
/// Recommends products from a customer's own purchases and from those of similar customers: item-to-item collaborative
/// filtering (see <see cref="RelatedProducts"/>), own favourites, then the shop's best sellers. Pure and deterministic.
/// </summary>
public sealed class Recommender(RelatedProducts related, SegmentParameters parameters)
{
    private readonly HashSet<string> charges = new(parameters.Charges, StringComparer.Ordinal);

    /// <summary>Recommends by what a recompute found.</summary>
    public Recommender(SegmentSnapshot snapshot)
        : this(snapshot.Related, snapshot.Parameters)
    {
    }

    /// <summary>What was bought within this many days is left out where anything else is left: it is on its way, or not used up.</summary>
    public const int RecentDays = 30;

    /// <summary>Times a product was bought from which it is a favourite: once is no habit.</summary>
    public const int FavouriteLines = 2;

    /// <summary>
    /// Up to <paramref name="count"/> products, best first: in turn the one most like what the customer owns and the
    /// customer's own favourite, then best sellers, then what was bought lately. Ties are broken by sku.
    /// </summary>
    public IReadOnlyList<Recommendation> Recommend(PurchaseHistory history, int count, DateTimeOffset asOf)
    {
        var chosen = new List<Recommendation>(count);
        var skus = new HashSet<string>(StringComparer.Ordinal);
        var (similar, favourites) = (Similar(history), Favourites(history, asOf, recent: false));
        for (var (s, f) = (0, 0); chosen.Count < count && (s < similar.Count || f < favourites.Count);)
        {
            var next = f >= favourites.Count || (s < similar.Count && s <= f) ? similar[s++] : favourites[f++];
            Take(chosen, skus, next, count);
        }

        var owned = Owned(history);
        for (var i = 0; chosen.Count < count && i < parameters.TopProducts.Length; i++)
        {
            if (!owned.Contains(parameters.TopProducts[i]))
            {
                Take(chosen, skus, new Recommendation(parameters.TopProducts[i], RecommendationBasis.BestSeller), count);
            }
        }

        foreach (var lately in Favourites(history, asOf, recent: true))
        {
            Take(chosen, skus, lately, count);
        }

        return chosen;
    }

    private static void Take(List<Recommendation> chosen, HashSet<string> skus, Recommendation next, int count)
    {
        if (chosen.Count < count && skus.Add(next.Sku))
        {
            chosen.Add(next);
        }
    }

    private static HashSet<string> Owned(PurchaseHistory history)
    {
        var owned = new HashSet<string>(history.Products.Length, StringComparer.Ordinal);
        foreach (var product in history.Products)
        {
            owned.Add(product.Sku);
        }

        return owned;
    }

    /// <summary>Products that the customer does not own, by the sum of their cosines to those that it does; each with the owned one that it is nearest to.</summary>
    private List<Recommendation> Similar(PurchaseHistory history)
    {
        var owned = Owned(history);
        var scores = new Dictionary<int, (double Sum, float Best, string Because)>();
        foreach (var product in history.Products) // Stored oldest first: a fixed order of additions.
        {
            foreach (var neighbour in related.Of(product.Sku))
            {
                if (!owned.Contains(related.Products[neighbour.Product]))
                {
                    var (sum, best, because) = scores.GetValueOrDefault(neighbour.Product, (0, 0, product.Sku));
                    scores[neighbour.Product] = neighbour.Cosine > best
                        ? (sum + neighbour.Cosine, neighbour.Cosine, product.Sku)
                        : (sum + neighbour.Cosine, best, because);
                }
            }
        }

        var ranked = new List<(string Sku, double Sum, string Because)>(scores.Count);
        foreach (var (product, score) in scores)
        {
            ranked.Add((related.Products[product], score.Sum, score.Because));
        }

        ranked.Sort((a, b) => b.Sum.CompareTo(a.Sum) is not 0 and var by ? by : string.CompareOrdinal(a.Sku, b.Sku));
        return ranked.ConvertAll(r => new Recommendation(r.Sku, RecommendationBasis.BoughtTogether, r.Because));
    }

    /// <summary>The customer's own products, most often bought first: favourites that are not recent, or else all the recent ones, oldest purchase first.</summary>
    private List<Recommendation> Favourites(PurchaseHistory history, DateTimeOffset asOf, bool recent)
    {
        var own = new List<(Recommendation Item, DateTimeOffset LastAt)>();
        foreach (var product in history.Products)
        {
            var days = Math.Max(0, (asOf - product.LastAt).TotalDays);
            if (product.Sku.Length > 0 && !charges.Contains(product.Sku) && (recent ? days < RecentDays : days >= RecentDays && product.Lines >= FavouriteLines))
            {
                var basis = recent ? RecommendationBasis.BoughtLately : RecommendationBasis.BoughtAgain;
                own.Add((new Recommendation(product.Sku, basis, null, product.Lines, (int)days), product.LastAt));
            }
        }

        own.Sort((a, b) =>
            !recent && b.Item.Times != a.Item.Times ? b.Item.Times.CompareTo(a.Item.Times)
            : a.LastAt != b.LastAt ? a.LastAt.CompareTo(b.LastAt)
            : string.CompareOrdinal(a.Item.Sku, b.Item.Sku));
        return own.ConvertAll(o => o.Item);
    }
}
