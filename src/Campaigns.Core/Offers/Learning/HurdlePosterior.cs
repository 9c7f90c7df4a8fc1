using Campaigns.Core.Primitives;

namespace Campaigns.Core.Offers.Learning;

/// <summary>
/// Joint draws of what every arm earns per customer over nothing: whether customers buy (uplift by segment and arm, pooled), and
/// how much they then spend (one log-ratio per arm). See docs/optimizer.md, "What is known of an offer".
/// </summary>
internal sealed class HurdlePosterior
{
    /// <summary>Joint draws: a probability of being best then errs by at most 1.6 points.</summary>
    public const int Draws = 1000;

    /// <summary>Scale of ω, the spread of arms' effects, in units of the campaign's conversion: offers that change it by half are rare, by a quarter usual.</summary>
    internal const double OmegaScale = 0.5;

    /// <summary>Scale of τ, the spread between segments, in the same unit: half of ω's.</summary>
    internal const double TauScale = 0.25;

    /// <summary>Prior SD of an arm's log-ratio of spending: a message changes who buys far more than how much.</summary>
    internal const double RatioScale = 0.1;

    /// <summary>Customers' worth of the parent's rate in a segment's, and of the segment's in a cell's.</summary>
    private const double RateCustomers = 200;

    /// <summary>Conversions' worth of the campaign's mean log spending in a segment's: variance within ÷ variance between segments.</summary>
    private const double BasketConversions = 5;

    private readonly HurdleSums _sums;
    private readonly ulong _seed;
    private readonly double[][][] _uplift;
    private readonly double[][] _ratio;
    private readonly double[] _meanRatio;
    private readonly double _smearing;

    public HurdlePosterior(HurdleSums sums, ulong seed)
    {
        (_sums, _seed) = (sums, seed);
        var arms = sums.Arms.Length;
        var posterior = new UpliftPosterior(sums.Conversion, arms, OmegaScale * sums.Rate, TauScale * sums.Rate);
        var chance = new RandomStream(seed);
        _uplift = new double[Draws][][];
        for (var draw = 0; draw < Draws; draw++)
        {
            _uplift[draw] = Array.ConvertAll(sums.Segments, _ => new double[arms]);
            posterior.Draw(draw, Draws, ref chance, _uplift[draw]);
        }

        (_meanRatio, _ratio) = Ratios(sums.Spending, arms, seed);
        _smearing = Smearing();
    }

    /// <summary>What each arm earns over nothing and spends per customer, draw by draw, in a cell of this segment and these variants.</summary>
    /// <param name="segment">Segment, by its place among the segments.</param>
    /// <param name="eligible">Variants in ordinal order, joined by "|".</param>
    /// <param name="arms">By their places among the arms.</param>
    /// <param name="economics">Of each of <paramref name="arms"/>.</param>
    public ArmDraws[] Draw(int segment, string eligible, int[] arms, ArmEconomics[] economics)
    {
        var name = _sums.Segments[segment];
        var (rate, share, customers) = Now(name, eligible);
        var basket = Basket(name);
        var spread = Math.Sqrt(rate * (1 - rate) / customers);
        var chance = new RandomStream(_seed, StableHash.Of(name, eligible));
        var drawn = Array.ConvertAll(arms, _ => new ArmDraws(new double[Draws], new double[Draws], 0));
        for (var draw = 0; draw < Draws; draw++)
        {
            var uplift = _uplift[draw][segment];
            // All arms' conversion is known well; what nothing brings is that without the messages' part in it.
            var nothing = rate + (spread * chance.Normal());
            for (var a = 0; a < share.Length; a++)
            {
                nothing -= share[a] * uplift[a];
            }

            nothing = Math.Max(nothing, 0);
            for (var i = 0; i < arms.Length; i++)
            {
                var terms = economics[i];
                var spending = basket * Math.Exp(_ratio[draw][arms[i]]);
                var converts = Math.Max(nothing + uplift[arms[i]], 0);
                var perConversion = (spending * (terms.MarginShare - terms.DiscountShare)) - terms.BenefitCostMinor;
                drawn[i].Profit[draw] = (converts * perConversion) - terms.SendCostMinor - (nothing * basket * terms.MarginShare);
                drawn[i].Spend[draw] = (converts * ((spending * terms.DiscountShare) + terms.BenefitCostMinor)) + terms.SendCostMinor;
            }
        }

        return [.. drawn.Select((d, i) => d with { SpendSquare = SpendSquare(d.Spend.Average() - economics[i].SendCostMinor, basket, economics[i]) })];
    }

    /// <summary>
    /// Mean square of what one customer is given and sent: given away only with a conversion, lognormal like spending, whose
    /// mean square is exp(σ²) times the square of its mean.
    /// </summary>
    private double SpendSquare(double given, double basket, ArmEconomics terms) =>
        (given * ((basket * terms.DiscountShare * Math.Exp(_sums.LogVariance)) + terms.BenefitCostMinor)) + (2 * given * terms.SendCostMinor) + (terms.SendCostMinor * terms.SendCostMinor);

    /// <summary>Conversion over all arms now, each arm's share in it, and the customers on which they rest: cell from segment from campaign.</summary>
    private (double Rate, double[] Share, double Customers) Now(string segment, string eligible)
    {
        var all = _sums.All;
        var (rate, customers) = (all.Conversions / all.Customers, all.Customers);
        var share = Array.ConvertAll(all.ByArm, n => n / all.Customers);
        foreach (var level in (ReadOnlySpan<Level>)[_sums.Segment(segment), _sums.Level(segment, eligible)])
        {
            customers = level.Customers + RateCustomers;
            rate = (level.Conversions + (RateCustomers * rate)) / customers;
            for (var a = 0; a < share.Length; a++)
            {
                share[a] = (level.ByArm[a] + (RateCustomers * share[a])) / customers;
            }
        }

        return (rate, share, customers);
    }

    /// <summary>Mean of log spending without messages in a segment, shrunk.</summary>
    private double LogBasket(Level level)
    {
        var all = (_sums.All.LogSpend - Shift(_sums.All)) / _sums.All.Conversions;
        return (level.LogSpend - Shift(level) + (BasketConversions * all)) / (level.Conversions + BasketConversions);
    }

    private double Shift(Level level)
    {
        var shift = 0.0;
        for (var a = 0; a < _meanRatio.Length; a++)
        {
            shift += level.ConversionsByArm[a] * _meanRatio[a];
        }

        return shift;
    }

    /// <summary>Spending per conversion without messages, minor units.</summary>
    private double Basket(string segment) => Math.Exp(LogBasket(_sums.Segment(segment))) * _smearing;

    /// <summary>
    /// From mean log to mean: what was spent ÷ what the exponentials of mean logs sum to, over all. Right whatever the shape of
    /// the errors, as long as segments share it. Duan (1983), "Smearing estimate", JASA 78, 605–610.
    /// </summary>
    private double Smearing()
    {
        var fitted = 0.0;
        foreach (var segment in _sums.Segments)
        {
            var level = _sums.Segment(segment);
            var weight = level.Conversions - level.ConversionsByArm.Sum();
            for (var a = 0; a < _meanRatio.Length; a++)
            {
                weight += level.ConversionsByArm[a] * Math.Exp(_meanRatio[a]);
            }

            fitted += weight * Math.Exp(LogBasket(level));
        }

        return fitted > 0 ? _sums.All.SpendMinor / fitted : 1;
    }

    private static (double[] Mean, double[][] Draws) Ratios(Contrasts spending, int arms, ulong seed)
    {
        var information = (double[])spending.J.Clone();
        for (var a = 0; a < arms; a++)
        {
            information[(a * arms) + a] += 1 / (RatioScale * RatioScale);
        }

        var factor = new SmallCholesky(information, arms);
        var mean = (double[])spending.H.Clone();
        factor.Solve(mean);
        var chance = new RandomStream(seed, 1);
        var draws = new double[Draws][];
        for (var draw = 0; draw < Draws; draw++)
        {
            var noise = new double[arms];
            for (var a = 0; a < arms; a++)
            {
                noise[a] = chance.Normal();
            }

            factor.SolveTransposed(noise);
            draws[draw] = noise;
            for (var a = 0; a < arms; a++)
            {
                noise[a] += mean[a];
            }
        }

        return (mean, draws);
    }
}

/// <summary>Joint draws of one arm in one cell, per customer who gets it, minor units.</summary>
/// <param name="Profit">Profit over nothing.</param>
/// <param name="Spend">Discounts, benefits and sending.</param>
/// <param name="SpendSquare">Mean square of one customer's spending.</param>
internal sealed record ArmDraws(double[] Profit, double[] Spend, double SpendSquare);
