using System.Numerics;
using MemoryPack;

namespace Campaigns.Core.Measurement;

/// <summary>
/// Count, sum and sum of squares of one integer figure over customers. Integers, so that sums over buckets are equal to the
/// last bit whatever their order; mean and variance are worked out exactly before they become floating point.
/// </summary>
/// <param name="Count">Customers, ≥ 0.</param>
/// <param name="Sum">Sum of the figure.</param>
/// <param name="Squares">Sum of its squares, ≥ 0.</param>
[MemoryPackable]
public readonly partial record struct Sums(long Count, Int128 Sum, Int128 Squares)
{
    /// <summary>Sums of both.</summary>
    public static Sums operator +(Sums a, Sums b) => new(a.Count + b.Count, a.Sum + b.Sum, a.Squares + b.Squares);

    /// <summary>The sums with one more customer.</summary>
    public Sums With(Int128 value) => new(Count + 1, Sum + value, Squares + (value * value));

    /// <summary>Sums of a figure that is 0 or 1, from its count.</summary>
    public static Sums OfShare(long count, long ones) => new(count, ones, ones);

    /// <summary>Mean; 0 without customers.</summary>
    [MemoryPackIgnore]
    public double Mean => Count == 0 ? 0 : (double)Sum / Count;

    /// <summary>Sample variance (divisor n − 1), ≥ 0; 0 below two customers. Exact until the last division: no cancellation.</summary>
    [MemoryPackIgnore]
    public double Variance => Covariance(Count, Sum, Sum, Squares);

    /// <summary>Sample covariance (divisor n − 1) of two figures from their sums and the sum of their products.</summary>
    internal static double Covariance(long count, Int128 sumA, Int128 sumB, Int128 products)
    {
        if (count < 2)
        {
            return 0;
        }

        var numerator = ((BigInteger)count * (BigInteger)products) - ((BigInteger)sumA * (BigInteger)sumB);
        return (double)numerator / ((double)count * (count - 1));
    }
}
