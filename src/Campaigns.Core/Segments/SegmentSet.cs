using System.Numerics;

namespace Campaigns.Core.Segments;

/// <summary>A set of segments: one bit per position in a scheme, the first position being the highest priority. Names come from the scheme.</summary>
public readonly record struct SegmentSet(ulong Bits)
{
    /// <summary>In no segment.</summary>
    public bool IsEmpty => Bits == 0;

    /// <summary>Number of segments in the set.</summary>
    public int Count => BitOperations.PopCount(Bits);

    /// <summary>Position of the primary segment; −1 for the empty set.</summary>
    public int PrimaryIndex => IsEmpty ? -1 : BitOperations.TrailingZeroCount(Bits);

    /// <summary>The segment at this position is in the set.</summary>
    public bool Contains(int index) => (uint)index < 64 && (Bits & (1UL << index)) != 0;

    /// <summary>The set with the segment at this position, 0 … 63.</summary>
    public SegmentSet With(int index)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)index, 64u, nameof(index));
        return new(Bits | (1UL << index));
    }

    /// <summary>Its positions, by priority.</summary>
    public Enumerator GetEnumerator() => new(Bits);

    /// <summary>Walks the positions.</summary>
    public struct Enumerator(ulong bits)
    {
        private ulong rest = bits;

        /// <summary>Position.</summary>
        public int Current { get; private set; } = -1;

        /// <summary>To the next; false at the end.</summary>
        public bool MoveNext()
        {
            if (rest == 0)
            {
                return false;
            }

            Current = BitOperations.TrailingZeroCount(rest);
            rest &= rest - 1;
            return true;
        }
    }
}
