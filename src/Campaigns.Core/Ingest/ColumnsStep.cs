using Campaigns.Core.Ingest.Csv;
using Campaigns.Core.Jobs;
using Campaigns.Core.Primitives;
using Campaigns.Core.Storage;

namespace Campaigns.Core.Ingest;

/// <summary>
/// Files whose headers say too little: the import fails, and asks what the columns are. The answer starts an import of the same
/// content, and is kept by the set of the header's names, so that the next file of the kind needs no question.
/// </summary>
public sealed class ColumnsStep(IRowStore rows, IBlobStore blobs, Workspace workspace, Imports imports, TimeProvider time)
{
    /// <summary>Row key, in the partition of an import, of its question.</summary>
    internal const string AskedKey = "columns";

    /// <summary>Rows that are shown.</summary>
    private const int ShownRows = 5;

    /// <summary>Rows that an answer is tried on: enough to meet the file's habits, and read within a moment.</summary>
    private const int CheckedRows = 1_000;

    /// <summary>Characters of a cell that are shown.</summary>
    private const int ShownLength = 60;

    private const string Partition = "columns";

    /// <summary>The question that an import asks, with a guess for each column; null where it asks nothing.</summary>
    public async ValueTask<ColumnQuestion?> FindAsync(string import, CancellationToken cancellation)
    {
        if (await OpenAsync(import, cancellation) is not { } content)
        {
            return null;
        }

        using var opened = content;
        var table = opened.Table;
        var names = NamesOf(table);
        table.MostRows = ShownRows;
        var cells = new List<IReadOnlyList<string>>();
        while (await table.ReadAsync(cancellation))
        {
            cells.Add([.. names.Select(n => Shown(table[table.Find(n)]))]);
        }

        var kept = (await rows.FindAsync<ColumnsRow>(Tables.Work, Partition, KeyOf(table), cancellation))?.Value;
        var guesses = kept is null ? ColumnGuess.Fields(names) : [.. names.Select(n => kept.Columns.GetValueOrDefault(n, ColumnMap.LeftOut))];
        var columns = names.Select((name, i) => new AskedColumn(name, guesses[i], [.. cells.Select(r => r[i]).Where(c => c.Length > 0).Distinct(StringComparer.Ordinal).Take(3)])).ToList();
        var dates = cells.SelectMany(r => r.Where((c, i) => c.Length > 0 && guesses[i].EndsWith("_at", StringComparison.Ordinal))).ToList();
        return new ColumnQuestion(opened.Name, columns, cells, kept is null ? ColumnGuess.DateFormat(dates) : kept.DateFormat);
    }

    /// <summary>What the answer would come to, tried on the first rows; null where the import asks nothing.</summary>
    public async ValueTask<ColumnCheck?> CheckAsync(string import, ColumnAnswer answer, CancellationToken cancellation)
    {
        if (await OpenAsync(import, cancellation) is not { } content)
        {
            return null;
        }

        using var opened = content;
        opened.Table.MostRows = CheckedRows;
        var sink = new CheckSink();
        var subject = ColumnMap.SubjectOf([.. answer.Columns.Values]);
        string? problem = null;
        try
        {
            if (answer.Columns.Keys.FirstOrDefault(c => opened.Table.Find(c) < 0) is { } unknown)
            {
                throw new JobFailedException($"The file has no column \"{unknown}\"; it has {string.Join(", ", NamesOf(opened.Table))}.");
            }

            var map = ColumnMap.Of(answer.Columns);
            var reading = ParseStep.ReadingOf(await workspace.SettingsAsync(cancellation), answer.DateFormat, await workspace.NowAsync(cancellation));
            await ParseStep.Reader(opened.Table, subject, reading, map)(sink, cancellation);
        }
        catch (JobFailedException failure)
        {
            problem = failure.Message;
        }

        return new ColumnCheck(
            subject, problem, sink.Rows, sink.Rows < CheckedRows, sink.Rejected, sink.Reasons,
            sink.LastTicks > 0 ? new DateTimeOffset(sink.FirstTicks, TimeSpan.Zero) : null,
            sink.LastTicks > 0 ? new DateTimeOffset(sink.LastTicks, TimeSpan.Zero) : null);
    }

    /// <summary>
    /// Takes an answer that <see cref="CheckAsync"/> found no problem with: keeps it for files with the same header, and imports the
    /// content under another id. The same answer again gives the same import; null where the import asks nothing.
    /// </summary>
    public async ValueTask<ImportStarted?> AnswerAsync(string import, ColumnAnswer answer, CancellationToken cancellation)
    {
        if (await rows.FindAsync<ColumnsAsked>(Tables.Work, import, AskedKey, cancellation) is { Value.AnsweredBy: { } before } && await imports.FindAsync(before, cancellation) is not null)
        {
            return new ImportStarted(before, []);
        }

        if (await OpenAsync(import, cancellation) is not { } content)
        {
            return null;
        }

        using var opened = content;
        var columns = new Dictionary<string, string>(answer.Columns, StringComparer.Ordinal);
        var said = new ColumnsRow { Columns = columns, DateFormat = answer.DateFormat, Name = opened.Name, SaidAt = time.GetUtcNow() };
        await rows.CommitAsync(Tables.Work, Partition, [new RowOperation.Upsert(KeyOf(opened.Table), RowCodec.Encode(said))], cancellation);
        await using var source = await blobs.OpenAsync(Imports.SourceBlob(import), cancellation);
        if (source is null)
        {
            return null;
        }

        var request = new ImportRequest
        {
            Id = "columns-" + StableHash.Id([import, .. columns.OrderBy(c => c.Key, StringComparer.Ordinal).SelectMany(c => new[] { c.Key, c.Value }), answer.DateFormat ?? ""]),
            Subject = ColumnMap.Of(columns).Subject,
            Format = ImportFormat.Csv,
            Name = opened.Name,
            DateFormat = answer.DateFormat,
            Columns = columns,
        };
        var started = await imports.StartAsync(request, source, cancellation);
        await rows.UpdateAsync<ColumnsAsked>(Tables.Work, import, AskedKey, _ => new ColumnsAsked { AnsweredBy = started.Id }, cancellation);
        await imports.UnlistAsync(import, cancellation);
        await blobs.DeleteAsync(Imports.SourceBlob(import), cancellation);
        return started;
    }

    /// <summary>The import that was started with the answer to this one's question, or null.</summary>
    public async ValueTask<string?> AnsweredByAsync(string import, CancellationToken cancellation) =>
        (await rows.FindAsync<ColumnsAsked>(Tables.Work, import, AskedKey, cancellation))?.Value.AnsweredBy;

    /// <summary>What was said of kinds of files, by id, newest first.</summary>
    public async ValueTask<IReadOnlyList<(string Id, ColumnsRow Said)>> ListAsync(CancellationToken cancellation)
    {
        var found = new List<(string Id, ColumnsRow Said)>();
        await foreach (var row in rows.ScanAsync(Tables.Work, Partition, " ", "\x7e", cancellation))
        {
            found.Add((row.Key, RowCodec.Decode<ColumnsRow>(row.Payload)));
        }

        return [.. found.OrderByDescending(f => f.Said.SaidAt).ThenBy(f => f.Id, StringComparer.Ordinal)];
    }

    /// <summary>Forgets what was said of a kind of file: the next of it asks again.</summary>
    public async ValueTask ForgetAsync(string id, CancellationToken cancellation) =>
        await rows.CommitAsync(Tables.Work, Partition, [new RowOperation.Delete(id)], cancellation);

    /// <summary>
    /// What the columns of an import's file are, beyond its header: said with the import, or before of a file with the same header; null
    /// where the header is enough. Throws <see cref="JobFailedException"/>, and leaves the question behind, where nobody has said it.
    /// </summary>
    internal static async ValueTask<ColumnsRow?> OfAsync(
        JobContext context, ImportInputs inputs, CsvTable table, ImportSubject subject, List<string> notices, CancellationToken cancellation)
    {
        if (inputs.Columns is { } columns)
        {
            return new ColumnsRow { Columns = columns, DateFormat = inputs.DateFormat };
        }

        try
        {
            _ = ParseStep.Reader(table, subject, ParseStep.ReadingOf(context.Settings, inputs.DateFormat, context.Head.AsOf), ColumnMap.None);
            return null;
        }
        catch (JobFailedException)
        {
            var kept = (await context.Rows.FindAsync<ColumnsRow>(Tables.Work, Partition, KeyOf(table), cancellation))?.Value;
            if (kept is null || (inputs.Subject != ImportSubject.Detect && inputs.Subject != ColumnMap.Of(kept.Columns).Subject))
            {
                await context.Rows.UpdateAsync<ColumnsAsked>(Tables.Work, context.Head.Job, AskedKey, asked => asked ?? new ColumnsAsked(), cancellation);
                throw;
            }

            notices.Add($"The columns were read as was said of {kept.Name}.");
            return kept;
        }
    }

    private static string KeyOf(CsvTable table) => StableHash.Id([.. table.Columns.Keys.Select(static c => c.ToLowerInvariant()).Order(StringComparer.Ordinal)]);

    private static List<string> NamesOf(CsvTable table) => [.. table.Columns.Where(c => c.Key.Length > 0).OrderBy(c => c.Value).Select(c => c.Key)];

    private static string Shown(ReadOnlySpan<char> cell) => cell.Length > ShownLength ? string.Concat(cell[..ShownLength], "…") : cell.ToString();

    private async ValueTask<AskingFile?> OpenAsync(string import, CancellationToken cancellation)
    {
        if (await imports.FindAsync(import, cancellation) is not { AsksColumns: true } found
            || await blobs.OpenAsync(Imports.SourceBlob(import), cancellation) is not { } source)
        {
            return null;
        }

        var text = await SourceText.OpenAsync(source, cancellation);
        return new AskingFile(found.Name, source, text, await CsvTable.OpenAsync(text, cancellation));
    }

    private sealed record AskingFile(string Name, Stream Source, SourceText Text, CsvTable Table) : IDisposable
    {
        public void Dispose()
        {
            Table.Dispose();
            Text.Dispose();
            Source.Dispose();
        }
    }
}
