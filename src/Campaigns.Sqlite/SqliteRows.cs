using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text;
using Campaigns.Core.Storage;

namespace Campaigns.Sqlite;

/// <summary>The row port. An ETag is a number from <c>numbers</c>, in decimal.</summary>
internal sealed class SqliteRows(Writer writer, Readers readers, PartitionIds partitions) : IRowStore
{
    /// <summary>Payload bytes after which a page ends early: the most that Azure puts into an answer.</summary>
    private const int PageBytes = 4 << 20;

    public ValueTask<Row?> GetAsync(string table, string partition, string key, CancellationToken cancellation)
    {
        Check(table, partition);
        RowLimits.CheckKey(key);
        return readers.ReadAsync((partitions, table, partition, key), static (connection, a) =>
        {
            if (!TryFind(a.partitions, connection, a.table, a.partition, out var space))
            {
                return null;
            }

            using var found = connection["SELECT etag, payload FROM rows WHERE space = ?1 AND key = ?2"].Bind(1, space).Bind(2, a.key).Use();
            return found.Step() ? new Row(a.key, ETag(found.Long(0)), found.Bytes(1).ToArray()) : null;
        }, cancellation);
    }

    public ValueTask<RowPage> RangeAsync(
        string table, string partition, string from, string before, int limit, string? continuation, CancellationToken cancellation)
    {
        CheckRange(table, partition, limit);
        return readers.ReadAsync((partitions, table, partition, from, before, limit, continuation), static (connection, a) =>
            TryFind(a.partitions, connection, a.table, a.partition, out var space)
                ? Page(Range(connection, space, a.from, a.before, a.limit, a.continuation), a.limit)
                : new RowPage([], null), cancellation);
    }

    public ValueTask<string?> FillAsync(
        RowBuffer page, string table, string partition, string from, string before, int limit, string? continuation, CancellationToken cancellation)
    {
        CheckRange(table, partition, limit);
        return readers.ReadAsync((partitions, page, table, partition, from, before, limit, continuation), static (connection, a) =>
        {
            a.page.Clear();
            return TryFind(a.partitions, connection, a.table, a.partition, out var space)
                ? Fill(a.page, Range(connection, space, a.from, a.before, a.limit, a.continuation), a.limit)
                : null;
        }, cancellation);
    }

    public async ValueTask<CommitResult> CommitAsync(
        string table, string partition, IReadOnlyList<RowOperation> operations, CancellationToken cancellation)
    {
        Check(table, partition);
        RowLimits.Check(partition, operations);
        return await writer.WriteAsync(operations.Count, transaction => RowCommit.Run(transaction, table, partition, operations), cancellation);
    }

    public async IAsyncEnumerable<string> PartitionsAsync(string table, [EnumeratorCancellation] CancellationToken cancellation)
    {
        RowLimits.CheckTable(table);
        var last = "";
        while (true)
        {
            var page = await readers.ReadAsync((table, last), static (connection, a) =>
            {
                var names = new List<string>();
                using var found = connection["SELECT part FROM partitions p WHERE tbl = ?1 AND part > ?2 AND EXISTS (SELECT 1 FROM rows WHERE space = p.id) ORDER BY part LIMIT 1000"]
                    .Bind(1, a.table).Bind(2, a.last).Use();
                while (found.Step())
                {
                    names.Add(found.Text(0));
                }

                return names;
            }, cancellation);
            foreach (var name in page)
            {
                yield return name;
            }

            if (page.Count == 0)
            {
                yield break;
            }

            last = page[^1];
        }
    }

    /// <summary>The text of an ETag.</summary>
    public static string ETag(long number) => number.ToString(CultureInfo.InvariantCulture);

    private void Check(string table, string partition)
    {
        // What is known was checked when it was written.
        if (!partitions.TryGet(table, partition, out _))
        {
            RowLimits.CheckTable(table);
            RowLimits.CheckKey(partition);
        }
    }

    private void CheckRange(string table, string partition, int limit)
    {
        Check(table, partition);
        ArgumentOutOfRangeException.ThrowIfLessThan(limit, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(limit, RowLimits.PageSize);
    }

    /// <summary>A continuation is the last key of the page before.</summary>
    private static Statement Range(Connection connection, long space, string from, string before, int limit, string? continuation)
    {
        var statement = continuation is null
            ? connection["SELECT key, etag, payload FROM rows WHERE space = ?1 AND key >= ?2 AND key < ?3 ORDER BY key LIMIT ?4"].Bind(2, from)
            : connection["SELECT key, etag, payload FROM rows WHERE space = ?1 AND key > ?2 AND key < ?3 ORDER BY key LIMIT ?4"].Bind(2, continuation);
        return statement.Bind(1, space).Bind(3, before).Bind(4, limit);
    }

    private static string? Fill(RowBuffer page, Statement statement, int limit)
    {
        Span<byte> etag = stackalloc byte[20];
        var bytes = 0L;
        using var found = statement.Use();
        while (bytes < PageBytes && found.Step())
        {
            var payload = found.Bytes(2);
            System.Buffers.Text.Utf8Formatter.TryFormat(found.Long(1), etag, out var length);
            page.Add(found.Bytes(0), etag[..length], payload);
            bytes += payload.Length;
        }

        return bytes >= PageBytes || page.Count == limit ? Encoding.ASCII.GetString(page[page.Count - 1].Key) : null;
    }

    private static RowPage Page(Statement statement, int limit)
    {
        var rows = new List<Row>(Math.Min(limit, 128));
        var bytes = 0L;
        using var found = statement.Use();
        while (found.Step())
        {
            var payload = found.Bytes(2).ToArray();
            rows.Add(new Row(Encoding.ASCII.GetString(found.Bytes(0)), ETag(found.Long(1)), payload));
            bytes += payload.Length;
            if (bytes >= PageBytes)
            {
                return new RowPage(rows, rows[^1].Key);
            }
        }

        return new RowPage(rows, rows.Count == limit ? rows[^1].Key : null);
    }

    private static bool TryFind(PartitionIds partitions, Connection connection, string table, string partition, out long id)
    {
        if (partitions.TryGet(table, partition, out id))
        {
            return true;
        }

        using var found = connection["SELECT id FROM partitions WHERE tbl = ?1 AND part = ?2"].Bind(1, table).Bind(2, partition).Use();
        if (!found.Step())
        {
            return false;
        }

        id = found.Long(0);
        partitions.Add(table, partition, id);
        return true;
    }
}
