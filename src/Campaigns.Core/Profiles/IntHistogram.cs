namespace Campaigns.Core.Profiles;

/// <summary>
/// Counts of the integers 0, 1, 2, …: merging is addition, so the whole equals the sum of its buckets exactly, and
/// quantiles never depend on the order in which values came.
/// </summary>
public sealed class IntHistogram
{
    /// <summary>Larger values count as this one. 40,000 days are more than a century.</summary>
    public const int MaxValue = 40_000;

    private long[] counts;

    /// <summary>An empty histogram, or one with the counts that <see cref="ToArray"/> gave.</summary>
    public IntHistogram(long[]? counts = null) => this.counts = counts ?? [];

    /// <summary>Values counted.</summary>
    public long Total
    {
        get
        {
            var total = 0L;
            foreach (var count in counts)
            {
                total += count;
            }

            return total;
        }
    }

    /// <summary>Counts a value; negative ones count as 0.</summary>
    public void Add(int value, long times = 1)
    {
        value = Math.Clamp(value, 0, MaxValue);
        if (value >= counts.Length)
        {
            Array.Resize(ref counts, Math.Min(MaxValue + 1, Math.Max(value + 1, counts.Length * 2)));
        }

        counts[value] += times;
    }

    /// <summary>Adds the counts of another.</summary>
    public void Merge(long[] other)
    {
        if (other.Length > counts.Length)
        {
            Array.Resize(ref counts, other.Length);
        }

        for (var value = 0; value < other.Length; value++)
        {
            counts[value] += other[value];
        }
    }

    /// <summary>
    /// The nearest-rank percentile: the least value such that at least <paramref name="percent"/> % of all values are no
    /// greater (Hyndman and Fan 1996, definition 1). 0 where nothing was counted.
    /// </summary>
    public int Percentile(int percent)
    {
        var rank = (Int128)Total * percent;
        var seen = (Int128)0;
        for (var value = 0; value < counts.Length; value++)
        {
            seen += (Int128)counts[value] * 100;
            if (counts[value] > 0 && seen >= rank)
            {
                return value;
            }
        }

        return 0;
    }

    /// <summary>The counts by value, without trailing zeros: equal histograms give equal arrays.</summary>
    public long[] ToArray()
    {
        var length = counts.Length;
        while (length > 0 && counts[length - 1] == 0)
        {
            length--;
        }

        return counts.AsSpan(0, length).ToArray();
    }
}
