using System.Buffers;

namespace Campaigns.Core.Storage;

/// <summary>
/// The row port: tables of partitions of rows, each with a payload of bytes and an ETag, and one atomic commit per
/// partition. It is what Azure Tables give; the embedded adapter gives the same. One contract suite runs on both.
/// Tables come into being on first use. Keys are ASCII, ordered ordinally.
/// </summary>
public interface IRowStore
{
    /// <summary>The row, or null.</summary>
    ValueTask<Row?> GetAsync(string table, string partition, string key, CancellationToken cancellation);

    /// <summary>
    /// A page of the rows with <paramref name="from"/> ≤ key &lt; <paramref name="before"/>, in key order. A page may be
    /// empty and still carry a continuation: only a null continuation means the end. Callers use
    /// <see cref="RowStoreExtensions.ScanAsync"/>.
    /// </summary>
    ValueTask<RowPage> RangeAsync(string table, string partition, string from, string before, int limit, string? continuation, CancellationToken cancellation);

    /// <summary>
    /// As <see cref="RangeAsync"/>, but the page replaces what the buffer holds; gives the continuation. For scans of very
    /// many rows: nothing is left for the collector where the store copies straight into the buffer.
    /// </summary>
    async ValueTask<string?> FillAsync(RowBuffer page, string table, string partition, string from, string before, int limit, string? continuation, CancellationToken cancellation)
    {
        var read = await RangeAsync(table, partition, from, before, limit, continuation, cancellation);
        page.Clear();
        foreach (var row in read.Rows)
        {
            page.Add(row);
        }

        return read.Continuation;
    }

    /// <summary>
    /// Does all operations or none. 1 … <see cref="RowLimits.OperationsPerCommit"/> operations, one per key, together at
    /// most <see cref="RowLimits.BytesPerCommit"/>. A condition that does not hold gives a conflict with the index of
    /// (one of) the operations at fault, so that the caller can retry without it. A write that was ours although its
    /// answer was lost is not a conflict.
    /// </summary>
    ValueTask<CommitResult> CommitAsync(string table, string partition, IReadOnlyList<RowOperation> operations, CancellationToken cancellation);

    /// <summary>The partitions of a table that hold rows, in order. For sweeps and checks, not for hot paths.</summary>
    IAsyncEnumerable<string> PartitionsAsync(string table, CancellationToken cancellation);
}

/// <summary>A stored row. <see cref="Payload"/> stays valid as long as the row is referenced.</summary>
public sealed record Row(string Key, string ETag, ReadOnlyMemory<byte> Payload);

/// <summary>Some rows in key order, and where to go on; null at the end.</summary>
public sealed record RowPage(IReadOnlyList<Row> Rows, string? Continuation);

/// <summary>One change within a commit.</summary>
public abstract record RowOperation(string Key)
{
    /// <summary>Writes a row that must not exist.</summary>
    public sealed record Insert(string Key, ReadOnlyMemory<byte> Payload) : RowOperation(Key);

    /// <summary>Replaces a row that must exist with this ETag.</summary>
    public sealed record Replace(string Key, ReadOnlyMemory<byte> Payload, string ETag) : RowOperation(Key);

    /// <summary>Writes a row whatever was there. Only where a lost update cannot matter.</summary>
    public sealed record Upsert(string Key, ReadOnlyMemory<byte> Payload) : RowOperation(Key);

    /// <summary>Deletes a row: with an ETag it must exist with it; without, a missing row is no conflict.</summary>
    public sealed record Delete(string Key, string? ETag = null) : RowOperation(Key);

    /// <summary>Insert where <paramref name="etag"/> is null, else replace: the usual end of load → decide → save.</summary>
    public static RowOperation Write(string key, ReadOnlyMemory<byte> payload, string? etag) =>
        etag is null ? new Insert(key, payload) : new Replace(key, payload, etag);

    /// <summary>Payload bytes of the operation; 0 for a delete.</summary>
    public int Size => this switch { Insert i => i.Payload.Length, Replace r => r.Payload.Length, Upsert u => u.Payload.Length, _ => 0 };
}

/// <summary>What became of a commit.</summary>
public abstract record CommitResult
{
    /// <summary>All done: the new ETags by operation, null for deletes. ETags never repeat for a key, even after a delete.</summary>
    public sealed record Committed(IReadOnlyList<string?> ETags) : CommitResult;

    /// <summary>Nothing done: the condition of the operation at <paramref name="Index"/> did not hold.</summary>
    public sealed record Conflict(int Index) : CommitResult;
}

/// <summary>Limits of a row store: those of Azure Tables, refused alike by every adapter (see <see cref="Check"/>).</summary>
public static class RowLimits
{
    /// <summary>Azure Tables: entities per transaction.</summary>
    public const int OperationsPerCommit = 100;

    /// <summary>Azure Tables: 4 MiB per transaction as it is sent, payloads in base64 (4 bytes for 3); 300 KB are left for 100 operations' longest keys and envelopes.</summary>
    public const int BytesPerCommit = 2_900_000;

    /// <summary>Azure Tables: 1 MiB per entity, in binary properties of 64 KiB; some room is left for keys.</summary>
    public const int BytesPerRow = 960 * 1024;

    /// <summary>Azure allows 1 KiB per key; ours are far below, so a longer one is a fault.</summary>
    public const int KeyLength = 512;

    /// <summary>Azure Tables: rows per page.</summary>
    public const int PageSize = 1000;

    private static readonly SearchValues<char> KeyCharacters =
        SearchValues.Create([.. Enumerable.Range(' ', '~' - ' ' + 1).Select(c => (char)c).Where(c => c is not ('/' or '\\' or '#' or '?'))]);

    /// <summary>The text can be a key.</summary>
    public static bool IsKey(string text) => text.Length is > 0 and <= KeyLength && !text.AsSpan().ContainsAnyExcept(KeyCharacters);

    /// <summary>Throws <see cref="ArgumentException"/> where a key is empty, too long, or holds what Azure forbids.</summary>
    public static void CheckKey(string key)
    {
        if (key.Length is 0 or > KeyLength)
        {
            throw new ArgumentException($"A key has 1 to {KeyLength} characters; this one has {key.Length}.", nameof(key));
        }

        if (key.AsSpan().ContainsAnyExcept(KeyCharacters))
        {
            throw new ArgumentException($"The key '{key}' holds a character that a row key may not hold (printable ASCII without / \\ # ?).", nameof(key));
        }
    }

    /// <summary>Throws <see cref="ArgumentException"/> where Azure would refuse the name of the table: 3 to 63 letters and digits, a letter first.</summary>
    public static void CheckTable(string table)
    {
        if (table.Length is < 3 or > 63 || !char.IsAsciiLetter(table[0]) || !table.All(char.IsAsciiLetterOrDigit))
        {
            throw new ArgumentException($"The table name '{table}' is not allowed: 3 to 63 letters and digits, a letter first.", nameof(table));
        }
    }

    /// <summary>Throws <see cref="ArgumentException"/> where a commit breaks a limit. Every adapter calls it first.</summary>
    public static void Check(string partition, IReadOnlyList<RowOperation> operations)
    {
        CheckKey(partition);
        if (operations.Count is 0 or > OperationsPerCommit)
        {
            throw new ArgumentException($"A commit has 1 to {OperationsPerCommit} operations; this one has {operations.Count}.", nameof(operations));
        }

        var bytes = 0L;
        for (var i = 0; i < operations.Count; i++)
        {
            var operation = operations[i];
            CheckKey(operation.Key);

            if (operation.Size > BytesPerRow)
            {
                throw new ArgumentException($"A row holds at most {BytesPerRow:N0} bytes; '{operation.Key}' has {operation.Size:N0}.", nameof(operations));
            }

            bytes += operation.Size;
        }

        if (bytes > BytesPerCommit)
        {
            throw new ArgumentException($"A commit holds at most {BytesPerCommit:N0} bytes; this one has {bytes:N0}.", nameof(operations));
        }

        CheckKeysDiffer(operations);
    }

    private static void CheckKeysDiffer(IReadOnlyList<RowOperation> operations)
    {
        // Bulk writers come in key order, where neighbours tell; only others pay for a set.
        var ascending = true;
        for (var i = 1; i < operations.Count && ascending; i++)
        {
            ascending = string.CompareOrdinal(operations[i - 1].Key, operations[i].Key) < 0;
        }

        if (ascending)
        {
            return;
        }

        var keys = new HashSet<string>(operations.Count, StringComparer.Ordinal);
        foreach (var operation in operations)
        {
            if (!keys.Add(operation.Key))
            {
                throw new ArgumentException($"A commit names a key once; '{operation.Key}' is there twice.", nameof(operations));
            }
        }
    }
}
