using System.Globalization;
using Campaigns.Core.Primitives;

namespace Campaigns.Core.Measurement;

/// <summary>What one variant earned in one segment over all runs of a campaign: a row of the result table.</summary>
public sealed record OfferRow
{
    /// <summary>Segment at assignment.</summary>
    public required string Segment { get; init; }

    /// <summary>Message variant.</summary>
    public required string Treatment { get; init; }

    /// <summary>Its offer.</summary>
    public required string Offer { get; init; }

    /// <summary>Customers who drew the variant.</summary>
    public required long Recipients { get; init; }

    /// <summary>Customers who could have drawn it and drew nothing: the control group, shared by all variants.</summary>
    public required long Control { get; init; }

    /// <summary>Share of recipients who ordered in the window, in [0, 1].</summary>
    public double? Conversion { get; init; }

    /// <summary>Share of the control group who did, in [0, 1].</summary>
    public double? ConversionControl { get; init; }

    /// <summary>Profit (or revenue) per 1,000 recipients, up to the cap, minor units.</summary>
    public double? Per1000 { get; init; }

    /// <summary>Extra per 1,000 recipients, against the control group, minor units: batch-wise over the runs.</summary>
    public double? LiftPer1000 { get; init; }

    /// <summary>Its 95 % interval for the one look after all windows closed; of this row alone.</summary>
    public Interval? FixedTime { get; init; }

    /// <summary>Its 95 % interval for looking at any time; of this row alone.</summary>
    public Interval? AlwaysValid { get; init; }

    /// <summary>Batches that it rests on.</summary>
    public int Batches { get; init; }

    /// <summary>Evidence against "no effect", ≥ 0, see <see cref="EValues"/>; 0 where there is none to have.</summary>
    public double EValue { get; init; }

    /// <summary>What may be said, with all rows of the table looked at together.</summary>
    public required Verdict Verdict { get; init; }

    /// <summary>The verdict in a sentence.</summary>
    public required string Explanation { get; init; }

    /// <summary>Extra discounts and benefits per 1,000 recipients against the control group, minor units.</summary>
    public double GivenAwayPer1000 { get; init; }

    /// <summary>Additional buyers per 1,000 recipients, batch-wise, with its 95 % interval.</summary>
    public double? BuyersPer1000 { get; init; }

    /// <summary>Its 95 % interval for one look.</summary>
    public Interval? BuyersInterval { get; init; }

    /// <summary>All windows are over.</summary>
    public required bool Closed { get; init; }

    /// <summary>Of those who could have got it in the newest run, the share who did, in [0, 1].</summary>
    public double NewestShare { get; init; }

    /// <summary>What there is too little of for a verdict, or null.</summary>
    public string? Missing { get; init; }

    /// <summary>What to do.</summary>
    public Advice? Advice { get; init; }
}

/// <summary>A campaign's results by segment and variant, each against the customers who could have drawn it and drew nothing.</summary>
public static class OfferTable
{
    /// <summary>Fewest buyers of either arm for a verdict: see <see cref="Verdicts.MinConverters"/>.</summary>
    public const int MinConverters = Verdicts.MinConverters;

    /// <summary>The rows by segment and variant. Verdicts hold for all rows together: on average at most one in twenty that are called proven has no effect.</summary>
    public static IReadOnlyList<OfferRow> Of(KpiReport report, string campaign)
    {
        var runs = report.Runs.Where(r => string.Equals(r.Campaign, campaign, StringComparison.Ordinal)).OrderBy(r => r.Occurrence).ToList();
        if (runs.Count == 0)
        {
            return [];
        }

        var rows = runs.SelectMany(r => r.Cells).Where(c => !c.Key.HeldOut)
            .Select(c => (c.Key.Segment, c.Key.Treatment, c.Key.Offer)).Distinct()
            .OrderBy(k => k.Segment, StringComparer.Ordinal).ThenBy(k => k.Treatment, StringComparer.Ordinal).ThenBy(k => k.Offer, StringComparer.Ordinal)
            .Select(k => new OfferCell(runs, k.Segment, k.Treatment, k.Offer).ToRow()).ToList();
        var proven = EValues.Select([.. rows.Select(r => r.EValue)]);
        return [.. rows.Select((row, i) => Judged(row, proven[i], rows.Count, report.Currency, runs.TrueForAll(r => r.MarginKnown) ? "profit" : "revenue"))];
    }

    private static OfferRow Judged(OfferRow row, bool proven, int together, string currency, string figure)
    {
        if (row.Verdict == Verdict.NotMeasured)
        {
            return row;
        }

        if (row.Verdict is Verdict.TooEarly or Verdict.TooSmall)
        {
            return row with { Advice = Advice.Of(row, currency) };
        }

        var lift = row.LiftPer1000!.Value;
        var verdict = !proven ? Verdict.NotProven : lift > 0 ? Verdict.ProvenGain : Verdict.ProvenLoss;
        string Amount(double minor) => new Money((long)Math.Round(minor), currency).ToWholeString();
        var range = row.FixedTime is { } i ? $"between {Amount(i.Low)} and {Amount(i.High)}" : "";
        var alone = row.FixedTime is { } own && !own.Contains(0);
        var explanation = verdict switch
        {
            Verdict.ProvenGain => $"Proven gain: {Amount(lift)} extra {figure} per 1,000 recipients, {range}.",
            Verdict.ProvenLoss => $"Proven loss: {Amount(lift)} {figure} per 1,000 recipients, {range}.",
            _ when alone => string.Create(CultureInfo.InvariantCulture, $"Not proven: by itself {range} {figure} per 1,000 recipients, but with {together} rows looked at together, and at any time, that can be luck."),
            _ => $"Not proven: the effect per 1,000 recipients lies {range} {figure}.",
        };
        var judged = row with { Verdict = verdict, Explanation = explanation };
        return judged with { Advice = Advice.Of(judged, currency) };
    }

    /// <summary>The cells of one row.</summary>
    private sealed class OfferCell(List<RunSummary> runs, string segment, string treatment, string offer)
    {
        private readonly bool closed = runs.TrueForAll(r => r.Closed);
        private readonly bool promised = runs.TrueForAll(r => r.Promised);
        private readonly bool marginKnown = runs.TrueForAll(r => r.MarginKnown);

        public OfferRow ToRow()
        {
            var strata = Strata();
            var (treated, control) = strata.SelectMany(s => s).Aggregate(Arms.Empty, (sum, s) => sum + s.Arms) is var total ? (total.Treated, total.HeldOut) : default;
            var scale = Verdicts.Per / (marginKnown ? runs[0].MicrosPerMinor : 1.0);
            var estimate = BatchWise.Of(strata.Select(s => s.ConvertAll(b => BatchOf(b.Arms, Figure))));
            var buyers = BatchWise.Of(strata.Select(s => s.ConvertAll(b => BatchOf(b.Arms, c => Sums.OfShare(c.Customers, c.Converters)))));
            var (information, planned) = (strata.SelectMany(s => s).Sum(b => b.Customers * b.Run.Elapsed), Planned(strata));
            var small = TooSmall(treated, control, estimate);
            return new OfferRow
            {
                Segment = segment,
                Treatment = treatment,
                Offer = offer,
                Recipients = treated.Customers,
                Control = control.Customers,
                Conversion = Share(treated.Converters, treated.Customers),
                ConversionControl = Share(control.Converters, control.Customers),
                Per1000 = treated.Customers == 0 ? null : Figure(treated).Mean * scale,
                LiftPer1000 = estimate?.Difference * scale,
                FixedTime = estimate?.FixedTime.Times(scale),
                AlwaysValid = estimate is null ? null : Lift.AlwaysValid(AsEstimate(estimate), information, planned)?.Times(scale),
                Batches = estimate?.Batches ?? 0,
                EValue = estimate is null || small is not null ? 0 : EValues.Of(estimate.Difference / estimate.StandardError, information, planned),
                Verdict = promised ? Verdict.NotMeasured : small is null ? Verdict.NotProven : closed ? Verdict.TooSmall : Verdict.TooEarly,
                Explanation = promised ? Verdicts.Promised : small is null ? "" : $"{(closed ? "Too small to measure" : "Too early to say")}: {small}.",
                Missing = small,
                GivenAwayPer1000 = Verdicts.Per * (GivenAway(treated) - GivenAway(control)),
                BuyersPer1000 = buyers?.Difference * Verdicts.Per,
                BuyersInterval = buyers?.FixedTime.Times(Verdicts.Per),
                Closed = closed,
                NewestShare = NewestShare(),
            };
        }

        private double NewestShare()
        {
            var newest = runs[^1].Cells.Where(c => string.Equals(c.Key.Segment, segment, StringComparison.Ordinal) && c.Key.EligibleFor(treatment)).ToList();
            return Share(newest.Where(c => !c.Key.HeldOut && Drew(c.Key)).Sum(c => c.Sums.Customers), newest.Sum(c => c.Sums.Customers)) ?? 0;
        }

        private Sums Figure(Cell cell) => marginKnown ? cell.CappedProfit : cell.CappedRevenue;

        /// <summary>Per eligibility, its runs in order: who drew the variant, and everybody eligible who drew nothing.</summary>
        private List<List<(RunSummary Run, Arms Arms, long Customers)>> Strata() =>
            [.. runs.SelectMany(run => run.Cells
                    .Where(c => string.Equals(c.Key.Segment, segment, StringComparison.Ordinal) && (c.Key.HeldOut ? c.Key.EligibleFor(treatment) : Drew(c.Key)))
                    .Select(c => (Run: run, Cell: c)))
                .GroupBy(c => c.Cell.Key.Eligible, StringComparer.Ordinal).OrderBy(g => g.Key, StringComparer.Ordinal)
                .Select(eligible => eligible.GroupBy(c => c.Run).OrderBy(g => g.Key.Occurrence)
                    .Select(g => g.Aggregate(Arms.Empty, (sum, c) => sum.With(c.Cell)) is var arms ? (g.Key, arms, arms.Treated.Customers + arms.HeldOut.Customers) : default)
                    .ToList())];

        private bool Drew(CellKey key) => string.Equals(key.Treatment, treatment, StringComparison.Ordinal) && string.Equals(key.Offer, offer, StringComparison.Ordinal);

        private static Batch BatchOf(Arms arms, Func<Cell, Sums> figure) =>
            new(figure(arms.Treated), figure(arms.HeldOut), arms.Treated.Converters, arms.HeldOut.Converters);

        /// <summary>Customers of the row in its first run.</summary>
        private static double Planned(List<List<(RunSummary Run, Arms Arms, long Customers)>> strata)
        {
            var first = strata.SelectMany(s => s).Min(b => b.Run.Occurrence);
            return strata.SelectMany(s => s).Where(b => b.Run.Occurrence == first).Sum(b => b.Customers);
        }

        private static string? TooSmall(Cell treated, Cell control, BatchEstimate? estimate)
        {
            var buyers = Math.Min(treated.Converters, control.Converters);
            return control.Customers == 0 ? "nobody who could have got it was held out"
                : buyers < MinConverters ? string.Create(CultureInfo.InvariantCulture, $"only {buyers:N0} buyers in one of the groups; it takes {MinConverters}")
                : estimate is null ? "no spread was seen in one of the groups"
                : null;
        }

        private static Estimate AsEstimate(BatchEstimate estimate) => new(estimate.Difference, estimate.StandardError, double.PositiveInfinity, estimate.Customers, 0);

        private static double GivenAway(Cell cell) => cell.Customers == 0 ? 0 : (double)(cell.DiscountMinor + cell.BenefitMinor) / cell.Customers;

        private static double? Share(long part, long whole) => whole == 0 ? null : (double)part / whole;
    }
}
