using Campaigns.Core.Offers;
using Campaigns.Core.Planning;
using Campaigns.Core.Planning.Coordination;
using Campaigns.Core.Storage;
using MemoryPack;

namespace Campaigns.Core.Measurement.Control;

/// <summary>Frozen inputs of a job of kind "control": what the global control group of a quarter and all others brought.</summary>
[MemoryPackable]
public sealed partial record ControlInputs : IStoredRow
{
    /// <inheritdoc/>
    public static byte Version => 1;

    /// <summary>Kind of job.</summary>
    public const string JobKind = "control";

    /// <summary>The group.</summary>
    public required ControlGroup Group { get; init; }

    /// <summary>Beginning of the quarter.</summary>
    public required DateTimeOffset From { get; init; }

    /// <summary>End of the quarter.</summary>
    public required DateTimeOffset Until { get; init; }

    /// <summary>How margins are known.</summary>
    public required MarginPolicy Margin { get; init; }

    /// <summary>Micro-units in one minor unit.</summary>
    public required long MicrosPerMinor { get; init; }
}

/// <summary>Sums over the customers of one side, integers only. Amounts in minor units, profit and send costs in micro-units.</summary>
[MemoryPackable]
public readonly partial record struct ControlArm
{
    /// <summary>Customers known at the quarter's beginning.</summary>
    public long Customers { get; init; }

    /// <summary>Of these, with a net order in the quarter.</summary>
    public long Buyers { get; init; }

    /// <summary>What messages of the quarter's sends cost.</summary>
    public long SendCostMicros { get; init; }

    /// <summary>Net revenue.</summary>
    public Sums Revenue { get; init; }

    /// <summary>Net revenue up to the cap.</summary>
    public Sums CappedRevenue { get; init; }

    /// <summary>Margin − discounts − benefits − send cost.</summary>
    public Sums Profit { get; init; }

    /// <summary>The same on spending up to the cap.</summary>
    public Sums CappedProfit { get; init; }

    /// <summary>Both sides' sums.</summary>
    public static ControlArm operator +(ControlArm a, ControlArm b) => new()
    {
        Customers = a.Customers + b.Customers,
        Buyers = a.Buyers + b.Buyers,
        SendCostMicros = a.SendCostMicros + b.SendCostMicros,
        Revenue = a.Revenue + b.Revenue,
        CappedRevenue = a.CappedRevenue + b.CappedRevenue,
        Profit = a.Profit + b.Profit,
        CappedProfit = a.CappedProfit + b.CappedProfit,
    };

    /// <summary>One customer.</summary>
    /// <param name="spend">What the customer ordered in the quarter.</param>
    /// <param name="costs">What the quarter's sends cost on the customer.</param>
    /// <param name="microsPerMinor">Micro-units in one minor unit.</param>
    /// <param name="capMinor">What of the spending counts in the headline, minor units; null = all of it.</param>
    public static ControlArm Of(QuarterSpend spend, SendCosts costs, long microsPerMinor, long? capMinor)
    {
        var counted = Math.Min(spend.RevenueMinor, capMinor ?? long.MaxValue);
        var earned = (Int128)(spend.MarginMinor - spend.DiscountMinor - costs.BenefitMinor) * microsPerMinor;
        // As in a run's headline: profit scales with the share of the spending that counts, sending costs the same.
        var capped = spend.RevenueMinor <= counted ? earned : earned * counted / spend.RevenueMinor;
        return new ControlArm
        {
            Customers = 1,
            Buyers = spend.Orders > 0 ? 1 : 0,
            SendCostMicros = costs.SendCostMicros,
            Revenue = default(Sums).With(spend.RevenueMinor),
            CappedRevenue = default(Sums).With(counted),
            Profit = default(Sums).With(earned - costs.SendCostMicros),
            CappedProfit = default(Sums).With(capped - costs.SendCostMicros),
        };
    }
}

/// <summary>A customer's net orders in the quarter.</summary>
public readonly record struct QuarterSpend(int Orders, long RevenueMinor, long MarginMinor, long DiscountMinor);

/// <summary>What the quarter's sends cost on a customer: benefits redeemed, and sending.</summary>
public readonly record struct SendCosts(long BenefitMinor, long SendCostMicros);

/// <summary>Both sides of a quarter, of one bucket or of all. The newest of a quarter is row <c>r|{quarter}</c> of partition <c>control</c> in table work.</summary>
[MemoryPackable]
public sealed partial record ControlSummary : IStoredRow
{
    /// <inheritdoc/>
    public static byte Version => 1;

    /// <summary>Partition of what is kept of the quarters.</summary>
    public const string Partition = "control";

    /// <summary>What was measured.</summary>
    public required ControlInputs Inputs { get; init; }

    /// <summary>Business time of the measurement.</summary>
    public required DateTimeOffset MeasuredAt { get; init; }

    /// <summary>What of a customer's spending counts in the headline; null = all of it.</summary>
    public long? SpendCapMinor { get; init; }

    /// <summary>The group.</summary>
    public ControlArm Group { get; init; }

    /// <summary>All other customers.</summary>
    public ControlArm Others { get; init; }

    /// <summary>Key of a quarter's newest summary.</summary>
    public static string Key(Primitives.Quarter quarter) => "r|" + quarter;
}

/// <summary>
/// What of a customer's spending counts in a quarter's headline, from the equally long time before it: row <c>cap|{quarter}</c>
/// of partition <c>control</c>, inserted by the first measurement, so that it never follows what came out. Summary of a part:
/// its bins.
/// </summary>
[MemoryPackable]
public sealed partial record ControlCap : IStoredRow
{
    /// <inheritdoc/>
    public static byte Version => 1;

    /// <summary>The cap in minor units; null = all spending counts.</summary>
    public long? CapMinor { get; init; }

    /// <summary>Customers who bought before, by what they spent; rising. Empty once the cap is fixed.</summary>
    public PriorBin[] Prior { get; init; } = [];

    /// <summary>Key of a quarter's cap.</summary>
    public static string Key(Primitives.Quarter quarter) => "cap|" + quarter;
}
