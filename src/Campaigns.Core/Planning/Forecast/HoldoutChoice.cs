using System.Globalization;
using Campaigns.Core.Offers.Learning;
using Campaigns.Core.Primitives;
using MemoryPack;

namespace Campaigns.Core.Planning.Forecast;

/// <summary>The share of the control group that was chosen by itself, and what it rests on; frozen in the run.</summary>
/// <param name="PartsPerMillion">The share.</param>
/// <param name="Detects">With it, an effect of <paramref name="TargetRise"/> shows; false where no share is large enough.</param>
/// <param name="Customers">Customers who pass the gates now.</param>
/// <param name="EarlierCustomers">Customers of the campaign's closed runs, who count in the same test.</param>
/// <param name="Baseline">What they are expected to buy without a message.</param>
/// <param name="BreakEvenRise">More buyers, as a share of customers, at which the campaign pays for itself; null = unknown, +∞ = never.</param>
/// <param name="TargetRise">The rise that the share was chosen for.</param>
[MemoryPackable]
public sealed partial record HoldoutChoice(
    int PartsPerMillion, bool Detects, long Customers, long EarlierCustomers, Baseline Baseline, double? BreakEvenRise, double TargetRise)
{
    /// <summary>Shares that are tried, smallest first. Above a half more are left alone than written to, and nothing is gained.</summary>
    private static readonly int[] Shares = [100_000, 200_000, 300_000, 500_000];

    /// <summary>
    /// The share where none is large enough, as long as none is fixed: its interval is a quarter wider than that of the largest
    /// share, 1/√(.2 × .8) against 1/√(.5 × .5), and six in ten more customers get the message. Recurring runs add up and get there in the end.
    /// </summary>
    public const int UsualPartsPerMillion = 200_000;

    /// <summary>The smallest share that shows the target rise.</summary>
    /// <param name="inputs">The run.</param>
    /// <param name="survey">Its audience.</param>
    /// <param name="evidence">What the campaign's closed runs taught; their customers count in the same test.</param>
    /// <param name="microsPerMinor">Micro-units in one minor unit.</param>
    public static HoldoutChoice Of(RunInputs inputs, AudienceSurvey survey, IReadOnlyList<RunEvidence> evidence, double microsPerMinor)
    {
        var baseline = Baseline.Of(evidence, survey, inputs.Campaign.ConversionEvent is null);
        var rise = BreakEven.Rise(baseline, RunPolicy.EconomicsOf(inputs, evidence, microsPerMinor, baseline.BasketMinor ?? 0), inputs.Margin.Known && inputs.Campaign.ConversionEvent is null);
        return Smallest(survey.Customers, inputs.Campaign.MaxSends, Earlier(evidence), baseline, rise);
    }

    /// <summary>The smallest share that shows the target rise for so many customers.</summary>
    /// <param name="customers">Who pass the gates, ≥ 0.</param>
    /// <param name="maxSends">The most messages, or null.</param>
    /// <param name="earlier">Sizes of earlier runs.</param>
    /// <param name="baseline">What customers buy anyway.</param>
    /// <param name="breakEven">See <see cref="BreakEven.Rise"/>.</param>
    public static HoldoutChoice Smallest(long customers, int? maxSends, IReadOnlyList<ArmSizes> earlier, Baseline baseline, double? breakEven)
    {
        var target = BreakEven.Target(baseline, breakEven);
        var found = Array.Find(Shares, share => Power.Shows(baseline.Conversion, Math.Min(target, 1 - baseline.Conversion), [.. earlier, SizesWith(customers, maxSends, share)]));
        return new HoldoutChoice(
            found == 0 ? UsualPartsPerMillion : found, found > 0, customers, (long)earlier.Sum(e => e.Treated + e.HeldOut), baseline, breakEven, target);
    }

    /// <summary>Arms of closed runs.</summary>
    public static IReadOnlyList<ArmSizes> Earlier(IReadOnlyList<RunEvidence> evidence) =>
        [.. evidence.Select(e => new ArmSizes(e.Cells.Sum(c => c.Arms.Sum(a => (double)a.Totals.Customers)), e.Cells.Sum(c => (double)c.Nothing.Customers)))];

    /// <summary>Why, in words.</summary>
    [MemoryPackIgnore]
    public string Reason
    {
        get
        {
            var (share, customers) = (Percent(PartsPerMillion / (double)StableHash.Million), Count(Customers + EarlierCustomers));
            var who = EarlierCustomers == 0 ? $"{customers} customers" : $"{customers} customers, {Count(EarlierCustomers)} of them from earlier sends";
            var effect = $"{ForecastWords.Per100(TargetRise)} more buyers among 100 customers, {(IsBreakEven ? "from which on it pays for itself" : "the usual effect of a campaign")}";
            return Detects
                ? $"{share}, chosen by itself: with {who}, the smallest control group that can show {effect}."
                : $"{share}: with {who}, no control group is large enough to show {effect}. A larger audience, or repeating the campaign, would be; sends add up.";
        }
    }

    private bool IsBreakEven => BreakEvenRise is { } rise && rise >= TargetRise;

    private static ArmSizes SizesWith(long customers, int? maxSends, int share)
    {
        var treated = Math.Min(customers * (1 - ((double)share / StableHash.Million)), maxSends ?? double.MaxValue);
        return new ArmSizes(treated, treated * share / (StableHash.Million - share));
    }

    private static string Percent(double share) => (share * 100).ToString("0.#", CultureInfo.InvariantCulture) + " %";

    private static string Count(long count) => count.ToString("N0", CultureInfo.InvariantCulture);
}
