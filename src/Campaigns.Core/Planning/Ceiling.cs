using System.Numerics;
using Campaigns.Core.Primitives;
using Campaigns.Core.Storage;
using MemoryPack;

namespace Campaigns.Core.Planning;

/// <summary>
/// Ceilings on a run's messages and sending cost, hard and the same for any number of buckets. Every customer has a rank: a
/// stable hash that knows nothing of the draw. All eligible customers up to some rank take part, all above stay outside
/// <em>before</em> assignment, treated or not, so that the arms stay comparable. The rank is the highest under which the
/// messages drawn, and their cost, fit.
/// <para>
/// It is found from a mergeable histogram of integers whose bins widen with the rank (256 per doubling, like an HDR
/// histogram), so that a small ceiling over a large audience is met as closely as a large one. The bin in which the total
/// would pass the ceiling is left out whole: the ceiling is missed by at most one bin, about 1/256 of it, and never passed.
/// </para>
/// <para>
/// That the bin left out is one with a treated customer tilts the arms' sizes by less than one bin, not their means:
/// ranks say nothing about a customer.
/// </para>
/// </summary>
public static class Ceiling
{
    /// <summary>Bins per doubling, as bits: 2⁸.</summary>
    private const int SubBits = 8;

    /// <summary>Number of bins: 55 doublings and the linear start.</summary>
    public const int Bins = ((63 - SubBits) << SubBits) + (2 << SubBits);

    /// <summary>The customer's bin, 0 … <see cref="Bins"/> − 1, rising with the rank.</summary>
    public static int BinOf(string salt, string run, CustomerKey customer) => BinOf(StableHash.Of(salt, run, customer.Text, "ceiling"));

    internal static int BinOf(ulong rank)
    {
        var shift = Math.Max(0, BitOperations.Log2(rank) - SubBits);
        return (shift << SubBits) + (int)(rank >> shift);
    }

    /// <summary>
    /// The first bin that stays outside: all bins before it fit under both ceilings (null = none). Equals
    /// <see cref="Bins"/> where everything fits.
    /// </summary>
    public static int FirstBinOutside(long[] sends, long[] costMicros, int? maxSends, long? maxCostMicros)
    {
        var (sent, cost) = (0L, 0L);
        for (var bin = 0; bin < Bins; bin++)
        {
            sent += sends[bin];
            cost += costMicros[bin];
            if (sent > (maxSends ?? long.MaxValue) || cost > (maxCostMicros ?? long.MaxValue))
            {
                return bin;
            }
        }

        return Bins;
    }
}

/// <summary>Messages drawn and their cost by rank, of one bucket. Only bins with any, by bin.</summary>
[MemoryPackable]
public sealed partial record CeilingHistogram : IStoredRow
{
    /// <inheritdoc/>
    public static byte Version => 1;

    /// <summary>Bins, rising.</summary>
    public int[] Bin { get; init; } = [];

    /// <summary>Messages per bin.</summary>
    public int[] Sends { get; init; } = [];

    /// <summary>Cost per bin, in micro-units of the major unit.</summary>
    public long[] CostMicros { get; init; } = [];

    /// <summary>The histogram of counts by bin.</summary>
    public static CeilingHistogram Of(SortedDictionary<int, CeilingAllowance> bins) => new()
    {
        Bin = [.. bins.Keys],
        Sends = [.. bins.Values.Select(v => checked((int)v.Sends))],
        CostMicros = [.. bins.Values.Select(v => v.CostMicros)],
    };

    /// <summary>Messages and cost in the bins before <paramref name="outside"/>.</summary>
    public CeilingAllowance Before(int outside)
    {
        var sum = default(CeilingAllowance);
        for (var i = 0; i < Bin.Length && Bin[i] < outside; i++)
        {
            sum = sum.Plus(Sends[i], CostMicros[i]);
        }

        return sum;
    }
}

/// <summary>Messages and sending cost (micro-units of the major unit): what was drawn, or what a bucket may spend.</summary>
[MemoryPackable]
public readonly partial record struct CeilingAllowance(long Sends, long CostMicros)
{
    /// <summary>With so much more.</summary>
    public CeilingAllowance Plus(long sends, long costMicros) => new(Sends + sends, CostMicros + costMicros);

    /// <summary>Within the allowance.</summary>
    public bool Within(CeilingAllowance allowance) => Sends <= allowance.Sends && CostMicros <= allowance.CostMicros;
}

/// <summary>Result of stage "count": where the run ends, and what each bucket may spend at most.</summary>
[MemoryPackable]
public sealed partial record CeilingPlan : IStoredRow
{
    /// <inheritdoc/>
    public static byte Version => 1;

    /// <summary>The first rank bin outside; null = the run has no ceiling.</summary>
    public int? FirstBinOutside { get; init; }

    /// <summary>What each bucket may spend, by bucket; their sum is within the ceiling. Empty without a ceiling.</summary>
    public CeilingAllowance[] Allowances { get; init; } = [];
}
