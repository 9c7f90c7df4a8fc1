using System.Globalization;
using System.Runtime.InteropServices;
using System.Text.Json;

namespace Campaigns.Core.Ingest.Json;

/// <summary>Properties of a JSON object as text.</summary>
internal static class JsonFields
{
    /// <summary>Why no record can be read from the element, or null.</summary>
    public static string? Problem(JsonElement element, ImportSubject subject)
    {
        var longest = subject == ImportSubject.Orders ? ImportLimits.JsonOrderLength : ImportLimits.JsonRecordLength;
        return element.ValueKind != JsonValueKind.Object ? "not a JSON object"
            : JsonMarshal.GetRawUtf8Value(element).Length > longest ? $"the record is larger than {longest:N0} characters"
            : subject == ImportSubject.Customers && element.TryGetProperty("attributes", out var given) && given.ValueKind == JsonValueKind.Object && given.EnumerateObject().Count() > ImportLimits.Attributes
                ? $"a customer has at most {ImportLimits.Attributes} attributes"
            : null;
    }

    /// <summary>A customer's attributes.</summary>
    public static Dictionary<string, string> Attributes(JsonElement customer)
    {
        var attributes = new Dictionary<string, string>(StringComparer.Ordinal);
        if (customer.TryGetProperty("attributes", out var given) && given.ValueKind == JsonValueKind.Object)
        {
            foreach (var property in given.EnumerateObject())
            {
                if (property.Name.Length is > 0 and <= ImportLimits.TextLength && Short(given, property.Name) is { } value)
                {
                    attributes[property.Name] = value;
                }
            }
        }

        return attributes;
    }

    /// <summary>The property as text, cut where it is too long; null where it says nothing.</summary>
    public static string? Short(JsonElement element, string name) =>
        Text(element, name) is { Length: > 0 } text ? text[..Math.Min(text.Length, ImportLimits.TextLength)] : null;

    /// <summary>The property as text: strings trimmed, numbers as written, true and false; "" for all else.</summary>
    public static string Text(JsonElement element, string name) =>
        !element.TryGetProperty(name, out var value)
            ? ""
            : value.ValueKind switch
            {
                JsonValueKind.String => value.GetString()!.Trim(),
                JsonValueKind.Number => value.TryGetDecimal(out var number) ? number.ToString(CultureInfo.InvariantCulture) : value.GetRawText(),
                JsonValueKind.True => "true",
                JsonValueKind.False => "false",
                _ => "",
            };
}
