namespace Campaigns.Core.Segments.Rules;

/// <summary>The scheme "retail" (samples/presets/retail.json), which stands where a workspace has none of its own.</summary>
public static class RetailScheme
{
    /// <summary>Id of the scheme.</summary>
    public const string Id = "retail";

    /// <summary>The scheme as JSON, UTF-8.</summary>
    public static ReadOnlyMemory<byte> Json { get; } = Load();

    /// <summary>The scheme, compiled with the built-in fields: it asks for no others.</summary>
    public static CompiledScheme Compiled { get; } = Compile();

    /// <summary>The scheme.</summary>
    public static SegmentScheme Scheme => Compiled.Scheme;

    private static byte[] Load()
    {
        using var stream = typeof(RetailScheme).Assembly.GetManifestResourceStream("retail.json")
            ?? throw new InvalidDataException("The scheme 'retail' is missing from this build.");
        var bytes = new byte[stream.Length];
        stream.ReadExactly(bytes);
        return bytes;
    }

    private static CompiledScheme Compile() => SchemeJson.Parse(Json, FieldCatalogue.BuiltIn) switch
    {
        { Scheme: { } scheme } => new CompiledScheme(scheme, FieldCatalogue.BuiltIn),
        var refused => throw new InvalidDataException($"The scheme 'retail' of this build cannot be used: {refused.Faults[0]}"),
    };
}
