namespace Campaigns.Core.Tests.Measurement;

/// <summary>SplitMix64 (Steele, Lea and Flood 2014): the same numbers on every runtime, so that simulations here do not depend on luck.</summary>
internal sealed class SeededChance(int seed)
{
    // Not a multiple of the step: seeds would then give overlapping stretches of one sequence.
    private ulong state = (ulong)seed * 0xD1342543DE82EF95;

    /// <summary>Uniform in [0, 1).</summary>
    public double Next()
    {
        var z = state += 0x9E3779B97F4A7C15;
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        return ((z ^ (z >> 31)) >> 11) / (double)(1UL << 53);
    }

    /// <summary>Standard normal (Box and Muller 1958).</summary>
    public double Normal() => Math.Sqrt(-2 * Math.Log(1 - Next())) * Math.Cos(2 * Math.PI * Next());

    /// <summary>0 but for <paramref name="share"/> of the calls, which give a lognormal basket in minor units.</summary>
    public long Spend(double share, double sigma = 0.8) => Next() >= share ? 0 : (long)Math.Round(Math.Exp(7.5 + (sigma * Normal())));
}
