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
    /// The first bin that stays outside: in all bins before it every quantity's sum is within its most. Equals
    /// <see cref="Bins"/> where everything fits.
    /// </summary>
    public static int FirstBinOutside(IReadOnlyList<(long[] ByBin, long Most)> quantities)
    {
        var outside = Bins;
        foreach (var (byBin, most) in quantities)
        {
            var sum = 0L;
            for (var bin = 0; bin < outside; bin++)
            {
                sum += byBin[bin];
                outside = sum > most ? bin : outside;
            }
        }

        return outside;
    }
}
