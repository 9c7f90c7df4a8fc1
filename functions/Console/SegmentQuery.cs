using Campaigns.Core.Jobs;
using Campaigns.Core.Measurement;
using Campaigns.Core.Planning;
using Campaigns.Core.Profiles.Scores;
using Campaigns.Core.Segments;
using Campaigns.Core.Segments.Rules;
using Campaigns.Core.Storage;

namespace Campaigns.Functions.Console;

/// <summary>The list of segments.</summary>
public sealed record SegmentListModel
{
    /// <summary>The scheme in force.</summary>
    public required SchemeInForce Scheme { get; init; }

    /// <summary>The latest recompute, or null before the first.</summary>
    public required SegmentReport? Report { get; init; }

    /// <summary>What was fitted to the shop, or null.</summary>
    public required ShopModel? Models { get; init; }

    /// <summary>What deserves a look; null before the first recompute.</summary>
    public required SegmentDiagnosis? Diagnosis { get; init; }

    /// <summary>Share of the control group; the largest where each send chooses it.</summary>
    public required double HoldoutShare { get; init; }

    /// <summary>Recomputes so far, as many as a chart shows.</summary>
    public required int Points { get; init; }

    /// <summary>A recompute is under way.</summary>
    public required bool Computing { get; init; }

    /// <summary>What nobody can be in, and the like: see <see cref="SchemeAdvice"/>.</summary>
    public required IReadOnlyList<SchemeFault> Advice { get; init; }

    /// <summary>The scheme was changed since the report was made.</summary>
    public bool Outdated => Report is { } report && report.SchemeNumber != Scheme.Number;
}

/// <summary>One segment.</summary>
/// <param name="Definition">Its definition.</param>
/// <param name="Count">Its figures, or null where no recompute knew it yet.</param>
/// <param name="Report">The latest recompute, or null.</param>
/// <param name="Row">The shop's key figures for it, or null.</param>
/// <param name="Examples">Customers to look at, with their reasons.</param>
/// <param name="Points">Its recomputes, newest first.</param>
/// <param name="Idle">Conditions that decided about nobody, in words.</param>
/// <param name="TooSmall">Too few customers to measure a campaign.</param>
public sealed record SegmentModel(
    SegmentDefinition Definition, SegmentCount? Count, SegmentReport? Report, KpiRow? Row, IReadOnlyList<PreviewMember> Examples, IReadOnlyList<SegmentHistoryLine> Points, IReadOnlyList<string> Idle, bool TooSmall);

/// <summary>A segment at one recompute: its figures, and whether the scheme was another one than before.</summary>
public sealed record SegmentHistoryLine(DateTimeOffset AsOf, SegmentPointCount Count, bool SchemeChanged);

/// <summary>Reads segments from reports, never from all customers.</summary>
public sealed class SegmentQuery(SegmentReader segments, SchemeCatalog schemes, CustomerSegments customers, Kpis kpis, JobRunner jobs, IRowStore rows, Workspace workspace)
{
    /// <summary>Recomputes in the charts: a quarter of days.</summary>
    public const int SeriesLength = 90;

    /// <summary>Recomputes in a segment's table.</summary>
    private const int LinesShown = 12;

    /// <summary>The list.</summary>
    public async ValueTask<SegmentListModel> ListAsync(CancellationToken cancellation)
    {
        var (scheme, snapshot) = (await schemes.CurrentAsync(cancellation), await segments.LatestAsync(cancellation));
        var share = (await workspace.SettingsAsync(cancellation)).HoldoutShare ?? CampaignValidation.MaxHoldoutShare;
        return new SegmentListModel
        {
            Scheme = scheme,
            Report = snapshot?.Report,
            Models = snapshot?.Parameters.Model,
            HoldoutShare = share,
            Diagnosis = snapshot is null ? null : SegmentDiagnostics.Of(snapshot.Report, share),
            Points = (await SegmentSeries.LastAsync(rows, SeriesLength, cancellation)).Count,
            Computing = (await jobs.OpenAsync(cancellation)).Any(j => j.Kind == RecomputeInputs.JobKind),
            Advice = SchemeAdvice.Of(scheme.Scheme, await schemes.FieldsAsync(cancellation)),
        };
    }

    /// <summary>One segment, or null where the scheme has none of this id.</summary>
    public async ValueTask<SegmentModel?> ReadAsync(string segment, CancellationToken cancellation)
    {
        var inForce = await schemes.CurrentAsync(cancellation);
        var scheme = inForce.Scheme;
        if (scheme.IndexOf(segment) is not (>= 0 and var index))
        {
            return null;
        }

        var report = (await segments.LatestAsync(cancellation))?.Report;
        var count = report?.Segments.FirstOrDefault(s => s.Segment == segment);
        var settings = await workspace.SettingsAsync(cancellation);
        var idle = report?.SchemeNumber == inForce.Number ? report.IdleConditions.Where(c => c.Segment == segment) : [];
        return new SegmentModel(
            scheme.Segments[index],
            count,
            report,
            (await kpis.LatestAsync(cancellation))?.Rows(KpiGrouping.Segment).FirstOrDefault(r => r.Scope == "shop" && r.Segment == segment),
            await ExamplesAsync(count, cancellation),
            await PointsAsync(segment, cancellation),
            [.. idle.Select(c => RuleText.At(c.Path, scheme, inForce.Compiled.Catalogue, settings.Currency))],
            report is not null && SegmentDiagnostics.Of(report, settings.HoldoutShare ?? CampaignValidation.MaxHoldoutShare).TooSmall.Contains(segment, StringComparer.Ordinal));
    }

    private async ValueTask<IReadOnlyList<PreviewMember>> ExamplesAsync(SegmentCount? count, CancellationToken cancellation)
    {
        var examples = new List<PreviewMember>();
        foreach (var example in count?.Examples ?? [])
        {
            if (await customers.ReadAsync(example.CustomerId, null, cancellation) is { } view)
            {
                var reason = view.Explanations.FirstOrDefault(e => e.Segment == count!.Segment)?.Reason ?? "";
                examples.Add(new PreviewMember(example.CustomerId, Words.AfterColon(reason)));
            }
        }

        return examples;
    }

    private async ValueTask<IReadOnlyList<SegmentHistoryLine>> PointsAsync(string segment, CancellationToken cancellation)
    {
        var lines = new List<SegmentHistoryLine>();
        var before = default(int?);
        foreach (var point in await SegmentSeries.LastAsync(rows, SeriesLength, cancellation))
        {
            if (Array.FindIndex(point.Segments, s => s.Segment == segment) is >= 0 and var at)
            {
                lines.Add(new SegmentHistoryLine(point.AsOf, point.Segments[at], before is { } number && number != point.SchemeNumber));
            }

            before = point.SchemeNumber;
        }

        lines.Reverse();
        return [.. lines.Take(LinesShown)];
    }
}
