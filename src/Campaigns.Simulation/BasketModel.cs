using System.Collections.Concurrent;
using Campaigns.Core.Ingest;
using Campaigns.Core.Primitives;

namespace Campaigns.Simulation;

/// <summary>
/// What is in a basket: 1 + Binomial(6, l) lines, each with a product of the taste and 1 + Binomial(4, u) units. The
/// expectations are exact sums over products and units of the very rounding that the generator does.
/// </summary>
internal sealed class BasketModel(Catalogue catalogue, bool unitCosts)
{
    private const int FurtherLines = 6;
    private const int FurtherUnits = 4;

    private readonly ConcurrentDictionary<(int Taste, double Share), double[]> _discounts = new();
    private readonly double[] _meanPrices = [.. Enumerable.Range(0, Catalogue.Tastes).Select(taste => Mean(catalogue, taste, product => product.PriceMinor))];
    private readonly double[] _meanCosts = [.. Enumerable.Range(0, Catalogue.Tastes).Select(taste => Mean(catalogue, taste, product => product.UnitCostMinor))];

    /// <summary>The probabilities of further lines and units that give this mean basket (minor units), as near as their range allows.</summary>
    public (double Lines, double Units) Shape(int taste, double meanMinor)
    {
        var units = meanMinor / _meanPrices[taste];
        var lines = Math.Clamp(1.2 * Math.Sqrt(units), 1, 1 + FurtherLines);
        return ((lines - 1) / FurtherLines, Math.Clamp(((units / lines) - 1) / FurtherUnits, 0, 1));
    }

    /// <summary>Draws the lines of an order at this discount.</summary>
    public List<OrderLine> Draw(ref Draws draws, Traits traits, double discountShare)
    {
        var count = 1 + draws.Binomial(FurtherLines, traits.LineProbability);
        var lines = new List<OrderLine>(count + 1);
        for (var i = 0; i < count; i++)
        {
            lines.Add(DrawLine(ref draws, traits, discountShare));
        }

        return lines;
    }

    /// <summary>Draws one line.</summary>
    public OrderLine DrawLine(ref Draws draws, Traits traits, double discountShare)
    {
        var product = catalogue.Products[catalogue.Draw(traits.Taste, draws.Uniform())];
        var units = 1 + draws.Binomial(FurtherUnits, traits.UnitProbability);
        return new OrderLine(
            product.Sku, units, product.PriceMinor * Money.UnitPriceScale, DiscountMinor(discountShare, units * (long)product.PriceMinor),
            unitCosts ? product.UnitCostMinor * Money.UnitPriceScale : null, product.Category);
    }

    /// <summary>Expected lines in an order.</summary>
    public static double ExpectedLines(Traits traits) => 1 + (FurtherLines * traits.LineProbability);

    /// <summary>Expected amount of one line: list price, unit cost and discount at this share, minor units.</summary>
    public LineAmounts ExpectedLine(Traits traits, double discountShare)
    {
        var units = 1 + (FurtherUnits * traits.UnitProbability);
        return new LineAmounts(units * _meanPrices[traits.Taste], units * _meanCosts[traits.Taste], ExpectedDiscount(traits, discountShare));
    }

    private static long DiscountMinor(double share, long listMinor) =>
        share > 0 ? (long)Math.Round(share * listMinor, MidpointRounding.AwayFromZero) : 0;

    private static double Mean(Catalogue catalogue, int taste, Func<Product, double> value)
    {
        var weights = catalogue.WeightsOf(taste);
        var sum = 0.0;
        for (var i = 0; i < weights.Length; i++)
        {
            sum += weights[i] * value(catalogue.Products[i]);
        }

        return sum;
    }

    private double ExpectedDiscount(Traits traits, double share)
    {
        if (share <= 0)
        {
            return 0;
        }

        var byUnits = _discounts.GetOrAdd((traits.Taste, share), key => [.. Enumerable.Range(1, 1 + FurtherUnits)
            .Select(units => Mean(catalogue, key.Taste, product => DiscountMinor(key.Share, units * (long)product.PriceMinor)))]);
        var (sum, u) = (0.0, traits.UnitProbability);
        var ways = 1.0;
        for (var further = 0; further <= FurtherUnits; further++)
        {
            sum += ways * Math.Pow(u, further) * Math.Pow(1 - u, FurtherUnits - further) * byUnits[further];
            ways = ways * (FurtherUnits - further) / (further + 1);
        }

        return sum;
    }
}

/// <summary>Expected amounts of a line or an order, minor units.</summary>
internal readonly record struct LineAmounts(double ListMinor, double CostMinor, double DiscountMinor);
