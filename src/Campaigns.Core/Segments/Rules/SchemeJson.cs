using System.Text.Json;

namespace Campaigns.Core.Segments.Rules;

/// <summary>What became of reading a scheme: the scheme, or what is wrong with it.</summary>
/// <param name="Scheme">The scheme; null where there are faults.</param>
/// <param name="Faults">Every fault that was found, in the order of the document.</param>
public sealed record SchemeReading(SegmentScheme? Scheme, IReadOnlyList<SchemeFault> Faults);

/// <summary>Schemes as JSON.</summary>
public static class SchemeJson
{
    /// <summary>Longest document in bytes: a full scheme of 64 segments takes a tenth of it, and it must fit one row.</summary>
    public const int MaxBytes = 256 * 1024;

    /// <summary>Reads and checks a scheme. Nothing half-valid gets through.</summary>
    /// <param name="json">The document, UTF-8.</param>
    /// <param name="catalogue">The workspace's fields.</param>
    /// <param name="forOffers">It decides who gets offers: barred fields are refused.</param>
    public static SchemeReading Parse(ReadOnlySpan<byte> json, FieldCatalogue catalogue, bool forOffers = false) => throw new NotSupportedException();

    /// <summary>The scheme as JSON, UTF-8, indented.</summary>
    public static byte[] Write(SegmentScheme scheme) => throw new NotSupportedException();
}
