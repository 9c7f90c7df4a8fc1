using Campaigns.Core.Ingest.Csv;
using Campaigns.Core.Jobs;

namespace Campaigns.Core.Ingest;

/// <summary>How to read a file of orders that nobody imports.</summary>
public sealed record OrderFileReading
{
    /// <summary>Columns of our fields, where their names do not say it.</summary>
    public ColumnMap Map { get; init; } = ColumnMap.None;

    /// <summary>Format of dates as .NET writes it, for files that are neither a known export nor ISO 8601; or null.</summary>
    public string? DateFormat { get; init; }

    /// <summary>Nothing may lie far after it.</summary>
    public required DateTimeOffset Now { get; init; }
}

/// <summary>
/// A file of orders read into memory, recognised and checked as an import does it: for scoring without a store. Holds every
/// line, so it is for files of shops, not for streams without end.
/// </summary>
public sealed class OrderFile
{
    /// <summary>ISO 4217's code for no currency: two decimals stand where a file names none.</summary>
    public const string NoCurrency = "XXX";

    /// <summary>Country of phone numbers without a country code: such numbers only tell customers apart here.</summary>
    private const string PhoneCountry = "GB";

    private OrderFile(string format, string currency, IReadOnlyList<CustomerOrders> customers, OrderFileSink sink) =>
        (Format, Currency, Customers, Rows, Rejected, RejectedByReason, LinesOfTotals, RepeatedOrders) =
            (format, currency, customers, sink.Rows, sink.Rejected, sink.Reasons, sink.LinesOfTotals, sink.Repeated);

    /// <summary>The format, for people.</summary>
    public string Format { get; }

    /// <summary>ISO 4217 currency that most rows name, or <see cref="NoCurrency"/>. Rows in others are rejected.</summary>
    public string Currency { get; }

    /// <summary>Customers by id (ordinal), each with orders by id.</summary>
    public IReadOnlyList<CustomerOrders> Customers { get; }

    /// <summary>Rows read.</summary>
    public long Rows { get; }

    /// <summary>Rows that could not be used.</summary>
    public long Rejected { get; }

    /// <summary>Those by reason.</summary>
    public IReadOnlyDictionary<string, long> RejectedByReason { get; }

    /// <summary>Rows with a total and no product share order ids and differ: they were read as lines of orders, their totals added up.</summary>
    public bool LinesOfTotals { get; }

    /// <summary>Whole orders that occurred again unchanged, and count once.</summary>
    public long RepeatedOrders { get; }

    /// <summary>Reads the file, twice where it names currencies. Throws <see cref="JobFailedException"/> where it is no CSV of orders.</summary>
    public static async ValueTask<OrderFile> ReadAsync(Func<Stream> open, OrderFileReading reading, CancellationToken cancellation)
    {
        var currency = await CurrencyAsync(open, reading, cancellation);
        await using var content = open();
        using var text = await SourceText.OpenAsync(content, cancellation);
        using var table = await CsvTable.OpenAsync(text, cancellation);
        var format = OrderFormats.Of(table, reading.Map);
        var sink = new OrderFileSink(mayBeLines: format == OrderFormat.Own);
        await OrderFormats.Open(table, Context(reading, currency), reading.Map).ReadAsync(sink, cancellation);
        return new OrderFile(OrderFormats.Name(format), currency, sink.Customers(reading.Now), sink);
    }

    /// <summary>The currency that most rows name; of several as frequent the first by code.</summary>
    private static async ValueTask<string> CurrencyAsync(Func<Stream> open, OrderFileReading reading, CancellationToken cancellation)
    {
        await using var content = open();
        using var text = await SourceText.OpenAsync(content, cancellation);
        using var table = await CsvTable.OpenAsync(text, cancellation);
        if (OrderFormats.Currency(OrderFormats.Of(table, reading.Map)) is { } known)
        {
            return known;
        }

        var counts = new SortedDictionary<string, long>(StringComparer.Ordinal);
        var rows = OrderFormats.Open(table, Context(reading, NoCurrency), reading.Map);
        if (table.FindAny("currency", "order_currency") < 0 && !reading.Map.Has("currency"))
        {
            return NoCurrency;
        }

        while (await table.ReadAsync(cancellation))
        {
            if (rows.CurrencyOfRow() is { Length: 3 } named)
            {
                counts[named] = counts.GetValueOrDefault(named) + 1;
            }
        }

        return counts.Count == 0 ? NoCurrency : counts.MaxBy(static c => c.Value).Key;
    }

    private static ReadingContext Context(OrderFileReading reading, string currency) => new()
    {
        Currency = currency,
        Whose = "the file's",
        Zone = TimeZoneInfo.Utc,
        PhoneCountry = PhoneCountry,
        DateFormat = reading.DateFormat,
        Now = reading.Now,
    };
}

/// <summary>A customer's orders as they came, refunds among them.</summary>
public sealed record CustomerOrders(string CustomerId, IReadOnlyList<OrderRow> Orders);

/// <summary>Keeps what readers read, by customer.</summary>
/// <param name="mayBeLines">Rows with a total alone may be lines of orders.</param>
internal sealed class OrderFileSink(bool mayBeLines) : IRecordSink
{
    private readonly Dictionary<string, List<Kept>> byCustomer = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> idByAddress = new(StringComparer.Ordinal);
    private long repeated;

    public long Rows { get; private set; }

    public long Rejected { get; private set; }

    public SortedDictionary<string, long> Reasons { get; } = new(StringComparer.Ordinal);

    public bool LinesOfTotals { get; private set; }

    public long Repeated => LinesOfTotals ? 0 : repeated;

    public void Row() => Rows++;

    public void Reject(long line, string reason, ReadOnlySpan<char> raw)
    {
        Rejected++;
        Reasons[reason] = Reasons.GetValueOrDefault(reason) + 1;
    }

    public ValueTask CustomerAsync(CustomerRecord record) => throw new NotSupportedException("A file of orders has no records of customers.");

    public ValueTask ProductAsync(ProductRow product) => throw new NotSupportedException("A file of orders has no records of products.");

    public ValueTask OrderAsync(OrderRecord record)
    {
        var address = Addresses.Id(record.Email, record.Phone);
        var id = record.CustomerId.Length > 0 ? record.CustomerId : address!;
        if (record.CustomerId.Length > 0 && address is not null
            && (!idByAddress.TryGetValue(address, out var known) || string.CompareOrdinal(id, known) < 0))
        {
            idByAddress[address] = id;
        }

        if (!byCustomer.TryGetValue(id, out var kept))
        {
            byCustomer.Add(id, kept = []);
        }

        kept.Add(new Kept(record.OrderId, record.AtTicks, record.RevisedTicks, record.Group, record.Event, record.Line, record.CouponCode, record.Country));
        return ValueTask.CompletedTask;
    }

    /// <summary>The customers by id; those who are known by an address alone join the customer who has it.</summary>
    public List<CustomerOrders> Customers(DateTimeOffset importedAt)
    {
        foreach (var (address, id) in idByAddress)
        {
            if (byCustomer.Remove(address, out var guest))
            {
                byCustomer[id].AddRange(guest);
            }
        }

        foreach (var kept in byCustomer.Values)
        {
            SortByOrder(kept);
            CountRepeats(kept);
        }

        var gathering = new OrderGathering();
        var record = new OrderRecord();
        return [.. byCustomer.OrderBy(static c => c.Key, StringComparer.Ordinal)
            .Select(c => new CustomerOrders(c.Key, Gather(gathering, record, c.Key, c.Value, importedAt)))];
    }

    private List<OrderRow> Gather(OrderGathering gathering, OrderRecord record, string customer, List<Kept> kept, DateTimeOffset importedAt)
    {
        var marks = new OrderGatheringMarks(customer, importedAt, 0);
        var orders = new List<OrderRow>();
        foreach (var one in kept)
        {
            (record.OrderId, record.AtTicks, record.RevisedTicks, record.Event) = (one.OrderId, one.AtTicks, one.RevisedTicks, one.Event);
            (record.Line, record.CouponCode, record.Country) = (one.Line, one.CouponCode, one.Country);
            record.Group = LinesOfTotals ? 0 : one.Group;
            if (gathering.Take(record, marks) is { } complete)
            {
                orders.Add(complete);
            }
        }

        if (gathering.Complete(marks) is { } last)
        {
            orders.Add(last);
        }

        return orders;
    }

    /// <summary>By order id, the order of the file among equals.</summary>
    private static void SortByOrder(List<Kept> kept)
    {
        var sorted = kept.Select(static (k, i) => (k, i)).OrderBy(static k => k.k.OrderId, StringComparer.Ordinal).ThenBy(static k => k.i).Select(static k => k.k).ToList();
        kept.Clear();
        kept.AddRange(sorted);
    }

    /// <summary>
    /// A whole order that comes again in a row of its own. The same again is a repeat; with another amount, and no time of
    /// revision that says which is newer, the file has a row per line although it names no products.
    /// </summary>
    private void CountRepeats(List<Kept> kept)
    {
        for (var i = 1; i < kept.Count; i++)
        {
            var (before, now) = (kept[i - 1], kept[i]);
            if (now.Group != before.Group && now.Group != 0 && string.Equals(now.OrderId, before.OrderId, StringComparison.Ordinal))
            {
                repeated++;
                LinesOfTotals |= mayBeLines && now.Line.Sku.Length == 0 && now.RevisedTicks == 0 && before.RevisedTicks == 0 && now.Line != before.Line;
            }
        }
    }

    private readonly record struct Kept(
        string OrderId, long AtTicks, long RevisedTicks, long Group, string Event, OrderLine Line, string? CouponCode, string? Country);
}
