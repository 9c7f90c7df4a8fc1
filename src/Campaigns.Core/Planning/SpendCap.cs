using Campaigns.Core.Profiles;

namespace Campaigns.Core.Planning;

/// <summary>
/// How much of one customer's spending counts in a run's headline: the 95th percentile of what the run's buyers spent in an
/// equally long window <em>before</em> assignment. A handful of customers spends a hundred times what others do; whichever
/// arm they fall into looks better, and no interval for means copes with it. Fixed before any outcome is seen, so that it
/// cannot be chosen to please. Capping (winsorising) costs a little bias for much less variance: Kohavi, Tang and Xu (2020),
/// Trustworthy Online Controlled Experiments, ch. 22.
/// </summary>
public static class SpendCap
{
    /// <summary>Share of earlier buyers whose spending stays whole.</summary>
    public const double Percentile = 0.95;

    /// <summary>Fewest earlier buyers: of fewer, the 95th percentile is one of the two largest values, which is luck.</summary>
    public const int MinBuyers = 40;

    /// <summary>The cap in minor units, &gt; 0, exact to 1 % (upper edge of the bin); null with fewer than <see cref="MinBuyers"/> earlier buyers.</summary>
    public static long? Of(IReadOnlyList<PriorBin> bins)
    {
        var buyers = bins.Sum(b => b.Customers);
        if (buyers < MinBuyers)
        {
            return null;
        }

        var below = 0L;
        foreach (var bin in bins)
        {
            below += bin.Customers;
            if (below >= Percentile * buyers)
            {
                return OnePercentBins.Upper(bin.Bin);
            }
        }

        return null;
    }
}
