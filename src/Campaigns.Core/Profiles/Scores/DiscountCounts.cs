using MemoryPack;

namespace Campaigns.Core.Profiles.Scores;

/// <summary>
/// Customers by discounted lines, by full-price lines and by lines: what the likelihood of a Beta-Binomial needs, since it is
/// a sum of terms in k, in n − k and in n. Merging is addition.
/// </summary>
[MemoryPackable]
public sealed partial class DiscountCounts
{
    /// <summary>A customer with more lines counts as one with so many, at the same share: more cannot change the fit noticeably.</summary>
    public const int MaxLines = 10_000;

    private readonly IntHistogram discounted;
    private readonly IntHistogram full;
    private readonly IntHistogram lines;

    /// <summary>Nothing counted.</summary>
    public DiscountCounts()
        : this([], [], [])
    {
    }

    /// <summary>With counts as <see cref="Discounted"/>, <see cref="Full"/> and <see cref="Lines"/> gave them.</summary>
    [MemoryPackConstructor]
    public DiscountCounts(long[] discounted, long[] full, long[] lines) =>
        (this.discounted, this.full, this.lines) = (new IntHistogram(discounted), new IntHistogram(full), new IntHistogram(lines));

    /// <summary>Customers by discounted lines, k.</summary>
    public long[] Discounted => discounted.ToArray();

    /// <summary>Customers by full-price lines, n − k.</summary>
    public long[] Full => full.ToArray();

    /// <summary>Customers by lines, n.</summary>
    public long[] Lines => lines.ToArray();

    /// <summary>Counts a customer with <paramref name="k"/> discounted of <paramref name="n"/> lines; one without lines says nothing.</summary>
    public void Add(long k, long n, long customers = 1)
    {
        if (n <= 0)
        {
            return;
        }

        ArgumentOutOfRangeException.ThrowIfNegative(k);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(k, n);
        if (n > MaxLines)
        {
            (k, n) = ((long)Math.Round((double)k / n * MaxLines, MidpointRounding.AwayFromZero), MaxLines);
        }

        discounted.Add((int)k, customers);
        full.Add((int)(n - k), customers);
        lines.Add((int)n, customers);
    }

    /// <summary>Adds another's counts.</summary>
    public void Merge(DiscountCounts other)
    {
        discounted.Merge(other.Discounted);
        full.Merge(other.Full);
        lines.Merge(other.Lines);
    }
}
