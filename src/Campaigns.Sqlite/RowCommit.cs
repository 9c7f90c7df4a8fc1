using System.Collections;
using System.Globalization;
using Campaigns.Core.Storage;

namespace Campaigns.Sqlite;

/// <summary>One commit of the row port inside the writer's transaction: a conflict undoes what it did, and nothing else.</summary>
internal static class RowCommit
{
    public static CommitResult Run(WriteTransaction transaction, string table, string partition, IReadOnlyList<RowOperation> operations)
    {
        var space = transaction.Partition(table, partition);
        var first = transaction.TakeNumbers(operations.Count);
        if (operations.Count == 1)
        {
            return Apply(transaction, space, operations[0], first) ? new CommitResult.Committed(ETags(operations, first)) : new CommitResult.Conflict(0);
        }

        transaction.BeginUndoable();
        for (var i = 0; i < operations.Count; i++)
        {
            if (!Apply(transaction, space, operations[i], first + i))
            {
                // What did not write anything leaves nothing to undo.
                transaction.EndUndoable(undo: i > 0);
                return new CommitResult.Conflict(i);
            }
        }

        transaction.EndUndoable(undo: false);
        return new CommitResult.Committed(ETags(operations, first));
    }

    /// <summary>False where the operation's condition does not hold.</summary>
    private static bool Apply(WriteTransaction transaction, long space, RowOperation operation, long number) => operation switch
    {
        RowOperation.Insert insert =>
            transaction["INSERT INTO rows (space, key, etag, payload) VALUES (?1, ?2, ?3, ?4) ON CONFLICT DO NOTHING"]
                .Bind(1, space).Bind(2, insert.Key).Bind(3, number).Bind(4, insert.Payload.Span).Run() == 1,
        RowOperation.Upsert upsert =>
            transaction["INSERT OR REPLACE INTO rows (space, key, etag, payload) VALUES (?1, ?2, ?3, ?4)"]
                .Bind(1, space).Bind(2, upsert.Key).Bind(3, number).Bind(4, upsert.Payload.Span).Run() == 1,
        RowOperation.Replace replace => TryParse(replace.ETag, out var expected)
            && transaction["UPDATE rows SET etag = ?3, payload = ?4 WHERE space = ?1 AND key = ?2 AND etag = ?5"]
                .Bind(1, space).Bind(2, replace.Key).Bind(3, number).Bind(4, replace.Payload.Span).Bind(5, expected).Run() == 1,
        RowOperation.Delete { ETag: null } delete =>
            transaction["DELETE FROM rows WHERE space = ?1 AND key = ?2"].Bind(1, space).Bind(2, delete.Key).Run() >= 0,
        RowOperation.Delete delete => TryParse(delete.ETag, out var expected)
            && transaction["DELETE FROM rows WHERE space = ?1 AND key = ?2 AND etag = ?3"].Bind(1, space).Bind(2, delete.Key).Bind(3, expected).Run() == 1,
        _ => throw new NotSupportedException($"Unknown row operation {operation.GetType().Name}."),
    };

    private static bool TryParse(string etag, out long number) => long.TryParse(etag, NumberStyles.None, CultureInfo.InvariantCulture, out number);

    private static IReadOnlyList<string?> ETags(IReadOnlyList<RowOperation> operations, long first)
    {
        for (var i = 0; i < operations.Count; i++)
        {
            if (operations[i] is RowOperation.Delete)
            {
                return [.. operations.Select((operation, at) => operation is RowOperation.Delete ? null : SqliteRows.ETag(first + at))];
            }
        }

        return new ConsecutiveETags(first, operations.Count);
    }

    /// <summary>ETags that become text only when somebody asks: bulk writers never do.</summary>
    private sealed class ConsecutiveETags(long first, int count) : IReadOnlyList<string?>
    {
        public int Count => count;

        public string? this[int index]
        {
            get
            {
                ArgumentOutOfRangeException.ThrowIfNegative(index);
                ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(index, count);
                return SqliteRows.ETag(first + index);
            }
        }

        public IEnumerator<string?> GetEnumerator() => Enumerable.Range(0, count).Select(i => this[i]).GetEnumerator();

        IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
    }
}
