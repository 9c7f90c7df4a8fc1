namespace Campaigns.Simulation;

/// <summary>
/// Chance of the simulation: a counter-based generator. Every stream is a pure function of its keys, so any customer,
/// day or message can be generated alone and in any order. Steele, Lea and Flood (2014), "Fast splittable pseudorandom
/// number generators" (SplitMix64: a Weyl sequence through a 64-bit finalizer).
/// </summary>
internal struct Draws
{
    private const ulong Gamma = 0x9E3779B97F4A7C15;

    private ulong _state;

    /// <summary>The stream of these keys. Different keys give streams that have nothing to do with each other.</summary>
    public Draws(ulong seed, ulong a, ulong b = 0, Purpose purpose = Purpose.Traits) =>
        _state = Mix(Mix(Mix(seed + Gamma) ^ Mix(a - Gamma)) ^ Mix((b * 64) + (ulong)purpose));

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

    /// <summary>Uniform in 0 … <paramref name="count"/> − 1.</summary>
    public int Below(int count) => (int)Math.BigMul(Next(), (ulong)count, out _);

    /// <summary>The first draw of a stream, where one is all that is needed: true with this probability.</summary>
    public readonly bool First(double probability) => (Mix(_state + Gamma) >> 11) * (1.0 / (1UL << 53)) < probability;

    /// <summary>True with this probability.</summary>
    public bool Chance(double probability) => Uniform() < probability;

    /// <summary>Standard normal: Box and Muller (1958).</summary>
    public double Normal()
    {
        var radius = Math.Sqrt(-2 * Math.Log(1 - Uniform()));
        return radius * Math.Cos(2 * Math.PI * Uniform());
    }

    /// <summary>Gamma with this shape (a multiple of ½, ≥ ½) and mean 1: half a sum of squares for the half, exponentials for the rest.</summary>
    public double GammaMeanOne(double shape)
    {
        var sum = 0.0;
        var whole = (int)Math.Floor(shape);
        for (var i = 0; i < whole; i++)
        {
            sum -= Math.Log(1 - Uniform());
        }

        if (shape > whole)
        {
            var normal = Normal();
            sum += normal * normal / 2;
        }

        return sum / shape;
    }

    /// <summary>Successes among <paramref name="trials"/> with this probability each.</summary>
    public int Binomial(int trials, double probability)
    {
        var count = 0;
        for (var i = 0; i < trials; i++)
        {
            count += Chance(probability) ? 1 : 0;
        }

        return count;
    }
}

/// <summary>What a stream of draws is for: each has its own, so that using more of one never shifts another. Below 64.</summary>
internal enum Purpose
{
    Traits = 0,
    Lifetime = 1,
    Advance = 2,
    HourOfDay = 3,
    Basket = 4,
    ShopCoupon = 5,
    Refund = 6,
    Redemption = 7,
    ExtraLine = 8,
    Weariness = 9,
    ExtraOrder = 10,
    ExtraBasket = 11,
    Touch = 12,
    Sales = 13,
    Catalogue = 14,
    Sample = 15,
}
