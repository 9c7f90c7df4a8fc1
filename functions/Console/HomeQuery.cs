using Campaigns.Core.Ingest;
using Campaigns.Core.Jobs;
using Campaigns.Core.Measurement;
using Campaigns.Core.Planning;
using Campaigns.Core.Segments;

namespace Campaigns.Functions.Console;

/// <summary>What the first screen shows.</summary>
public sealed record HomeModel
{
    /// <summary>The latest recompute, or null before the first.</summary>
    public required SegmentReport? Segments { get; init; }

    /// <summary>Newest net order, or null.</summary>
    public required DateTimeOffset? NewestOrderAt { get; init; }

    /// <summary>The latest measurement, or null before the first.</summary>
    public required KpiReport? Kpis { get; init; }

    /// <summary>The newest imports, newest first.</summary>
    public required IReadOnlyList<ImportProgress> Imports { get; init; }

    /// <summary>Campaigns that run or are paused, by priority.</summary>
    public required IReadOnlyList<CampaignLine> Running { get; init; }

    /// <summary>The campaigns that finished last, newest first.</summary>
    public required IReadOnlyList<CampaignLine> Finished { get; init; }

    /// <summary>Work under way, in words; empty where there is none.</summary>
    public required IReadOnlyList<string> Working { get; init; }

    /// <summary>Where the example shop stands, where one was begun and is not ready.</summary>
    public required ExampleProgress? Example { get; init; }

    /// <summary>There is nothing yet: no import, no segments.</summary>
    public bool Empty => Segments is not { Customers: > 0 } && Imports.Count == 0 && Example is null;

    /// <summary>Rows that the newest imports rejected.</summary>
    public long Rejected => Imports.Sum(i => i.Summary?.Rejected ?? 0);

    /// <summary>Every campaign in <see cref="Roi"/> has a proven effect.</summary>
    public bool RoiProven => Measured.All(r => r.Verdict is "proven gain" or "proven loss");

    /// <summary>
    /// Return on investment of all campaigns together: each one's weighted by its cost, which is the ratio of the sums. Null
    /// where it is undefined.
    /// </summary>
    public double? Roi
    {
        get
        {
            var known = Measured.ToList();
            return known.Count == 0 ? null : known.Sum(r => r.Roi!.Value * r.CostMinor) / known.Sum(r => r.CostMinor);
        }
    }

    private IEnumerable<KpiRow> Measured => (Kpis?.Rows(KpiGrouping.Campaign) ?? []).Where(r => r.RoiShown is not null && r.CostMinor > 0);
}

/// <summary>A campaign with its figures, where it has some.</summary>
public sealed record CampaignLine(Campaign Campaign, KpiRow? Row);

/// <summary>Reads the first screen from reports and lists; never from customers.</summary>
public sealed class HomeQuery(SegmentReader segments, Kpis kpis, Imports imports, CampaignCatalog catalog, JobRunner jobs, ExampleShop example)
{
    /// <summary>Campaigns looked at for the list of running ones: as many as can be active at once.</summary>
    private const int Campaigns = CampaignCatalog.MaxActive;

    /// <summary>Finished campaigns shown; the others stand in the list of all.</summary>
    private const int FinishedShown = 5;

    /// <summary>Reads it.</summary>
    public async ValueTask<HomeModel> ReadAsync(CancellationToken cancellation)
    {
        var snapshot = await segments.LatestAsync(cancellation);
        var report = await kpis.LatestAsync(cancellation);
        var rows = report?.Rows(KpiGrouping.Campaign).ToDictionary(r => r.Campaign!, StringComparer.Ordinal);
        var page = await catalog.ListAsync(Campaigns, null, cancellation);
        var latest = await imports.ListAsync(cancellation);
        return new HomeModel
        {
            Segments = snapshot?.Report,
            NewestOrderAt = latest.Select(i => i.Summary?.LastOrderAt).Append(snapshot?.Parameters.NewestOrderAt).Max(),
            Kpis = report,
            Imports = latest,
            Running = [.. page.Campaigns.Select(c => c.Value)
                .Where(c => c.Status is CampaignStatus.Active or CampaignStatus.Paused)
                .OrderBy(c => c.Priority).ThenBy(c => c.Name, StringComparer.Ordinal)
                .Select(c => new CampaignLine(c, rows?.GetValueOrDefault(c.Id)))],
            Finished = [.. page.Campaigns.Select(c => c.Value)
                .Where(c => c.Status is (CampaignStatus.Finished or CampaignStatus.Stopped) && c.LastRunAt is not null)
                .OrderByDescending(c => c.LastRunAt).ThenBy(c => c.Name, StringComparer.Ordinal)
                .Take(FinishedShown)
                .Select(c => new CampaignLine(c, rows?.GetValueOrDefault(c.Id)))],
            Working = [.. (await jobs.OpenAsync(cancellation)).Select(Work).Where(w => w is not null).Distinct(StringComparer.Ordinal).Select(w => w!)],
            Example = await example.ProgressAsync(cancellation),
        };
    }

    private static string? Work(JobHead head) => head.Kind switch
    {
        "import" => "An import is being read",
        "recompute" => "Segments are being computed",
        "measure" => "Results are being measured",
        "control" => "All campaigns together are being measured",
        _ => null,
    };
}
