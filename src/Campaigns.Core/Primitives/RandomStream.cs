namespace Campaigns.Core.Primitives;

/// <summary>
/// Chance that can be replayed: a stream that is a pure function of its keys. Steele, Lea and Flood (2014), "Fast splittable
/// pseudorandom number generators" (SplitMix64: a Weyl sequence through a 64-bit finalizer).
/// </summary>
public struct RandomStream
{
    private const ulong Gamma = 0x9E3779B97F4A7C15;

    private ulong _state;

    /// <summary>The stream of these keys. Different keys give streams that have nothing to do with each other.</summary>
    public RandomStream(ulong seed, ulong key = 0) => _state = Mix(Mix(seed + Gamma) ^ Mix(key - Gamma));

    /// <summary>The finalizer (Stafford's variant 13): a bijection on 64 bits.</summary>
    public static ulong Mix(ulong z)
    {
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        return z ^ (z >> 31);
    }

    /// <summary>The next 64 bits.</summary>
    public ulong Next() => Mix(_state += Gamma);

    /// <summary>Uniform in [0, 1), a multiple of 2⁻⁵³.</summary>
    public double Uniform() => (Next() >> 11) * (1.0 / (1UL << 53));

    /// <summary>Standard normal: Box and Muller (1958).</summary>
    public double Normal()
    {
        var radius = Math.Sqrt(-2 * Math.Log(1 - Uniform()));
        return radius * Math.Cos(2 * Math.PI * Uniform());
    }
}
