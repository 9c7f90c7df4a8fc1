using Campaigns.Core.Jobs;
using Campaigns.Core.Profiles;
using Campaigns.Core.Profiles.Scores;
using MemoryPack;

namespace Campaigns.Core.Segments;

/// <summary>Buyers of every product and, where asked for, the prices that were paid: integers that merge by addition.</summary>
public sealed class ProductSurvey(bool withPrices)
{
    /// <summary>
    /// Far more distinct products than a shop of a million customers sells, and about 60 MB of counts. Above it the
    /// recompute is refused: dropping some would make results depend on the number of buckets.
    /// </summary>
    public const int MaxProducts = 250_000;

    /// <summary>Lines from which a product has a usual price: below, the median may be the discount itself.</summary>
    public const int UsualPriceLines = 5;

    private readonly Dictionary<string, int> indexes = new(StringComparer.Ordinal);
    private readonly List<string> skus = [];
    private readonly List<long> buyers = [];
    private readonly Dictionary<(int Sku, int Bin), long> prices = [];

    /// <summary>Counts a customer's products.</summary>
    public void Add(PurchaseHistory history)
    {
        foreach (var product in history.Products)
        {
            if (product.Sku.Length == 0 || product.Lines <= 0)
            {
                continue;
            }

            var index = IndexOf(product.Sku);
            buyers[index]++;
            if (withPrices && CheapLines.UnitPriceE4(product) is { } price)
            {
                AddPrice(index, OnePercentBins.Of(price), product.Lines);
            }
        }
    }

    /// <summary>Adds the counts of another bucket.</summary>
    public void Merge(ProductCounts other)
    {
        var price = 0;
        for (var i = 0; i < other.Skus.Length; i++)
        {
            var index = IndexOf(other.Skus[i]);
            buyers[index] += other.Buyers[i];
            for (var end = price + other.PriceBins[i]; price < end; price++)
            {
                AddPrice(index, other.Bins[price], other.Lines[price]);
            }
        }
    }

    /// <summary>The counts by sku: equal surveys give equal counts.</summary>
    public ProductCounts ToCounts()
    {
        var order = SkuOrder();
        var rank = new int[order.Length];
        for (var i = 0; i < order.Length; i++)
        {
            rank[order[i]] = i;
        }

        var cells = new (int Sku, int Bin, long Lines)[prices.Count];
        var at = 0;
        foreach (var ((sku, bin), lines) in prices)
        {
            cells[at++] = (rank[sku], bin, lines);
        }

        Array.Sort(cells);
        var counts = new ProductCounts
        {
            Skus = Array.ConvertAll(order, i => skus[i]),
            Buyers = Array.ConvertAll(order, i => buyers[i]),
            PriceBins = new int[order.Length],
            Bins = Array.ConvertAll(cells, c => c.Bin),
            Lines = Array.ConvertAll(cells, c => c.Lines),
        };
        foreach (var cell in cells)
        {
            counts.PriceBins[cell.Sku]++;
        }

        return counts;
    }

    private int[] SkuOrder()
    {
        var order = new int[skus.Count];
        for (var i = 0; i < order.Length; i++)
        {
            order[i] = i;
        }

        Array.Sort(order, (a, b) => string.CompareOrdinal(skus[a], skus[b]));
        return order;
    }

    private void AddPrice(int sku, int bin, long lines)
    {
        ref var cell = ref System.Runtime.InteropServices.CollectionsMarshal.GetValueRefOrAddDefault(prices, (sku, bin), out _);
        cell += lines;
    }

    private int IndexOf(string sku)
    {
        ref var index = ref System.Runtime.InteropServices.CollectionsMarshal.GetValueRefOrAddDefault(indexes, sku, out var exists);
        if (!exists)
        {
            if (skus.Count == MaxProducts)
            {
                throw new JobFailedException(
                    $"The orders name more than {MaxProducts:N0} distinct products, so segments were not recomputed. Import orders with the product's own id as sku, not an id per order line.");
            }

            index = skus.Count;
            skus.Add(sku);
            buyers.Add(0);
        }

        return index;
    }
}

/// <summary>What a <see cref="ProductSurvey"/> counted, by sku in ordinal order.</summary>
[MemoryPackable]
public sealed partial record ProductCounts
{
    /// <summary>Products.</summary>
    public string[] Skus { get; init; } = [];

    /// <summary>Customers among whose last products it is.</summary>
    public long[] Buyers { get; init; } = [];

    /// <summary>Number of the product's entries in <see cref="Bins"/> and <see cref="Lines"/>, which follow each other by product.</summary>
    public int[] PriceBins { get; init; } = [];

    /// <summary>1 % bins of the mean unit price that a customer paid, in minor units × 10⁴; ascending within a product.</summary>
    public int[] Bins { get; init; } = [];

    /// <summary>Lines at that price.</summary>
    public long[] Lines { get; init; } = [];

    /// <summary>
    /// Usual prices of the products seen often enough, and how many of their lines were cheap. The median over lines: a
    /// mean would follow the discounts. Its bin's upper end stands for it.
    /// </summary>
    public (string[] Skus, long[] PricesE4, long Cheap, long Judged) UsualPrices()
    {
        var (skus, usual) = (new List<string>(), new List<long>());
        var (cheap, judged, start) = (0L, 0L, 0);
        for (var i = 0; i < Skus.Length; i++)
        {
            var bins = Bins.AsSpan(start, PriceBins[i]);
            var lines = Lines.AsSpan(start, PriceBins[i]);
            start += PriceBins[i];
            var total = Sum(lines);
            if (total < ProductSurvey.UsualPriceLines)
            {
                continue;
            }

            var price = OnePercentBins.Upper(MedianBin(bins, lines, total));
            skus.Add(Skus[i]);
            usual.Add(price);
            judged += total;
            for (var b = 0; b < bins.Length; b++)
            {
                cheap += CheapLines.IsCheap(OnePercentBins.Upper(bins[b]), price) ? lines[b] : 0;
            }
        }

        return ([.. skus], [.. usual], cheap, judged);
    }

    /// <summary>The products by number of buyers, most first, ties by sku, without those that <paramref name="leaveOut"/> names.</summary>
    public string[] Top(int limit, IReadOnlySet<string> leaveOut)
    {
        var order = new List<int>(Skus.Length);
        for (var i = 0; i < Skus.Length; i++)
        {
            if (!leaveOut.Contains(Skus[i]))
            {
                order.Add(i);
            }
        }

        order.Sort((a, b) => Buyers[b].CompareTo(Buyers[a]) is not 0 and var by ? by : a.CompareTo(b));
        return [.. order.GetRange(0, Math.Min(limit, order.Count)).ConvertAll(i => Skus[i])];
    }

    private static long Sum(ReadOnlySpan<long> values)
    {
        var sum = 0L;
        foreach (var value in values)
        {
            sum += value;
        }

        return sum;
    }

    private static int MedianBin(ReadOnlySpan<int> bins, ReadOnlySpan<long> lines, long total)
    {
        var seen = 0L;
        for (var b = 0; b < bins.Length; b++)
        {
            seen += lines[b];
            if (seen * 2 >= total)
            {
                return bins[b];
            }
        }

        return 0;
    }
}
