using Campaigns.Core.Jobs;
using Campaigns.Core.Segments.Rules;
using Campaigns.Core.Storage;

namespace Campaigns.Core.Segments;

/// <summary>A finished recompute.</summary>
public sealed record SegmentSnapshot(SegmentReport Report, SegmentParameters Parameters, RelatedProducts Related)
{
    /// <summary>What it was asked to do.</summary>
    public RecomputeInputs Inputs { get; init; } = new();

    /// <summary>The scheme that it classified by.</summary>
    public CompiledScheme Scheme { get; init; } = RetailScheme.Compiled;

    /// <summary>Classifies single customers as the recompute did, but as of another time.</summary>
    public Classifier ClassifierAt(DateTimeOffset asOf) => new(Scheme, Parameters, asOf);
}

/// <summary>Reads what recomputes found. Results never change, so they are cached by job id.</summary>
public sealed class SegmentReader(IRowStore rows, IBlobStore blobs, Workspace workspace)
{
    /// <summary>Recomputes kept in memory: the latest, and those of runs under way.</summary>
    public const int CacheLimit = 4;

    private readonly Lock gate = new();
    private readonly List<SegmentSnapshot> cache = [];
    private SegmentSnapshot? last;

    /// <summary>The latest recompute, or null before the first one is finished. While one is just being completed, the one before.</summary>
    public async ValueTask<SegmentSnapshot?> LatestAsync(CancellationToken cancellation)
    {
        if (await workspace.LatestAsync(ClassifyStep.Latest, cancellation) is { } latest)
        {
            last = await FindAsync(latest.Job, cancellation) ?? last;
        }

        return last;
    }

    /// <summary>Ids of the segments that a recompute classified by, by priority; empty where there is no such recompute.</summary>
    public static async ValueTask<string[]> OrderOfAsync(IRowStore rows, string job, CancellationToken cancellation) =>
        (await SchemeOfAsync(rows, job, cancellation))?.SegmentIds.ToArray() ?? [];

    /// <summary>The scheme that a recompute classified by; null where there is no such recompute.</summary>
    public static async ValueTask<SegmentScheme?> SchemeOfAsync(IRowStore rows, string job, CancellationToken cancellation) =>
        await rows.FindAsync<JobHead>(Tables.Work, job, JobRows.Head, cancellation) is { Value: { Kind: RecomputeInputs.JobKind, Inputs: { Length: > 0 } inputs } }
            ? RowCodec.Decode<RecomputeInputs>(inputs).Compile().Scheme
            : null;

    /// <summary>The recompute, or null where it is not finished (or, for a moment, where its last stage is just being completed).</summary>
    public async ValueTask<SegmentSnapshot?> FindAsync(string job, CancellationToken cancellation)
    {
        lock (gate)
        {
            if (cache.Find(s => string.Equals(s.Report.Job, job, StringComparison.Ordinal)) is { } known)
            {
                return known;
            }
        }

        if (await JobRows.ResultAsync(rows, blobs, job, SurveyStep.Stage, cancellation) is not { } parameters
            || await JobRows.ResultAsync(rows, blobs, job, ClassifyStep.Stage, cancellation) is not { } report)
        {
            return null;
        }

        var related = await JobRows.LoadAsync(blobs, null, RelatedProducts.BlobOf(job), cancellation);
        var head = await rows.FindAsync<JobHead>(Tables.Work, job, JobRows.Head, cancellation);
        var inputs = RowCodec.Decode<RecomputeInputs>(head!.Value.Inputs);
        var snapshot = new SegmentSnapshot(
            RowCodec.Decode<SegmentReport>(report), RowCodec.Decode<SegmentParameters>(parameters), RowCodec.Decode<RelatedProducts>(related))
        {
            Inputs = inputs,
            Scheme = inputs.Compile(),
        };
        lock (gate)
        {
            cache.Add(snapshot);
            cache.RemoveRange(0, Math.Max(0, cache.Count - CacheLimit));
        }

        return snapshot;
    }
}
