using System.Globalization;
using Campaigns.Core.Ingest;
using Campaigns.Core.Primitives;

namespace Campaigns.Simulation;

/// <summary>A made-up contact: nobody's address, nobody's number, nobody's consent.</summary>
/// <param name="CustomerId">Customer.</param>
/// <param name="Email">Mailbox in a reserved domain, or null.</param>
/// <param name="Phone">E.164 number of a fictional range, or null.</param>
/// <param name="FirstName">First name, or null.</param>
/// <param name="EmailConsent">Consent to e-mail: given, withheld or unknown.</param>
/// <param name="SmsConsent">Consent to SMS.</param>
/// <param name="Language">BCP 47.</param>
/// <param name="TimeZone">IANA.</param>
/// <param name="Country">As the caller gave it.</param>
public sealed record MadeUpContact(
    string CustomerId, string? Email, string? Phone, string? FirstName, Consent EmailConsent, Consent SmsConsent, string Language, string TimeZone, string? Country);

/// <summary>
/// Made-up contacts for customers that have none, as those of a public orders file: a pure function of the customer id, so
/// that the same customer always gets the same. Addresses lie in domains that RFC 2606 reserves (example.com, .net, .org and
/// the top-level domain .example); numbers in the ranges that regulators keep for fiction, and where we know of no such
/// range there is no phone. <b>Addresses are unique per customer id. Numbers are not:</b> the ranges are small (the United
/// Kingdom's holds 1,000), so several customers share one, as members of a household do.
/// </summary>
public static class MadeUpContacts
{
    /// <summary>Share with an e-mail address.</summary>
    public const double EmailShare = 0.82;

    /// <summary>Share with a phone, where the country has a fictional range.</summary>
    public const double PhoneShare = 0.45;

    /// <summary>Share of those with an address who consented to e-mail; <see cref="EmailWithheldShare"/> said no, of the others nothing is known.</summary>
    public const double EmailGivenShare = 0.70;

    /// <summary>Share of those with an address who withheld consent to e-mail.</summary>
    public const double EmailWithheldShare = 0.15;

    /// <summary>Share of those with a phone who consented to SMS.</summary>
    public const double SmsGivenShare = 0.60;

    /// <summary>Share of those with a phone who withheld consent to SMS.</summary>
    public const double SmsWithheldShare = 0.20;

    /// <summary>Share whose first name is known.</summary>
    public const double FirstNameShare = 0.90;

    private static readonly string[] Domains = ["example.com", "example.org", "example.net", "mail.example", "post.example"];

    private static readonly string[] Sources = ["checkout", "newsletter form", "account settings", "shop till"];

    /// <summary>The contact of this customer.</summary>
    /// <param name="customerId">Raw id.</param>
    /// <param name="country">Name or ISO code; null or unknown ones give English, UTC and no phone.</param>
    /// <param name="consentAt">When consent was said, if it was: for example the first order. Null leaves the time out.</param>
    /// <param name="salt">Another salt gives other people.</param>
    public static MadeUpContact For(string customerId, string? country, DateTimeOffset? consentAt = null, string salt = "")
    {
        var hash = StableHash.Of("made-up contact", salt, customerId);
        var draws = new Draws(hash, 0);
        var known = Countries.Of(country);
        var name = known.FirstNames[draws.Below(known.FirstNames.Length)];
        var hasName = draws.Chance(FirstNameShare);
        var hasEmail = draws.Chance(EmailShare);
        var domain = Domains[draws.Below(Domains.Length)];
        var hasPhone = draws.Chance(PhoneShare);
        var number = draws.Uniform();
        var source = Sources[draws.Below(Sources.Length)];
        var emailConsent = Said(draws.Uniform(), EmailGivenShare, EmailWithheldShare, source, consentAt);
        var smsConsent = Said(draws.Uniform(), SmsGivenShare, SmsWithheldShare, source, consentAt);
        var phone = hasPhone && known.Phones is { } range ? range.At((int)(number * range.Size)) : null;
        var email = hasEmail ? $"{Ascii(name)}.{LocalPart(customerId)}@{domain}" : null;
        return new MadeUpContact(
            customerId, email, phone, hasName ? name : null, email is null ? Consent.Unknown : emailConsent, phone is null ? Consent.Unknown : smsConsent,
            known.Language, known.TimeZone, country);
    }

    private static Consent Said(double uniform, double given, double withheld, string source, DateTimeOffset? at) =>
        uniform < given ? new Consent(true, source, at)
        : uniform < given + withheld ? new Consent(false, source, at)
        : Consent.Unknown;

    /// <summary>The id where it can stand in an address as it is (letters are compared without case there), else its hash.</summary>
    private static string LocalPart(string customerId)
    {
        const int longest = 40;
        var plain = customerId.Length is > 0 and <= longest && customerId.All(c => char.IsAsciiDigit(c) || char.IsAsciiLetterLower(c));
        return plain ? customerId : "h" + StableHash.Of(customerId).ToString("x16", CultureInfo.InvariantCulture);
    }

    private static string Ascii(string name)
    {
        var decomposed = name.Normalize(System.Text.NormalizationForm.FormD);
        return new string([.. decomposed.Where(char.IsAsciiLetter).Select(char.ToLowerInvariant)]);
    }
}
