using Campaigns.Core.Storage;
using MemoryPack;

namespace Campaigns.Core.Profiles;

/// <summary>
/// A customer's purchase history as sufficient statistics: row <c>h|{customer}</c>. A pure function of the customer's
/// orders: a fold over the net orders (after refunds) by time and then id. An order that is later than all others is
/// appended; anything else folds anew. See <c>HistoryFold</c>.
/// </summary>
[MemoryPackable]
public sealed partial record PurchaseHistory : IStoredRow
{
    /// <inheritdoc/>
    public static byte Version => 1;

    /// <summary>Net orders kept one by one, newest last: enough for the churn horizon and the pre-period of any window.</summary>
    public const int RecentOrderLimit = 128;

    /// <summary>Products kept: the last distinct ones bought. Bounds recommendations and rows.</summary>
    public const int ProductLimit = 50;

    /// <summary>Names of events kept: a business tells a handful of kinds apart, and rows stay small whatever somebody sends as a name.</summary>
    public const int EventLimit = 32;

    /// <summary>Categories kept: the last distinct ones bought from. A shop's departments, not its shelves: rows stay small.</summary>
    public const int CategoryLimit = 32;

    /// <summary>Coupon codes kept: the last distinct ones used. As many as a customer gets offers with codes in a year or two.</summary>
    public const int CouponLimit = 16;

    /// <summary>What the fold gathers now: a history that gathered less is folded anew when its customer's orders change.</summary>
    public const byte CurrentGathering = 1;

    /// <summary>Raw id of the customer.</summary>
    public required string CustomerId { get; init; }

    /// <summary>Net orders: those that refunds did not cancel whole. Events other than orders do not count.</summary>
    public int Orders { get; init; }

    /// <summary>Distinct days (UTC) with a net order: x + 1 of the purchase models.</summary>
    public int OrderDays { get; init; }

    /// <summary>First net order; meaningless where <see cref="Orders"/> is 0.</summary>
    public DateTimeOffset FirstOrderAt { get; init; }

    /// <summary>Last net order; meaningless where <see cref="Orders"/> is 0.</summary>
    public DateTimeOffset LastOrderAt { get; init; }

    /// <summary>Latest event of any kind, refunds included: what a later one may be appended after.</summary>
    public DateTimeOffset LastEventAt { get; init; }

    /// <summary>Id of that event: breaks ties of time.</summary>
    public string LastEventId { get; init; } = "";

    /// <summary>Net revenue after discounts and refunds that cancelled a line, in minor units.</summary>
    public long SpendMinor { get; init; }

    /// <summary>Revenue before refunds, in minor units.</summary>
    public long GrossMinor { get; init; }

    /// <summary>Refunds that no earlier line of the customer explains, in minor units, ≥ 0. Shown, not subtracted.</summary>
    public long UnmatchedRefundMinor { get; init; }

    /// <summary>Discounts on net lines, in minor units.</summary>
    public long DiscountMinor { get; init; }

    /// <summary>Net lines.</summary>
    public int Lines { get; init; }

    /// <summary>Net lines with a discount.</summary>
    public int DiscountedLines { get; init; }

    /// <summary>The last net orders, oldest first.</summary>
    public RecentOrder[] RecentOrders { get; init; } = [];

    /// <summary>The last distinct products bought, by last purchase and then sku, oldest first.</summary>
    [StoredProducts]
    public ProductHistory[] Products { get; init; } = [];

    /// <summary>Country of the newest order that has one, or null.</summary>
    [RepeatedText]
    public string? Country { get; init; }

    /// <summary>Events other than orders by name (ordinal), at most <see cref="EventLimit"/>: those seen last.</summary>
    public EventHistory[] Events { get; init => field = value ?? []; } = []; // Rows written before there were events have none.

    /// <summary>The last distinct categories bought from, by last purchase and then name, oldest first; at most <see cref="CategoryLimit"/>.</summary>
    public CategoryHistory[] Categories { get; init => field = value ?? []; } = [];

    /// <summary>The last distinct coupon codes on net orders, by last use and then code, oldest first; at most <see cref="CouponLimit"/>.</summary>
    public CouponHistory[] Coupons { get; init => field = value ?? []; } = [];

    /// <summary>Net orders with a coupon code.</summary>
    public int CouponOrders { get; init; }

    /// <summary>Net lines of known unit cost: what they brought in, all time.</summary>
    public CostedSales Costed { get; init; }

    /// <summary>The same for each of <see cref="RecentOrders"/>; empty while no line of the customer had a unit cost.</summary>
    public CostedSales[] RecentCosted { get; init => field = value ?? []; } = [];

    /// <summary>What the fold gathered: see <see cref="CurrentGathering"/>.</summary>
    public byte Gathering { get; init; }

    /// <summary>A stored history without its <see cref="Products"/>, which take longest to decode: for scans that do not ask for them. Never to be stored.</summary>
    internal static PurchaseHistory WithoutProducts(ReadOnlyMemory<byte> payload) => RowCodec.Decode<PurchaseHistory>(payload, StoredProductsAttribute.Without);

    /// <summary>Mean days between days with an order; null below two such days.</summary>
    [MemoryPackIgnore]
    public double? MeanGapDays => OrderDays < 2 ? null : (LastOrderAt.UtcDateTime.Date - FirstOrderAt.UtcDateTime.Date).TotalDays / (OrderDays - 1);

    /// <summary>Days from the last order to <paramref name="asOf"/>; null without an order.</summary>
    public double? DaysSinceLastOrder(DateTimeOffset asOf) => Orders == 0 ? null : (asOf - LastOrderAt).TotalDays;
}

/// <summary>A net order: when, and its net amount in minor units.</summary>
[MemoryPackable]
public readonly partial record struct RecentOrder(DateTimeOffset At, long AmountMinor);

/// <summary>Events of one name: "survey answered", "product opened", "visit".</summary>
/// <param name="Name">Name as first seen.</param>
/// <param name="Count">How many.</param>
/// <param name="LastAt">The last.</param>
/// <param name="ValueMinor">Their value together, in minor units.</param>
[MemoryPackable]
public readonly partial record struct EventHistory([property: RepeatedText] string Name, int Count, DateTimeOffset LastAt, long ValueMinor);

/// <summary>A product that the customer bought.</summary>
/// <param name="Sku">Product.</param>
/// <param name="Lines">Net lines with it.</param>
/// <param name="Units">Net units.</param>
/// <param name="ListMinor">What they cost before discount, in minor units.</param>
/// <param name="LastAt">Last purchase.</param>
[MemoryPackable]
public readonly partial record struct ProductHistory([property: RepeatedText] string Sku, int Lines, int Units, long ListMinor, DateTimeOffset LastAt);

/// <summary>A category that the customer bought from.</summary>
/// <param name="Name">Name as first seen; compared without regard to case.</param>
/// <param name="Orders">Net orders with a line of it.</param>
/// <param name="Units">Net units.</param>
/// <param name="SpendMinor">What they cost after discount, in minor units.</param>
/// <param name="LastAt">Last purchase.</param>
[MemoryPackable]
public readonly partial record struct CategoryHistory([property: RepeatedText] string Name, int Orders, int Units, long SpendMinor, DateTimeOffset LastAt);

/// <summary>A coupon code that the customer used.</summary>
/// <param name="Code">Code as first seen; compared without regard to case.</param>
/// <param name="Orders">Net orders with it.</param>
/// <param name="LastAt">Last of them.</param>
[MemoryPackable]
public readonly partial record struct CouponHistory([property: RepeatedText] string Code, int Orders, DateTimeOffset LastAt);

/// <summary>Sales of lines whose unit cost is known, in minor units.</summary>
/// <param name="SpendMinor">Paid for them, after discount.</param>
/// <param name="MarginMinor">That less what the units cost the shop; negative where they were sold below cost.</param>
[MemoryPackable]
public readonly partial record struct CostedSales(long SpendMinor, long MarginMinor)
{
    /// <summary>Both together.</summary>
    public static CostedSales operator +(CostedSales a, CostedSales b) => new(a.SpendMinor + b.SpendMinor, a.MarginMinor + b.MarginMinor);
}
