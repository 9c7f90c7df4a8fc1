using Campaigns.Core.Jobs;
using Campaigns.Core.Offers;
using Campaigns.Core.Offers.Learning;
using Campaigns.Core.Planning.Constraints;
using Campaigns.Core.Planning.Coordination;
using Campaigns.Core.Planning.Forecast;
using Campaigns.Core.Planning.Terms;
using Campaigns.Core.Storage;
using MemoryPack;

namespace Campaigns.Core.Planning;

/// <summary>What a run froze when it was created: everything its decisions and results rest on. Inputs of jobs of kind "run".</summary>
[MemoryPackable]
public sealed partial record RunInputs : IStoredRow
{
    /// <inheritdoc/>
    public static byte Version => 1;

    /// <summary>Kind of job.</summary>
    public const string JobKind = "run";

    /// <summary>The campaign as it was.</summary>
    public required Campaign Campaign { get; init; }

    /// <summary>Which run of the campaign, from 0.</summary>
    public required int Occurrence { get; init; }

    /// <summary>The recompute whose memberships count.</summary>
    public required string SegmentsJob { get; init; }

    /// <summary>Share held out, in parts per million.</summary>
    public required int HoldoutPartsPerMillion { get; init; }

    /// <summary>How margins are known.</summary>
    public required MarginPolicy Margin { get; init; }

    /// <summary>End of the outcome window, business time; the same for every customer of the run.</summary>
    public required DateTimeOffset WindowEnd { get; init; }

    /// <summary>Business time of that recompute: memberships count as they stood then, whatever a later recompute says; null = as they stand.</summary>
    public DateTimeOffset? SegmentsAsOf { get; init; }

    /// <summary>Cost of an e-mail, in micro-units of the major unit.</summary>
    public long EmailCostMicros { get; init; }

    /// <summary>Cost of an SMS segment, in micro-units of the major unit.</summary>
    public long SmsCostMicros { get; init; }

    /// <summary>The most that the run's sending may cost, in micro-units of the major unit; null = no ceiling.</summary>
    public long? MaxSendCostMicros { get; init; }

    /// <summary>Earlier runs of the campaign whose outcome windows were open at launch.</summary>
    public string[] OpenRuns { get; init; } = [];

    /// <summary>Ids of that recompute's segments, by priority; empty in runs of versions that knew only the fixed ones.</summary>
    public string[] SegmentOrder { get; init; } = [];

    /// <summary>How variants are chosen in segments that are not in <see cref="SegmentStrategies"/>; automatic in runs of versions that knew only one way.</summary>
    public Strategy Strategy { get; init; }

    /// <summary>Probabilities as learnt from earlier runs; null = all variants alike.</summary>
    public PolicyTable? Policy { get; init; }

    /// <summary>Business day of the launch in the workspace's time zone, as <see cref="DateOnly.DayNumber"/>; 0 = no place in the order of a day's runs: what is promised to everyone, and runs of versions that knew none.</summary>
    public int Day { get; init; }

    /// <summary>The global control group that the run leaves alone; null = none.</summary>
    public ControlGroup? Control { get; init; }

    /// <summary>The most that the run may cost in all, micro-units of the major unit: sending, discounts and benefits; null = no budget.</summary>
    public long? BudgetMicros { get; init; }

    /// <summary>Segments that an order ends (see <see cref="Segments.Rules.SilenceRule"/>): nobody of them who ordered since the decision gets the message. Null in runs of versions that knew only the ids "at-risk" and "lost".</summary>
    public string[]? SilentSegments { get; init; }

    /// <summary>The ceiling on a customer's discounts; null = none.</summary>
    public DiscountCeiling? Discounts { get; init; }

    /// <summary>How the share held out was chosen; null where campaign or workspace fix it.</summary>
    public HoldoutChoice? Holdout { get; init; }

    /// <summary>How the run begins and what stops it; null in runs of versions that knew no brakes.</summary>
    public SendBrakes? Brakes { get; init; }

    /// <summary>Customers whose primary segment is the campaign's, in the order of <see cref="Campaign.Segments"/>, by the newest recompute; empty where that is not known.</summary>
    public long[] SegmentSizes { get; init => field = value ?? []; } = [];

    /// <summary>Frequency caps; null in runs of versions that knew only a new shop's.</summary>
    public FrequencyCap[]? Caps { get; init; }

    /// <summary>Segments where variants are chosen otherwise, with how; never automatic.</summary>
    public SegmentStrategy[] SegmentStrategies { get; init => field = value ?? []; } = [];

    /// <summary>What earlier runs left of the campaign's total budget; null where it has none. <see cref="BudgetMicros"/> is never more.</summary>
    public TotalBudget? Total { get; init; }

    /// <summary>The budget that limits the run, in words: its own or what is left of the campaign's.</summary>
    [MemoryPackIgnore]
    public string BudgetName => Total is { } total && total.LeftMicros == BudgetMicros ? "total budget" : "budget";

    /// <summary>How variants are chosen in a segment.</summary>
    public Strategy StrategyOf(string segment)
    {
        foreach (var own in SegmentStrategies)
        {
            if (string.Equals(own.Segment, segment, StringComparison.Ordinal))
            {
                return own.Strategy;
            }
        }

        return Strategy;
    }

    /// <summary>Changes to the window's orders are accepted for this many days after its end.</summary>
    public const int LateDays = 30;
}
