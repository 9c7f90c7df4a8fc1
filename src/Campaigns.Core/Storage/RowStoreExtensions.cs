using System.Runtime.CompilerServices;
using MemoryPack;

namespace Campaigns.Core.Storage;

/// <summary>What every step does with rows, written once above the port.</summary>
public static class RowStoreExtensions
{
    /// <summary>The rows with from ≤ key &lt; before, page by page; memory holds one page.</summary>
    public static async IAsyncEnumerable<Row> ScanAsync(
        this IRowStore rows, string table, string partition, string from, string before, [EnumeratorCancellation] CancellationToken cancellation = default)
    {
        string? continuation = null;
        do
        {
            var page = await rows.RangeAsync(table, partition, from, before, RowLimits.PageSize, continuation, cancellation);
            foreach (var row in page.Rows)
            {
                yield return row;
            }

            continuation = page.Continuation;
        }
        while (continuation is not null);
    }

    /// <summary>The rows whose keys start with the prefix.</summary>
    public static IAsyncEnumerable<Row> ScanPrefixAsync(this IRowStore rows, string table, string partition, string prefix, CancellationToken cancellation = default) =>
        rows.ScanAsync(table, partition, prefix, Keys.After(prefix), cancellation);

    /// <summary>The decoded row with its ETag, or null.</summary>
    public static async ValueTask<Stored<T>?> FindAsync<T>(this IRowStore rows, string table, string partition, string key, CancellationToken cancellation)
        where T : class, IStoredRow, IMemoryPackable<T>
    {
        var row = await rows.GetAsync(table, partition, key, cancellation);
        return row is null ? null : new Stored<T>(row.Key, row.ETag, RowCodec.Decode<T>(row.Payload));
    }

    /// <summary>
    /// Load → change → save one row until it succeeds: <paramref name="change"/> gets the present value (null where there is
    /// none) and gives the new one, or null to leave it. Gives what stands afterwards.
    /// </summary>
    public static async ValueTask<T?> UpdateAsync<T>(
        this IRowStore rows, string table, string partition, string key, Func<T?, T?> change, CancellationToken cancellation)
        where T : class, IStoredRow, IMemoryPackable<T>
    {
        for (var attempt = 0; attempt < MaxAttempts; attempt++)
        {
            var found = await rows.FindAsync<T>(table, partition, key, cancellation);
            var next = change(found?.Value);
            if (next is null)
            {
                return found?.Value;
            }

            if (await rows.CommitAsync(table, partition, [RowOperation.Write(key, RowCodec.Encode(next), found?.ETag)], cancellation) is CommitResult.Committed)
            {
                return next;
            }
        }

        throw new IOException($"Row {table}/{partition}/{key} was changed by others {MaxAttempts} times in a row; try again.");
    }

    /// <summary>Contention on one row beyond this many tries means a fault, not bad luck.</summary>
    private const int MaxAttempts = 50;
}

/// <summary>A decoded row with the ETag under which it can be replaced.</summary>
public sealed record Stored<T>(string Key, string ETag, T Value);

/// <summary>Key arithmetic.</summary>
public static class Keys
{
    /// <summary>The least key above all keys with the prefix.</summary>
    public static string After(string prefix) => prefix[..^1] + (char)(prefix[^1] + 1);
}
