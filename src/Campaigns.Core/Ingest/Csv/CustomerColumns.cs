using System.Collections.Frozen;

namespace Campaigns.Core.Ingest.Csv;

/// <summary>
/// The present row of a file of customers by our fields. Exports of other systems say consent in their own words: what is not
/// plainly a yes is none, and who unsubscribed, bounced or complained there must not be contacted from here either.
/// </summary>
internal sealed class CustomerColumns
{
    private static readonly FrozenSet<string> NoSuppression = new[] { "", "[]", "none", "no", "false" }.ToFrozenSet(StringComparer.OrdinalIgnoreCase);

    /// <summary>Columns of exports that become no attributes: names and streets nobody needs here, marks of where somebody was, ids of other systems.</summary>
    private static readonly FrozenSet<string> LeftOut = new[]
    {
        "Last Name", "Address", "Address1", "Address2", "Address 2", "Company", "Default Address Company", "Default Address Address1",
        "Default Address Address2", "Default Address Phone", "Default Address Zip", "Zip", "Zip Code", "Note", "NOTES", "IP Address", "OPTIN_IP",
        "CONFIRM_IP", "Latitude", "Longitude", "GMTOFF", "DSTOFF", "LEID", "EUID", "Klaviyo ID", "Customer ID", "OPTIN_TIME",
        "CONFIRM_TIME", "UNSUB_TIME", "UNSUB_CAMPAIGN_TITLE", "UNSUB_CAMPAIGN_ID", "UNSUB_REASON_OTHER", "CLEAN_TIME", "CLEAN_CAMPAIGN_TITLE",
        "CLEAN_CAMPAIGN_ID", "LAST_CHANGED", "Accepts SMS Marketing", "SMS Marketing Consent Timestamp", "Email Marketing Consent Timestamp",
    }.ToFrozenSet(StringComparer.OrdinalIgnoreCase);

    private readonly CsvTable table;
    private readonly CustomerFormat format;
    private readonly Dictionary<string, int> columns = new(StringComparer.Ordinal);
    private readonly int suppressions;

    public CustomerColumns(CsvTable table, ColumnMap map)
    {
        this.table = table;
        format = CustomerFormats.Of(table, map);
        foreach (var field in CustomerFields.Names)
        {
            columns[field] = map.Has(field) ? map.Find(table, field) : table.FindAny(NamesOf(field));
        }

        suppressions = format == CustomerFormat.Klaviyo ? table.FindAny("Email Suppressions", "Suppressed") : -1;
        var used = columns.Values.Append(suppressions).ToHashSet();
        var others = table.Columns
            .Where(c => c.Key.Length > 0 && !used.Contains(c.Value) && !CustomerFields.IsConsentOfPurpose(c.Key))
            .Where(c => format == CustomerFormat.Own ? map.KeepsAttribute(c.Key) : !LeftOut.Contains(c.Key))
            .ToList();
        Attributes = [.. others.Take(ImportLimits.Attributes)];
        Dropped = [.. others.Skip(ImportLimits.Attributes).Select(c => c.Key)];
    }

    /// <summary>Columns that become attributes.</summary>
    public IReadOnlyList<KeyValuePair<string, int>> Attributes { get; }

    /// <summary>Columns that would be attributes but for their number.</summary>
    public IReadOnlyList<string> Dropped { get; }

    /// <summary>The file has a column of the field.</summary>
    public bool Has(string field) => columns.GetValueOrDefault(field, -1) >= 0;

    /// <summary>The field of the present row in our words; "" where it says nothing.</summary>
    public string Read(string field) => format switch
    {
        CustomerFormat.Own => Cell(field),
        CustomerFormat.Shopify => Shopify(field),
        CustomerFormat.Klaviyo => Klaviyo(field),
        _ => Mailchimp(field),
    };

    private string Cell(string field) => columns.TryGetValue(field, out var column)
        ? table[column].ToString()
        : table[table.Find(field)].ToString(); // Consent to a purpose of the workspace's own.

    /// <summary>Shopify guards numbers with an apostrophe. The customer goes by address, as in its export of orders.</summary>
    private string Shopify(string field) => field switch
    {
        "customer_id" when Bare("email").Length > 0 || Bare("phone").Length > 0 => "",
        "consent_source" => Source,
        _ => Bare(field),
    };

    private string Klaviyo(string field) => field switch
    {
        "consent_email" or "consent_sms" => Cell(field).ToUpperInvariant() switch
        {
            "SUBSCRIBED" => "yes",
            "UNSUBSCRIBED" => "no",
            _ => "",
        },
        "suppression_email" => Suppression(table[suppressions].ToString()) is { Length: > 0 } reason ? reason
            : Cell("consent_email").Equals("UNSUBSCRIBED", StringComparison.OrdinalIgnoreCase) ? SuppressionRow.Unsubscribed : "",
        "consent_source" => Source,
        _ => Bare(field),
    };

    /// <summary>Whoever is among the members without having opted in never subscribed.</summary>
    private string Mailchimp(string field) => (field, format) switch
    {
        ("consent_email", CustomerFormat.MailchimpMembers) => OptedInAt().Length > 0 ? "yes" : "",
        ("consent_email", _) => "no",
        ("consent_at", CustomerFormat.MailchimpMembers) => Utc(OptedInAt()),
        ("consent_at", CustomerFormat.MailchimpUnsubscribed) => Utc(table[table.Find("UNSUB_TIME")].ToString()),
        ("consent_at", _) => Utc(table[table.Find("CLEAN_TIME")].ToString()),
        ("suppression_email", CustomerFormat.MailchimpUnsubscribed) => SuppressionRow.Unsubscribed,
        ("suppression_email", CustomerFormat.MailchimpCleaned) => SuppressionRow.HardBounce,
        ("consent_source", _) => Source,
        _ => Cell(field),
    };

    private string OptedInAt() => Cell("consent_at") is { Length: > 0 } confirmed ? confirmed : table[table.Find("OPTIN_TIME")].ToString();

    private string Source => CustomerFormats.Name(format);

    private string Bare(string field) => Cell(field).TrimStart('\'');

    /// <summary>Mailchimp writes times in UTC, without saying so.</summary>
    private static string Utc(string time) => time.Length == 0 || time.EndsWith('Z') || time.Contains('+', StringComparison.Ordinal) ? time : time + "Z";

    /// <summary>The strongest of Klaviyo's reasons, which stand in brackets and may be several.</summary>
    private static string Suppression(string cell) =>
        NoSuppression.Contains(cell.Trim()) ? ""
        : Names(cell, "SPAM") ? SuppressionRow.Complaint
        : Names(cell, "UNSUBSCRIBE") ? SuppressionRow.Unsubscribed
        : Names(cell, "BOUNCE") || Names(cell, "INVALID") ? SuppressionRow.HardBounce
        : SuppressionRow.Manual;

    private static bool Names(string cell, string word) => cell.Contains(word, StringComparison.OrdinalIgnoreCase);

    private string[] NamesOf(string field) => (format, field) switch
    {
        (CustomerFormat.Own, _) => [field],
        (CustomerFormat.Shopify, "customer_id") => ["Customer ID"],
        (CustomerFormat.Shopify, "phone") => ["Phone", "Default Address Phone"],
        (CustomerFormat.Shopify, "consent_email") => ["Accepts Email Marketing", "Accepts Marketing"],
        (CustomerFormat.Shopify, "consent_sms") => ["Accepts SMS Marketing"],
        (CustomerFormat.Shopify, "country") => ["Default Address Country Code", "Country Code", "Country"],
        (CustomerFormat.Klaviyo, "phone") => ["Phone Number"],
        (CustomerFormat.Klaviyo, "consent_email") => ["Email Marketing Consent"],
        (CustomerFormat.Klaviyo, "consent_at") => ["Email Marketing Consent Timestamp"],
        (CustomerFormat.Klaviyo, "consent_sms") => ["SMS Marketing Consent", "SMS Consent"],
        (CustomerFormat.Klaviyo, "country") => ["Country"],
        (CustomerFormat.Shopify or CustomerFormat.Klaviyo, "email") => ["Email"],
        (CustomerFormat.MailchimpMembers, "consent_at") => ["CONFIRM_TIME", "OPTIN_TIME"],
        (_, "email") => ["Email Address"],
        (_, "phone") => ["Phone Number", "Phone"],
        (_, "country") => ["CC"],
        (_, "first_name") => ["First Name"],
        (CustomerFormat.Klaviyo, "time_zone") => ["Timezone"],
        (_, "language") => ["Language"],
        _ => [],
    };
}
