using System.Globalization;
using System.Text.Json;

namespace Campaigns.Core.Ingest.Shops;

/// <summary>Values in shop systems' JSON, where amounts may be texts or numbers and anything may be missing.</summary>
internal static class ShopJson
{
    /// <summary>The text of a property, trimmed; numbers as written; "" for all else.</summary>
    public static string Text(this JsonElement element, string name) =>
        element.ValueKind != JsonValueKind.Object || !element.TryGetProperty(name, out var value) ? ""
        : value.ValueKind == JsonValueKind.String ? value.GetString()!.Trim()
        : value.ValueKind == JsonValueKind.Number ? value.GetRawText()
        : "";

    /// <summary>The first of the texts that says something.</summary>
    public static string Any(params ReadOnlySpan<string> texts)
    {
        foreach (var text in texts)
        {
            if (text.Length > 0)
            {
                return text;
            }
        }

        return "";
    }

    /// <summary>The amount of a property; 0 where it is none.</summary>
    public static decimal Amount(this JsonElement element, string name) =>
        decimal.TryParse(element.Text(name), NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var amount) ? amount : 0;

    /// <summary>The whole number of a property; 0 where it is none.</summary>
    public static long Count(this JsonElement element, string name) => element.Amount(name) is >= 0 and <= ImportLimits.Quantity and var count ? (long)count : 0;

    /// <summary>The object of a property, or an undefined element.</summary>
    public static JsonElement Object(this JsonElement element, string name) =>
        element.ValueKind == JsonValueKind.Object && element.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.Object ? value : default;

    /// <summary>The elements of an array; none where it is none.</summary>
    public static IEnumerable<JsonElement> Each(this JsonElement element, string name) =>
        element.ValueKind == JsonValueKind.Object && element.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.Array ? value.EnumerateArray() : [];
}
