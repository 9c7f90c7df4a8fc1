using Campaigns.Core.Primitives;

namespace Campaigns.Simulation;

/// <summary>What a generated market is made from. The same options give the same market, byte for byte.</summary>
public sealed record MarketOptions
{
    /// <summary>The most customers: ids have seven digits.</summary>
    public const int MaxCustomers = 10_000_000;

    /// <summary>The longest history: beyond it no step of ours looks back.</summary>
    public const int MaxYears = 10;

    /// <summary>Seed of the market.</summary>
    public ulong Seed { get; init; } = 1;

    /// <summary>
    /// Seed of what happens after <see cref="End"/>; null = <see cref="Seed"/>. With another one the same customers with the
    /// same history meet another future: that is how expectations are checked.
    /// </summary>
    public ulong? FutureSeed { get; init; }

    /// <summary>Customers, 1 … <see cref="MaxCustomers"/>. Each placed at least one order.</summary>
    public int Customers { get; init; } = 10_000;

    /// <summary>Years of history, 1 … <see cref="MaxYears"/>.</summary>
    public int Years { get; init; } = 2;

    /// <summary>First day of the history (UTC).</summary>
    public DateOnly Start { get; init; } = new(2024, 3, 1);

    /// <summary>The day after the history's last (UTC): the follow-up may begin here.</summary>
    public DateOnly End => Start.AddYears(Years);

    /// <summary><see cref="Start"/> as an instant.</summary>
    public DateTimeOffset StartAt => new(Start, TimeOnly.MinValue, TimeSpan.Zero);

    /// <summary><see cref="End"/> as an instant.</summary>
    public DateTimeOffset EndAt => new(End, TimeOnly.MinValue, TimeSpan.Zero);

    /// <summary>ISO 4217 currency with two decimals.</summary>
    public string Currency { get; init; } = "GBP";

    /// <summary>Orders carry what the units cost the shop. Where false, margin is a share that the caller names.</summary>
    public bool UnitCosts { get; init; } = true;

    /// <summary>Multiplies every effect of messages, ≥ 0; 1 as described in docs/simulation.md, 0 for messages that nobody heeds.</summary>
    public double EffectScale { get; init; } = 1;

    /// <summary>Refunds exist in the history. Never in the follow-up.</summary>
    public bool Refunds { get; init; } = true;

    /// <summary>Throws where a value is out of range; the message names it.</summary>
    internal MarketOptions Validated()
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(Customers, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(Customers, MaxCustomers);
        ArgumentOutOfRangeException.ThrowIfLessThan(Years, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(Years, MaxYears);
        if (EffectScale is not (>= 0 and <= 100))
        {
            throw new ArgumentOutOfRangeException(nameof(EffectScale), EffectScale, "EffectScale must lie in 0 … 100.");
        }

        return Money.Decimals(Currency) == 2 ? this : throw new ArgumentException($"{Currency} has no hundredths; prices here are in hundredths.", nameof(Currency));
    }
}
