using Campaigns.Core.Storage;
using MemoryPack;

namespace Campaigns.Core.Ingest;

/// <summary>A product as orders name it and a product feed describes it: row {escaped sku} of table products, partition all.</summary>
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

    /// <summary>Page in the shop (absolute http or https address), or null. From the feed, as all that follows.</summary>
    public string? Link { get; init; }

    /// <summary>Picture (absolute http or https address), or null.</summary>
    public string? Image { get; init; }

    /// <summary>Price before discounts, in minor units; null = not said.</summary>
    public long? PriceMinor { get; init; }

    /// <summary>Units that can be sold, ≥ 0; 0 = not recommended; null = not said.</summary>
    public long? Stock { get; init; }

    /// <summary>The lowest price of the last 30 days as the feed says it, in minor units; null = not said.</summary>
    public long? Lowest30DayPrice { get; init; }

    /// <summary>What a unit costs the shop, in minor units × 10⁴; null = not said. New order lines without a cost take it.</summary>
    public long? UnitCostMinorE4 { get; init; }

    /// <summary>Business time of the feed that described it first, or null.</summary>
    public DateTimeOffset? FedAt { get; init; }
}
