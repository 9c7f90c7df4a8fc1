using Campaigns.Core.Primitives;
using Campaigns.Core.Storage;
using MemoryPack;

namespace Campaigns.Core.Jobs;

/// <summary>What a stage gets: its job, the store, the settings, and the way to report progress and read earlier stages.</summary>
public sealed class JobContext(JobHead head, WorkspaceSettings settings, IRowStore rows, IBlobStore blobs)
{
    private long progress;

    /// <summary>The job.</summary>
    public JobHead Head { get; } = head;

    /// <summary>Settings as they are now; what must not change while the job runs stands in its inputs.</summary>
    public WorkspaceSettings Settings { get; } = settings;

    /// <summary>How customers are spread.</summary>
    public Bucketing Bucketing => new(Settings.Buckets);

    /// <summary>Rows.</summary>
    public IRowStore Rows { get; } = rows;

    /// <summary>Blobs.</summary>
    public IBlobStore Blobs { get; } = blobs;

    /// <summary>Units done in the part so far.</summary>
    public long Progress => Interlocked.Read(ref progress);

    /// <summary>Reports units done; stored with the next renewal of the part's lease.</summary>
    public void Advance(long units) => Interlocked.Add(ref progress, units);

    /// <summary>The frozen inputs.</summary>
    public T Inputs<T>()
        where T : IStoredRow, IMemoryPackable<T> => RowCodec.Decode<T>(Head.Inputs);

    /// <summary>The merged result of an earlier stage. Throws where it is missing: stages run in order.</summary>
    public async ValueTask<ReadOnlyMemory<byte>> ResultAsync(string stage, CancellationToken cancellation) =>
        await JobRows.ResultAsync(Rows, Blobs, Head.Job, stage, cancellation)
        ?? throw new InvalidOperationException($"Job {Head.Job} has no result of stage {stage} yet.");
}
