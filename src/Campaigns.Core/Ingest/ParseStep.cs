using Campaigns.Core.Ingest.Csv;
using Campaigns.Core.Ingest.Json;
using Campaigns.Core.Jobs;
using Campaigns.Core.Primitives;
using Campaigns.Core.Storage;

namespace Campaigns.Core.Ingest;

/// <summary>
/// First stage of an import: reads the source once and sorts its good rows into runs per bucket; bad rows go into a blob with
/// their line, reason and raw text. Run again, it writes the same.
/// </summary>
public sealed class ParseStep(Workspace workspace) : IJobStage
{
    /// <summary>Kind of job.</summary>
    public const string ImportKind = "import";

    /// <summary>Name of the stage.</summary>
    public const string StageName = "parse";

    /// <inheritdoc/>
    public string Kind => ImportKind;

    /// <inheritdoc/>
    public string Name => StageName;

    /// <inheritdoc/>
    public int Order => 0;

    /// <inheritdoc/>
    public string Queue => "import";

    /// <inheritdoc/>
    public bool PerBucket => false;

    /// <inheritdoc/>
    public async ValueTask<PartOutcome> RunAsync(JobContext context, int part, CancellationToken cancellation)
    {
        var job = context.Head.Job;
        var inputs = context.Inputs<ImportInputs>();
        await using var source = await context.Blobs.OpenAsync(Imports.SourceBlob(job), cancellation)
            ?? throw await GoneAsync(context, cancellation);
        using var text = await SourceText.OpenAsync(new ForwardStream(source, seen: read => context.Advance(read)), cancellation);
        var format = inputs.Format != ImportFormat.Detect ? inputs.Format
            : text.Start.Span.TrimStart(" \t\r\n"u8) is [(byte)'[' or (byte)'{', ..] ? ImportFormat.Json : ImportFormat.Csv;
        using var table = format == ImportFormat.Csv ? await CsvTable.OpenAsync(text, cancellation) : null;
        var notices = new List<string>();
        var columns = table is null ? null : await ColumnsStep.OfAsync(context, inputs, table, SubjectOf(inputs, table, text), notices, cancellation);
        var map = columns is null ? ColumnMap.None : ColumnMap.Of(columns.Columns);
        var subject = columns is null ? SubjectOf(inputs, table, text) : map.Subject;
        var settings = await CurrencyAsync(context, inputs, table, notices, cancellation);
        var reading = ReadingOf(settings, columns is null ? inputs.DateFormat : columns.DateFormat, context.Head.AsOf);
        await using var sorted = await SortedContent.CreateAsync(context, cancellation);
        await (table is null
            ? new JsonRecords(reading).ReadAsync(text, subject, sorted, cancellation)
            : Reader(table, subject, reading, map)(sorted, cancellation));
        notices.AddRange(sorted.Notices);
        if (text.OtherEncoding)
        {
            notices.Add("The file is not UTF-8 throughout: other bytes were read as Windows-1252. Check names with accents.");
        }

        var summary = await sorted.CompleteAsync(cancellation) with { Subject = subject, Notices = [.. notices] };
        if (inputs.Small && summary.Rejected > 0)
        {
            await Imports.ListAsync(context.Rows, context.Head, cancellation);
        }

        if (sorted.DiscountsSeen && !settings.DiscountsKnown)
        {
            await workspace.ChangeAsync(s => s with { DiscountsKnown = true }, cancellation);
        }

        await workspace.TypeAttributesAsync(sorted.Attributes.Types(), context.Head.AsOf, cancellation);
        return new PartOutcome.Done(RowCodec.Encode(summary));
    }

    /// <summary>Whoever parses the same at the same time may have come so far that the content was deleted: the next try finds that out.</summary>
    private static async ValueTask<Exception> GoneAsync(JobContext context, CancellationToken cancellation) =>
        await JobRows.ResultAsync(context.Rows, context.Blobs, context.Head.Job, StageName, cancellation) is not null
            ? new IOException("The content was parsed meanwhile.")
            : new JobFailedException("The import's content is gone: import it anew.");

    /// <inheritdoc/>
    public async ValueTask<ReadOnlyMemory<byte>> MergeAsync(JobContext context, IAsyncEnumerable<ReadOnlyMemory<byte>> summaries, CancellationToken cancellation)
    {
        await foreach (var summary in summaries.WithCancellation(cancellation))
        {
            return summary;
        }

        throw new InvalidOperationException("The parse stage has one part.");
    }

    /// <summary>What reading needs to know of the workspace.</summary>
    internal static ReadingContext ReadingOf(WorkspaceSettings settings, string? dateFormat, DateTimeOffset now) => new()
    {
        Currency = settings.Currency,
        Zone = TimeZoneInfo.FindSystemTimeZoneById(settings.TimeZone),
        PhoneCountry = settings.Country,
        DateFormat = dateFormat,
        Now = now,
    };

    /// <summary>What reads all rows of the table. Throws <see cref="JobFailedException"/> where the columns do not do.</summary>
    internal static Func<IRecordSink, CancellationToken, ValueTask> Reader(CsvTable table, ImportSubject subject, ReadingContext reading, ColumnMap map) => subject switch
    {
        ImportSubject.Products => new ProductCsv(table, reading, map).ReadAsync,
        ImportSubject.Customers => new CustomerCsv(table, reading, map).ReadAsync,
        _ => OrderFormats.Open(table, reading, map).ReadAsync,
    };

    private static ImportSubject SubjectOf(ImportInputs inputs, CsvTable? table, SourceText text)
    {
        if (inputs.Subject != ImportSubject.Detect)
        {
            return inputs.Subject;
        }

        if (table is null)
        {
            return text.Start.Span.IndexOf("\"order_id\""u8) >= 0 ? ImportSubject.Orders
                : text.Start.Span.IndexOf("\"sku\""u8) >= 0 ? ImportSubject.Products
                : ImportSubject.Customers;
        }

        if (ProductCsv.Is(table))
        {
            return ImportSubject.Products;
        }

        // Without an order id it is a file of customers only if its columns say so: otherwise the missing order id is what to name.
        var customers = CustomerFormats.Of(table, ColumnMap.None) != CustomerFormat.Own
            || (table.Find("order_id") < 0 && OrderFormats.Of(table, ColumnMap.None) == OrderFormat.Own && table.Find("ordered_at") < 0
            && (table.Find("customer_id") >= 0 || table.Find("email") >= 0 || table.Find("phone") >= 0));
        return customers ? ImportSubject.Customers : ImportSubject.Orders;
    }

    /// <summary>The settings; the first import of an empty store brings its currency along.</summary>
    private async ValueTask<WorkspaceSettings> CurrencyAsync(
        JobContext context, ImportInputs inputs, CsvTable? table, List<string> notices, CancellationToken cancellation)
    {
        var currency = inputs.Currency ?? (table is not null ? OrderFormats.Currency(OrderFormats.Of(table, ColumnMap.None)) : null);
        if (currency is null || string.Equals(currency, context.Settings.Currency, StringComparison.OrdinalIgnoreCase))
        {
            return context.Settings;
        }

        if (!Currencies.IsKnown(currency))
        {
            throw new JobFailedException($"'{currency[..Math.Min(currency.Length, 20)]}' is no currency: give its ISO 4217 code of three letters, such as EUR.");
        }

        await foreach (var partition in context.Rows.PartitionsAsync(Tables.Customers, cancellation))
        {
            throw new JobFailedException(
                $"These orders are in {currency.ToUpperInvariant()} and the workspace is in {context.Settings.Currency} ({partition} holds customers already): a workspace has one currency.");
        }

        notices.Add($"The workspace's currency is now {currency.ToUpperInvariant()}.");
        return await workspace.ChangeAsync(s => s with { Currency = currency.ToUpperInvariant() }, cancellation);
    }
}
