using System.Globalization;
using Campaigns.Core.Storage;
using MemoryPack;

namespace Campaigns.Core.Jobs;

/// <summary>Keys and reading of job rows.</summary>
public static class JobRows
{
    /// <summary>Partition with one row per unfinished job: <see cref="OpenRow"/>.</summary>
    public const string Open = "open";

    /// <summary>Row key of a job's head.</summary>
    public const string Head = "head";

    /// <summary>Summaries and results above this size go into a blob: rows stay small enough to read a partition in one page.</summary>
    public const int InlineBytes = 8 * 1024;

    /// <summary>Prefix of all parts.</summary>
    internal const string Parts = "p|";

    /// <summary>Blob of a stage's result where it is large.</summary>
    internal static string ResultBlob(string job, string stage) => $"jobs/{job}/{stage}/result";

    /// <summary>Row key of a part.</summary>
    public static string Part(string stage, int part) => $"{Parts}{stage}|{part.ToString("000", CultureInfo.InvariantCulture)}";

    /// <summary>Row key of a stage's result.</summary>
    public static string Result(string stage) => "r|" + stage;

    /// <summary>The merged result of a stage, or null where it is not complete.</summary>
    public static async ValueTask<ReadOnlyMemory<byte>?> ResultAsync(IRowStore rows, IBlobStore blobs, string job, string stage, CancellationToken cancellation)
    {
        var found = await rows.FindAsync<StageResult>(Tables.Work, job, Result(stage), cancellation);
        // The cast matters: a bare null would become an empty memory by way of byte[], and every stage would look complete.
        return found is null ? (ReadOnlyMemory<byte>?)null : await LoadAsync(blobs, found.Value.Result, found.Value.ResultBlob, cancellation);
    }

    internal static async ValueTask<ReadOnlyMemory<byte>> LoadAsync(IBlobStore blobs, byte[]? inline, string? blob, CancellationToken cancellation)
    {
        if (blob is null)
        {
            return inline ?? [];
        }

        await using var stream = await blobs.OpenAsync(blob, cancellation) ?? throw new IOException($"Blob {blob} is gone.");
        using var copy = new MemoryStream();
        await stream.CopyToAsync(copy, cancellation);
        return copy.GetBuffer().AsMemory(0, (int)copy.Length);
    }

    internal static async ValueTask<(byte[]? Inline, string? Blob)> StoreAsync(IBlobStore blobs, string name, ReadOnlyMemory<byte> content, CancellationToken cancellation)
    {
        if (content.Length <= InlineBytes)
        {
            return (content.ToArray(), null);
        }

        await using var writer = await blobs.CreateAsync(name, cancellation);
        await writer.Stream.WriteAsync(content, cancellation);
        writer.Complete();
        return (null, name);
    }
}

/// <summary>State of a job. Values are stored: never renumber.</summary>
public enum JobStatus : byte
{
    /// <summary>Stages are under way.</summary>
    Running = 0,

    /// <summary>All stages are done.</summary>
    Done = 1,

    /// <summary>It cannot go on; <see cref="JobHead.Problem"/> says why and what to do.</summary>
    Failed = 2,
}

/// <summary>A job: its kind and the inputs that were frozen when it was created. Row <c>head</c> of partition {job}.</summary>
[MemoryPackable]
public sealed partial record JobHead : IStoredRow
{
    /// <inheritdoc/>
    public static byte Version => 1;

    /// <summary>Id of the job; for runs of campaigns, the run id.</summary>
    public required string Job { get; init; }

    /// <summary>Kind: "import", "recompute", "run", "measure".</summary>
    public required string Kind { get; init; }

    /// <summary>Business time of the job: what it sees as "now".</summary>
    public required DateTimeOffset AsOf { get; init; }

    /// <summary>System time of creation.</summary>
    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>Frozen inputs, encoded by the kind with <see cref="RowCodec"/>; above 256 KiB they belong into a blob that the inputs name.</summary>
    public byte[] Inputs { get; init; } = [];

    /// <summary>How it stands.</summary>
    public JobStatus Status { get; init; }

    /// <summary>Why it failed and what to do, or null.</summary>
    public string? Problem { get; init; }

    /// <summary>System time of the end, or null.</summary>
    public DateTimeOffset? EndedAt { get; init; }
}

/// <summary>One part of a stage: row <c>p|{stage}|{part:000}</c>. Its presence with <see cref="Done"/> is what completion rests on.</summary>
[MemoryPackable]
public sealed partial record JobPart : IStoredRow
{
    /// <inheritdoc/>
    public static byte Version => 1;

    /// <summary>The part's work is finished and its summary stored.</summary>
    public bool Done { get; init; }

    /// <summary>Business time at which the part has more to do, or null.</summary>
    public DateTimeOffset? DueAt { get; init; }

    /// <summary>System time until which a handler works on the part; renewed while it does.</summary>
    public DateTimeOffset? LeaseUntil { get; init; }

    /// <summary>The summary where it is small, else null and <see cref="SummaryBlob"/> names it.</summary>
    public byte[]? Summary { get; init; }

    /// <summary>Blob with the summary, or null.</summary>
    public string? SummaryBlob { get; init; }

    /// <summary>Units of work done so far (rows, customers), for progress.</summary>
    public long Progress { get; init; }
}

/// <summary>A stage's merged result: row <c>r|{stage}</c>. Inserted once; the same for any number of buckets.</summary>
[MemoryPackable]
public sealed partial record StageResult : IStoredRow
{
    /// <inheritdoc/>
    public static byte Version => 1;

    /// <summary>The result where it is small, else null.</summary>
    public byte[]? Result { get; init; }

    /// <summary>Blob with the result, or null.</summary>
    public string? ResultBlob { get; init; }
}
