using System.Text.Json;
using Campaigns.Core.Measurement;
using Campaigns.Core.Primitives;
using Campaigns.Core.Segments;
using Campaigns.Functions.Api;

namespace Campaigns.Cli.Demo;

/// <summary>All that the demo prints, and what <c>--json</c> writes.</summary>
internal sealed record DemoReport
{
    public required string Source { get; init; }

    public required ulong Seed { get; init; }

    public required string Currency { get; init; }

    public required DateTimeOffset LaunchedAt { get; init; }

    public required DateTimeOffset MeasuredAt { get; init; }

    public required string TruthNote { get; init; }

    /// <summary>What the imports of the history came to, in words.</summary>
    public required IReadOnlyList<string> Imports { get; init; }

    /// <summary>Customers per segment at the launch.</summary>
    public required IReadOnlyDictionary<string, long> Segments { get; init; }

    public required IReadOnlyList<DemoCampaign> Campaigns { get; init; }

    /// <summary>The rows per segment: within campaigns, and of the shop.</summary>
    public required IReadOnlyList<KpiRow> BySegment { get; init; }

    public double Seconds { get; init; }

    public double PeakMemoryMegabytes { get; init; }

    public string ToJson() => JsonSerializer.Serialize(this, new JsonSerializerOptions(CampaignsApi.Json) { WriteIndented = true });

    /// <summary>Reads everything through the HTTP interface, and the truth from the source.</summary>
    public static async Task<DemoReport> ReadAsync(IDemoSource source, DemoShop shop, IReadOnlyList<DemoRunRecord> runs, DemoOptions options, CancellationToken cancellation)
    {
        var byCampaign = await shop.GetAsync("/api/kpis?by=campaign", cancellation);
        var bySegment = await shop.GetAsync("/api/kpis?by=segment", cancellation);
        var segments = shop.SegmentsAtLaunch.Deserialize<SegmentReport>(CampaignsApi.Json)!;
        var campaigns = Rows(byCampaign).Where(r => r.Scope == "campaign").Select(row =>
        {
            var run = runs.First(r => r.Inputs.Campaign.Id == row.Campaign);
            var truth = row.Figure is null ? null : source.TruePer1000Minor(run, runs);
            return new DemoCampaign(row, truth, truth is { } t && row.UncappedLowMinor is { } low && row.UncappedHighMinor is { } high ? low <= t && t <= high : null);
        });
        return new DemoReport
        {
            Source = source.Description,
            Seed = options.Seed,
            Currency = byCampaign.GetProperty("currency").GetString()!,
            LaunchedAt = source.LaunchAt,
            MeasuredAt = byCampaign.GetProperty("asOf").GetDateTimeOffset(),
            TruthNote = source.TruthNote,
            Imports = shop.HistoryImports,
            Segments = segments.Segments.ToDictionary(s => s.Segment, s => s.Customers),
            Campaigns = [.. campaigns],
            BySegment = Rows(bySegment),
        };
    }

    /// <summary>Amounts of the report's currency.</summary>
    public string Amount(double? minor) => minor is { } value ? new Money((long)Math.Round(value), Currency).ToWholeString() : "—";

    private static List<KpiRow> Rows(JsonElement kpis) => kpis.GetProperty("rows").Deserialize<List<KpiRow>>(CampaignsApi.Json)!;
}

/// <summary>A campaign's figures beside the truth.</summary>
/// <param name="Row">As measured.</param>
/// <param name="TruePer1000Minor">The true lift per 1,000 assigned, minor units; null where nobody knows it.</param>
/// <param name="IntervalContainsTruth">Whether the measured interval contains it; null where there is no interval.</param>
internal sealed record DemoCampaign(KpiRow Row, double? TruePer1000Minor, bool? IntervalContainsTruth);
