namespace Campaigns.Core.Ingest.Csv;

/// <summary>Files of customers that are known by their headers.</summary>
internal enum CustomerFormat
{
    /// <summary>Our own fields, or columns mapped to them.</summary>
    Own,

    /// <summary>Shopify's export of customers.</summary>
    Shopify,

    /// <summary>Klaviyo's export of a list, a segment or all profiles.</summary>
    Klaviyo,

    /// <summary>Mailchimp's export of an audience: subscribed members, or those who never subscribed.</summary>
    MailchimpMembers,

    /// <summary>Mailchimp's members who unsubscribed.</summary>
    MailchimpUnsubscribed,

    /// <summary>Mailchimp's members whose addresses bounced for good.</summary>
    MailchimpCleaned,
}

/// <summary>Tells formats of customers by their headers.</summary>
internal static class CustomerFormats
{
    /// <summary>The format of the table. A map makes a file our own.</summary>
    public static CustomerFormat Of(CsvTable table, ColumnMap map) =>
        !map.IsEmpty || table.Find("customer_id") >= 0 ? CustomerFormat.Own
        : table.Find("Email") >= 0 && table.FindAny("Accepts Email Marketing", "Accepts Marketing") >= 0 && table.Find("Total Orders") >= 0 ? CustomerFormat.Shopify
        : table.Find("Email") >= 0 && table.FindAny("Klaviyo ID", "Email Marketing Consent", "Email Suppressions") >= 0 ? CustomerFormat.Klaviyo
        : table.Find("Email Address") < 0 || table.FindAny("LEID", "EUID", "OPTIN_TIME", "MEMBER_RATING") < 0 ? CustomerFormat.Own
        : table.Find("CLEAN_TIME") >= 0 ? CustomerFormat.MailchimpCleaned
        : table.Find("UNSUB_TIME") >= 0 ? CustomerFormat.MailchimpUnsubscribed
        : CustomerFormat.MailchimpMembers;

    /// <summary>Name for people.</summary>
    public static string Name(CustomerFormat format) => format switch
    {
        CustomerFormat.Shopify => "Shopify customers export",
        CustomerFormat.Klaviyo => "Klaviyo export",
        CustomerFormat.MailchimpMembers => "Mailchimp export, members",
        CustomerFormat.MailchimpUnsubscribed => "Mailchimp export, unsubscribed",
        CustomerFormat.MailchimpCleaned => "Mailchimp export, cleaned",
        _ => "customers",
    };
}
