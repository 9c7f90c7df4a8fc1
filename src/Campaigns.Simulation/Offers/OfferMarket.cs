using Campaigns.Core.Offers.Learning;
using Campaigns.Core.Primitives;

namespace Campaigns.Simulation.Offers;

/// <summary>
/// A market for the optimizer: segments with their conversion and baskets, offers with what they cost and change, a season. Drawn
/// from a seed as docs/simulation.md, "Markets for the optimizer", says; the policy sees none of it but the economics.
/// </summary>
public sealed class OfferMarket
{
    /// <summary>Segments, of equal size.</summary>
    public const int Segments = 5;

    /// <summary>Offers, beside nothing.</summary>
    public const int Arms = 3;

    private readonly double[] _rate = new double[Segments];
    private readonly double[] _logBasket = new double[Segments];
    private readonly double[][] _uplift;
    private readonly double[] _ratio = new double[Arms];
    private readonly double _sigma;
    private readonly double _seasonHeight;
    private readonly double _seasonStart;

    /// <param name="seed">Market.</param>
    /// <param name="effects">False: no message changes anything; it still costs what it costs.</param>
    public OfferMarket(ulong seed, bool effects)
    {
        var chance = new RandomStream(seed, 0x6D61726B6574);
        var margin = Between(ref chance, 0.3, 0.5);
        _sigma = Between(ref chance, 0.6, 1.0);
        (_seasonHeight, _seasonStart) = (Between(ref chance, 0, 0.3), chance.Uniform());
        for (var s = 0; s < Segments; s++)
        {
            _rate[s] = 0.01 * Math.Pow(5, chance.Uniform());
            _logBasket[s] = Math.Log(Between(ref chance, 3_000, 9_000));
        }

        Economics = new ArmEconomics[Arms];
        _uplift = Array.ConvertAll(new double[Segments], _ => new double[Arms]);
        for (var a = 0; a < Arms; a++)
        {
            var discount = chance.Uniform() < 0.5 ? 0 : Between(ref chance, 0.05, 0.2);
            Economics[a] = new ArmEconomics("offer-" + (a + 1), margin, discount, 0, Between(ref chance, 0.2, 6));
            var kind = chance.Uniform();
            var mean = kind < 0.3 ? 0 : kind < 0.5 ? -Between(ref chance, 0.001, 0.008) : Between(ref chance, 0.002, 0.02);
            var ratio = 0.05 * chance.Normal();
            _ratio[a] = effects ? ratio : 0;
            for (var s = 0; s < Segments; s++)
            {
                // Offers do not suit all alike: each segment has its own part, half of the mean as a standard deviation.
                var uplift = mean * (1 + (0.5 * chance.Normal()));
                _uplift[s][a] = effects ? uplift : 0;
            }
        }
    }

    /// <summary>What the offers cost.</summary>
    public ArmEconomics[] Economics { get; }

    /// <summary>Name of a segment.</summary>
    public static string Segment(int segment) => "segment-" + (segment + 1);

    /// <summary>Probability that a customer who draws the arm (−1: nothing) buys in this round, in [0, 1].</summary>
    public double Conversion(int segment, int arm, int round)
    {
        var season = 1 + (_seasonHeight * Math.Sin(2 * Math.PI * (_seasonStart + (round / 12.0))));
        return Math.Clamp(season * (_rate[segment] + (arm < 0 ? 0 : _uplift[segment][arm])), 0, 1);
    }

    /// <summary>Expected profit of one customer who draws the arm (−1: nothing), minor units, exact.</summary>
    public double ExpectedProfit(int segment, int arm, int round)
    {
        var basket = Math.Exp(_logBasket[segment] + (_sigma * _sigma / 2));
        var margin = Economics[0].MarginShare;
        return arm < 0
            ? Conversion(segment, arm, round) * basket * margin
            : (Conversion(segment, arm, round) * basket * Math.Exp(_ratio[arm]) * (margin - Economics[arm].DiscountShare)) - Economics[arm].SendCostMinor;
    }

    /// <summary>What a customer spends before discounts, minor units; 0 = no order.</summary>
    public long Spend(int segment, int arm, int round, ref RandomStream chance)
    {
        if (chance.Uniform() >= Conversion(segment, arm, round))
        {
            return 0;
        }

        var log = _logBasket[segment] + (arm < 0 ? 0 : _ratio[arm]) + (_sigma * chance.Normal());
        return Math.Max(1, (long)Math.Round(Math.Exp(log)));
    }

    private static double Between(ref RandomStream chance, double low, double high) => low + ((high - low) * chance.Uniform());
}
