namespace Campaigns.Core.Ingest.Csv;

/// <summary>
/// Customers by CSV: <c>customer_id, email, phone, first_name, consent_email, consent_sms, consent_source, consent_at, consent_proof,
/// language, time_zone, country, updated_at, suppression_email, suppression_sms</c>, <c>consent_email_PURPOSE</c> and
/// <c>consent_sms_PURPOSE</c>; or exports of Shopify, Klaviyo and Mailchimp. Any other column becomes an attribute. Empty fields say
/// nothing; unknown consent means no.
/// </summary>
internal sealed class CustomerCsv
{
    private readonly CsvTable table;
    private readonly CustomerFields fields;
    private readonly CustomerColumns columns;
    private readonly string[] purposes;

    public CustomerCsv(CsvTable table, ReadingContext context, ColumnMap map)
    {
        this.table = table;
        columns = new CustomerColumns(table, map);
        if (!columns.Has("customer_id") && !columns.Has("email") && !columns.Has("phone"))
        {
            table.Require("customer_id", "a file of customers has customer_id, email or phone");
        }

        purposes = [.. table.Columns.Keys.Where(CustomerFields.IsConsentOfPurpose)];
        fields = new CustomerFields(context);
    }

    /// <summary>Reads all rows into the sink.</summary>
    public async ValueTask ReadAsync(IRecordSink sink, CancellationToken cancellation)
    {
        if (columns.Dropped is { Count: > 0 } dropped)
        {
            sink.Notice($"{dropped.Count} columns were left out, from \"{dropped[0]}\" on: a customer has at most {ImportLimits.Attributes} attributes. Take out columns that no segment needs.");
        }

        while (await table.ReadAsync(cancellation))
        {
            sink.Row();
            var (record, reason) = fields.Read(columns.Read, purposes, Attributes());
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
        foreach (var (name, column) in columns.Attributes)
        {
            if (table[column] is { IsEmpty: false } value)
            {
                values[name] = value[..Math.Min(value.Length, ImportLimits.TextLength)].ToString();
            }
        }

        return values;
    }
}
