using Campaigns.Core.Ingest;
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
            FieldType.Number => (in f) => Text(f, name) is { } text && AttributeValues.TryNumber(text, out var number) ? FieldValue.Of(number) : default,
            FieldType.YesNo => (in f) => Text(f, name) is { } text && AttributeValues.TryYesNo(text, out var yes) ? FieldValue.Of(yes) : default,
            FieldType.Date => (in f) => Text(f, name) is { } text && AttributeValues.TryDate(text, out var at) ? FieldValue.Of(at) : default,
            _ => (in f) => FieldValue.Of(Text(f, name)),
        };
        return new Field(Prefix + name, attribute.Type, FieldUnit.None, FieldGroup.Customer, "as imported with the customer", read);
    }

    /// <summary>The type of an attribute as the workspace keeps it.</summary>
    public static FieldType TypeOf(AttributeKind kind) => kind switch
    {
        AttributeKind.Number => FieldType.Number,
        AttributeKind.YesNo => FieldType.YesNo,
        AttributeKind.Date => FieldType.Date,
        _ => FieldType.Text,
    };

    private static string? Text(in CustomerFacts facts, string name) =>
        facts.Customer?.Attributes.TryGetValue(name, out var value) == true && value.Length > 0 ? value : null;
}
