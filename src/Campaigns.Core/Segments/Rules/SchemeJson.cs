using System.Text.Json;

namespace Campaigns.Core.Segments.Rules;

/// <summary>What became of reading a scheme: the scheme, or what is wrong with it.</summary>
/// <param name="Scheme">The scheme; null where there are faults.</param>
/// <param name="Faults">The faults that were found, in the order of the document.</param>
public sealed record SchemeReading(SegmentScheme? Scheme, IReadOnlyList<SchemeFault> Faults);

/// <summary>Schemes as JSON: the language is described in docs/segments.md.</summary>
public static class SchemeJson
{
    /// <summary>Longest document in bytes: a full scheme of 64 segments takes a tenth of it.</summary>
    public const int MaxBytes = 256 * 1024;

    /// <summary>Deepest nesting of JSON: each level of a rule takes two, and operands a few more; deeper rules are refused by <see cref="SchemeLimits.Depth"/>.</summary>
    private const int MaxJsonDepth = 128;

    private static readonly JsonDocumentOptions Options = new() { MaxDepth = MaxJsonDepth, AllowDuplicateProperties = false };

    /// <summary>Reads and checks a scheme. Nothing half-valid gets through.</summary>
    /// <param name="json">The document, UTF-8.</param>
    /// <param name="catalogue">The workspace's fields.</param>
    public static SchemeReading Parse(ReadOnlyMemory<byte> json, FieldCatalogue catalogue)
    {
        if (json.Length > MaxBytes)
        {
            return Refused("$", $"the document has {json.Length:N0} bytes; {MaxBytes:N0} are the most");
        }

        JsonDocument document;
        try
        {
            document = JsonDocument.Parse(json, Options);
        }
        catch (JsonException error)
        {
            return Refused("$", $"this is no JSON that can be read (line {(error.LineNumber ?? 0) + 1}, byte {(error.BytePositionInLine ?? 0) + 1}): a bracket or comma is missing, a name stands twice, or it is nested too deep");
        }

        using (document)
        {
            var faults = new List<SchemeFault>();
            var scheme = new SchemeReader(catalogue, faults).Read(document.RootElement);
            if (scheme is not null && faults.Count == 0)
            {
                faults.AddRange(SchemeCheck.Faults(scheme, catalogue));
            }

            return new SchemeReading(faults.Count == 0 ? scheme : null, faults);
        }
    }

    /// <summary>The scheme as JSON, UTF-8, indented. Reading it gives an equal scheme.</summary>
    public static byte[] Write(SegmentScheme scheme) => SchemeWriter.Write(scheme);

    /// <summary>Names of the attributes that a document declares, whatever else it says; empty where it cannot be read.</summary>
    public static IReadOnlyList<string> AttributesIn(ReadOnlyMemory<byte> json)
    {
        try
        {
            using var document = JsonDocument.Parse(json, Options);
            return document.RootElement.ValueKind == JsonValueKind.Object
                && document.RootElement.TryGetProperty("attributes", out var attributes) && attributes.ValueKind == JsonValueKind.Object
                ? [.. attributes.EnumerateObject().Select(a => a.Name)]
                : [];
        }
        catch (JsonException)
        {
            return [];
        }
    }

    private static SchemeReading Refused(string path, string message) => new(null, [new SchemeFault(path, message)]);
}
