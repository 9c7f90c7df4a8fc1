namespace Campaigns.Core.Profiles;

/// <summary>
/// Bins of about 1 % for amounts and prices: counts by bin merge by addition, and quantiles over bins are within 1 % of the
/// exact ones. Edges are 0, 1, 2, …, 100, 101, 102, …, 1.01 times the last: integers, so that no rounding differs between machines.
/// </summary>
public static class OnePercentBins
{
    private static readonly long[] AllEdges = Edges();

    /// <summary>The bin of a value; what is not positive falls into bin 0.</summary>
    public static int Of(long value)
    {
        if (value <= 0)
        {
            return 0;
        }

        var found = Array.BinarySearch(AllEdges, value);
        return Math.Min(found >= 0 ? found : ~found - 1, AllEdges.Length - 2);
    }

    /// <summary>The largest value of the bin.</summary>
    public static long Upper(int bin) => AllEdges[bin + 1] - 1;

    private static long[] Edges()
    {
        var edges = new List<long> { 0 };
        for (var edge = 1L; edge < long.MaxValue / 102; edge += Math.Max(1, edge / 100))
        {
            edges.Add(edge);
        }

        edges.Add(long.MaxValue);
        return [.. edges];
    }
}
