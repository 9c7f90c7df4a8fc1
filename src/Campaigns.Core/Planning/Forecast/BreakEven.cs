using Campaigns.Core.Offers.Learning;

namespace Campaigns.Core.Planning.Forecast;

/// <summary>How many more customers must buy for a campaign to pay for itself. Pure.</summary>
public static class BreakEven
{
    /// <summary>
    /// Part of what customers buy anyway that an effect is usually as large as: the prior's half-normal scale puts effects of a
    /// quarter among the usual ones (docs/optimizer.md). A message that costs next to nothing breaks even at next to nothing, which no audience
    /// is large enough to show; a control group is then sized for the usual effect.
    /// </summary>
    public const double UsualEffect = 0.25;

    /// <summary>
    /// The rise Δ of conversion at which (p + Δ)·(b·(m − d) − c) − s = p·b·m: discounts and benefits that are given to those who would
    /// have bought anyway, and sending, are earned back. All variants alike. Null where margin or basket is unknown; +∞ where
    /// an order brings less than is given away on it.
    /// </summary>
    public static double? Rise(Baseline baseline, IReadOnlyCollection<ArmEconomics> arms, bool marginKnown)
    {
        if (!marginKnown || baseline.BasketMinor is not { } basket || arms.Count == 0)
        {
            return null;
        }

        var perOrder = arms.Average(a => (basket * (a.MarginShare - a.DiscountShare)) - a.BenefitCostMinor);
        var given = arms.Average(a => (baseline.Conversion * ((basket * a.DiscountShare) + a.BenefitCostMinor)) + a.SendCostMinor);
        return perOrder > 0 ? given / perOrder : double.PositiveInfinity;
    }

    /// <summary>The rise that a control group is sized for: break-even, but at least the usual effect.</summary>
    public static double Target(Baseline baseline, double? breakEven) =>
        breakEven is { } rise && double.IsFinite(rise) ? Math.Max(rise, UsualEffect * baseline.Conversion) : UsualEffect * baseline.Conversion;
}
