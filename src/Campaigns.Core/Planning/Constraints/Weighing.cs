using Campaigns.Core.Offers.Learning;
using Campaigns.Core.Storage;
using MemoryPack;

namespace Campaigns.Core.Planning.Constraints;

/// <summary>
/// What a run's constraints came to, fixed before anything is drawn: result of stage "weigh". Empty for a run where nothing is
/// short.
/// </summary>
[MemoryPackable]
public sealed partial record Weighing : IStoredRow
{
    /// <inheritdoc/>
    public static byte Version => 1;

    /// <summary>The probabilities within the constraints; null = those of the run's inputs.</summary>
    public PolicyTable? Policy { get; init; }

    /// <summary>Reserved for discounts and benefits with each message, by segment and variant.</summary>
    public Reserve[] Reserves { get; init; } = [];

    /// <summary>What the budget buys; null where there is none.</summary>
    public BudgetReport? Report { get; init; }

    /// <summary>Reserved with one message, micro-units of the major unit.</summary>
    public long ReservedMicros(string segment, string treatment) =>
        Array.Find(Reserves, r => string.Equals(r.Segment, segment, StringComparison.Ordinal) && string.Equals(r.Treatment, treatment, StringComparison.Ordinal)).Micros;
}

/// <summary>Reserved for what one message of the variant may lead to be given away, micro-units of the major unit.</summary>
[MemoryPackable]
public readonly partial record struct Reserve(string Segment, string Treatment, long Micros);

/// <summary>The best that a budget could bring, were all values known as they are expected and nobody held out.</summary>
/// <param name="Share">Of the run's budget: 1 is the budget itself.</param>
/// <param name="ProfitMinor">Expected profit over sending nothing, minor units.</param>
[MemoryPackable]
public readonly partial record struct BudgetPoint(double Share, double ProfitMinor);

/// <summary>What a run's budget is expected to be used for, and what it costs that it is not larger. Amounts in minor units.</summary>
[MemoryPackable]
public sealed partial record BudgetReport
{
    /// <summary>The budget; null where only messages, sending cost or a stock are short.</summary>
    public double? BudgetMinor { get; init; }

    /// <summary>Sending, discounts and benefits to be expected.</summary>
    public double ExpectedSpendMinor { get; init; }

    /// <summary>The amount that 95 % of outcomes stay below: what is reserved.</summary>
    public double ReservedMinor { get; init; }

    /// <summary>Expected profit over sending nothing; null where nothing was learnt yet.</summary>
    public double? ExpectedProfitMinor { get; init; }

    /// <summary>Profit that one more minor unit of budget would bring; 0 where the budget does not bind; null where nothing was learnt yet.</summary>
    public double? BudgetPrice { get; init; }

    /// <summary>At most this share of what could be earned under the constraints, with the same knowledge, control group and floors, is missed; null where nothing was learnt yet.</summary>
    public double? GapShare { get; init; }

    /// <summary>The constraints that bind, in words: "budget", "total budget", "messages", "sending cost", "stock of gift".</summary>
    public string[] Binding { get; init; } = [];

    /// <summary>What half, all and twice the budget could bring; empty without a budget or without knowledge.</summary>
    public BudgetPoint[] Curve { get; init; } = [];

    /// <summary>The most that is missing in <see cref="Curve"/> at the budget itself, as a share: the dual gap of its allocation.</summary>
    public double? CurveGapShare { get; init; }

    /// <summary>The campaign's total budget as the run found it; null where it has none.</summary>
    public TotalBudget? Total { get; init; }
}
