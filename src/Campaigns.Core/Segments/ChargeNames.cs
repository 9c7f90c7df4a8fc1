namespace Campaigns.Core.Segments;

/// <summary>
/// Tells lines that shops book like products but do not sell as such (postage, fees, corrections) from goods, by their
/// names: nobody wants them recommended.
/// </summary>
public static class ChargeNames
{
    /// <summary>Longer names are goods that happen to end in such a word.</summary>
    public const int MaxWords = 4;

    private static readonly HashSet<string> Endings = new(StringComparer.OrdinalIgnoreCase)
    {
        "postage", "packing", "carriage", "shipping", "delivery", "freight", "handling", "p&p", "commission", "fee", "fees", "charge", "charges",
        "cost", "costs", "discount", "discounts", "adjustment", "adjustments", "refund", "samples", "surcharge", "insurance", "versand", "versandkosten",
    };

    private static readonly HashSet<string> WholeNames = new(StringComparer.OrdinalIgnoreCase) { "manual", "adjust", "sample", "test", "tip", "credit" };

    /// <summary>The name is that of a charge: of at most four words the last is such as "postage" or "fees".</summary>
    public static bool IsCharge(string? name)
    {
        var words = (name ?? "").Split([' ', '\t', '_', '.', ','], StringSplitOptions.RemoveEmptyEntries);
        return words.Length is > 0 and <= MaxWords
            && (Endings.Contains(words[^1]) || (words.Length == 1 && WholeNames.Contains(words[0])));
    }
}
