using System.Globalization;
using Campaigns.Core.Jobs;
using Campaigns.Core.Primitives;
using Campaigns.Core.Storage;

namespace Campaigns.Core.Ingest;

/// <summary>
/// Takes in the files of an <see cref="IInbox"/>, each once. Row <c>{hash of name, size and time of writing}</c> of partition <c>inbox</c>
/// in table work says what became of it; the same hash is the import's id, so that a crash in between imports nothing twice.
/// </summary>
/// <param name="rows">Where it is kept what was taken.</param>
/// <param name="imports">Imports.</param>
/// <param name="inbox">The place; null = none is set.</param>
/// <param name="time">System time.</param>
public sealed class InboxStep(IRowStore rows, Imports imports, IInbox? inbox, TimeProvider time)
{
    /// <summary>The most files in a list.</summary>
    public const int ListLength = 50;

    /// <summary>Files taken in per tick: the others wait for the next one, so that a tick ends.</summary>
    private const int FilesPerTick = 20;

    /// <summary>Characters of a name that are kept.</summary>
    private const int NameLength = 200;

    private const string Partition = "inbox";

    /// <summary>A file written to within it may still be on its way.</summary>
    private static readonly TimeSpan Quiet = TimeSpan.FromMinutes(1);

    private static readonly string[] Endings = [".csv", ".tsv", ".txt", ".json", ".ndjson", ".gz"];

    /// <summary>The place, for people; null where none is set.</summary>
    public string? Description => inbox?.Description;

    /// <summary>Starts imports of new files; gives the messages that get them going to <paramref name="send"/>.</summary>
    public async ValueTask TakeInAsync(Func<IReadOnlyList<Outgoing>, CancellationToken, ValueTask> send, CancellationToken cancellation)
    {
        if (inbox is null)
        {
            return;
        }

        var taken = 0;
        await foreach (var file in inbox.ListAsync(cancellation))
        {
            var id = "inbox-" + StableHash.Id(file.Name, file.Bytes.ToString(CultureInfo.InvariantCulture), file.WrittenAt.UtcTicks.ToString(CultureInfo.InvariantCulture));
            if (time.GetUtcNow() - file.WrittenAt < Quiet || await rows.GetAsync(Tables.Work, Partition, id, cancellation) is not null)
            {
                continue;
            }

            await TakeAsync(id, file, send, cancellation);
            if (++taken == FilesPerTick)
            {
                break;
            }
        }
    }

    /// <summary>What became of the newest files, newest first; at most <see cref="ListLength"/>.</summary>
    public async ValueTask<IReadOnlyList<InboxRow>> ListAsync(CancellationToken cancellation)
    {
        // A few files a day: years of them are a few pages.
        var newest = new PriorityQueue<InboxRow, DateTimeOffset>();
        await foreach (var row in rows.ScanAsync(Tables.Work, Partition, " ", "\x7e", cancellation))
        {
            var seen = RowCodec.Decode<InboxRow>(row.Payload);
            newest.Enqueue(seen, seen.SeenAt);
            if (newest.Count > ListLength)
            {
                newest.Dequeue();
            }
        }

        return [.. newest.UnorderedItems.Select(i => i.Element).OrderByDescending(f => f.SeenAt).ThenBy(f => f.Name, StringComparer.Ordinal)];
    }

    private async ValueTask TakeAsync(string id, InboxFile file, Func<IReadOnlyList<Outgoing>, CancellationToken, ValueTask> send, CancellationToken cancellation)
    {
        var name = file.Name.Length > NameLength ? file.Name[..NameLength] : file.Name;
        var refusal = Refusal(file);
        if (refusal is null)
        {
            await using var content = await inbox!.OpenAsync(file.Name, cancellation);
            if (content is null)
            {
                return; // Taken away meanwhile.
            }

            await send((await imports.StartAsync(new ImportRequest { Id = id, Name = name }, content, cancellation)).Messages, cancellation);
        }

        var row = new InboxRow { Name = name, SeenAt = time.GetUtcNow(), Import = refusal is null ? id : null, Refusal = refusal };
        await rows.CommitAsync(Tables.Work, Partition, [new RowOperation.Upsert(id, RowCodec.Encode(row))], cancellation);
    }

    private string? Refusal(InboxFile file) =>
        file.Bytes == 0 ? "The file is empty: put it there again, whole."
        : inbox!.Refusal(file.Name) is { } name ? name
        : !Array.Exists(Endings, e => file.Name.EndsWith(e, StringComparison.OrdinalIgnoreCase)) ? $"This is no file of data: names end in {string.Join(", ", Endings)}."
        : null;
}
