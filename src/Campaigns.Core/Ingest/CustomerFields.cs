using Campaigns.Core.Jobs;
using Campaigns.Core.Primitives;

namespace Campaigns.Core.Ingest;

/// <summary>A customer from fields by name, whether CSV columns or JSON properties: the same rules for both.</summary>
internal sealed class CustomerFields(ReadingContext context)
{
    private readonly Dates dates = new(context.Zone, context.DateFormats);
    private const string NeitherYesNorNo = "consent is neither yes nor no";

    private readonly HashSet<string> zones = new(StringComparer.Ordinal);

    private static readonly string[] Known =
    [
        "customer_id", "email", "phone", "first_name", "consent_email", "consent_sms", "consent_source", "consent_at", "consent_proof", "language",
        "time_zone", "country", "updated_at", "suppression_email", "suppression_sms", "no_profiling",
    ];

    /// <summary>The fields of a customer, besides attributes and <c>consent_email_PURPOSE</c>, <c>consent_sms_PURPOSE</c>.</summary>
    public static IReadOnlyList<string> Names => Known;

    /// <summary>The field says consent to a purpose of the workspace's own.</summary>
    public static bool IsConsentOfPurpose(string field) => PurposeOf(field) is not null;

    /// <summary>The customer, or the reason why the row is none. <paramref name="purposes"/> are fields as <see cref="IsConsentOfPurpose"/> tells. <paramref name="field"/> gives "" for what is not said.</summary>
    public (CustomerRecord? Record, string? Reason) Read(Func<string, string> field, IEnumerable<string> purposes, Dictionary<string, string> attributes)
    {
        var id = field("customer_id");
        if (ReadAddresses(field, out var email, out var phone) is { } noAddress)
        {
            return (null, noAddress);
        }

        if (!TryConsent(field("consent_email"), out var byEmail) || !TryConsent(field("consent_sms"), out var bySms))
        {
            return (null, NeitherYesNorNo);
        }

        if (!TryConsent(field("no_profiling"), out var noProfiling))
        {
            return (null, "no_profiling is neither yes nor no");
        }

        if (ReadDates(field, out var consentAt, out var revisedAt) is { } noDate)
        {
            return (null, noDate);
        }

        var zone = field("time_zone");
        if (zone.Length > 0 && !IsZone(zone))
        {
            return (null, "time_zone is no IANA time zone");
        }

        if (Suppressions(field, email, phone) is { } wrong)
        {
            return (null, wrong);
        }

        if (!TryPurposes(purposes, field, out var said))
        {
            return (null, NeitherYesNorNo);
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
            ConsentProof = Text(field("consent_proof"), ImportLimits.ProofLength),
            Purposes = said,
            EmailSuppression = Text(field("suppression_email")),
            SmsSuppression = Text(field("suppression_sms")),
            NoProfiling = noProfiling,
        }, null);
    }

    /// <summary>The addresses; the reason why nobody can be told by them and the id.</summary>
    private string? ReadAddresses(Func<string, string> field, out string? email, out string? phone)
    {
        var (id, mail, number) = (field("customer_id"), field("email"), field("phone"));
        email = mail.Length == 0 ? null : Addresses.Email(mail);
        phone = number.Length == 0 ? null : Addresses.Phone(number, context.PhoneCountry);
        return Ids.CustomerProblem(id)
            ?? (mail.Length > 0 && email is null ? "the e-mail address is not valid"
            : number.Length > 0 && phone is null ? "the phone number is not valid"
            : id.Length == 0 && email is null && phone is null ? "no customer_id, email or phone"
            : null);
    }

    /// <summary>Why a suppression cannot be taken, or null.</summary>
    private static string? Suppressions(Func<string, string> field, string? email, string? phone)
    {
        var (byEmail, bySms) = (field("suppression_email"), field("suppression_sms"));
        return (byEmail.Length > 0 && !SuppressionRow.MayBeImported(byEmail)) || (bySms.Length > 0 && !SuppressionRow.MayBeImported(bySms))
            ? "a suppression is none of unsubscribed, hard bounce, complaint and manual"
            : (byEmail.Length > 0 && email is null) || (bySms.Length > 0 && phone is null) ? "a suppression without its address" : null;
    }

    private static bool TryPurposes(IEnumerable<string> purposes, Func<string, string> field, out PurposeSaid[] said)
    {
        var found = new List<PurposeSaid>();
        foreach (var name in purposes)
        {
            if (PurposeOf(name) is { } purpose && field(name) is { Length: > 0 } text)
            {
                if (!TryConsent(text, out var given))
                {
                    said = [];
                    return false;
                }

                found.Add(new PurposeSaid(purpose.Purpose, purpose.Channel, given == true));
            }
        }

        said = [.. found];
        return true;
    }

    private static (Channel Channel, string Purpose)? PurposeOf(string field)
    {
        const string Email = "consent_email_", Sms = "consent_sms_";
        var channel = field.StartsWith(Email, StringComparison.OrdinalIgnoreCase) ? Channel.Email : Channel.Sms;
        var prefix = channel == Channel.Email ? Email : Sms;
        return field.StartsWith(prefix, StringComparison.OrdinalIgnoreCase) && field[prefix.Length..].ToLowerInvariant() is var purpose && ConsentPurpose.IsId(purpose)
            ? (channel, purpose)
            : null;
    }

    private static string? Text(string text, int limit = ImportLimits.TextLength) => text.Length == 0 ? null : text[..Math.Min(text.Length, limit)];

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

    /// <summary>When consent was given and the record made; the reason why that cannot be.</summary>
    private string? ReadDates(Func<string, string> field, out DateTimeOffset? consentAt, out DateTimeOffset? revisedAt)
    {
        var read = TryDate(field("consent_at"), out consentAt) & TryDate(field("updated_at"), out revisedAt);
        return !read ? "the date is not one that we can read (ISO 8601, or give the date format)"
            : context.IsFuture(consentAt?.UtcTicks ?? 0) || context.IsFuture(revisedAt?.UtcTicks ?? 0) ? "consent_at or updated_at lies in the future"
            : null;
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
