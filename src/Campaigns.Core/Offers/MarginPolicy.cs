using Campaigns.Core.Ingest;
using Campaigns.Core.Primitives;
using MemoryPack;

namespace Campaigns.Core.Offers;

/// <summary>
/// How margin is known, frozen with a run: from the line's unit cost, else from its category's share, else from the
/// workspace's share, else not at all.
/// </summary>
[MemoryPackable]
public sealed partial record MarginPolicy
{
    /// <summary>Share of net revenue in [0, 1]; null = unknown.</summary>
    public double? Share { get; init; }

    /// <summary>Shares by category.</summary>
    public Dictionary<string, double> ShareByCategory { get; init; } = [];

    /// <summary>Margins are known for every line: figures may be called profit.</summary>
    [MemoryPackIgnore]
    public bool Known => Share is not null;

    /// <summary>
    /// Margin of a line before its discount, in minor units: quantity × (price − unit cost), else list amount × share.
    /// Null where nothing is known. The discount is subtracted by the caller, whole: it comes out of the margin.
    /// </summary>
    public double? BeforeDiscountMinor(in OrderLine line)
    {
        var list = Money.LineMinor(line.Quantity, line.UnitPriceMinorE4);
        if (line.UnitCostMinorE4 is { } cost)
        {
            return list - Money.LineMinor(line.Quantity, cost);
        }

        var share = line.Category is { } category && ShareByCategory.TryGetValue(category, out var known) ? known : Share;
        return share * list;
    }
}
