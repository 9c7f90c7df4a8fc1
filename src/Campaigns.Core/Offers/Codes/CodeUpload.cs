using Campaigns.Core.Jobs;
using Campaigns.Core.Primitives;
using Campaigns.Core.Storage;

namespace Campaigns.Core.Offers.Codes;

/// <summary>A line of an uploaded file that gave no code.</summary>
/// <param name="Line">Line, from 1.</param>
/// <param name="Reason">Why.</param>
public readonly record struct RejectedCode(long Line, string Reason);

/// <summary>What became of an uploaded file.</summary>
/// <param name="Pool">Pool.</param>
/// <param name="Added">Codes that are new.</param>
/// <param name="Unchanged">Codes that an earlier upload to the pool had brought.</param>
/// <param name="Rejected">Lines that gave no code.</param>
/// <param name="Rejects">The first of these, at most <see cref="CodeUpload.MaxRejects"/>.</param>
/// <param name="Problem">Why the file was not read to its end and what to do, or null.</param>
public sealed record CodeUploadResult(string Pool, int Added, int Unchanged, int Rejected, IReadOnlyList<RejectedCode> Rejects, string? Problem);

/// <summary>
/// Takes files of codes into pools. A code stands in one pool once: a file that comes again changes nothing, one that was cut
/// short goes on where it stopped. Codes come in commits of some pages, each with the pool's head; memory holds one such
/// batch and a hash of every code (two codes of five million share one, and the second is taken for the first, with a
/// probability below 10⁻⁶).
/// </summary>
public sealed class CodeUpload(IRowStore rows)
{
    /// <summary>Rejected lines that are named; the others are counted.</summary>
    public const int MaxRejects = 1_000;

    /// <summary>Codes per commit: ten pages, a megabyte.</summary>
    private const int BatchSize = 10 * CodePage.Size;

    /// <summary>Tries to add a batch while others upload or reserve.</summary>
    private const int MaxAttempts = 50;

    /// <summary>Adds the codes of a file. Throws <see cref="ArgumentException"/> where the pool's id is none.</summary>
    public async ValueTask<CodeUploadResult> AddAsync(string pool, Stream content, DateTimeOffset now, CancellationToken cancellation)
    {
        if (!CodePool.IsId(pool))
        {
            throw new ArgumentException($"The id of a pool has 1 to {CodePool.MaxIdLength} lower-case letters, digits and hyphens.", nameof(pool));
        }

        var reading = new Reading(rows, pool, now);
        await reading.KnowAsync(cancellation);
        string? problem = null;
        try
        {
            await foreach (var line in CodeFile.ReadAsync(content, cancellation))
            {
                if (reading.Take(line) == BatchSize)
                {
                    await reading.SaveAsync(cancellation);
                }
            }
        }
        catch (JobFailedException unreadable)
        {
            problem = unreadable.Message;
        }

        await reading.SaveAsync(cancellation);
        return reading.ToResult(problem is null ? null : $"{problem} Codes are taken from text or CSV with one code per line, compressed by gzip or not; sending the file again adds what is missing.");
    }

    private static ulong HashOf(string code) => StableHash.Of(code.ToUpperInvariant());

    /// <summary>One file on its way into a pool.</summary>
    private sealed class Reading(IRowStore rows, string pool, DateTimeOffset now)
    {
        private readonly HashSet<ulong> inFile = [];
        private readonly HashSet<ulong> inPool = [];
        private readonly HashSet<ulong> elsewhere = [];
        private readonly List<CodeLine> batch = [];
        private readonly List<RejectedCode> rejects = [];
        private Stored<CodePool>? head;
        private Stored<CodeUploads>? uploads;
        private int added;
        private int unchanged;
        private int rejected;

        /// <summary>Reads the heads, and the hashes of all codes that are stored.</summary>
        public async ValueTask KnowAsync(CancellationToken cancellation)
        {
            // Before the pages: what is added between the two makes the commit fail, never pass unseen.
            uploads = await rows.FindAsync<CodeUploads>(Tables.Codes, Tables.All, CodeKeys.Uploads, cancellation);
            inPool.Clear();
            elsewhere.Clear();
            var own = CodeKeys.Pages(pool);
            await foreach (var row in rows.ScanPrefixAsync(Tables.Codes, Tables.All, CodeKeys.AllPages, cancellation))
            {
                var known = row.Key.StartsWith(own, StringComparison.Ordinal) ? inPool : elsewhere;
                known.UnionWith(RowCodec.Decode<CodePage>(row.Payload).Codes.Select(HashOf));
            }

            await ReadHeadAsync(cancellation);
        }

        /// <summary>Takes a line; gives how many codes wait to be saved.</summary>
        public int Take(CodeLine line)
        {
            if (CodeFile.Unfit(line.Code) is { } reason)
            {
                Reject(line, reason);
            }
            else if (!inFile.Add(HashOf(line.Code)))
            {
                Reject(line, "twice in this file");
            }
            else
            {
                batch.Add(line);
            }

            return batch.Count;
        }

        /// <summary>Saves the codes that wait and are new.</summary>
        public async ValueTask SaveAsync(CancellationToken cancellation)
        {
            for (var attempt = 0; attempt < MaxAttempts; attempt++)
            {
                var fresh = batch.FindAll(l => !inPool.Contains(HashOf(l.Code)) && !elsewhere.Contains(HashOf(l.Code)));
                fresh = fresh[..Math.Min(fresh.Count, CodePool.MaxCodes - (uploads?.Value.Codes ?? 0))];
                if (fresh.Count == 0 || await CommitAsync(fresh, cancellation))
                {
                    Settle(fresh);
                    return;
                }

                var seen = uploads?.ETag;
                await ReadHeadAsync(cancellation);
                if ((await rows.GetAsync(Tables.Codes, Tables.All, CodeKeys.Uploads, cancellation))?.ETag != seen)
                {
                    await KnowAsync(cancellation);
                }
            }

            throw new IOException($"The pool of codes {pool} was changed by others {MaxAttempts} times in a row; try again.");
        }

        public CodeUploadResult ToResult(string? problem) =>
            new(pool, added, unchanged, rejected, [.. rejects.OrderBy(r => r.Line)], problem);

        private async ValueTask ReadHeadAsync(CancellationToken cancellation) =>
            head = await rows.FindAsync<CodePool>(Tables.Codes, Tables.All, CodeKeys.Pool(pool), cancellation);

        private async ValueTask<bool> CommitAsync(List<CodeLine> fresh, CancellationToken cancellation)
        {
            var stands = head?.Value ?? new CodePool { Id = pool, CreatedAt = now };
            var next = stands with { Codes = stands.Codes + fresh.Count };
            var counted = new CodeUploads { Codes = (uploads?.Value.Codes ?? 0) + fresh.Count };
            var operations = new List<RowOperation>
            {
                RowOperation.Write(CodeKeys.Pool(pool), RowCodec.Encode(next), head?.ETag),
                RowOperation.Write(CodeKeys.Uploads, RowCodec.Encode(counted), uploads?.ETag),
            };
            var first = stands.Codes;
            foreach (var chunk in fresh.Chunk(CodePage.Size))
            {
                operations.Add(new RowOperation.Insert(CodeKeys.Page(pool, first), RowCodec.Encode(new CodePage { First = first, Codes = Array.ConvertAll(chunk, l => l.Code) })));
                first += chunk.Length;
            }

            if (await rows.CommitAsync(Tables.Codes, Tables.All, operations, cancellation) is not CommitResult.Committed done)
            {
                return false;
            }

            head = new Stored<CodePool>(operations[0].Key, done.ETags[0]!, next);
            uploads = new Stored<CodeUploads>(operations[1].Key, done.ETags[1]!, counted);
            return true;
        }

        private void Settle(List<CodeLine> fresh)
        {
            var saved = fresh.ConvertAll(l => l.Line).ToHashSet();
            foreach (var line in batch.Where(l => !saved.Contains(l.Line)))
            {
                if (inPool.Contains(HashOf(line.Code)))
                {
                    unchanged++;
                }
                else
                {
                    Reject(line, elsewhere.Contains(HashOf(line.Code)) ? "in another pool already" : FormattableString.Invariant($"the pools hold {CodePool.MaxCodes:N0} codes, the most"));
                }
            }

            added += fresh.Count;
            inPool.UnionWith(fresh.Select(l => HashOf(l.Code)));
            batch.Clear();
        }

        private void Reject(CodeLine line, string reason)
        {
            rejected++;
            if (rejects.Count < MaxRejects)
            {
                rejects.Add(new RejectedCode(line.Line, reason));
            }
        }
    }
}
