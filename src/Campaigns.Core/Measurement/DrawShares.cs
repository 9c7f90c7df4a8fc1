namespace Campaigns.Core.Measurement;

/// <summary>What the customers of a segment drew in one run.</summary>
/// <param name="At">Business time of the run.</param>
/// <param name="Customers">Customers of the segment who were assigned, &gt; 0.</param>
/// <param name="Shares">In the order of <see cref="DrawShares.Treatments"/>; each in [0, 1], together 1.</param>
public sealed record RunShares(DateTimeOffset At, long Customers, IReadOnlyList<double> Shares);

/// <summary>How the shares of a segment's customers who drew each variant, or nothing, moved from run to run: what was learnt, as it was used.</summary>
/// <param name="Segment">Segment at assignment.</param>
/// <param name="Treatments">Variants in ordinal order; "" = nothing stands first.</param>
/// <param name="Runs">Runs in which the segment had customers, oldest first.</param>
public sealed record DrawShares(string Segment, IReadOnlyList<string> Treatments, IReadOnlyList<RunShares> Runs)
{
    /// <summary>Newest runs that are told of: more columns than this cannot be told apart on a telephone.</summary>
    public const int MaxRuns = 24;

    /// <summary>The shares by segment, in ordinal order. Counts of what was drawn, not probabilities.</summary>
    public static IReadOnlyList<DrawShares> Of(KpiReport report, string campaign)
    {
        var runs = report.Runs.Where(r => string.Equals(r.Campaign, campaign, StringComparison.Ordinal)).OrderBy(r => r.Occurrence).TakeLast(MaxRuns).ToList();
        return [.. runs.SelectMany(r => r.Cells).Select(c => c.Key.Segment).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal).Select(segment => OfSegment(runs, segment))];
    }

    private static DrawShares OfSegment(List<RunSummary> runs, string segment)
    {
        var cells = runs.ConvertAll(r => (r.At, Cells: r.Cells.Where(c => string.Equals(c.Key.Segment, segment, StringComparison.Ordinal)).ToList()));
        string[] treatments = ["", .. cells.SelectMany(r => r.Cells).Select(c => c.Key.Treatment).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)];
        return new(segment, treatments, [.. cells.Where(r => r.Cells.Sum(c => c.Sums.Customers) > 0).Select(r =>
        {
            var customers = r.Cells.Sum(c => c.Sums.Customers);
            var drawn = r.Cells.ToLookup(c => c.Key.HeldOut ? "" : c.Key.Treatment, c => c.Sums.Customers, StringComparer.Ordinal);
            return new RunShares(r.At, customers, [.. treatments.Select(t => (double)drawn[t].Sum() / customers)]);
        })]);
    }
}
