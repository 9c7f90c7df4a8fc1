using Campaigns.Core.Primitives;
using Campaigns.Core.Storage;
using MemoryPack;

namespace Campaigns.Core.Ingest;

/// <summary>
/// An order as it came, or a refund (negative quantities), or any other valued event of a customer: row
/// <c>o|{customer}|{order}</c>. Rows keep what was said; what refunds cancel is worked out by
/// <c>Profiles.NetOrders</c> when orders are folded, so that the order of arrival never matters.
/// </summary>
[MemoryPackable]
public sealed partial record OrderRow : IStoredRow
{
    /// <inheritdoc/>
    public static byte Version => 1;

    /// <summary>The event name of an order.</summary>
    public const string OrderEvent = "order";

    /// <summary>Id as the shop gives it; makes the import idempotent.</summary>
    public required string OrderId { get; init; }

    /// <summary>Raw id of the customer, to check the key against.</summary>
    public required string CustomerId { get; init; }

    /// <summary>When it was placed (business time, UTC).</summary>
    public required DateTimeOffset OrderedAt { get; init; }

    /// <summary>When this version of it was made: the row is replaced only by a newer one. The source's update time, else the time of the import.</summary>
    public required DateTimeOffset RevisedAt { get; init; }

    /// <summary>"order", or the name of another valued event: "product opened", "renewal", "visit".</summary>
    public string Event { get; init; } = OrderEvent;

    /// <summary>Lines in the order of the file. Duplicate lines are kept: shops sell the same thing twice.</summary>
    public OrderLine[] Lines { get; init; } = [];

    /// <summary>Coupon code, or null.</summary>
    public string? CouponCode { get; init; }

    /// <summary>Country as given, or null.</summary>
    public string? Country { get; init; }

    /// <summary>
    /// Mark of the import that wrote this version, 0 = unknown: its lowest bit says that it replaced another. A part of an
    /// import that is run again then counts what it wrote the first time as it did then.
    /// </summary>
    public uint WrittenBy { get; init; }

    /// <summary>Sum of the lines after discount, in minor units; negative for a refund.</summary>
    [MemoryPackIgnore]
    public long AmountMinor
    {
        get
        {
            var sum = 0L;
            foreach (var line in Lines)
            {
                sum += line.AmountMinor;
            }

            return sum;
        }
    }

    /// <summary>Sum of the lines' discounts, in minor units.</summary>
    [MemoryPackIgnore]
    public long DiscountMinor
    {
        get
        {
            var sum = 0L;
            foreach (var line in Lines)
            {
                sum += line.DiscountMinor;
            }

            return sum;
        }
    }
}

/// <summary>One line of an order.</summary>
/// <param name="Sku">Product, or "" where the order has only a total.</param>
/// <param name="Quantity">Units; negative where they come back. A fractional quantity is stored as 1 at the line's price.</param>
/// <param name="UnitPriceMinorE4">Unit price before discount, in minor units × 10⁴.</param>
/// <param name="DiscountMinor">Discount on the line in minor units, ≥ 0; negative where a refund takes it back.</param>
/// <param name="UnitCostMinorE4">What the unit cost the shop, in minor units × 10⁴; null = unknown.</param>
/// <param name="Category">Category of the product, or null.</param>
[MemoryPackable]
public readonly partial record struct OrderLine(
    string Sku, int Quantity, long UnitPriceMinorE4, long DiscountMinor = 0, long? UnitCostMinorE4 = null, string? Category = null)
{
    /// <summary>Quantity × price − discount, in minor units.</summary>
    [MemoryPackIgnore]
    public long AmountMinor => Money.LineMinor(Quantity, UnitPriceMinorE4) - DiscountMinor;
}
