using System.Text;
using Campaigns.Core.Ingest;
using Campaigns.Core.Jobs;
using Campaigns.Core.Storage;

namespace Campaigns.Core.Privacy;

/// <summary>What imports that are over still hold of a customer: their rejected rows, and the files of those that failed.</summary>
public sealed class ImportTraces(IRowStore rows, IBlobStore blobs)
{
    /// <summary>
    /// Deletes the files of imports that failed, which nobody reads again, and takes the rejected rows that name the
    /// customer out of theirs; the others can still be downloaded.
    /// </summary>
    internal async ValueTask RemoveAsync(Identity identity, CancellationToken cancellation)
    {
        var names = new List<string>();
        await foreach (var blob in blobs.ListAsync(Imports.BlobPrefix, cancellation))
        {
            names.Add(blob.Name);
        }

        foreach (var name in names)
        {
            if (Imports.ImportOf(name) is not { } import || await IsRunningAsync(import, cancellation))
            {
                continue;
            }

            if (name == Imports.SourceBlob(import))
            {
                await blobs.DeleteAsync(name, cancellation);
            }
            else if (name == Imports.RejectsBlob(import))
            {
                await FilterAsync(name, identity, cancellation);
            }
        }
    }

    private async ValueTask<bool> IsRunningAsync(string import, CancellationToken cancellation) =>
        (await rows.FindAsync<JobHead>(Tables.Work, import, JobRows.Head, cancellation))?.Value is { Status: JobStatus.Running };

    private async ValueTask FilterAsync(string name, Identity identity, CancellationToken cancellation)
    {
        if (!await NamesAsync(name, identity, cancellation))
        {
            return;
        }

        // Written beside what is read: the blob is replaced when the writer is disposed.
        await using var source = await blobs.OpenAsync(name, cancellation);
        if (source is null)
        {
            return;
        }

        await using var target = await blobs.CreateAsync(name, cancellation);
        await using (var writer = new StreamWriter(target.Stream, new UTF8Encoding(false), leaveOpen: true))
        {
            await foreach (var record in RecordsAsync(source, cancellation))
            {
                if (!identity.IsIn(record))
                {
                    await writer.WriteAsync(record.AsMemory(), cancellation);
                }
            }
        }

        target.Complete();
    }

    private async ValueTask<bool> NamesAsync(string name, Identity identity, CancellationToken cancellation)
    {
        await using var source = await blobs.OpenAsync(name, cancellation);
        if (source is null)
        {
            return false;
        }

        await foreach (var record in RecordsAsync(source, cancellation))
        {
            if (identity.IsIn(record))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>The file's records with their line ends: a line, or several where a quoted cell holds line ends.</summary>
    private static async IAsyncEnumerable<string> RecordsAsync(Stream source, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellation)
    {
        using var reader = new StreamReader(source, Encoding.UTF8);
        var record = new StringBuilder();
        var quotes = 0;
        while (await reader.ReadLineAsync(cancellation) is { } line)
        {
            record.Append(line).Append('\n');
            quotes += line.Count(c => c == '"');
            if (quotes % 2 == 0)
            {
                yield return record.ToString();
                record.Clear();
            }
        }

        if (record.Length > 0)
        {
            yield return record.ToString();
        }
    }
}
