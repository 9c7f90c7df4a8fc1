using Campaigns.Core.Jobs;
using Campaigns.Core.Segments;
using Campaigns.Core.Storage;

namespace Campaigns.Core.Privacy;

/// <summary>What finished recomputes still hold of a customer: samples in their parts, and examples in their reports.</summary>
public sealed class RecomputeTraces(IRowStore rows, IBlobStore blobs)
{
    /// <summary>Deletes the parts of all recomputes that are over, which nobody reads again, and takes the customer out of the examples of their reports.</summary>
    internal async ValueTask RemoveAsync(Identity identity, CancellationToken cancellation)
    {
        var jobs = new List<string>();
        await foreach (var partition in rows.PartitionsAsync(Tables.Work, cancellation))
        {
            if ((await rows.FindAsync<JobHead>(Tables.Work, partition, JobRows.Head, cancellation))?.Value is { Kind: RecomputeInputs.JobKind, Status: not JobStatus.Running })
            {
                jobs.Add(partition);
            }
        }

        foreach (var job in jobs)
        {
            await PartsAsync(job, cancellation);
            await ExamplesAsync(job, identity, cancellation);
        }
    }

    private async ValueTask PartsAsync(string job, CancellationToken cancellation)
    {
        var parts = new List<RowOperation>();
        await foreach (var row in rows.ScanPrefixAsync(Tables.Work, job, JobRows.Parts, cancellation))
        {
            if (RowCodec.Decode<JobPart>(row.Payload).SummaryBlob is { } blob)
            {
                await blobs.DeleteAsync(blob, cancellation);
            }

            parts.Add(new RowOperation.Delete(row.Key));
        }

        foreach (var chunk in parts.Chunk(RowLimits.OperationsPerCommit))
        {
            await rows.CommitAsync(Tables.Work, job, chunk, cancellation);
        }
    }

    private async ValueTask ExamplesAsync(string job, Identity identity, CancellationToken cancellation)
    {
        var stored = await rows.FindAsync<StageResult>(Tables.Work, job, JobRows.Result(ClassifyStep.Stage), cancellation);
        if (stored is null)
        {
            return;
        }

        var report = RowCodec.Decode<SegmentReport>(await JobRows.LoadAsync(blobs, stored.Value.Result, stored.Value.ResultBlob, cancellation));
        if (!report.Segments.SelectMany(s => s.Examples).Any(e => e.Key == identity.Key.Text))
        {
            return;
        }

        var without = report with { Segments = Array.ConvertAll(report.Segments, s => s with { Examples = Array.FindAll(s.Examples, e => e.Key != identity.Key.Text) }) };
        var (inline, blob) = await JobRows.StoreAsync(blobs, stored.Value.ResultBlob ?? JobRows.ResultBlob(job, ClassifyStep.Stage), RowCodec.Encode(without), cancellation);
        await rows.CommitAsync(
            Tables.Work, job, [new RowOperation.Replace(stored.Key, RowCodec.Encode(new StageResult { Result = inline, ResultBlob = blob }), stored.ETag)], cancellation);
        if (blob is null && stored.Value.ResultBlob is { } large)
        {
            await blobs.DeleteAsync(large, cancellation);
        }
    }
}
