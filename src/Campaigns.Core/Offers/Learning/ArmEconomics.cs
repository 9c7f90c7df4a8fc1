using MemoryPack;

namespace Campaigns.Core.Offers.Learning;

/// <summary>What a variant costs and brings, as far as is known before anything is sent.</summary>
/// <param name="Treatment">Variant.</param>
/// <param name="MarginShare">Margin before the discount as a share of list spending, in [0, 1]; the same for all variants of a campaign unless an offer sells other goods.</param>
/// <param name="DiscountShare">Discount that a converting customer takes, as a share of list spending, in [0, 1].</param>
/// <param name="BenefitCostMinor">Cost of the benefit per converting customer, minor units, ≥ 0.</param>
/// <param name="SendCostMinor">Cost of sending to one assigned customer, minor units, ≥ 0.</param>
[MemoryPackable]
public readonly partial record struct ArmEconomics(
    string Treatment, double MarginShare, double DiscountShare, double BenefitCostMinor, double SendCostMinor);

/// <summary>A cell for which probabilities are wanted.</summary>
/// <param name="Segment">Segment.</param>
/// <param name="Eligible">Ids of the variants that can be drawn there, at least one.</param>
/// <param name="SendCostMinor">What sending each of them costs its customers on average, minor units, by the channels that reach them; null = as their economics say.</param>
/// <param name="Alike">Its variants share equally whatever they earn: the segment does not choose by what was learnt.</param>
public sealed record WantedCell(string Segment, string[] Eligible, double[]? SendCostMinor = null, bool Alike = false);

/// <summary>How an adaptive policy chooses.</summary>
/// <param name="HoldoutPartsPerMillion">Floor of nothing, 0 … 500,000.</param>
/// <param name="FloorPartsPerMillion">Floor of every variant that is not blocked: the random slice. 0 … 500,000 over all of a cell's variants; where they would take more, each gets an equal part of that.</param>
/// <param name="Seed">Seed of the posterior draws.</param>
public sealed record PolicyTerms(int HoldoutPartsPerMillion, int FloorPartsPerMillion, ulong Seed)
{
    /// <summary>2 %: an arm stays observable, and three such arms cost less than a hundredth of what they could earn.</summary>
    public const int UsualFloorPartsPerMillion = 20_000;
}
