using System.Globalization;

namespace Campaigns.Core.Primitives;

/// <summary>
/// Money is integer minor units and an ISO 4217 currency. A workspace has one currency, so rows keep only the
/// minor units (long); this type stands where money is read from or written for people.
/// </summary>
public readonly record struct Money(long MinorUnits, string Currency)
{
    /// <summary>Minor units per ten-thousandth: unit prices are kept as minor units × 10⁴, so that 0.0012 survives.</summary>
    public const long UnitPriceScale = 10_000;

    /// <summary>Micro-units (10⁻⁶ of the major unit): what one e-mail costs is far below a minor unit.</summary>
    public const long MicrosPerMajor = 1_000_000;

    private static readonly HashSet<string> NoDecimals = ["BIF", "CLP", "DJF", "GNF", "ISK", "JPY", "KMF", "KRW", "PYG", "RWF", "UGX", "UYI", "VND", "VUV", "XAF", "XOF", "XPF"];
    private static readonly HashSet<string> ThreeDecimals = ["BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"];

    /// <summary>Decimals of the currency by ISO 4217: 0, 2 or 3.</summary>
    public static int Decimals(string currency) =>
        NoDecimals.Contains(currency) ? 0 : ThreeDecimals.Contains(currency) ? 3 : 2;

    /// <summary>Minor units in one major unit: 1, 100 or 1,000.</summary>
    public static long MinorPerMajor(string currency) => Decimals(currency) switch { 0 => 1, 3 => 1000, _ => 100 };

    /// <summary>Micro-units in one minor unit.</summary>
    public static double MicrosPerMinor(string currency) => (double)MicrosPerMajor / MinorPerMajor(currency);

    /// <summary>The amount of quantity × unit price (minor units × 10⁴), half away from zero.</summary>
    public static long LineMinor(long quantity, long unitPriceMinorE4)
    {
        var product = (Int128)quantity * unitPriceMinorE4;
        var half = product >= 0 ? UnitPriceScale / 2 : -UnitPriceScale / 2;
        return (long)((product + half) / UnitPriceScale);
    }

    /// <summary>The amount for people: "£1,234.50", "€12.00", "1,234.50 PLN"; "1,234.50" where the currency is not known ("").</summary>
    public override string ToString() => Format(Decimals(Currency));

    /// <summary>The amount for people without minor units: "£1,235".</summary>
    public string ToWholeString() => Format(0);

    private string Format(int decimals)
    {
        var value = (decimal)MinorUnits / MinorPerMajor(Currency);
        var number = Math.Abs(decimal.Round(value, decimals, MidpointRounding.AwayFromZero))
            .ToString("N" + decimals.ToString(CultureInfo.InvariantCulture), CultureInfo.InvariantCulture);
        var sign = value < 0 && number.AsSpan().IndexOfAnyInRange('1', '9') >= 0 ? "−" : "";
        return Currency switch
        {
            "GBP" => sign + "£" + number,
            "EUR" => sign + "€" + number,
            "USD" => sign + "$" + number,
            "" => sign + number,
            _ => sign + number + " " + Currency,
        };
    }
}
