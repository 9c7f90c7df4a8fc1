namespace Campaigns.Core.Segments;

/// <summary>What deserves a look in a finished recompute.</summary>
/// <param name="CoveredShare">Customers with an order who are in a segment, over all with an order; 1 without any.</param>
/// <param name="LeastToMeasure">Contactable customers below which a campaign's effect cannot be told from chance: see <see cref="SegmentDiagnostics.LeastToMeasure"/>.</param>
/// <param name="TooSmall">Segments with members, but fewer contactable ones than that, by priority.</param>
/// <param name="Empty">Segments without members.</param>
/// <param name="IdleConditions">Conditions that decided about nobody among <paramref name="ConditionCustomers"/>.</param>
/// <param name="ConditionCustomers">Customers sampled.</param>
/// <param name="Unknown">Attributes with values that do not fit their type.</param>
public sealed record SegmentDiagnosis(
    double CoveredShare,
    long LeastToMeasure,
    IReadOnlyList<string> TooSmall,
    IReadOnlyList<string> Empty,
    IReadOnlyList<IdleCondition> IdleConditions,
    long ConditionCustomers,
    IReadOnlyList<AttributeCount> Unknown);

/// <summary>Diagnoses reports. Pure.</summary>
public static class SegmentDiagnostics
{
    /// <summary>Share of customers who order within a campaign's window without it: usual in retail.</summary>
    private const double BaseRate = 0.05;

    /// <summary>Share with it, where a campaign works well: half as many again.</summary>
    private const double EffectRate = 0.075;

    /// <summary>z for 5 % errors of the first kind, two-sided, plus z for 20 % of the second.</summary>
    private const double Z = 1.959964 + 0.841621;

    /// <summary>
    /// Customers, held-out ones included, with which an effect of half as many orders again (from 5 to 7.5 %) is found 4 times of
    /// 5 at a significance of 5 %: (z₁ + z₂)² (p₁q₁ ÷ (1 − h) + p₀q₀ ÷ h) ÷ (p₁ − p₀)², the normal approximation for two shares
    /// (Fleiss, <i>Statistical Methods for Rates and Proportions</i>, 1981). <see cref="long.MaxValue"/> where nobody is held out.
    /// </summary>
    public static long LeastToMeasure(double holdoutShare) => holdoutShare is <= 0 or >= 1
        ? long.MaxValue
        : (long)Math.Ceiling(
            Z * Z * ((EffectRate * (1 - EffectRate) / (1 - holdoutShare)) + (BaseRate * (1 - BaseRate) / holdoutShare))
            / ((EffectRate - BaseRate) * (EffectRate - BaseRate)));

    /// <summary>The diagnosis of a report in a workspace that holds out so many.</summary>
    public static SegmentDiagnosis Of(SegmentReport report, double holdoutShare)
    {
        var least = LeastToMeasure(holdoutShare);
        return new SegmentDiagnosis(
            report.OrderedCustomers == 0 ? 1 : 1 - ((double)report.OrderedInNone / report.OrderedCustomers),
            least,
            [.. report.Segments.Where(s => s.Members > 0 && s.Contactable < least).Select(s => s.Segment)],
            [.. report.Segments.Where(s => s.Members == 0).Select(s => s.Segment)],
            report.IdleConditions,
            report.ConditionCustomers,
            [.. report.Attributes.Where(a => a.Unknown > 0)]);
    }
}
