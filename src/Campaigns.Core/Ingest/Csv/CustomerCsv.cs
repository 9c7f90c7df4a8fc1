using Campaigns.Core.Primitives;

namespace Campaigns.Core.Ingest.Csv;

/// <summary>
/// Customers by CSV: <c>customer_id, email, phone, first_name, consent_email, consent_sms, consent_source, consent_at, language,
/// time_zone, country, updated_at</c>; any other column becomes an attribute. Empty fields say nothing; unknown consent means no.
/// </summary>
internal sealed class CustomerCsv
{
    private static readonly HashSet<string> Known = new(StringComparer.OrdinalIgnoreCase)
    {
        "customer_id", "email", "phone", "first_name", "consent_email", "consent_sms", "consent_source", "consent_at", "language", "time_zone", "country", "updated_at",
    };

    private readonly CsvTable table;
    private readonly CustomerFields fields;
    private readonly KeyValuePair<string, int>[] attributes;

    public CustomerCsv(CsvTable table, ReadingContext context)
    {
        this.table = table;
        if (table.Find("email") < 0 && table.Find("phone") < 0)
        {
            table.Require("customer_id", "a file of customers has customer_id, email or phone");
        }

        attributes = [.. table.Columns.Where(c => c.Key.Length > 0 && !Known.Contains(c.Key)).Take(ImportLimits.Attributes)];
        fields = new CustomerFields(context);
    }

    /// <summary>Reads all rows into the sink.</summary>
    public async ValueTask ReadAsync(IRecordSink sink, CancellationToken cancellation)
    {
        while (await table.ReadAsync(cancellation))
        {
            sink.Row();
            var (record, reason) = fields.Read(name => table[table.Find(name)].ToString(), Attributes());
            if (record is null)
            {
                sink.Reject(table.Line, reason!, table.Raw);
            }
            else
            {
                await sink.CustomerAsync(record);
            }
        }
    }

    private Dictionary<string, string> Attributes()
    {
        var values = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var (name, column) in attributes)
        {
            if (table[column] is { IsEmpty: false } value)
            {
                values[name] = value[..Math.Min(value.Length, ImportLimits.TextLength)].ToString();
            }
        }

        return values;
    }
}
