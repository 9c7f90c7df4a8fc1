using System.Runtime.CompilerServices;
using Campaigns.Core.Storage;

namespace Campaigns.Sqlite;

/// <summary>The blob port. A blob's content stands in chunks under a number; the name points at the number once the blob is whole.</summary>
internal sealed class SqliteBlobs(Writer writer, Readers readers, TimeProvider time) : IBlobStore
{
    private const int ListPage = 500;

    public ValueTask<BlobWriter> CreateAsync(string name, CancellationToken cancellation)
    {
        BlobLimits.CheckName(name);
        cancellation.ThrowIfCancellationRequested();
        return new ValueTask<BlobWriter>(new SqliteBlobWriter(writer, time, name));
    }

    public async ValueTask<Stream?> OpenAsync(string name, CancellationToken cancellation)
    {
        BlobLimits.CheckName(name);
        var found = await readers.ReadAsync(name, static (connection, name) =>
        {
            using var rows = connection["SELECT blob, bytes FROM blobs WHERE name = ?1"].Bind(1, name).Use();
            return rows.Step() ? (Blob: rows.Long(0), Bytes: rows.Long(1)) : ((long Blob, long Bytes)?)null;
        }, cancellation);
        return found is { } blob ? new SqliteBlobReading(readers, name, blob.Blob, blob.Bytes) : null;
    }

    public async ValueTask DeleteAsync(string name, CancellationToken cancellation)
    {
        BlobLimits.CheckName(name);
        await writer.WriteAsync(1, transaction =>
        {
            Remove(transaction, name);
            return true;
        }, cancellation);
    }

    public async IAsyncEnumerable<BlobEntry> ListAsync(string prefix, [EnumeratorCancellation] CancellationToken cancellation)
    {
        var last = "";
        while (true)
        {
            var page = await readers.ReadAsync((prefix, last), static (connection, a) =>
            {
                var entries = new List<BlobEntry>();
                // Names are printable ASCII: no name with the prefix lies above prefix + DEL.
                using var rows = connection["SELECT name, bytes, written FROM blobs WHERE name >= ?1 AND name < ?2 AND name > ?3 ORDER BY name LIMIT ?4"]
                    .Bind(1, a.prefix).Bind(2, a.prefix + "\x7f").Bind(3, a.last).Bind(4, ListPage).Use();
                while (rows.Step())
                {
                    entries.Add(new BlobEntry(rows.Text(0), rows.Long(1), DateTimeOffset.FromUnixTimeMilliseconds(rows.Long(2))));
                }

                return entries;
            }, cancellation);
            foreach (var entry in page)
            {
                yield return entry;
            }

            if (page.Count < ListPage)
            {
                yield break;
            }

            last = page[^1].Name;
        }
    }

    /// <summary>Removes the blob of the name, if there is one.</summary>
    public static void Remove(WriteTransaction transaction, string name)
    {
        transaction["DELETE FROM chunks WHERE blob = (SELECT blob FROM blobs WHERE name = ?1)"].Bind(1, name).Run();
        transaction["DELETE FROM blobs WHERE name = ?1"].Bind(1, name).Run();
    }
}

/// <summary>Removes what writers left that never came to their end: their process was killed.</summary>
internal static class BlobSweep
{
    /// <summary>A writer that added nothing for this long is taken for dead; other processes may be writing now.</summary>
    private static readonly TimeSpan DeadAfter = TimeSpan.FromHours(6);

    public static void Run(Connection connection, DateTimeOffset now)
    {
        var before = (now - DeadAfter).ToUnixTimeMilliseconds();
        using (var dead = connection["SELECT 1 FROM uploads WHERE touched < ?1 LIMIT 1"].Bind(1, before).Use())
        {
            if (!dead.Step())
            {
                return;
            }
        }

        connection.BeginWriting();
        connection["DELETE FROM chunks WHERE blob IN (SELECT blob FROM uploads WHERE touched < ?1)"].Bind(1, before).Run();
        connection["DELETE FROM uploads WHERE touched < ?1"].Bind(1, before).Run();
        connection.Execute("COMMIT");
    }
}
