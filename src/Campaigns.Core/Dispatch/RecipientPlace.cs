using Campaigns.Core.Ingest;
using Campaigns.Core.Jobs;

namespace Campaigns.Core.Dispatch;

/// <summary>Where a recipient may be: country and time zones. Pure.</summary>
public static class RecipientPlace
{
    /// <summary>
    /// Zones of countries, from the IANA time zone database (zone1970.tab): of countries with several, those at the ends and where most people live.
    /// </summary>
    private static readonly Dictionary<string, string[]> Zones = new(StringComparer.OrdinalIgnoreCase)
    {
        ["AE"] = ["Asia/Dubai"],
        ["AR"] = ["America/Argentina/Buenos_Aires"],
        ["AT"] = ["Europe/Vienna"],
        ["AU"] = ["Australia/Sydney", "Australia/Brisbane", "Australia/Perth"],
        ["BE"] = ["Europe/Brussels"],
        ["BG"] = ["Europe/Sofia"],
        ["BR"] = ["America/Noronha", "America/Sao_Paulo", "America/Rio_Branco"],
        ["CA"] = ["America/St_Johns", "America/Toronto", "America/Vancouver"],
        ["CH"] = ["Europe/Zurich"],
        ["CL"] = ["America/Santiago", "Pacific/Easter"],
        ["CN"] = ["Asia/Shanghai"],
        ["CO"] = ["America/Bogota"],
        ["CY"] = ["Asia/Nicosia"],
        ["CZ"] = ["Europe/Prague"],
        ["DE"] = ["Europe/Berlin"],
        ["DK"] = ["Europe/Copenhagen"],
        ["EE"] = ["Europe/Tallinn"],
        ["EG"] = ["Africa/Cairo"],
        ["ES"] = ["Europe/Madrid", "Atlantic/Canary"],
        ["FI"] = ["Europe/Helsinki"],
        ["FR"] = ["Europe/Paris"],
        ["GB"] = ["Europe/London"],
        ["GR"] = ["Europe/Athens"],
        ["HR"] = ["Europe/Zagreb"],
        ["HU"] = ["Europe/Budapest"],
        ["ID"] = ["Asia/Jakarta", "Asia/Jayapura"],
        ["IE"] = ["Europe/Dublin"],
        ["IL"] = ["Asia/Jerusalem"],
        ["IN"] = ["Asia/Kolkata"],
        ["IS"] = ["Atlantic/Reykjavik"],
        ["IT"] = ["Europe/Rome"],
        ["JP"] = ["Asia/Tokyo"],
        ["KR"] = ["Asia/Seoul"],
        ["LT"] = ["Europe/Vilnius"],
        ["LU"] = ["Europe/Luxembourg"],
        ["LV"] = ["Europe/Riga"],
        ["MT"] = ["Europe/Malta"],
        ["MX"] = ["America/Cancun", "America/Mexico_City", "America/Tijuana"],
        ["NL"] = ["Europe/Amsterdam"],
        ["NO"] = ["Europe/Oslo"],
        ["NZ"] = ["Pacific/Auckland", "Pacific/Chatham"],
        ["PL"] = ["Europe/Warsaw"],
        ["PT"] = ["Europe/Lisbon", "Atlantic/Azores"],
        ["RO"] = ["Europe/Bucharest"],
        ["RS"] = ["Europe/Belgrade"],
        ["RU"] = ["Europe/Kaliningrad", "Europe/Moscow", "Asia/Kamchatka"],
        ["SE"] = ["Europe/Stockholm"],
        ["SG"] = ["Asia/Singapore"],
        ["SI"] = ["Europe/Ljubljana"],
        ["SK"] = ["Europe/Bratislava"],
        ["TR"] = ["Europe/Istanbul"],
        ["UA"] = ["Europe/Kyiv"],
        ["US"] = ["America/New_York", "America/Los_Angeles", "Pacific/Honolulu"],
        ["ZA"] = ["Africa/Johannesburg"],
    };

    /// <summary>The recipient's country as a code of two letters: as imported, else the phone number's, else the workspace's.</summary>
    public static string CountryOf(CustomerRow customer, WorkspaceSettings settings) =>
        customer.Country is { Length: 2 } given && given.All(char.IsAsciiLetter) ? given.ToUpperInvariant()
        : customer.Phone is { } phone && Addresses.CountryOf(phone) is { } told ? told
        : settings.Country;

    /// <summary>The zones in one of which the recipient is: the known one, else those of the country, else the workspace's. At least one.</summary>
    public static IReadOnlyList<TimeZoneInfo> ZonesOf(string? zone, string country, WorkspaceSettings settings)
    {
        if (zone is not null && TimeZoneInfo.TryFindSystemTimeZoneById(zone, out var own))
        {
            return [own];
        }

        if (!Zones.TryGetValue(country, out var names) || (names.Length == 1 && string.Equals(country, settings.Country, StringComparison.OrdinalIgnoreCase)))
        {
            return [QuietHours.ZoneOf(null, settings.TimeZone)];
        }

        return [.. names.Select(n => TimeZoneInfo.TryFindSystemTimeZoneById(n, out var found) ? found : null).OfType<TimeZoneInfo>().DefaultIfEmpty(QuietHours.ZoneOf(null, settings.TimeZone))];
    }
}
