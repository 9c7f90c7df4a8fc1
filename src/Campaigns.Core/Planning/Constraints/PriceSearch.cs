using Campaigns.Core.Offers.Learning;
using Campaigns.Core.Primitives;

namespace Campaigns.Core.Planning.Constraints;

/// <summary>
/// The lowest prices at which a run keeps within all that is short: Lagrange multipliers of its constraints (Everett 1963,
/// "Generalized Lagrange multiplier method", Operations Research 11, 399–417), by bisection for one, together for several. At them each joint draw's winner is the best use of what is short, given what is known.
/// </summary>
internal sealed class PriceSearch
{
    /// <summary>A price is met to one part in 2²⁰, far below a draw's share of a probability.</summary>
    private const int Halvings = 20;

    /// <summary>Doublings of a price after which it is taken to be no use: floors alone go beyond the constraint, and the ceiling ends the run.</summary>
    private const int Doublings = 40;

    /// <summary>Rounds over several constraints at most: steps of e^±.7 shrink below a millionth in a fifth of them.</summary>
    private const int Rounds = 200;

    /// <summary>A duality gap that no further round is worth: the draws themselves are not better known.</summary>
    private const double GapEnough = 0.004;

    /// <summary>Several constraints are aimed at so far inside: prices that end a hair too low would not fit.</summary>
    private const double Aim = 0.998;

    /// <summary>The first step of a price, as a logarithm: doubling or halving it.</summary>
    private const double FirstStep = 0.7;

    /// <summary>A price of this share of its first guess is none.</summary>
    private const double Negligible = 1e-4;

    private readonly AudienceClass[] classes;
    private readonly PolicyOutlook outlook;
    private readonly double microsPerMinor;
    private readonly long[] customers;
    private readonly string[] treatments;
    private readonly List<Limit> limits = [];
    private readonly double[] prices;

    /// <summary>Something that is short.</summary>
    /// <param name="Name">In words.</param>
    /// <param name="Most">The most there is.</param>
    /// <param name="Use">What a table is expected to use of it.</param>
    /// <param name="Start">A price of the right size to begin with, &gt; 0.</param>
    /// <param name="PerMessage">How much of it one message of each variant takes, by place among the variants; null = what it spends.</param>
    private sealed record Limit(string Name, double Most, Func<PolicyTable, double> Use, double Start, double[]? PerMessage);

    public PriceSearch(RunInputs inputs, AudienceClass[] classes, PolicyOutlook outlook, double microsPerMinor)
    {
        (this.classes, this.outlook, this.microsPerMinor) = (classes, outlook, microsPerMinor);
        customers = Array.ConvertAll(classes, c => c.Customers);
        treatments = [.. inputs.Campaign.Treatments.Select(t => t.Id)];
        // What a message earns at most, give or take: the size of prices per message.
        var perMessage = Math.Max(outlook.Means().SelectMany(m => m).Max(m => m?.Profit ?? 0), 1e-3);
        if (inputs.BudgetMicros is { } budget)
        {
            limits.Add(new Limit(inputs.BudgetName, budget / microsPerMinor, t => SpendOf(t).Upper, 0.1, null));
        }

        if (inputs.Campaign.MaxSends is { } most)
        {
            limits.Add(new Limit("messages", most, t => Messages(t, null), perMessage, Array.ConvertAll(treatments, _ => 1.0)));
        }

        if (inputs.MaxSendCostMicros is { } cost)
        {
            limits.Add(new Limit("sending cost", cost / microsPerMinor, SendingOf, 0.1, Array.ConvertAll(treatments, MeanSendCost)));
        }

        limits.AddRange(inputs.Campaign.Treatments.Where(t => t.Offer.Stock is not null).Select(t => new Limit(
            "stock of " + t.Id, t.Offer.Stock!.Value, table => Messages(table, t.Id), perMessage, Array.ConvertAll(treatments, other => other == t.Id ? 1.0 : 0))));
        prices = new double[limits.Count];
    }

    /// <summary>Price of the budget, per unit; 0 where it does not bind or there is none.</summary>
    public double BudgetPrice => limits.Select((l, i) => l.PerMessage is null ? prices[i] : 0).Sum();

    /// <summary>The table within all constraints, as far as floors allow, and the constraints that shaped it.</summary>
    public (PolicyTable Table, string[] Binding) Fit()
    {
        var alone = Enumerable.Range(0, prices.Length).Select(PriceAlone).ToArray();
        alone.CopyTo(prices, 0);
        if (limits.Count > 1)
        {
            Balance();
        }

        return (TableNow(), [.. limits.Where((_, i) => prices[i] > 0).Select(l => l.Name)]);
    }

    /// <summary>
    /// Where several things are short, each price rises while its use lies above the most and falls while below, in steps that
    /// grow while they lead in one direction and are halved when they lead too far (Riedmiller and Braun 1993, "RPROP"). The best
    /// prices seen within all constraints stay.
    /// </summary>
    private void Balance()
    {
        var (best, least) = ((double[])prices.Clone(), double.PositiveInfinity);
        var (step, rising) = (Array.ConvertAll(prices, _ => FirstStep), Array.ConvertAll(prices, _ => false));
        for (var i = 0; i < prices.Length; i++)
        {
            prices[i] = Math.Max(prices[i], limits[i].Start * Negligible);
        }

        for (var round = 0; round < Rounds && least > GapEnough; round++)
        {
            var table = TableNow();
            var uses = limits.ConvertAll(l => l.Use(table));
            var gap = uses.Zip(limits).All(u => u.First <= u.Second.Most) ? GapShare(table) : double.PositiveInfinity;
            (best, least) = gap < least ? ((double[])prices.Clone(), gap) : (best, least);
            for (var i = 0; i < prices.Length; i++)
            {
                var rises = uses[i] > Aim * limits[i].Most;
                step[i] = round == 0 ? step[i] : rises == rising[i] ? Math.Min(step[i] * 1.2, 2 * FirstStep) : step[i] / 2;
                rising[i] = rises;
                prices[i] = Math.Max(prices[i] * Math.Exp(rises ? step[i] : -step[i]), limits[i].Start * Negligible);
            }
        }

        for (var i = 0; i < prices.Length; i++)
        {
            prices[i] = best[i] <= limits[i].Start * Negligible ? 0 : best[i];
        }
    }

    /// <summary>What a table is expected to spend, in all.</summary>
    public SpendForecast SpendOf(PolicyTable table) => outlook.Forecast(table, customers);

    /// <summary>Expected cost of a table's messages, minor units.</summary>
    public double SendingOf(PolicyTable table) => classes.Select((c, i) => table.Cells[i].Arms.Select((a, j) => a.PartsPerMillion * (c.SendCostMicros[j] / microsPerMinor)).Sum()).Sum() / StableHash.Million;

    /// <summary>Expected profit of a table over sending nothing, minor units.</summary>
    public double ProfitOf(PolicyTable table) => table.Cells.Select((c, i) => customers[i] * c.Arms.Sum(a => a.PartsPerMillion * a.ProfitMinor)).Sum() / StableHash.Million;

    /// <summary>What unused constraints would be worth at their prices, against what the table earns: the duality gap.</summary>
    public double GapShare(PolicyTable table)
    {
        var slack = limits.Select((l, i) => prices[i] == 0 ? 0 : prices[i] * Math.Max(0, l.Most - l.Use(table))).Sum();
        var profit = ProfitOf(table);
        return slack == 0 ? 0 : profit <= 0 ? 1 : slack / (profit + slack);
    }

    /// <summary>The lowest price at which the constraint holds if nothing else is short; 0 where it needs none.</summary>
    private double PriceAlone(int limit)
    {
        var (most, use) = (limits[limit].Most, limits[limit].Use);
        double UseAt(double price)
        {
            Array.Clear(prices);
            prices[limit] = price;
            return use(TableNow());
        }

        if (UseAt(0) <= most)
        {
            return 0;
        }

        var (low, high) = (0.0, limits[limit].Start);
        for (var i = 0; i < Doublings && UseAt(high) > most; i++)
        {
            (low, high) = (high, high * 2);
        }

        for (var i = 0; i < Halvings; i++)
        {
            var middle = (low + high) / 2;
            (low, high) = UseAt(middle) > most ? (middle, high) : (low, middle);
        }

        return high;
    }

    private PolicyTable TableNow()
    {
        var charges = new double[treatments.Length];
        for (var i = 0; i < limits.Count; i++)
        {
            for (var t = 0; t < charges.Length && limits[i].PerMessage is { } uses; t++)
            {
                charges[t] += prices[i] * uses[t];
            }
        }

        return outlook.At(new PolicyPrices(BudgetPrice, treatments.Zip(charges).ToDictionary(c => c.First, c => c.Second, StringComparer.Ordinal)));
    }

    private double Messages(PolicyTable table, string? treatment) => table.Cells.Select((c, i) => customers[i] * c.Arms
        .Where(a => treatment is null || string.Equals(a.Treatment, treatment, StringComparison.Ordinal)).Sum(a => (double)a.PartsPerMillion)).Sum() / StableHash.Million;

    private double MeanSendCost(string treatment)
    {
        var (cost, count) = (0.0, 0L);
        foreach (var group in classes)
        {
            var at = Array.IndexOf(group.Eligible.Split('|'), treatment);
            (cost, count) = at < 0 ? (cost, count) : (cost + (group.SendCostMicros[at] / microsPerMinor), count + group.Customers);
        }

        return count == 0 ? 0 : cost / count;
    }
}
