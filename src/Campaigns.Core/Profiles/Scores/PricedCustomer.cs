using MemoryPack;

namespace Campaigns.Core.Profiles.Scores;

/// <summary>A sampled customer's products with the mean price paid: judged once the usual prices are known, which is after the scan.</summary>
/// <param name="Hash">Hash of the customer id: decides whether it is in the sample.</param>
/// <param name="Skus">Products with a price.</param>
/// <param name="PaidE4">Mean unit price paid, in minor units × 10⁴.</param>
/// <param name="Lines">Lines with the product.</param>
[MemoryPackable]
public sealed partial record PricedCustomer(ulong Hash, string[] Skus, long[] PaidE4, int[] Lines) : ISampled, IComparable<PricedCustomer>
{
    /// <summary>The history's products that have a price.</summary>
    public static PricedCustomer Of(ulong hash, PurchaseHistory history)
    {
        var (skus, paid, lines) = (new List<string>(), new List<long>(), new List<int>());
        foreach (var product in history.Products)
        {
            if (CheapLines.UnitPriceE4(product) is { } price)
            {
                skus.Add(product.Sku);
                paid.Add(price);
                lines.Add(product.Lines);
            }
        }

        return new PricedCustomer(hash, [.. skus], [.. paid], [.. lines]);
    }

    /// <summary>Cheap lines and judged lines against the usual prices (minor units × 10⁴ by sku).</summary>
    public CheapLines Judge(Func<string, long?> usualPriceE4)
    {
        var (cheap, judged) = (0L, 0L);
        for (var i = 0; i < Skus.Length; i++)
        {
            if (usualPriceE4(Skus[i]) is { } usual)
            {
                judged += Lines[i];
                cheap += CheapLines.IsCheap(PaidE4[i], usual) ? Lines[i] : 0;
            }
        }

        return new CheapLines(cheap, judged);
    }

    /// <inheritdoc/>
    public int CompareTo(PricedCustomer? other)
    {
        if (other is null)
        {
            return 1;
        }

        var bySkus = Skus.AsSpan().SequenceCompareTo(other.Skus);
        var byPaid = bySkus != 0 ? bySkus : PaidE4.AsSpan().SequenceCompareTo(other.PaidE4);
        return byPaid != 0 ? byPaid : Lines.AsSpan().SequenceCompareTo(other.Lines);
    }
}
