using Campaigns.Core.Storage;
using CsCheck;

namespace Campaigns.Storage.Tests;

/// <summary>What kind of operation to try on a key, told by what the model knows at that time.</summary>
public enum Try
{
    Insert,
    Upsert,
    ReplacePresent,
    ReplaceStale,
    Delete,
    DeletePresent,
    DeleteStale,
}

/// <summary>A partition as the port promises it, kept in a dictionary.</summary>
public sealed class RowModel
{
    private readonly SortedDictionary<string, (string ETag, byte[] Payload)> rows = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> lastETags = [];
    private readonly HashSet<string> given = [];

    /// <summary>Histories of commits; each commit tries something on some of six keys, each key once.</summary>
    public static readonly Gen<(int Key, Try What, byte[] Payload)[][]> Histories =
        Gen.Select(Gen.Int[0, 5], Gen.Enum<Try>(), Gen.Byte.Array[0, 3])
            .Array[1, 5]
            .Select(commit => commit.DistinctBy(c => c.Item1).ToArray())
            .Array[1, 12];

    /// <summary>Does the commit in the store and here, and compares the answer and all rows.</summary>
    public async Task CheckAsync(IRowStore store, string table, string partition, (int Key, Try What, byte[] Payload)[] commit)
    {
        var operations = commit.Select(Operation).ToArray();
        var atFault = Enumerable.Range(0, operations.Length).Where(i => !Holds(operations[i])).ToList();
        switch (await store.CommitAsync(table, partition, operations, CancellationToken.None))
        {
            case CommitResult.Conflict conflict:
                Assert.Contains(conflict.Index, atFault);
                break;
            case CommitResult.Committed committed:
                Assert.Empty(atFault);
                Assert.Equal(operations.Length, committed.ETags.Count);
                for (var i = 0; i < operations.Length; i++)
                {
                    Apply(operations[i], commit[i].Payload, committed.ETags[i]);
                }

                break;
        }

        var found = new List<Row>();
        await foreach (var row in store.ScanAsync(table, partition, " ", "~"))
        {
            found.Add(row);
        }

        Assert.Equal(rows.Select(r => (r.Key, r.Value.ETag, Convert.ToHexString(r.Value.Payload))), found.Select(r => (r.Key, r.ETag, Convert.ToHexString(r.Payload.Span))));
    }

    private RowOperation Operation((int Key, Try What, byte[] Payload) c)
    {
        var key = "k" + c.Key;
        var present = rows.TryGetValue(key, out var row) ? row.ETag : lastETags.GetValueOrDefault(key);
        // An ETag that was true once, here or for another key, and is not now.
        var stale = given.FirstOrDefault(e => e != present);
        return c.What switch
        {
            Try.ReplacePresent when present is not null => new RowOperation.Replace(key, c.Payload, present),
            Try.ReplaceStale when stale is not null => new RowOperation.Replace(key, c.Payload, stale),
            Try.DeletePresent when present is not null => new RowOperation.Delete(key, present),
            Try.DeleteStale when stale is not null => new RowOperation.Delete(key, stale),
            Try.Delete => new RowOperation.Delete(key),
            Try.Upsert => new RowOperation.Upsert(key, c.Payload),
            _ => new RowOperation.Insert(key, c.Payload),
        };
    }

    private bool Holds(RowOperation operation) => operation switch
    {
        RowOperation.Insert => !rows.ContainsKey(operation.Key),
        RowOperation.Replace replace => rows.TryGetValue(replace.Key, out var row) && row.ETag == replace.ETag,
        RowOperation.Delete { ETag: not null } delete => rows.TryGetValue(delete.Key, out var row) && row.ETag == delete.ETag,
        _ => true,
    };

    private void Apply(RowOperation operation, byte[] payload, string? etag)
    {
        if (operation is RowOperation.Delete)
        {
            Assert.Null(etag);
            rows.Remove(operation.Key);
            return;
        }

        Assert.NotEqual(lastETags.GetValueOrDefault(operation.Key), etag);
        rows[operation.Key] = (etag!, payload);
        lastETags[operation.Key] = etag!;
        given.Add(etag!);
    }
}
