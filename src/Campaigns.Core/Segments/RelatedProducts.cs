using Campaigns.Core.Storage;
using MemoryPack;

namespace Campaigns.Core.Segments;

/// <summary>
/// Which products are bought by the same customers: per product its nearest neighbours by the cosine of their sets of
/// buyers, c(a,b) ÷ √(n(a) · n(b)). Item-to-item collaborative filtering: Sarwar, Karypis, Konstan and Riedl (2001),
/// "Item-based collaborative filtering recommendation algorithms", §3.1.1; Linden, Smith and York (2003),
/// "Amazon.com recommendations: item-to-item collaborative filtering". Blob <c>jobs/{recompute}/related</c>.
/// </summary>
[MemoryPackable]
public sealed partial record RelatedProducts : IStoredRow
{
    private Dictionary<string, int>? indexes;

    /// <inheritdoc/>
    public static byte Version => 1;

    /// <summary>Products among which pairs are counted, the most bought: 2 million counts, 8 MB. Rarer ones have too few buyers for neighbours.</summary>
    public const int MaxProducts = 2_000;

    /// <summary>Neighbours kept per product: enough for a few recommendations after leaving out what the customer owns.</summary>
    public const int MaxNeighbours = 20;

    /// <summary>Customers who must have bought both: a pair in one basket is chance.</summary>
    public const int LeastPairCustomers = 2;

    /// <summary>The shop's most bought products, most buyers first.</summary>
    public string[] Products { get; init; } = [];

    /// <summary>Neighbours by product, nearest first.</summary>
    public Neighbour[][] Neighbours { get; init; } = [];

    /// <summary>A neighbour: position in <see cref="Products"/>, and cosine in (0, 1].</summary>
    [MemoryPackable]
    public readonly partial record struct Neighbour(int Product, float Cosine);

    /// <summary>Where the blob of a recompute stands.</summary>
    public static string BlobOf(string job) => $"jobs/{job}/related";

    /// <summary>The neighbours that follow from the counts; ties by sku.</summary>
    public static RelatedProducts From(string[] products, PairCounts pairs)
    {
        var neighbours = new Neighbour[products.Length][];
        var buyers = new int[products.Length];
        for (var product = 0; product < products.Length; product++)
        {
            buyers[product] = pairs[product, product];
        }

        // Each product is by itself, so the result does not depend on which core did what.
        Parallel.For(0, products.Length, () => new List<(int Product, long Both)>(MaxNeighbours + 1), (a, _, nearest) =>
        {
            neighbours[a] = NearestTo(a, products, buyers, pairs, nearest);
            return nearest;
        }, _ => { });
        return new RelatedProducts { Products = products, Neighbours = neighbours };
    }

    private static Neighbour[] NearestTo(int a, string[] products, int[] buyers, PairCounts pairs, List<(int Product, long Both)> nearest)
    {
        nearest.Clear();
        for (var b = 0; b < products.Length; b++)
        {
            var both = pairs[a, b];
            if (b == a || both < LeastPairCustomers || (nearest.Count == MaxNeighbours && !Before((b, both), nearest[^1])))
            {
                continue;
            }

            // From the end, where most that come in at all have their place.
            var place = nearest.Count;
            while (place > 0 && Before((b, both), nearest[place - 1]))
            {
                place--;
            }

            nearest.Insert(place, (b, both));
            nearest.RemoveRange(Math.Min(MaxNeighbours, nearest.Count), Math.Max(0, nearest.Count - MaxNeighbours));
        }

        return [.. nearest.ConvertAll(f => new Neighbour(f.Product, (float)(f.Both / Math.Sqrt((double)buyers[a] * buyers[f.Product]))))];

        // n(a) is the same for all: c²/n(b) decides, compared without division so that equal cosines are equal.
        bool Before((int Product, long Both) x, (int Product, long Both) y)
        {
            var by = ((Int128)y.Both * y.Both * buyers[x.Product]).CompareTo((Int128)x.Both * x.Both * buyers[y.Product]);
            return by < 0 || (by == 0 && string.CompareOrdinal(products[x.Product], products[y.Product]) < 0);
        }
    }

    /// <summary>The product's neighbours; none where it is not among the most bought.</summary>
    public ReadOnlySpan<Neighbour> Of(string sku)
    {
        if (indexes is null)
        {
            var map = new Dictionary<string, int>(Products.Length, StringComparer.Ordinal);
            for (var i = 0; i < Products.Length; i++)
            {
                map[Products[i]] = i;
            }

            indexes = map; // Two threads may both build it; either is right.
        }

        return indexes.TryGetValue(sku, out var index) ? Neighbours[index] : [];
    }
}
