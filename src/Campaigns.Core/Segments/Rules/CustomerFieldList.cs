using System.Globalization;
using Campaigns.Core.Primitives;

namespace Campaigns.Core.Segments.Rules;

/// <summary>Fields of the customer's own row, but for attributes.</summary>
internal static class CustomerFieldList
{
    public static IReadOnlyList<Field> All { get; } =
    [
        new("country", FieldType.Text, FieldUnit.None, FieldGroup.Customer, "country as imported with the customer, else of the newest order that has one", (in f) => FieldValue.Of(f.Customer?.Country ?? f.History?.Country)),
        new("language", FieldType.Text, FieldUnit.None, FieldGroup.Customer, "language as imported (BCP 47, for example \"en\")", (in f) => FieldValue.Of(f.Customer?.Language)),
        new("time_zone", FieldType.Text, FieldUnit.None, FieldGroup.Customer, "IANA time zone as imported", (in f) => FieldValue.Of(f.Customer?.TimeZone)),
        new("customer_since", FieldType.Date, FieldUnit.None, FieldGroup.Customer, "when the customer was first seen", (in f) => FieldValue.Of(f.Customer?.CreatedAt)),
        new("email.known", FieldType.YesNo, FieldUnit.None, FieldGroup.Contact, "there is an e-mail address", (in f) => FieldValue.Of(f.Customer?.Email is not null)),
        new("phone.known", FieldType.YesNo, FieldUnit.None, FieldGroup.Contact, "there is a phone number", (in f) => FieldValue.Of(f.Customer?.Phone is not null)),
        new("email.consent", FieldType.YesNo, FieldUnit.None, FieldGroup.Contact, "consent to e-mail; unknown where nobody said", (in f) => FieldValue.Of(f.Customer?.EmailConsent.Given)),
        new("sms.consent", FieldType.YesNo, FieldUnit.None, FieldGroup.Contact, "consent to SMS; unknown where nobody said", (in f) => FieldValue.Of(f.Customer?.SmsConsent.Given)),
        new("email.contactable", FieldType.YesNo, FieldUnit.None, FieldGroup.Contact, "address, consent and no reason against it, by e-mail", (in f) => FieldValue.Of(f.Customer?.ContactableOn(Channel.Email) == true)),
        new("sms.contactable", FieldType.YesNo, FieldUnit.None, FieldGroup.Contact, "number, consent and no reason against it, by SMS", (in f) => FieldValue.Of(f.Customer?.ContactableOn(Channel.Sms) == true)),
        new("email.suppressed", FieldType.YesNo, FieldUnit.None, FieldGroup.Contact, "on the do-not-contact list for e-mail", (in f) => FieldValue.Of(f.Customer?.EmailSuppression is not null)),
        new("sms.suppressed", FieldType.YesNo, FieldUnit.None, FieldGroup.Contact, "on the do-not-contact list for SMS", (in f) => FieldValue.Of(f.Customer?.SmsSuppression is not null)),
    ];
}

/// <summary>Fields of imported attributes. A value that does not fit the type is unknown.</summary>
internal static class AttributeFields
{
    public const string Prefix = "attribute.";

    public static Field Of(AttributeType attribute)
    {
        var name = attribute.Name;
        FieldReader read = attribute.Type switch
        {
            FieldType.Number => (in f) => FieldValue.Of(Number(Text(f, name))),
            FieldType.YesNo => (in f) => FieldValue.Of(YesNo(Text(f, name))),
            FieldType.Date => (in f) => FieldValue.Of(Date(Text(f, name))),
            _ => (in f) => FieldValue.Of(Text(f, name)),
        };
        return new Field(Prefix + name, attribute.Type, FieldUnit.None, FieldGroup.Customer, "as imported with the customer", read);
    }

    /// <summary>The type that fits all of these values, as of a first import: yes/no, number or date, else text.</summary>
    public static FieldType TypeOf(IEnumerable<string> values)
    {
        var (yesNo, number, date, any) = (true, true, true, false);
        foreach (var value in values)
        {
            any = true;
            yesNo &= YesNo(value) is not null;
            number &= !double.IsNaN(Number(value));
            date &= Date(value) is not null;
        }

        // "1" and "0" alone are numbers as well; a column of nothing but these says yes and no.
        return !any ? FieldType.Text : yesNo ? FieldType.YesNo : number ? FieldType.Number : date ? FieldType.Date : FieldType.Text;
    }

    public static bool? YesNo(string? text) => text?.Trim().ToLowerInvariant() switch
    {
        "yes" or "true" or "1" or "y" => true,
        "no" or "false" or "0" or "n" => false,
        _ => null,
    };

    public static double Number(string? text) =>
        double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) && double.IsFinite(number) ? number : double.NaN;

    public static DateTimeOffset? Date(string? text) =>
        DateTimeOffset.TryParseExact(text?.Trim(), DateFormats, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out var at) ? at : null;

    internal static readonly string[] DateFormats =
        ["yyyy-MM-dd", "yyyy-MM-dd'T'HH:mm", "yyyy-MM-dd'T'HH:mm:ss", "yyyy-MM-dd'T'HH:mm:ssK", "yyyy-MM-dd'T'HH:mm:ss.FFFFFFFK", "yyyy-MM-dd HH:mm:ss"];

    private static string? Text(in CustomerFacts facts, string name) =>
        facts.Customer?.Attributes.TryGetValue(name, out var value) == true && value.Length > 0 ? value : null;
}
