using System.Globalization;
using System.Text;
using Campaigns.Core.Ingest.Spill;
using Campaigns.Core.Jobs;
using Campaigns.Core.Storage;

namespace Campaigns.Core.Ingest;

/// <summary>Takes what readers read: sorts it into runs per bucket, finds customers who are known by address only, and keeps rejected rows and product names.</summary>
internal sealed class SortedContent : IRecordSink, IAsyncDisposable
{
    /// <summary>Address lookups remembered: neighbouring rows often name the same customer.</summary>
    private const int Remembered = 20_000;

    private readonly JobContext context;
    private readonly AddressBook addresses;
    private readonly NamedProducts products = new();
    private readonly FedProducts fed;
    private readonly SpillSorter sorter;
    private readonly EntryWriter writer = new();
    private readonly Dictionary<string, string> idByAddress = new(StringComparer.Ordinal);
    private readonly SortedDictionary<string, long> reasons = new(StringComparer.Ordinal);
    private readonly BlobWriter rejectsBlob;
    private readonly StreamWriter rejects;
    private readonly CancellationToken cancellation;
    private readonly List<string> notices = [];
    private long rejectBytes;
    private long rows;
    private long rejected;

    private SortedContent(JobContext context, BlobWriter rejectsBlob, CancellationToken cancellation)
    {
        (this.context, this.rejectsBlob, this.cancellation) = (context, rejectsBlob, cancellation);
        addresses = new AddressBook(context.Rows, context.Settings);
        fed = new FedProducts(context.Rows);
        rejects = new StreamWriter(rejectsBlob.Stream, new UTF8Encoding(false), 64 * 1024, leaveOpen: true) { NewLine = "\n" };
        rejects.WriteLine("line,reason,raw");
        sorter = new SpillSorter(context, cancellation);
    }

    /// <summary>A discount was seen.</summary>
    public bool DiscountsSeen { get; private set; }

    /// <summary>What the customers' attributes look like.</summary>
    public AttributeSurvey Attributes { get; } = new();

    public static async ValueTask<SortedContent> CreateAsync(JobContext context, CancellationToken cancellation) =>
        new(context, await context.Blobs.CreateAsync(Imports.RejectsBlob(context.Head.Job), cancellation), cancellation);

    /// <summary>What was said of the whole source.</summary>
    public IReadOnlyList<string> Notices => notices;

    /// <inheritdoc/>
    public void Row() => rows++;

    /// <inheritdoc/>
    public void Notice(string sentence) => notices.Add(sentence);

    /// <inheritdoc/>
    public ValueTask OrderAsync(OrderRecord record)
    {
        if (record.CustomerId.Length == 0)
        {
            return ResolvedAsync(record);
        }

        DiscountsSeen |= record.Line.DiscountMinor != 0;
        products.Add(record);
        SpillEntry.Write(writer, record.CustomerId, record);
        return sorter.AddAsync(record.CustomerId, writer.Written);
    }

    /// <inheritdoc/>
    public async ValueTask CustomerAsync(CustomerRecord record)
    {
        Attributes.Add(record.Attributes);
        var known = record.CustomerId.Length > 0 ? record : record with { CustomerId = await ResolveAsync(record.Email, record.Phone) };
        SpillEntry.Write(writer, known);
        await sorter.AddAsync(known.CustomerId, writer.Written);
    }

    /// <inheritdoc/>
    public ValueTask ProductAsync(ProductRow product) => fed.AddAsync(product, cancellation);

    /// <inheritdoc/>
    public void Reject(long line, string reason, ReadOnlySpan<char> raw)
    {
        rejected++;
        reasons[reason] = reasons.GetValueOrDefault(reason) + 1;
        if (rejectBytes > ImportLimits.RejectBytes)
        {
            return;
        }

        rejectBytes += raw.Length + reason.Length + 16;
        Span<char> number = stackalloc char[20];
        line.TryFormat(number, out var digits, default, CultureInfo.InvariantCulture);
        rejects.Write(number[..digits]);
        rejects.Write(',');
        Quoted(reason);
        rejects.Write(',');
        Quoted(raw);
        rejects.Write('\n');
    }

    /// <summary>Writes what is left; the counts of the parse.</summary>
    public async ValueTask<ImportSummary> CompleteAsync(CancellationToken cancel)
    {
        await rejects.FlushAsync(cancel);
        await products.SaveAsync(context.Rows, cancel);
        await fed.SaveAsync(cancel);
        if (fed.Count > 0)
        {
            await ProductFacts.FedAsync(context.Rows, cancel);
        }

        await sorter.CompleteAsync();
        if (rejected > 0)
        {
            rejectsBlob.Complete();
        }

        return new ImportSummary
        {
            Rows = rows,
            Products = fed.Count,
            Rejected = rejected,
            RejectedByReason = reasons,
            RejectsBlob = rejected > 0 ? Imports.RejectsBlob(context.Head.Job) : null,
            Runs = [.. sorter.Buckets.Select(b => b.Runs)],
            Records = [.. sorter.Buckets.Select(b => b.Records)],
        };
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await sorter.DisposeAsync();
        await rejects.DisposeAsync();
        await rejectsBlob.DisposeAsync();
    }

    private async ValueTask ResolvedAsync(OrderRecord record)
    {
        record.CustomerId = await ResolveAsync(record.Email, record.Phone);
        await OrderAsync(record);
    }

    /// <summary>The customer with the address (the first by key where several share it), else an id made from it.</summary>
    private async ValueTask<string> ResolveAsync(string? email, string? phone)
    {
        var derived = Addresses.Id(email, phone)!;
        if (idByAddress.TryGetValue(derived, out var known))
        {
            return known;
        }

        var found = email is null ? [] : await addresses.FindAsync(email, cancellation);
        if (found.Count == 0 && phone is not null)
        {
            found = await addresses.FindAsync(phone, cancellation);
        }

        if (idByAddress.Count >= Remembered)
        {
            idByAddress.Clear();
        }

        return idByAddress[derived] = found.Count > 0 ? found[0].Value.CustomerId : derived;
    }

    private void Quoted(ReadOnlySpan<char> text)
    {
        rejects.Write('"');
        while (text.IndexOf('"') is >= 0 and var at)
        {
            rejects.Write(text[..(at + 1)]);
            rejects.Write('"');
            text = text[(at + 1)..];
        }

        rejects.Write(text);
        rejects.Write('"');
    }
}
