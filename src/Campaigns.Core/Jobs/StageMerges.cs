using System.Runtime.CompilerServices;
using Campaigns.Core.Storage;

namespace Campaigns.Core.Jobs;

/// <summary>Merges the summaries of a stage whose parts are all done, and stores the result.</summary>
internal sealed class StageMerges(IRowStore rows, IBlobStore blobs)
{
    /// <summary>
    /// One merge of this process at a time: the last two parts of a stage end together, each sees all done, and both would
    /// merge, which may take seconds. Elsewhere it may still happen twice, and then gives the same.
    /// </summary>
    private readonly SemaphoreSlim merging = new(1, 1);

    /// <summary>Merges the stage; false where parts are still missing or somebody else merged it. <paramref name="read"/> gives the parts.</summary>
    public async ValueTask<bool> CompleteAsync(
        JobContext context, IJobStage stage, Func<JobHead, IJobStage, CancellationToken, ValueTask<IReadOnlyList<JobPart?>>> read, CancellationToken cancellation)
    {
        await merging.WaitAsync(cancellation);
        try
        {
            var job = context.Head.Job;
            if (await rows.GetAsync(Tables.Work, job, JobRows.Result(stage.Name), cancellation) is not null)
            {
                return false;
            }

            var parts = await read(context.Head, stage, cancellation);
            if (!parts.All(p => p is { Done: true }))
            {
                return false;
            }

            var merged = await stage.MergeAsync(context, SummariesAsync(parts!, cancellation), cancellation);
            var (inline, blob) = await JobRows.StoreAsync(blobs, JobRows.ResultBlob(job, stage.Name), merged, cancellation);
            var result = new StageResult { Result = inline, ResultBlob = blob };
            return await rows.CommitAsync(Tables.Work, job, [new RowOperation.Insert(JobRows.Result(stage.Name), RowCodec.Encode(result))], cancellation) is CommitResult.Committed;
        }
        finally
        {
            merging.Release();
        }
    }

    private async IAsyncEnumerable<ReadOnlyMemory<byte>> SummariesAsync(IReadOnlyList<JobPart> parts, [EnumeratorCancellation] CancellationToken cancellation)
    {
        foreach (var part in parts)
        {
            yield return await JobRows.LoadAsync(blobs, part.Summary, part.SummaryBlob, cancellation);
        }
    }
}
