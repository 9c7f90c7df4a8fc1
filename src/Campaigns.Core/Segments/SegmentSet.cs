namespace Campaigns.Core.Segments;

/// <summary>A set of segments: one bit per position in <see cref="SegmentNames.ByPriority"/>.</summary>
public readonly record struct SegmentSet(int Bits)
{
    /// <summary>Number of segments.</summary>
    public static int Count => SegmentNames.ByPriority.Count;

    /// <summary>In no segment: a customer without net orders.</summary>
    public bool IsEmpty => Bits == 0;

    /// <summary>The first segment by priority, or "" for the empty set.</summary>
    public string Primary => IsEmpty ? "" : SegmentNames.ByPriority[PrimaryIndex];

    /// <summary>Position of the primary segment; −1 for the empty set.</summary>
    public int PrimaryIndex => IsEmpty ? -1 : System.Numerics.BitOperations.TrailingZeroCount(Bits);

    /// <summary>The segments by priority.</summary>
    public IReadOnlyList<string> Names
    {
        get
        {
            var names = new List<string>(2);
            for (var i = 0; i < Count; i++)
            {
                if (Contains(i))
                {
                    names.Add(SegmentNames.ByPriority[i]);
                }
            }

            return names;
        }
    }

    /// <summary>The segment is in the set.</summary>
    public bool Contains(string segment) => IndexOf(segment) is >= 0 and var index && Contains(index);

    /// <summary>The segment at this position is in the set.</summary>
    public bool Contains(int index) => (Bits & (1 << index)) != 0;

    /// <summary>The set with the segment.</summary>
    public SegmentSet With(string segment) => new(Bits | (1 << IndexOf(segment)));

    /// <summary>Position of a segment by priority; −1 for a name that is none.</summary>
    public static int IndexOf(string segment)
    {
        for (var i = 0; i < SegmentNames.ByPriority.Count; i++)
        {
            if (string.Equals(SegmentNames.ByPriority[i], segment, StringComparison.Ordinal))
            {
                return i;
            }
        }

        return -1;
    }
}
