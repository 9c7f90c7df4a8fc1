namespace Campaigns.Core.Segments.Rules;

/// <summary>
/// A set of values that one field may have: intervals of numbers (dates as ticks, yes and no as 1 and 0), or texts named or all
/// but those named, and perhaps "unknown". Closed under union, intersection and complement.
/// </summary>
internal sealed class ValueSet
{
    private readonly List<Interval> intervals;
    private readonly HashSet<string>? texts;
    private readonly bool allBut;

    private ValueSet(List<Interval> intervals, HashSet<string>? texts, bool allBut, bool unknown)
    {
        (this.intervals, this.texts, this.allBut, Unknown) = (intervals, texts, allBut, unknown);
    }

    /// <summary>An unknown value is in the set.</summary>
    public bool Unknown { get; }

    /// <summary>Nothing is in the set.</summary>
    public bool IsEmpty => !Unknown && (texts is null ? intervals.Count == 0 : !allBut && texts.Count == 0);

    public static ValueSet Numbers(params Interval[] intervals) => new(Normal(intervals), null, false, false);

    public static ValueSet Texts(IEnumerable<string> texts) => new([], new HashSet<string>(texts, StringComparer.OrdinalIgnoreCase), false, false);

    /// <summary>All known values of the type.</summary>
    public static ValueSet Known(bool text) => text ? new([], new HashSet<string>(StringComparer.OrdinalIgnoreCase), true, false) : Numbers(Interval.All);

    public ValueSet Complement()
    {
        if (texts is not null)
        {
            return new([], texts, !allBut, !Unknown);
        }

        var (rest, from, open) = (new List<Interval>(), double.NegativeInfinity, false);
        foreach (var interval in intervals)
        {
            rest.Add(new Interval(from, open, interval.Low, !interval.LowOpen));
            (from, open) = (interval.High, !interval.HighOpen);
        }

        rest.Add(new Interval(from, open, double.PositiveInfinity, false));
        return new(Normal(rest), null, false, !Unknown);
    }

    public ValueSet And(ValueSet other) => Complement().Or(other.Complement()).Complement();

    public ValueSet Or(ValueSet other)
    {
        var unknown = Unknown || other.Unknown;
        if (texts is null || other.texts is null)
        {
            return new(Normal(intervals.Concat(other.intervals)), null, false, unknown);
        }

        var all = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        if (!allBut && !other.allBut)
        {
            all.UnionWith(texts);
            all.UnionWith(other.texts);
            return new([], all, false, unknown);
        }

        // All but A, or B: all but those of A that B does not bring back.
        var (some, with) = allBut ? (this, other) : (other, this);
        all.UnionWith(some.texts!);
        if (with.allBut)
        {
            all.IntersectWith(with.texts!);
        }
        else
        {
            all.ExceptWith(with.texts!);
        }

        return new([], all, true, unknown);
    }

    /// <summary>Everything in this set is in the other.</summary>
    public bool IsWithin(ValueSet other) => And(other.Complement()).IsEmpty;

    private static List<Interval> Normal(IEnumerable<Interval> intervals)
    {
        var sorted = intervals.Where(i => !i.IsEmpty).OrderBy(i => i.Low).ThenBy(i => i.LowOpen).ToList();
        var merged = new List<Interval>(sorted.Count);
        foreach (var interval in sorted)
        {
            if (merged.Count > 0 && merged[^1].Touches(interval))
            {
                merged[^1] = merged[^1].With(interval);
            }
            else
            {
                merged.Add(interval);
            }
        }

        return merged;
    }
}

/// <summary>Numbers from low to high; an open end does not belong to it.</summary>
internal readonly record struct Interval(double Low, bool LowOpen, double High, bool HighOpen)
{
    public static Interval All => new(double.NegativeInfinity, false, double.PositiveInfinity, false);

    public bool IsEmpty => Low > High || (Low == High && (LowOpen || HighOpen));

    /// <summary>The other, which begins no earlier, leaves no gap.</summary>
    public bool Touches(Interval other) => other.Low < High || (other.Low == High && !(other.LowOpen && HighOpen));

    /// <summary>Both together.</summary>
    public Interval With(Interval other) => High > other.High || (High == other.High && !HighOpen) ? this : this with { High = other.High, HighOpen = other.HighOpen };
}
