using Campaigns.Core.Primitives;

namespace Campaigns.Core.Ingest;

/// <summary>A customer from fields by name, whether CSV columns or JSON properties: the same rules for both.</summary>
internal sealed class CustomerFields(ReadingContext context)
{
    private readonly Dates dates = new(context.Zone, context.DateFormat is { } format ? [format] : []);
    private readonly HashSet<string> zones = new(StringComparer.Ordinal);

    /// <summary>The customer, or the reason why the row is none. <paramref name="field"/> gives "" for what is not said.</summary>
    public (CustomerRecord? Record, string? Reason) Read(Func<string, string> field, Dictionary<string, string> attributes)
    {
        var (id, mail, number) = (field("customer_id"), field("email"), field("phone"));
        if (id.Length > CustomerKey.MaxIdLength)
        {
            return (null, "customer id too long");
        }

        var email = mail.Length == 0 ? null : Addresses.Email(mail);
        var phone = number.Length == 0 ? null : Addresses.Phone(number, context.PhoneCountry);
        if (mail.Length > 0 && email is null)
        {
            return (null, "the e-mail address is not valid");
        }

        if (number.Length > 0 && phone is null)
        {
            return (null, "the phone number is not valid");
        }

        if (id.Length == 0 && email is null && phone is null)
        {
            return (null, "no customer_id, email or phone");
        }

        if (!TryConsent(field("consent_email"), out var byEmail) || !TryConsent(field("consent_sms"), out var bySms))
        {
            return (null, "consent is neither yes nor no");
        }

        if (!TryDate(field("consent_at"), out var consentAt) || !TryDate(field("updated_at"), out var revisedAt))
        {
            return (null, "the date is not one that we can read (ISO 8601, or give the date format)");
        }

        var zone = field("time_zone");
        if (zone.Length > 0 && !IsZone(zone))
        {
            return (null, "time_zone is no IANA time zone");
        }

        return (new CustomerRecord
        {
            CustomerId = id,
            Email = email,
            Phone = phone,
            FirstName = Text(field("first_name")),
            EmailConsent = byEmail,
            SmsConsent = bySms,
            ConsentSource = Text(field("consent_source")),
            ConsentAt = consentAt,
            Language = Text(field("language")),
            TimeZone = Text(zone),
            Country = Text(field("country")),
            RevisedAt = revisedAt ?? default,
            Attributes = attributes,
        }, null);
    }

    private static string? Text(string text) => text.Length == 0 ? null : text[..Math.Min(text.Length, ImportLimits.TextLength)];

    private static bool TryConsent(string text, out bool? consent)
    {
        consent = text.ToLowerInvariant() switch
        {
            "yes" or "true" or "1" or "y" => true,
            "no" or "false" or "0" or "n" => false,
            _ => null,
        };
        return consent is not null || text.Length == 0;
    }

    private bool TryDate(string text, out DateTimeOffset? at)
    {
        at = null;
        if (text.Length == 0)
        {
            return true;
        }

        if (!dates.TryParse(text, out var ticks))
        {
            return false;
        }

        at = new DateTimeOffset(ticks, TimeSpan.Zero);
        return true;
    }

    private bool IsZone(string zone)
    {
        if (zones.Contains(zone))
        {
            return true;
        }

        return TimeZoneInfo.TryFindSystemTimeZoneById(zone, out _) && zones.Add(zone);
    }
}
