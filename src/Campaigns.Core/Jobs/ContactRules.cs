using System.Globalization;
using System.Text.Json.Serialization;
using Campaigns.Core.Primitives;
using MemoryPack;

namespace Campaigns.Core.Jobs;

/// <summary>At most <paramref name="Sends"/> messages on the channel, or on all channels together where it is null, in any <paramref name="Days"/> days.</summary>
[MemoryPackable]
public readonly partial record struct FrequencyCap(
    [property: JsonConverter(typeof(JsonStringEnumConverter<Channel>))] Channel? Channel, int Days, int Sends);

/// <summary>Messages to customers of the country (ISO 3166 alpha-2) go out from one hour until before another, their time.</summary>
[MemoryPackable]
public readonly partial record struct CountryHours(string Country, int From, int Until);

/// <summary>How often and when customers may be written to. Part of the settings.</summary>
[MemoryPackable]
public sealed partial record ContactRules
{
    /// <summary>Text messages never go out before this hour of the recipient's day, whatever is set …</summary>
    public const int SmsFromHour = 8;

    /// <summary>… nor from this one on: the hours in which telephone marketing is allowed in most countries that have a rule (47 CFR 64.1200 (c)(1): 8 to 21).</summary>
    public const int SmsUntilHour = 21;

    /// <summary>Entries of a list: far above any calendar of holidays.</summary>
    private const int MostEntries = 200;

    /// <summary>Caps of a new shop: e-mail 1 a day and 3 a week, SMS 1 a week and 4 in 30 days.</summary>
    public static IReadOnlyList<FrequencyCap> ShopCaps { get; } =
        [new(Channel.Email, 1, 1), new(Channel.Email, 7, 3), new(Channel.Sms, 7, 1), new(Channel.Sms, 30, 4)];

    /// <summary>Caps of a bank: 1 e-mail a week, 1 SMS in 30 days.</summary>
    public static IReadOnlyList<FrequencyCap> BankCaps { get; } = [new(Channel.Email, 7, 1), new(Channel.Sms, 30, 1)];

    /// <summary>The caps, all of which hold.</summary>
    public FrequencyCap[] Caps { get; init => field = value ?? [.. ShopCaps]; } = [.. ShopCaps];

    /// <summary>Hours of countries that have their own.</summary>
    public CountryHours[] Hours { get; init => field = value ?? []; } = [];

    /// <summary>Days on which nothing goes out: <c>sundays</c>, <c>12-25</c> (each year) or <c>2026-04-06</c>, with a country before it (<c>DE 10-03</c>) where it holds there only.</summary>
    public string[] ClosedDays { get; init => field = value ?? []; } = [];

    /// <summary>Purposes of consent besides marketing.</summary>
    public ConsentPurpose[] Purposes { get; init => field = value ?? []; } = [];

    /// <summary>Consent that is asked for by HTTP holds once the recipient has confirmed it by a link in a message (double opt-in), unless the request says otherwise.</summary>
    public bool DoubleOptIn { get; init; }

    /// <summary>What is wrong, as a sentence; null where nothing is.</summary>
    public string? Problem() =>
        Caps.Length > MostEntries || Hours.Length > MostEntries || ClosedDays.Length > MostEntries ? $"Lists have at most {MostEntries} entries."
        : Array.Exists(Caps, c => c.Days is < 1 or > 365 || c.Sends is < 1 or > 30) ? "A frequency cap allows 1 to 30 messages in 1 to 365 days."
        : Array.Exists(Hours, h => !IsCountry(h.Country) || h.From is < 0 or > 23 || h.Until <= h.From || h.Until > 24) ? "Hours of a country have its code of two letters, a first hour from 0 to 23 and a later last hour up to 24."
        : Array.Find(ClosedDays, d => !IsDay(d)) is { } unknown ? $"“{unknown}” is no day: write sundays, 12-25 or 2026-04-06, with a country's code before it where it holds there only."
        : Purposes.Length > ConsentPurpose.Limit ? $"There are at most {ConsentPurpose.Limit} purposes of consent."
        : Array.Exists(Purposes, p => !ConsentPurpose.IsId(p.Id) || p.Name is not { Length: > 0 and <= ConsentPurpose.NameLength }) ? "A purpose of consent has an id of lower-case letters, digits and hyphens, and a name: newsletter: our monthly newsletter."
        : Purposes.Select(p => p.Id).Distinct(StringComparer.Ordinal).Count() < Purposes.Length ? "A purpose of consent is there twice."
        : null;

    /// <summary>Nothing goes out on the day to customers of the country.</summary>
    public bool IsClosed(DateOnly day, string? country)
    {
        foreach (var entry in ClosedDays)
        {
            var space = entry.IndexOf(' ', StringComparison.Ordinal);
            if (space > 0 && !entry.AsSpan(0, space).Equals(country, StringComparison.OrdinalIgnoreCase))
            {
                continue;
            }

            var what = entry.AsSpan(space + 1);
            if (what.Equals("sundays", StringComparison.OrdinalIgnoreCase) ? day.DayOfWeek == DayOfWeek.Sunday
                : what.Length == 5 ? what.SequenceEqual(day.ToString("MM-dd", CultureInfo.InvariantCulture))
                : what.SequenceEqual(day.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture)))
            {
                return true;
            }
        }

        return false;
    }

    private static bool IsDay(string entry)
    {
        var space = entry.IndexOf(' ', StringComparison.Ordinal);
        var what = entry[(space + 1)..];
        return (space < 0 || IsCountry(entry[..space]))
            && (what.Equals("sundays", StringComparison.OrdinalIgnoreCase)
                // A leap year, so that 29 February is a day.
                || DateOnly.TryParseExact(what.Length == 5 ? "2024-" + what : what, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out _));
    }

    private static bool IsCountry(string? text) => text is { Length: 2 } && text.All(char.IsAsciiLetter);
}
