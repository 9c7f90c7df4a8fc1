using Campaigns.Core.Ingest;
using Campaigns.Core.Ingest.Csv;

namespace Campaigns.Functions.Console;

/// <summary>A marketer's words for the columns of files.</summary>
public static class ColumnWords
{
    /// <summary>What a column may be, in groups: the field's id and its words.</summary>
    public static readonly IReadOnlyList<(string Group, IReadOnlyList<(string Id, string Label)> Fields)> Groups =
    [
        ("The customer",
        [
            ("customer_id", "customer’s number or id"), ("email", "e-mail address"), ("phone", "phone number"), ("country", "country"), ("first_name", "first name"),
            ("language", "language"), ("time_zone", "time zone"), ("consent_email", "consent to e-mail (yes or no)"), ("consent_sms", "consent to text messages (yes or no)"),
            ("consent_source", "where consent was given"), ("consent_at", "when consent was given"), ("consent_proof", "what shows the consent"),
            ("suppression_email", "why no e-mail may be sent"), ("suppression_sms", "why no text message may be sent"), ("no_profiling", "objects to profiling (yes or no)"),
            (ColumnMap.Attribute, "something else to keep about the customer"),
        ]),
        ("The order",
        [
            ("order_id", "order’s number or id"), ("ordered_at", "date of the order"), ("total", "amount paid"), ("quantity", "quantity"), ("unit_price", "price of one"),
            ("discount_amount", "discount"), ("coupon_code", "coupon code"), ("currency", "currency"), ("event", "kind of event"), ("updated_at", "last change"),
        ]),
        ("The product",
        [
            ("sku", "product’s number or id"), ("product_name", "product’s name (in orders)"), ("category", "category"), ("unit_cost", "what one costs you"),
            ("name", "product’s name (in a feed)"), ("price", "price (in a feed)"), ("link", "link to its page"), ("image", "link to its picture"), ("stock", "in stock"),
            ("lowest_30_day_price", "lowest price of the last 30 days"),
        ]),
    ];

    /// <summary>How dates may be written.</summary>
    public static readonly IReadOnlyList<(string Format, string Label)> DateFormats =
    [
        ("", "year first: 2026-12-31"),
        ("d/M/yyyy|d/M/yyyy H:mm|d/M/yyyy H:mm:ss", "day first: 31/12/2026"),
        ("M/d/yyyy|M/d/yyyy H:mm|M/d/yyyy H:mm:ss", "month first: 12/31/2026"),
        ("d.M.yyyy|d.M.yyyy H:mm|d.M.yyyy H:mm:ss", "day first: 31.12.2026"),
        ("d-M-yyyy|d-M-yyyy H:mm|d-M-yyyy H:mm:ss", "day first: 31-12-2026"),
        ("yyyy/M/d|yyyy/M/d H:mm|yyyy/M/d H:mm:ss", "year first: 2026/12/31"),
    ];

    /// <summary>"orders".</summary>
    public static string Subject(ImportSubject subject) => subject switch
    {
        ImportSubject.Customers => "customers",
        ImportSubject.Products => "products",
        _ => "orders",
    };
}
