using Campaigns.Core.Storage;
using MemoryPack;

namespace Campaigns.Core.Offers.Learning;

/// <summary>
/// What the customers of one arm did in one run and cell. Integers only, so that sums are equal to the last bit however
/// customers are spread over buckets.
/// </summary>
/// <param name="Customers">Customers assigned to the arm, ≥ 0.</param>
/// <param name="Conversions">Of these, with a net order in the outcome window.</param>
/// <param name="SpendMinor">What those spent in the window before discounts, minor units.</param>
/// <param name="LogSpendE4">Σ ln(spend) over them, in 10⁻⁴.</param>
/// <param name="LogSpendSquaresE8">Σ ln²(spend) over them, in 10⁻⁸.</param>
/// <param name="Unsubscribes">Customers who unsubscribed through the arm's message, ≥ 0.</param>
/// <param name="Complaints">Customers who complained of it, ≥ 0.</param>
[MemoryPackable]
public readonly partial record struct ArmTotals(
    long Customers, long Conversions, long SpendMinor, long LogSpendE4, Int128 LogSpendSquaresE8, long Unsubscribes = 0, long Complaints = 0)
{
    /// <summary>Units of the stored logarithm in 1: a ten-thousandth is far below what any sample can tell.</summary>
    private const double LogScale = 1e4;

    /// <summary>Both.</summary>
    public static ArmTotals operator +(ArmTotals a, ArmTotals b) => new(
        a.Customers + b.Customers, a.Conversions + b.Conversions, a.SpendMinor + b.SpendMinor, a.LogSpendE4 + b.LogSpendE4, a.LogSpendSquaresE8 + b.LogSpendSquaresE8,
        a.Unsubscribes + b.Unsubscribes, a.Complaints + b.Complaints);

    /// <summary>With one more customer, who spent so much: nothing, or less, is no conversion.</summary>
    public ArmTotals With(long spendMinor)
    {
        if (spendMinor <= 0)
        {
            return this with { Customers = Customers + 1 };
        }

        var log = (long)Math.Round(Math.Log(spendMinor) * LogScale);
        return this with
        {
            Customers = Customers + 1,
            Conversions = Conversions + 1,
            SpendMinor = SpendMinor + spendMinor,
            LogSpendE4 = LogSpendE4 + log,
            LogSpendSquaresE8 = LogSpendSquaresE8 + ((Int128)log * log),
        };
    }

    /// <summary>Mean of ln(spend) over conversions; 0 without any.</summary>
    [MemoryPackIgnore]
    public double MeanLogSpend => Conversions == 0 ? 0 : LogSpendE4 / LogScale / Conversions;

    /// <summary>Σ (ln(spend) − mean)² over conversions, ≥ 0.</summary>
    [MemoryPackIgnore]
    public double LogSpendDeviations =>
        Conversions == 0 ? 0 : (double)(((Int128)Conversions * LogSpendSquaresE8) - ((Int128)LogSpendE4 * LogSpendE4)) / Conversions / (LogScale * LogScale);
}

/// <summary>
/// A cell of a run: the customers of one segment who could draw the same variants. Within it everybody had the same
/// probabilities, so that its arms differ by chance and by what the variants did.
/// </summary>
/// <param name="Segment">Segment.</param>
/// <param name="Eligible">Ids of the variants that could be drawn, in the campaign's order, joined by "|".</param>
/// <param name="Nothing">Customers who drew nothing.</param>
/// <param name="Arms">By variant id, those who drew it.</param>
[MemoryPackable]
public sealed partial record CellEvidence(string Segment, string Eligible, ArmTotals Nothing, ArmEvidence[] Arms);

/// <summary>Those who drew a variant.</summary>
/// <param name="Treatment">Variant.</param>
/// <param name="Totals">What they did.</param>
/// <param name="DiscountMinor">Discounts that they redeemed through the offer, minor units, ≥ 0.</param>
/// <param name="BenefitMinor">What its benefits cost, minor units, ≥ 0.</param>
/// <param name="SendMicros">What sending to them cost by whatever channel, micro-units of the major unit; null in evidence of versions that did not count it.</param>
[MemoryPackable]
public readonly partial record struct ArmEvidence(string Treatment, ArmTotals Totals, long DiscountMinor = 0, long BenefitMinor = 0, long? SendMicros = null);

/// <summary>What one run taught, once its outcome window has closed. Table campaigns, partition evidence, row {campaign}|{occurrence}: written by measurement, read by planning.</summary>
[MemoryPackable]
public sealed partial record RunEvidence : IStoredRow
{
    /// <inheritdoc/>
    public static byte Version => 1;

    /// <summary>Run.</summary>
    public required string Run { get; init; }

    /// <summary>Which run of the campaign, from 0.</summary>
    public required int Occurrence { get; init; }

    /// <summary>Cells, by segment and eligibility.</summary>
    public required CellEvidence[] Cells { get; init; }
}
