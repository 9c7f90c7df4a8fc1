using Campaigns.Core.Jobs;
using Campaigns.Core.Storage;

namespace Campaigns.Core.Measurement;

/// <summary>Reads the latest measurement.</summary>
public sealed class Kpis(IRowStore rows, IBlobStore blobs, Workspace workspace)
{
    /// <summary>The latest measurement, or null before the first.</summary>
    public async ValueTask<KpiReport?> LatestAsync(CancellationToken cancellation)
    {
        if (await workspace.LatestAsync(MeasureInputs.Latest, cancellation) is not { } latest
            || await JobRows.ResultAsync(rows, blobs, latest.Job, MeasureStep.StageName, cancellation) is not { } payload)
        {
            return null;
        }

        var summary = RowCodec.Decode<MeasureSummary>(payload);
        var all = summary.Runs.ToDictionary(r => r.Run, StringComparer.Ordinal);
        await foreach (var row in rows.ScanAsync(Tables.Work, RunSummary.Frozen, " ", "~", cancellation))
        {
            all[row.Key] = RowCodec.Decode<RunSummary>(row.Payload);
        }

        var head = await rows.FindAsync<JobHead>(Tables.Work, latest.Job, JobRows.Head, cancellation)
            ?? throw new InvalidDataException($"The latest measurement {latest.Job} has no head.");
        var runs = all.Values.OrderBy(r => r.Campaign, StringComparer.Ordinal).ThenBy(r => r.Occurrence).ToList();
        return new KpiReport(latest.AsOf, RowCodec.Decode<MeasureInputs>(head.Value.Inputs).Currency, runs, summary.Shop);
    }
}
