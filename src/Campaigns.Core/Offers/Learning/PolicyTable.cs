using Campaigns.Core.Primitives;
using Campaigns.Core.Storage;
using MemoryPack;

namespace Campaigns.Core.Offers.Learning;

/// <summary>
/// Probabilities of the variants and of nothing, per segment and eligibility, frozen in a run: with the customer's hash they
/// are the decision. Version and seed say how they came about; the same evidence, terms and seed give the same table.
/// </summary>
[MemoryPackable]
public sealed partial record PolicyTable : IStoredRow
{
    /// <inheritdoc/>
    public static byte Version => 1;

    /// <summary>Which rule made it: see docs/optimizer.md.</summary>
    public required string Policy { get; init; }

    /// <summary>Seed of its posterior draws.</summary>
    public required ulong Seed { get; init; }

    /// <summary>Runs that it learnt from.</summary>
    public required int Runs { get; init; }

    /// <summary>Cells, by segment and eligibility.</summary>
    public required PolicyCell[] Cells { get; init; }

    /// <summary>Those runs, oldest first; empty in tables of versions that only counted them.</summary>
    public string[] LearntFrom { get; init => field = value ?? []; } = [];

    /// <summary>The cell, or null where the table has none.</summary>
    public PolicyCell? Find(string segment, string eligible) =>
        Array.Find(Cells, c => string.Equals(c.Segment, segment, StringComparison.Ordinal) && string.Equals(c.Eligible, eligible, StringComparison.Ordinal));
}

/// <summary>Probabilities in one cell.</summary>
[MemoryPackable]
public sealed partial record PolicyCell
{
    /// <summary>Segment.</summary>
    public required string Segment { get; init; }

    /// <summary>Ids of the variants that can be drawn, joined by "|".</summary>
    public required string Eligible { get; init; }

    /// <summary>Nothing.</summary>
    public required int NothingPartsPerMillion { get; init; }

    /// <summary>The variants, in the order of <see cref="Eligible"/>.</summary>
    public required PolicyArm[] Arms { get; init; }

    /// <summary>Probability that sending nothing is best, in [0, 1]; null where nothing was learnt yet.</summary>
    public double? NothingBest { get; init; }

    /// <summary>What a place in 0 … 999,999 draws: −1 for nothing, else the index of the arm.</summary>
    public int Draw(int place)
    {
        place -= NothingPartsPerMillion;
        var arm = -1;
        while (place >= 0)
        {
            place -= Arms[++arm].PartsPerMillion;
        }

        return arm;
    }
}

/// <summary>A variant in a cell, and why it has its probability.</summary>
/// <param name="Treatment">Variant.</param>
/// <param name="PartsPerMillion">Its probability; the cell's sum to 10⁶ with nothing's.</param>
/// <param name="Best">Probability that it is best, in [0, 1].</param>
/// <param name="ProfitMinor">Expected profit per customer over sending nothing, minor units: shrunk, for choosing; it carries no promise of coverage.</param>
/// <param name="LowMinor">5th percentile of that.</param>
/// <param name="HighMinor">95th percentile of that.</param>
/// <param name="Blocked">Why it is not sent at all, or null.</param>
[MemoryPackable]
public readonly partial record struct PolicyArm(
    string Treatment, int PartsPerMillion, double Best = 0, double ProfitMinor = 0, double LowMinor = 0, double HighMinor = 0, string? Blocked = null);

/// <summary>Deals parts per million out by weights, in integers.</summary>
internal static class PartsPerMillion
{
    /// <summary>Largest remainders first, ties to the earlier one: the parts sum to exactly <paramref name="total"/>, and a weight of 0 gets none.</summary>
    /// <param name="weights">≥ 0, at least one above 0, each below 2⁴³ so that nothing overflows.</param>
    /// <param name="total">0 … 10⁶.</param>
    public static int[] Deal(ReadOnlySpan<long> weights, int total)
    {
        var sum = 0L;
        foreach (var weight in weights)
        {
            sum += weight;
        }

        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(sum);
        var (parts, remainders, left) = (new int[weights.Length], new long[weights.Length], total);
        for (var i = 0; i < parts.Length; i++)
        {
            var (part, remainder) = Math.DivRem(weights[i] * total, sum);
            (parts[i], remainders[i]) = ((int)part, remainder);
            left -= parts[i];
        }

        for (; left > 0; left--)
        {
            var largest = remainders.AsSpan().IndexOf(remainders.Max());
            parts[largest]++;
            remainders[largest] = 0;
        }

        return parts;
    }
}
