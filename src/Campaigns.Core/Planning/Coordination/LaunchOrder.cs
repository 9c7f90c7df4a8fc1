using Campaigns.Core.Offers.Learning;

namespace Campaigns.Core.Planning.Coordination;

/// <summary>In which order campaigns that are due together choose their customers. Pure.</summary>
public static class LaunchOrder
{
    /// <summary>By the marketer's priority (lower first), then by what they are expected to earn per customer (more first), then by id.</summary>
    /// <param name="due">The campaigns.</param>
    /// <param name="expectedMinor">Expected profit per customer over nothing, minor units; 0 = unknown.</param>
    public static IReadOnlyList<Campaign> Of(IEnumerable<Campaign> due, Func<Campaign, double> expectedMinor) =>
        [.. due.OrderBy(c => c.Priority).ThenByDescending(expectedMinor).ThenBy(c => c.Id, StringComparer.Ordinal)];

    /// <summary>
    /// Σ probability × expected profit over nothing of a customer whom all variants reach, minor units; the mean of the table's
    /// segments, each alike. 0 without a table.
    /// </summary>
    public static double ExpectedProfitMinor(PolicyTable? policy)
    {
        if (policy is null || policy.Cells.Length == 0)
        {
            return 0;
        }

        return policy.Cells
            .GroupBy(c => c.Segment, StringComparer.Ordinal)
            .OrderBy(g => g.Key, StringComparer.Ordinal)
            .Average(g => g.MaxBy(c => c.Arms.Length)!.Arms.Sum(a => a.PartsPerMillion * a.ProfitMinor / Primitives.StableHash.Million));
    }
}
