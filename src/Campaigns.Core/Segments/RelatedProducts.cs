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
        var found = new List<(int Product, long Both, long Buyers)>();
        for (var a = 0; a < products.Length; a++)
        {
            found.Clear();
            for (var b = 0; b < products.Length; b++)
            {
                if (b != a && pairs[a, b] >= LeastPairCustomers)
                {
                    found.Add((b, pairs[a, b], pairs[b, b]));
                }
            }

            // n(a) is the same for all: c²/n(b) decides, compared without division so that equal cosines are equal.
            found.Sort((x, y) => ((Int128)y.Both * y.Both * x.Buyers).CompareTo((Int128)x.Both * x.Both * y.Buyers) is not 0 and var by
                ? by
                : string.CompareOrdinal(products[x.Product], products[y.Product]));
            var buyers = pairs[a, a];
            neighbours[a] = [.. found.GetRange(0, Math.Min(MaxNeighbours, found.Count)).ConvertAll(
                f => new Neighbour(f.Product, (float)(f.Both / Math.Sqrt((double)buyers * f.Buyers))))];
        }

        return new RelatedProducts { Products = products, Neighbours = neighbours };
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
