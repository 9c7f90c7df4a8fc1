namespace Campaigns.Core.Segments.Rules;

/// <summary>The scheme "retail", which stands where a workspace has none of its own.</summary>
public static class RetailScheme
{
    /// <summary>Id of the scheme.</summary>
    public const string Id = "retail";

    /// <summary>The scheme.</summary>
    public static SegmentScheme Scheme { get; } = new()
    {
        Id = Id,
        Name = "Retail",
        Segments = [.. SegmentNames.ByPriority.Select(s => new SegmentDefinition { Id = s, Name = s, Rule = new Rule.Known("orders") })],
    };

    /// <summary>The scheme, compiled with the built-in fields.</summary>
    public static CompiledScheme Compiled { get; } = new(Scheme, FieldCatalogue.BuiltIn);
}
