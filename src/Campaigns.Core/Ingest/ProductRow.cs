using Campaigns.Core.Storage;
using MemoryPack;

namespace Campaigns.Core.Ingest;

/// <summary>A product as orders name it: row {escaped sku} of table products, partition all.</summary>
[MemoryPackable]
public sealed partial record ProductRow : IStoredRow
{
    /// <inheritdoc/>
    public static byte Version => 1;

    /// <summary>Product id.</summary>
    public required string Sku { get; init; }

    /// <summary>Name for messages: the newest description that an import gave.</summary>
    public string? Name { get; init; }

    /// <summary>Category, or null.</summary>
    public string? Category { get; init; }
}
