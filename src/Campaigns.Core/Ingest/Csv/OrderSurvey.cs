using System.Globalization;
using Campaigns.Core.Ingest.Csv;

namespace Campaigns.Core.Ingest;

/// <summary>
/// What a file of orders spans, read before any import: the demo splits a real file in time with it. Holds one entry per
/// customer, so it is for files of shops, not for streams without end.
/// </summary>
public sealed class OrderSurvey
{
    private OrderSurvey(DateTimeOffset firstAt, DateTimeOffset lastAt, string currency, IReadOnlyDictionary<string, string?> customers) =>
        (FirstAt, LastAt, Currency, Customers) = (firstAt, lastAt, currency, customers);

    /// <summary>Time of the first row whose time can be read.</summary>
    public DateTimeOffset FirstAt { get; }

    /// <summary>Time of the last row.</summary>
    public DateTimeOffset LastAt { get; }

    /// <summary>ISO 4217 currency that most rows name, or the one that stands for files that name none.</summary>
    public string Currency { get; }

    /// <summary>Customer ids with the country of their first row, or null.</summary>
    public IReadOnlyDictionary<string, string?> Customers { get; }

    /// <summary>Reads the file once. Throws <see cref="Jobs.JobFailedException"/> where it is no CSV of orders, or no time in it can be read.</summary>
    public static async ValueTask<OrderSurvey> ReadAsync(Stream content, string currency, CancellationToken cancellation)
    {
        var customers = new Dictionary<string, string?>(StringComparer.Ordinal);
        var currencies = new SortedDictionary<string, long>(StringComparer.Ordinal);
        var (first, last) = (long.MaxValue, long.MinValue);
        await foreach (var (orders, _) in RowsAsync(content, currency, cancellation))
        {
            if (orders.TimeOfRow() is { } ticks)
            {
                (first, last) = (Math.Min(first, ticks), Math.Max(last, ticks));
            }

            if (orders.CurrencyOfRow() is { Length: 3 } named)
            {
                currencies[named] = currencies.GetValueOrDefault(named) + 1;
            }

            var (id, country) = orders.CustomerOfRow();
            if (id.Length > 0)
            {
                customers.TryAdd(id, country);
            }
        }

        var most = currencies.Count == 0 ? currency : currencies.MaxBy(static c => c.Value).Key;
        return last >= first
            ? new OrderSurvey(new DateTimeOffset(first, TimeSpan.Zero), new DateTimeOffset(last, TimeSpan.Zero), most, customers)
            : throw new Jobs.JobFailedException("No date in the file can be read: dates are ISO 8601, or those of a known export.");
    }

    /// <summary>Copies the header and the rows with <paramref name="from"/> ≤ time &lt; <paramref name="before"/>, as they stand; rows without a readable time go with the first part.</summary>
    public async ValueTask CopyAsync(Stream content, TextWriter to, DateTimeOffset from, DateTimeOffset before, CancellationToken cancellation)
    {
        var header = false;
        await foreach (var (orders, table) in RowsAsync(content, Currency, cancellation))
        {
            if (!header)
            {
                await to.WriteAsync(string.Join(table.Delimiter, table.Columns.OrderBy(c => c.Value).Select(c => c.Key)) + "\n");
                header = true;
            }

            var ticks = orders.TimeOfRow() ?? FirstAt.UtcTicks;
            if (ticks >= from.UtcTicks && ticks < before.UtcTicks)
            {
                to.Write(table.Raw);
                to.Write('\n');
            }
        }
    }

    private static async IAsyncEnumerable<(IOrderReader Orders, CsvTable Table)> RowsAsync(
        Stream content, string currency, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellation)
    {
        using var text = await SourceText.OpenAsync(content, cancellation);
        using var table = await CsvTable.OpenAsync(text, cancellation);
        var reading = new ReadingContext
        {
            Currency = currency,
            Zone = TimeZoneInfo.Utc,
            PhoneCountry = "GB",
            Now = DateTimeOffset.MaxValue - TimeSpan.FromDays(365),
        };
        var orders = OrderFormats.Open(table, reading, ColumnMap.None);
        while (await table.ReadAsync(cancellation))
        {
            yield return (orders, table);
        }
    }
}
