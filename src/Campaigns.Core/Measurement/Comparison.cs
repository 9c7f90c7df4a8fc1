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
    /// Strata: run × segment. Segments that are too small go together within their run, where everybody was held out with the
    /// same probability, and into the run's largest segment where even together they are too small.
    /// </summary>
    public static IReadOnlyList<Arms> Strata(IEnumerable<(RunSummary Run, KeyedCell Cell)> cells)
    {
        var strata = new List<Arms>();
        foreach (var run in cells.GroupBy(c => c.Run.Run, StringComparer.Ordinal).OrderBy(g => g.Key, StringComparer.Ordinal))
        {
            var large = new List<Arms>();
            var rest = Empty;
            foreach (var segment in run.GroupBy(c => c.Cell.Key.Segment, StringComparer.Ordinal).OrderBy(g => g.Key, StringComparer.Ordinal))
            {
                var arms = segment.Aggregate(Empty, (sum, c) => sum.With(c.Cell));
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
        MarginKnown = runs.TrueForAll(r => r.MarginKnown);
        MicrosPerMinor = runs[0].MicrosPerMinor;
        var first = runs.MinBy(r => r.Occurrence)!;
        information = cells.Sum(c => c.Cell.Sums.Customers * c.Run.Elapsed);
        planned = cells.Where(c => ReferenceEquals(c.Run, first)).Sum(c => c.Cell.Sums.Customers);
    }

    /// <summary>Sums by arm.</summary>
    public Arms Total { get; }

    /// <summary>All windows are over.</summary>
    public bool Closed { get; }

    /// <summary>Margins are known in every run.</summary>
    public bool MarginKnown { get; }

    /// <summary>Micro-units in one minor unit.</summary>
    public long MicrosPerMinor { get; }

    /// <summary>Incremental profit per 1,000, minor units; only where margins are known.</summary>
    public Effect Profit() => Judge(c => c.Profit, MicrosPerMinor);

    /// <summary>Incremental revenue per 1,000, minor units.</summary>
    public Effect Revenue() => Judge(c => c.Revenue, 1);

    /// <summary>Additional buyers per 1,000.</summary>
    public Effect Conversion() => Judge(c => Sums.OfShare(c.Customers, c.Converters), 1);

    /// <summary>Return on investment, or null where it is undefined or margins are unknown.</summary>
    public ReturnOnInvestment? Return() => MarginKnown
        ? ReturnOnInvestment.Of([.. strata.Select(s => new ReturnStratum(s.Treated.Margin, s.HeldOut.Margin, s.Treated.Cost, s.Treated.MarginTimesCost))])
        : null;

    private Effect Judge(Func<Cell, Sums> figure, double unit) => Verdicts.Judge(
        [.. strata.Select(s => new Stratum(figure(s.Treated), figure(s.HeldOut)))],
        unit,
        (Total.Treated.Converters, Total.HeldOut.Converters),
        information,
        planned,
        Closed);
}
