using System.Globalization;
using System.IO.Hashing;
using Campaigns.Core.Jobs;
using Campaigns.Core.Primitives;
using Campaigns.Core.Storage;

namespace Campaigns.Core.Ingest;

/// <summary>An import as it stands.</summary>
/// <param name="Id">Id.</param>
/// <param name="Name">Name for people.</param>
/// <param name="CreatedAt">System time of creation.</param>
/// <param name="Status">Running, done or failed.</param>
/// <param name="Problem">Why it failed and what to do, or null.</param>
/// <param name="Stage">Stage under way: "parse" or "ingest"; null when it is over.</param>
/// <param name="Done">Units done of the stage: bytes of the source, then records.</param>
/// <param name="Total">Units of the stage.</param>
/// <param name="Summary">What it came to; while it runs, what the parse found; null before.</param>
/// <param name="AsksColumns">It waits for somebody to say which column of the file is what: see <see cref="ColumnsStep"/>.</param>
public sealed record ImportProgress(
    string Id, string Name, DateTimeOffset CreatedAt, JobStatus Status, string? Problem, string? Stage, long Done, long Total, ImportSummary? Summary, bool AsksColumns);

/// <summary>
/// Imports: whatever comes in by file, HTTP or queue is stored as a blob and imported by a job. Row <c>import|{time}|{id}</c> of
/// partition <c>imports</c> in table work lists them, newest first.
/// </summary>
public sealed class Imports(IRowStore rows, IBlobStore blobs, Workspace workspace, JobRunner jobs, TimeProvider time)
{
    /// <summary>The most imports in a list.</summary>
    public const int ListLength = 50;

    /// <summary>Content without an id is held in memory up to this size, to be named by its hash.</summary>
    private const int HeldBytes = 4 * 1024 * 1024;

    private const string Listed = "imports";

    /// <summary>
    /// Stores the content and creates the import's job. The same id is the same import: its content is stored once, and it
    /// gives the same messages again. Throws <see cref="ArgumentException"/> where the id cannot be a key.
    /// </summary>
    public async ValueTask<ImportStarted> StartAsync(ImportRequest request, Stream content, CancellationToken cancellation)
    {
        var (id, start) = request.Id is null ? await NameAsync(content, cancellation) : (request.Id, null);
        RowLimits.CheckKey(id);
        var head = await jobs.FindAsync(id, cancellation);
        if (head is null)
        {
            var bytes = await StoreAsync(id, start, content, cancellation);
            var inputs = new ImportInputs
            {
                Subject = request.Subject,
                Format = request.Format,
                Name = request.Name,
                DateFormat = request.DateFormat,
                Currency = request.Currency,
                Small = request.Small,
                Columns = request.Columns is { } columns ? new(columns, StringComparer.Ordinal) : null,
                SourceBytes = bytes,
            };
            head = new JobHead
            {
                Job = id,
                Kind = ParseStep.ImportKind,
                AsOf = await workspace.NowAsync(cancellation),
                CreatedAt = time.GetUtcNow(),
                Inputs = RowCodec.Encode(inputs).ToArray(),
            };
            if (!request.Small)
            {
                await ListAsync(rows, head, cancellation);
            }
        }

        return new ImportStarted(id, await jobs.CreateAsync(head, cancellation));
    }

    /// <summary>The import, or null where there is none.</summary>
    public async ValueTask<ImportProgress?> FindAsync(string id, CancellationToken cancellation)
    {
        var head = await jobs.FindAsync(id, cancellation);
        if (head is not { Kind: ParseStep.ImportKind })
        {
            return null;
        }

        var inputs = RowCodec.Decode<ImportInputs>(head.Inputs);
        var parsed = await ResultAsync(id, ParseStep.StageName, cancellation);
        var whole = parsed is null ? null : await ResultAsync(id, IngestStep.StageName, cancellation);
        var stage = whole is not null || head.Status == JobStatus.Failed ? null : parsed is null ? ParseStep.StageName : IngestStep.StageName;
        var total = parsed is null ? inputs.SourceBytes : parsed.Records.Sum();
        var done = whole is not null ? total : 0;
        if (stage is not null)
        {
            var step = jobs.StagesOf(head.Kind).First(s => string.Equals(s.Name, stage, StringComparison.Ordinal));
            done = (await jobs.PartsAsync(head, step, cancellation)).Sum(p => p?.Progress ?? 0);
        }

        return new ImportProgress(id, inputs.Name, head.CreatedAt, head.Status, head.Problem, stage, Math.Min(done, total), total, whole ?? parsed,
            head.Status == JobStatus.Failed && await rows.FindAsync<ColumnsAsked>(Tables.Work, id, ColumnsStep.AskedKey, cancellation) is { Value.AnsweredBy: null });
    }

    /// <summary>The newest imports first, at most <see cref="ListLength"/>.</summary>
    public async ValueTask<IReadOnlyList<ImportProgress>> ListAsync(CancellationToken cancellation)
    {
        var found = new List<ImportProgress>();
        await foreach (var row in rows.ScanAsync(Tables.Work, Listed, " ", "\x7e", cancellation))
        {
            if (found.Count == ListLength)
            {
                break;
            }

            // The same content sent twice at once has two rows and one job: the row of the job's own time counts.
            if (await FindAsync(row.Key[20..], cancellation) is { } import && row.Key == ListKey(import.Id, import.CreatedAt))
            {
                found.Add(import);
            }
        }

        return found;
    }

    /// <summary>The rejected rows as CSV (line, reason, raw), or null where none was rejected.</summary>
    public ValueTask<Stream?> OpenRejectsAsync(string id, CancellationToken cancellation) => blobs.OpenAsync(RejectsBlob(id), cancellation);

    /// <summary>Puts an import on the list.</summary>
    internal static async ValueTask ListAsync(IRowStore rows, JobHead head, CancellationToken cancellation) =>
        await rows.CommitAsync(Tables.Work, Listed, [new RowOperation.Upsert(ListKey(head.Job, head.CreatedAt), new byte[] { 1 })], cancellation);

    /// <summary>Takes an import from the list: another has taken its place.</summary>
    internal async ValueTask UnlistAsync(string id, CancellationToken cancellation)
    {
        if (await jobs.FindAsync(id, cancellation) is { } head)
        {
            await rows.CommitAsync(Tables.Work, Listed, [new RowOperation.Delete(ListKey(id, head.CreatedAt))], cancellation);
        }
    }

    private static string ListKey(string id, DateTimeOffset createdAt) =>
        (DateTimeOffset.MaxValue.UtcTicks - createdAt.UtcTicks).ToString("d19", CultureInfo.InvariantCulture) + "|" + id;

    /// <summary>Names of the blobs of all imports begin so.</summary>
    internal const string BlobPrefix = "imports/";

    /// <summary>The import whose blob it is, or null.</summary>
    internal static string? ImportOf(string blob) =>
        blob.StartsWith(BlobPrefix, StringComparison.Ordinal) && blob.LastIndexOf('/') is var end && end > BlobPrefix.Length ? blob[BlobPrefix.Length..end] : null;

    internal static string SourceBlob(string id) => $"{BlobPrefix}{id}/source";

    internal static string RejectsBlob(string id) => $"{BlobPrefix}{id}/rejects";

    internal static string RunPrefix(string id, int bucket) => $"{BlobPrefix}{id}/{Bucketing.Partition(bucket)}/";

    /// <summary>A mark for rows that this import writes: never 0, its lowest bit clear.</summary>
    internal static uint MarkOf(string id) => ((uint)XxHash3.HashToUInt64(System.Text.Encoding.UTF8.GetBytes(id)) << 1) | 0x8000_0000;

    private async ValueTask<ImportSummary?> ResultAsync(string id, string stage, CancellationToken cancellation) =>
        await JobRows.ResultAsync(rows, blobs, id, stage, cancellation) is { } result ? RowCodec.Decode<ImportSummary>(result) : null;

    /// <summary>
    /// An id for content without one: its hash, so that content sent twice is imported once. Content too large to be held is
    /// named by its beginning and the time: sent again it is read again, which changes nothing but the list.
    /// </summary>
    private async ValueTask<(string Id, byte[] Start)> NameAsync(Stream content, CancellationToken cancellation)
    {
        using var start = new MemoryStream();
        var buffer = new byte[64 * 1024];
        int read;
        while (start.Length < HeldBytes && (read = await content.ReadAsync(buffer, cancellation)) > 0)
        {
            start.Write(buffer, 0, read);
        }

        var held = start.ToArray();
        var hash = Base32.Encode(System.Security.Cryptography.SHA256.HashData(held).AsSpan(0, 16));
        return (held.Length < HeldBytes ? hash : StableHash.Id(hash, time.GetUtcNow().UtcTicks.ToString(CultureInfo.InvariantCulture)), held);
    }

    private async ValueTask<long> StoreAsync(string id, byte[]? start, Stream content, CancellationToken cancellation)
    {
        await using var blob = await blobs.CreateAsync(SourceBlob(id), cancellation);
        await blob.Stream.WriteAsync(start ?? [], cancellation);
        var buffer = new byte[128 * 1024];
        var bytes = start?.LongLength ?? 0;
        int read;
        while ((read = await content.ReadAsync(buffer, cancellation)) > 0)
        {
            await blob.Stream.WriteAsync(buffer.AsMemory(0, read), cancellation);
            bytes += read;
        }

        blob.Complete();
        return bytes;
    }
}
