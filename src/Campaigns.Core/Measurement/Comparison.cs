using Campaigns.Core.Planning;

namespace Campaigns.Core.Measurement;

/// <summary>Both arms of customers who were assigned alike.</summary>
internal readonly record struct Arms(Cell Treated, Cell HeldOut)
{
    /// <summary>No customers.</summary>
    public static Arms Empty => new(new Cell(), new Cell());

    /// <summary>Fewest customers in either arm for a stratum of its own: below, its variances are too uncertain to add up.</summary>
    private const long MinCustomers = 50;

    /// <summary>Both.</summary>
    public static Arms operator +(Arms a, Arms b) => new(a.Treated + b.Treated, a.HeldOut + b.HeldOut);

    /// <summary>The arms with one more cell.</summary>
    public Arms With(KeyedCell cell) => cell.Key.HeldOut ? this with { HeldOut = HeldOut + cell.Sums } : this with { Treated = Treated + cell.Sums };

    private long Smaller => Math.Min(Treated.Customers, HeldOut.Customers);

    /// <summary>
    /// Strata: run × segment × who could have drawn what. Within a run, strata that are too small go together where
    /// everybody had the same probability of nothing, and with the largest such stratum where even together they are too
    /// small. Never over different probabilities: a segment that buys more and is held out less would look like an effect.
    /// </summary>
    public static IReadOnlyList<Arms> Strata(IEnumerable<(RunSummary Run, KeyedCell Cell)> cells)
    {
        var strata = new List<Arms>();
        foreach (var alike in cells.GroupBy(c => (c.Run.Run, c.Cell.Key.NothingPartsPerMillion)).OrderBy(g => g.Key.Run, StringComparer.Ordinal).ThenBy(g => g.Key.NothingPartsPerMillion))
        {
            var large = new List<Arms>();
            var rest = Empty;
            foreach (var stratum in alike.GroupBy(c => (c.Cell.Key.Segment, c.Cell.Key.Eligible)).OrderBy(g => g.Key.Segment, StringComparer.Ordinal).ThenBy(g => g.Key.Eligible, StringComparer.Ordinal))
            {
                var arms = stratum.Aggregate(Empty, (sum, c) => sum.With(c.Cell));
                if (arms.Smaller >= MinCustomers)
                {
                    large.Add(arms);
                }
                else
                {
                    rest += arms;
                }
            }

            if (rest.Smaller >= MinCustomers || large.Count == 0)
            {
                large.Add(rest);
            }
            else
            {
                var at = large.IndexOf(large.MaxBy(a => a.Smaller));
                large[at] += rest;
            }

            strata.AddRange(large);
        }

        return strata;
    }
}

/// <summary>Customers of one campaign that belong together (all of them, a segment, an offer, a channel, a day), compared by arm.</summary>
internal sealed class Comparison
{
    private readonly IReadOnlyList<Arms> strata;
    private readonly double information;
    private readonly double planned;

    public Comparison(IReadOnlyList<(RunSummary Run, KeyedCell Cell)> cells)
    {
        strata = Arms.Strata(cells);
        Total = strata.Aggregate(Arms.Empty, (sum, s) => sum + s);
        var runs = cells.Select(c => c.Run).DistinctBy(r => r.Run, StringComparer.Ordinal).ToList();
        Closed = runs.TrueForAll(r => r.Closed);
        AfterKnown = runs.TrueForAll(r => r.AfterKnown);
        MarginKnown = runs.TrueForAll(r => r.MarginKnown);
        Promised = runs.TrueForAll(r => r.Promised);
        MicrosPerMinor = runs[0].MicrosPerMinor;
        var first = runs.MinBy(r => r.Occurrence)!;
        information = cells.Sum(c => c.Cell.Sums.Customers * c.Run.Elapsed);
        planned = cells.Where(c => ReferenceEquals(c.Run, first)).Sum(c => c.Cell.Sums.Customers);
    }

    /// <summary>Sums by arm.</summary>
    public Arms Total { get; }

    /// <summary>All windows are over.</summary>
    public bool Closed { get; }

    /// <summary>The days after all windows are over.</summary>
    public bool AfterKnown { get; }

    /// <summary>Margins are known in every run.</summary>
    public bool MarginKnown { get; }

    /// <summary>It was promised to everyone.</summary>
    public bool Promised { get; }

    /// <summary>Micro-units in one minor unit.</summary>
    public long MicrosPerMinor { get; }

    /// <summary>The headline, per 1,000, minor units: profit, or revenue where margins are unknown, on spending up to each run's cap.</summary>
    public Effect Headline()
    {
        var effect = MarginKnown ? Judge(c => c.CappedProfit, MicrosPerMinor) : Judge(c => c.CappedRevenue, 1);
        return Promised ? effect with { Verdict = Verdict.NotMeasured } : effect;
    }

    /// <summary>The same on all spending: no verdict rests on it.</summary>
    public Effect Uncapped() => MarginKnown ? Judge(c => c.Profit, MicrosPerMinor) : Revenue();

    /// <summary>The headline's figure with earlier spending taken into account, per 1,000, minor units; null where it cannot be.</summary>
    public (double Per1000, Interval? Interval, double Gain)? Adjusted()
    {
        var scale = Verdicts.Per / (double)(MarginKnown ? MicrosPerMinor : 1);
        WithPrior Of(Cell cell) => MarginKnown
            ? new WithPrior(cell.CappedProfit, cell.Prior, cell.CappedProfitTimesPrior)
            : new WithPrior(cell.CappedRevenue, cell.Prior, cell.CappedRevenueTimesPrior);
        return PriorAdjustment.Of([.. strata.Select(s => (Of(s.Treated), Of(s.HeldOut)))]) is { } adjusted
            ? (adjusted.Estimate.Difference * scale, Interval(adjusted.Estimate)?.Times(scale), adjusted.Gain)
            : null;
    }

    /// <summary>Share of all revenue in the windows that the cap leaves out of the headline, in [0, 1]; null without revenue.</summary>
    public double? CapRemoves()
    {
        var (all, capped) = (Total.Treated.Revenue.Sum + Total.HeldOut.Revenue.Sum, Total.Treated.CappedRevenue.Sum + Total.HeldOut.CappedRevenue.Sum);
        return all <= 0 ? null : 1 - ((double)capped / (double)all);
    }

    /// <summary>
    /// Revenue per 1,000 in the days after the window, treated minus held out, minor units, up to the cap: below zero where
    /// orders were only pulled forward. Null until those days are over in every run.
    /// </summary>
    public (double Per1000, Interval? Interval)? After() =>
        AfterKnown && Lift.Difference([.. strata.Select(s => new Stratum(s.Treated.After, s.HeldOut.After))]) is { } estimate
            ? (estimate.Difference * Verdicts.Per, Lift.FixedTime(estimate)?.Times(Verdicts.Per))
            : null;

    /// <summary>Incremental revenue per 1,000, minor units.</summary>
    public Effect Revenue() => Judge(c => c.Revenue, 1);

    /// <summary>Additional buyers per 1,000.</summary>
    public Effect Conversion() => Judge(c => Sums.OfShare(c.Customers, c.Converters), 1);

    /// <summary>Return on investment, or null where it is undefined or margins are unknown.</summary>
    public ReturnOnInvestment? Return() => MarginKnown
        ? ReturnOnInvestment.Of([.. strata.Select(s => new ReturnStratum(s.Treated.Margin, s.HeldOut.Margin, s.Treated.Cost, s.Treated.MarginTimesCost))])
        : null;

    private Interval? Interval(Estimate estimate) => Closed ? Lift.FixedTime(estimate) : Lift.AlwaysValid(estimate, information, planned);

    private Effect Judge(Func<Cell, Sums> figure, double unit) => Verdicts.Judge(
        [.. strata.Select(s => new Stratum(figure(s.Treated), figure(s.HeldOut)))],
        unit,
        (Total.Treated.Converters, Total.HeldOut.Converters),
        information,
        planned,
        Closed);
}
