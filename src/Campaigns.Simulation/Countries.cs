using System.Globalization;

namespace Campaigns.Simulation;

/// <summary>A country of the simulation.</summary>
/// <param name="Name">As orders give it.</param>
/// <param name="Code">ISO 3166-1 alpha-2; also accepted as a name.</param>
/// <param name="Language">BCP 47.</param>
/// <param name="TimeZone">IANA.</param>
/// <param name="FirstNames">First names in use there.</param>
/// <param name="Phones">Numbers of its fictional range; null where we know of none.</param>
internal sealed record Country(string Name, string Code, string Language, string TimeZone, string[] FirstNames, FictionalNumbers? Phones);

/// <summary>Numbers kept for fiction by the country's regulator: prefix, then the digits from First on, <paramref name="Count"/> of them per prefix.</summary>
internal sealed record FictionalNumbers(string[] Prefixes, int Digits, int First, int Count)
{
    /// <summary>How many there are.</summary>
    public int Size => Prefixes.Length * Count;

    /// <summary>Number <paramref name="at"/> of the range in E.164.</summary>
    public string At(int at) =>
        Prefixes[at / Count] + (First + (at % Count)).ToString(CultureInfo.InvariantCulture).PadLeft(Digits, '0');
}

/// <summary>The countries known here, and the fallback for every other.</summary>
internal static class Countries
{
    private static readonly string[] English = ["Amelia", "Oliver", "Grace", "Harry", "Ruby", "Jack", "Zara", "Imran", "Chloe", "Owen"];
    private static readonly string[] German = ["Anna", "Lukas", "Mia", "Jonas", "Lena", "Felix", "Emine", "Paul"];
    private static readonly string[] French = ["Camille", "Hugo", "Manon", "Louis", "Inès", "Théo", "Chloé", "Karim"];
    private static readonly string[] Dutch = ["Sanne", "Daan", "Fleur", "Bram", "Lotte", "Sem"];
    private static readonly string[] Spanish = ["Lucía", "Mateo", "Carmen", "Pablo", "Elena", "Diego"];
    private static readonly string[] Swedish = ["Astrid", "Nils", "Elsa", "Oskar", "Maja", "Erik"];
    private static readonly string[] Irish = ["Aoife", "Seán", "Niamh", "Conor", "Saoirse", "Cian"];

    // Sources: Ofcom, "Telephone numbers for use in TV and radio drama programmes"; NANPA, 555-0100 to 555-0199 in any area
    // code; Bundesnetzagentur, Mitteilung 148/2021 (Berlin 030 23125 000–999); ARCEP, numbers for audiovisual works
    // (06 39 98 xx xx); ComReg, 020 91x xxxx; PTS, 070-174 06 05 to 99; ACMA, 0491 570 156 to 159.
    private static readonly FictionalNumbers UnitedKingdom = new(["+447700900"], 3, 0, 1000);
    private static readonly FictionalNumbers UnitedStates = new(["+1206555", "+1212555", "+1312555", "+1415555", "+1617555", "+1702555", "+1713555", "+1813555"], 4, 100, 100);
    private static readonly FictionalNumbers Germany = new(["+493023125"], 3, 0, 1000);
    private static readonly FictionalNumbers France = new(["+3363998"], 4, 0, 10_000);
    private static readonly FictionalNumbers Ireland = new(["+3532091"], 5, 0, 100_000);
    private static readonly FictionalNumbers Sweden = new(["+467017406"], 2, 5, 95);
    private static readonly FictionalNumbers Australia = new(["+614915701"], 2, 56, 4);

    /// <summary>All.</summary>
    public static Country[] All { get; } =
    [
        new("United Kingdom", "GB", "en-GB", "Europe/London", English, UnitedKingdom),
        new("Germany", "DE", "de-DE", "Europe/Berlin", German, Germany),
        new("France", "FR", "fr-FR", "Europe/Paris", French, France),
        new("EIRE", "IE", "en-IE", "Europe/Dublin", Irish, Ireland),
        new("Netherlands", "NL", "nl-NL", "Europe/Amsterdam", Dutch, null),
        new("Spain", "ES", "es-ES", "Europe/Madrid", Spanish, null),
        new("Sweden", "SE", "sv-SE", "Europe/Stockholm", Swedish, Sweden),
        new("USA", "US", "en-US", "America/New_York", English, UnitedStates),
        new("Australia", "AU", "en-AU", "Australia/Sydney", English, Australia),
        new("Belgium", "BE", "fr-BE", "Europe/Brussels", French, null),
        new("Switzerland", "CH", "de-CH", "Europe/Zurich", German, null),
        new("Austria", "AT", "de-AT", "Europe/Vienna", German, null),
    ];

    /// <summary>Where customers of a generated market live: index in <see cref="All"/> and share; the shares sum to 1.</summary>
    public static (int Country, double Share)[] OfMarket { get; } =
        [(0, 0.60), (1, 0.10), (2, 0.09), (3, 0.07), (4, 0.05), (5, 0.04), (6, 0.03), (7, 0.02)];

    private static readonly Country Elsewhere = new("", "", "en", "Etc/UTC", English, null);

    private static readonly Dictionary<string, Country> ByName = Index();

    /// <summary>The country of this name or code in any case; for others English, UTC and no phone.</summary>
    public static Country Of(string? name) =>
        name is not null && ByName.TryGetValue(name.Trim(), out var country) ? country : Elsewhere;

    private static Dictionary<string, Country> Index()
    {
        var index = new Dictionary<string, Country>(StringComparer.OrdinalIgnoreCase);
        foreach (var country in All)
        {
            index[country.Name] = country;
            index[country.Code] = country;
        }

        index["UK"] = All[0];
        index["Great Britain"] = All[0];
        index["Ireland"] = All[3];
        index["United States"] = All[7];
        return index;
    }
}
