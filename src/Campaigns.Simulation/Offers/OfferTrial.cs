using Campaigns.Core.Offers.Learning;

namespace Campaigns.Simulation.Offers;

/// <summary>Many markets of one size, and what the policy came to in them.</summary>
public sealed record OfferTrial
{
    /// <summary>Rounds against the best single treatment: the last five.</summary>
    public const int LateRounds = 5;

    /// <summary>Share held out in the trials.</summary>
    public const int HoldoutPartsPerMillion = 100_000;

    /// <summary>Customers per round.</summary>
    public required int Customers { get; init; }

    /// <summary>Rounds.</summary>
    public required int Rounds { get; init; }

    /// <summary>Markets.</summary>
    public required int Seeds { get; init; }

    /// <summary>Cumulative regret against the oracle ÷ that of uniform, summed over markets, after each round.</summary>
    public required double[] RegretShare { get; init; }

    /// <summary>Share of markets in which that ratio ends below a half, in [0, 1].</summary>
    public required double BelowHalf { get; init; }

    /// <summary>Profit of the last five rounds over that of the best single treatment in hindsight, less 1: median over markets.</summary>
    public required double LateMedian { get; init; }

    /// <summary>Its 5th percentile.</summary>
    public required double LateLow { get; init; }

    /// <summary>Cumulative profit over that of sending to nobody, less 1: median over markets.</summary>
    public required double NobodyMedian { get; init; }

    /// <summary>Its 5th percentile.</summary>
    public required double NobodyLow { get; init; }

    /// <summary>All markets together: profit over nobody's, less 1.</summary>
    public required double NobodyTotal { get; init; }

    /// <summary>Share of the cells (segment × offer) that the last table calls gains.</summary>
    public required double GainShare { get; init; }

    /// <summary>Share of markets with any such cell.</summary>
    public required double AnyGain { get; init; }

    /// <summary>Share of cells that are blocked in the last round.</summary>
    public required double BlockedShare { get; init; }

    /// <summary>Share of cells that are blocked although the offer earns something there.</summary>
    public required double FalselyBlocked { get; init; }

    /// <summary>Plays the markets of seeds 1 … <paramref name="seeds"/>, side by side; the figures do not depend on the order in which they end.</summary>
    /// <param name="customers">Per round, ≥ 1.</param>
    /// <param name="rounds">≥ 1.</param>
    /// <param name="seeds">≥ 1.</param>
    /// <param name="effects">False: no message changes anything.</param>
    /// <param name="done">Called after each market.</param>
    /// <param name="cancellation">Stops it.</param>
    public static OfferTrial Run(int customers, int rounds, int seeds, bool effects, Action? done = null, CancellationToken cancellation = default)
    {
        var terms = new PolicyTerms(HoldoutPartsPerMillion, PolicyTerms.UsualFloorPartsPerMillion, 0);
        var courses = new CampaignCourse[seeds];
        Parallel.For(0, seeds, new ParallelOptions { CancellationToken = cancellation, MaxDegreeOfParallelism = Environment.ProcessorCount }, i =>
        {
            courses[i] = OfferCampaign.Play(new OfferMarket((ulong)i + 1, effects), customers, rounds, (ulong)i + 1, terms);
            done?.Invoke();
        });
        return Of(courses, customers, rounds);
    }

    private static OfferTrial Of(CampaignCourse[] courses, int customers, int rounds)
    {
        var late = courses.Select(c => Late(c, rounds)).Order().ToArray();
        var nobody = courses.Select(c => (c.Profit.Sum() / c.Nobody.Sum()) - 1).Order().ToArray();
        const double Cells = OfferMarket.Segments * OfferMarket.Arms;
        return new OfferTrial
        {
            Customers = customers,
            Rounds = rounds,
            Seeds = courses.Length,
            RegretShare = [.. Enumerable.Range(1, rounds).Select(r => courses.Sum(c => Regret(c, c.Profit, r)) / courses.Sum(c => Regret(c, c.Uniform, r)))],
            BelowHalf = courses.Count(c => Regret(c, c.Profit, rounds) < 0.5 * Regret(c, c.Uniform, rounds)) / (double)courses.Length,
            LateMedian = Quantile(late, 0.5),
            LateLow = Quantile(late, 0.05),
            NobodyMedian = Quantile(nobody, 0.5),
            NobodyLow = Quantile(nobody, 0.05),
            NobodyTotal = (courses.Sum(c => c.Profit.Sum()) / courses.Sum(c => c.Nobody.Sum())) - 1,
            GainShare = courses.Average(c => c.Gains) / Cells,
            AnyGain = courses.Count(c => c.Gains > 0) / (double)courses.Length,
            BlockedShare = courses.Average(c => c.Blocked) / Cells,
            FalselyBlocked = courses.Average(c => c.FalselyBlocked) / Cells,
        };
    }

    private static double Regret(CampaignCourse course, double[] profit, int rounds)
    {
        var sum = 0.0;
        for (var r = 0; r < rounds; r++)
        {
            sum += course.Oracle[r] - profit[r];
        }

        return sum;
    }

    private static double Late(CampaignCourse course, int rounds)
    {
        var from = Math.Max(0, rounds - LateRounds);
        return (course.Profit.Skip(from).Sum() / course.Singles.Max(s => s.Skip(from).Sum())) - 1;
    }

    /// <summary>Linear between order statistics (type 7 of Hyndman and Fan 1996).</summary>
    private static double Quantile(double[] ordered, double at)
    {
        var place = at * (ordered.Length - 1);
        var below = (int)place;
        return ordered[below] + ((place - below) * (ordered[Math.Min(below + 1, ordered.Length - 1)] - ordered[below]));
    }
}
