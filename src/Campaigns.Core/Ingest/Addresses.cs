using MimeKit;
using PhoneNumbers;

namespace Campaigns.Core.Ingest;

/// <summary>The one form in which addresses are stored, compared and hashed.</summary>
public static class Addresses
{
    /// <summary>Octets of an e-mail address: RFC 5321 §4.5.3.1.3.</summary>
    public const int MaxEmailLength = 254;

    private static readonly PhoneNumberUtil Phones = PhoneNumberUtil.GetInstance();

    /// <summary>The mailbox trimmed and with its domain in lower case, or null where it is none. For comparison use <see cref="Comparable"/>.</summary>
    public static string? Email(ReadOnlySpan<char> text)
    {
        var trimmed = text.Trim();
        var at = trimmed.LastIndexOf('@');
        if (at <= 0 || at == trimmed.Length - 1 || trimmed.Length > MaxEmailLength || trimmed.ContainsAny(" \t\r\n<>,;") || trimmed[(at + 1)..].IndexOf('.') < 0)
        {
            return null;
        }

        return MailboxAddress.TryParse(trimmed.ToString(), out var mailbox)
            ? string.Concat(mailbox.Address.AsSpan(0, mailbox.Address.LastIndexOf('@')), mailbox.Address.AsSpan(mailbox.Address.LastIndexOf('@')).ToString().ToLowerInvariant())
            : null;
    }

    /// <summary>The number in E.164, or null where it is none. A number without a country code belongs to <paramref name="country"/> (ISO 3166 alpha-2).</summary>
    public static string? Phone(string text, string country)
    {
        try
        {
            var number = Phones.Parse(text, country);
            return Phones.IsPossibleNumber(number) ? Phones.Format(number, PhoneNumberFormat.E164) : null;
        }
        catch (NumberParseException)
        {
            return null;
        }
    }

    /// <summary>Country of a number in E.164 (ISO 3166 alpha-2), or null where it tells none.</summary>
    public static string? CountryOf(string phone)
    {
        try
        {
            return Phones.GetRegionCodeForNumber(Phones.Parse(phone, null)) is { Length: 2 } region ? region : null;
        }
        catch (NumberParseException)
        {
            return null;
        }
    }

    /// <summary>The form under which an address is looked up: in lower case, as mailboxes that differ only by case are one in practice.</summary>
    public static string Comparable(string address) => address.ToLowerInvariant();

    /// <summary>Id of a customer who is known by an address alone, or null without one.</summary>
    public static string? Id(string? email, string? phone) =>
        email is not null ? "email:" + Comparable(email) : phone is not null ? "phone:" + phone : null;
}
