using System.Globalization;

namespace Campaigns.Simulation;

/// <summary>A product of the generated shop.</summary>
/// <param name="Sku">Product id.</param>
/// <param name="Name">Name for messages.</param>
/// <param name="Category">Category.</param>
/// <param name="PriceMinor">List price, minor units.</param>
/// <param name="UnitCostMinor">What a unit costs the shop, minor units.</param>
public sealed record Product(string Sku, string Name, string Category, int PriceMinor, int UnitCostMinor);

/// <summary>
/// The shop's products, and the tastes by which customers choose: as many tastes as categories. A customer draws each line
/// from 70 % the own category, 15 % the next one, 15 % everything, by popularity 1/rank (Zipf): so products of a category are
/// bought by the same people, and co-purchase has something to find.
/// </summary>
internal sealed class Catalogue
{
    /// <summary>Products per category.</summary>
    public const int PerCategory = 25;

    private const double OwnShare = 0.70;
    private const double NextShare = 0.15;

    private static readonly (string Name, double MedianMinor, string[] Things)[] Categories =
    [
        ("Kitchen", 850, ["Mixing Bowl", "Measuring Jug", "Bread Knife", "Oven Glove", "Spice Jar"]),
        ("Tableware", 700, ["Tea Cup", "Dinner Plate", "Cake Stand", "Napkin Set", "Water Glass"]),
        ("Garden", 950, ["Plant Pot", "Watering Can", "Bird Feeder", "Trowel", "Seed Box"]),
        ("Stationery", 420, ["Notebook", "Pencil Tin", "Letter Set", "Calendar", "Ink Stamp"]),
        ("Lighting", 1900, ["Table Lamp", "Lantern", "Fairy Lights", "Candle Holder", "Night Light"]),
        ("Textiles", 1300, ["Cushion Cover", "Tea Towel", "Throw", "Table Runner", "Door Mat"]),
        ("Toys", 900, ["Wooden Puzzle", "Skipping Rope", "Building Blocks", "Hand Puppet", "Card Game"]),
        ("Bath", 650, ["Soap Dish", "Hand Towel", "Bath Salts", "Wash Bag", "Sponge"]),
        ("Storage", 1150, ["Tin Box", "Wicker Basket", "Shelf Crate", "Hook Rail", "Laundry Bag"]),
        ("Seasonal", 600, ["Bauble", "Paper Star", "Egg Cup", "Wreath", "Advent Box"]),
        ("Travel", 1500, ["Picnic Bag", "Flask", "Lunch Box", "Umbrella", "Luggage Tag"]),
        ("Crafts", 550, ["Ribbon Reel", "Sewing Kit", "Button Jar", "Felt Pack", "Knitting Set"]),
    ];

    private static readonly string[] Looks = ["Red Spotted", "Blue Striped", "Vintage", "Ivory", "Rustic"];

    private readonly double[][] _cumulative;
    private readonly double[][] _weights;

    public Catalogue(ulong seed)
    {
        Products = Make(seed);
        _weights = [.. Enumerable.Range(0, Tastes).Select(Weights)];
        _cumulative = [.. _weights.Select(weights =>
        {
            var sum = 0.0;
            return weights.Select(weight => sum += weight).ToArray();
        })];
    }

    /// <summary>Tastes, one per category.</summary>
    public static int Tastes => Categories.Length;

    /// <summary>All products; their order is that of their numbers.</summary>
    public Product[] Products { get; }

    /// <summary>Probability of each product on a line of a customer with this taste; sums to 1.</summary>
    public ReadOnlySpan<double> WeightsOf(int taste) => _weights[taste];

    /// <summary>Draws a product for the taste.</summary>
    public int Draw(int taste, double uniform)
    {
        var cumulative = _cumulative[taste];
        var at = Array.BinarySearch(cumulative, uniform);
        return Math.Min(at >= 0 ? at + 1 : ~at, cumulative.Length - 1);
    }

    private static Product[] Make(ulong seed)
    {
        var products = new Product[Tastes * PerCategory];
        for (var i = 0; i < products.Length; i++)
        {
            var draws = new Draws(seed, (ulong)i, purpose: Purpose.Catalogue);
            var (category, median, things) = Categories[i / PerCategory];
            var within = i % PerCategory;
            var price = Math.Clamp(median * Math.Exp(0.35 * draws.Normal()), 150, 6_000);
            var priceMinor = ((int)(price / 50) * 50) + (draws.Chance(0.6) ? 49 : 25);
            var cost = (int)Math.Round(priceMinor * (0.40 + (0.15 * draws.Uniform())));
            var sku = string.Create(CultureInfo.InvariantCulture, $"P{1000 + i}");
            products[i] = new Product(sku, $"{Looks[within % Looks.Length]} {things[within / Looks.Length]}", category, priceMinor, cost);
        }

        return products;
    }

    private static double[] Weights(int taste)
    {
        var weights = new double[Tastes * PerCategory];
        var harmonic = Enumerable.Range(1, PerCategory).Sum(rank => 1.0 / rank);
        for (var i = 0; i < weights.Length; i++)
        {
            var category = i / PerCategory;
            var share = ((1 - OwnShare - NextShare) / Tastes)
                + (category == taste ? OwnShare : 0)
                + (category == (taste + 1) % Tastes ? NextShare : 0);
            weights[i] = share / ((i % PerCategory) + 1) / harmonic;
        }

        return weights;
    }
}
