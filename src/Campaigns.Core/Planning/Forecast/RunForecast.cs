using Campaigns.Core.Offers.Learning;
using Campaigns.Core.Primitives;

namespace Campaigns.Core.Planning.Forecast;

/// <summary>What a run of this size can tell about its effect.</summary>
public enum Measurable
{
    /// <summary>Everybody is to get it: nothing can be compared.</summary>
    NoControlGroup,

    /// <summary>Too few buyers for any verdict, unless further runs add to it.</summary>
    TooSmall,

    /// <summary>Only an effect beyond the one that the control group is sized for.</summary>
    LargeEffectsOnly,

    /// <summary>The effect that the control group is sized for, and larger ones.</summary>
    Well,
}

/// <summary>What a run is expected to bring, and what could be told of it, before it is launched.</summary>
public sealed record RunForecast
{
    /// <summary>What customers buy anyway.</summary>
    public required Baseline Baseline { get; init; }

    /// <summary>Profit over sending nothing, or null where it cannot be foreseen.</summary>
    public required ProfitForecast? Profit { get; init; }

    /// <summary>More buyers, as a share of customers, at which it pays for itself; null = unknown, +∞ = never.</summary>
    public required double? BreakEvenRise { get; init; }

    /// <summary>The rise that the control group is judged by: see <see cref="BreakEven.Target"/>.</summary>
    public required double TargetRise { get; init; }

    /// <summary>The smallest rise of conversion, as a share of customers, that is found 4 times of 5; null where none is.</summary>
    public required double? DetectableRise { get; init; }

    /// <summary>The smallest effect on a customer's profit (revenue, where margins are unknown) that is found 4 times of 5, minor units; null where unknown.</summary>
    public required double? DetectableMinor { get; init; }

    /// <summary>Margins are known: money is profit, else revenue.</summary>
    public required bool IsProfit { get; init; }

    /// <summary>Customers of closed runs, who count in the same test.</summary>
    public required long EarlierCustomers { get; init; }

    /// <summary>Buyers to be expected in the smaller arm, earlier runs included.</summary>
    public required double SmallerArmBuyers { get; init; }

    /// <summary>What can be told.</summary>
    public required Measurable Measurable { get; init; }

    /// <summary>How the share of the control group was chosen; null where it is fixed.</summary>
    public HoldoutChoice? Holdout { get; init; }

    /// <summary>The forecast of a run.</summary>
    /// <param name="inputs">The run.</param>
    /// <param name="survey">Its audience.</param>
    /// <param name="plan">Who would be assigned.</param>
    /// <param name="sends">The messages, by what their customers could draw.</param>
    /// <param name="sendCostMicros">What sending costs.</param>
    /// <param name="evidence">What the campaign's closed runs taught.</param>
    /// <param name="microsPerMinor">Micro-units in one minor unit.</param>
    public static RunForecast Of(
        RunInputs inputs, AudienceSurvey survey, RunPlan plan, IReadOnlyList<ExpectedSends> sends, long sendCostMicros, IReadOnlyList<RunEvidence> evidence, double microsPerMinor)
    {
        var countsOrders = inputs.Campaign.ConversionEvent is null;
        var baseline = Baseline.Of(evidence, survey, countsOrders);
        var breakEven = BreakEven.Rise(baseline, RunPolicy.EconomicsOf(inputs, evidence, microsPerMinor, baseline.BasketMinor ?? 0), inputs.Margin.Known && countsOrders);
        var (earlier, now) = (HoldoutChoice.Earlier(evidence), new ArmSizes(plan.Treated, plan.HeldOut));
        IReadOnlyList<ArmSizes> tests = [.. earlier, now];
        var target = BreakEven.Target(baseline, breakEven);
        var buyers = baseline.Conversion * Math.Min(tests.Sum(t => t.Treated), tests.Sum(t => t.HeldOut));
        var variance = baseline.SpendVariance * (inputs.Margin.Share is { } share ? share * share : 1);
        var detectable = Power.DetectableRise(baseline.Conversion, tests);
        return new RunForecast
        {
            Baseline = baseline,
            Profit = ProfitForecast.Of(inputs, sends, sendCostMicros / microsPerMinor, baseline, evidence, microsPerMinor),
            BreakEvenRise = breakEven,
            TargetRise = target,
            DetectableRise = detectable,
            DetectableMinor = countsOrders && variance is { } v ? Power.DetectableMean(v, v, tests) : null,
            IsProfit = inputs.Margin.Known,
            EarlierCustomers = (long)earlier.Sum(e => e.Treated + e.HeldOut),
            SmallerArmBuyers = buyers,
            Measurable = inputs.HoldoutPartsPerMillion == 0 ? Measurable.NoControlGroup
                : buyers < Power.MinBuyers || detectable is null ? Measurable.TooSmall
                : detectable > target ? Measurable.LargeEffectsOnly
                : Measurable.Well,
            Holdout = inputs.Holdout,
        };
    }
}

/// <summary>Adds up the messages of a run by what their customers could draw.</summary>
internal sealed class ExpectedSendsTally
{
    private readonly SortedDictionary<string, (string Segment, string[] Eligible, long[] PartsPerMillion)> cells = new(StringComparer.Ordinal);

    /// <summary>Counts an assigned customer with the probabilities of the draw.</summary>
    public void Add(string segment, Candidate[] candidates)
    {
        var key = segment + "\n" + string.Join('|', candidates.Skip(1).Select(c => c.Treatment));
        if (!cells.TryGetValue(key, out var cell))
        {
            cells[key] = cell = (segment, [.. candidates.Skip(1).Select(c => c.Treatment)], new long[candidates.Length - 1]);
        }

        for (var a = 0; a < cell.PartsPerMillion.Length; a++)
        {
            cell.PartsPerMillion[a] += candidates[a + 1].PartsPerMillion;
        }
    }

    /// <summary>The messages; <paramref name="read"/> of <paramref name="buckets"/> buckets were read, and the rest is taken to be like them.</summary>
    public IReadOnlyList<ExpectedSends> ToSends(int read, int buckets) =>
        [.. cells.Values.Select(c => new ExpectedSends(c.Segment, c.Eligible, Array.ConvertAll(c.PartsPerMillion, p => (double)p / StableHash.Million * buckets / read)))];
}
