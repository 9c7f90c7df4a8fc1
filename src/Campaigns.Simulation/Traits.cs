namespace Campaigns.Simulation;

/// <summary>
/// A customer's latent state: what the customer is, unknown to the shop. A pure function of (seed, customer index).
/// The formulas stand in docs/simulation.md.
/// </summary>
internal sealed record Traits
{
    /// <summary>Share of customers who never come back.</summary>
    public const double OneTimeShare = 0.20;

    /// <summary>Share of customers who buy often and stay.</summary>
    public const double HeavyShare = 0.16;

    /// <summary>Index in <see cref="Countries.All"/>.</summary>
    public required int Country { get; init; }

    /// <summary>Day of the first order.</summary>
    public required int AcquiredDay { get; init; }

    /// <summary>Orders per day while active; 0 for those who never come back.</summary>
    public required double Rate { get; init; }

    /// <summary>Phases of the rhythm, 1 (no memory) … 4 (regular).</summary>
    public required int Phases { get; init; }

    /// <summary>Probability per day of leaving for good.</summary>
    public required double DailyLoss { get; init; }

    /// <summary>Index of the taste.</summary>
    public required int Taste { get; init; }

    /// <summary>Probability of each of the further lines of a basket.</summary>
    public required double LineProbability { get; init; }

    /// <summary>Probability of each of the further units of a line.</summary>
    public required double UnitProbability { get; init; }

    /// <summary>How strongly discounts draw the customer, in [0, 1].</summary>
    public required double PriceSensitivity { get; init; }

    /// <summary>Probability of an extra order after recommended products, once lapsed.</summary>
    public required double WinBack { get; init; }

    /// <summary>Interest in what is for members only, in [0, 1].</summary>
    public required double Engagement { get; init; }

    /// <summary>Share of orders that a message drives away for two weeks, in [0, 1].</summary>
    public required double Weariness { get; init; }

    /// <summary>The traits of a customer.</summary>
    public static Traits Of(ulong seed, int index, int historyDays, BasketModel baskets)
    {
        var draws = new Draws(seed, (ulong)index);
        var country = CountryOf(draws.Uniform());
        var acquired = draws.Chance(0.4) ? draws.Below(Math.Min(120, historyDays)) : draws.Below(historyDays);
        var kind = draws.Uniform();
        var oneTime = kind < OneTimeShare;
        var heavy = kind >= 1 - HeavyShare;
        var rate = heavy ? draws.GammaMeanOne(4) / 32 : draws.GammaMeanOne(1) / 70;
        var phases = 1 + draws.Binomial(3, 0.25);
        var loss = (heavy ? 1.0 : 2 * draws.Uniform()) / (heavy ? 2_000 : 1_100);
        var taste = draws.Below(Catalogue.Tastes);
        var basket = Math.Clamp(4_300 * Math.Exp(0.45 * draws.Normal()), 1_200, 25_000);
        var sensitive = draws.Chance(0.42) && !heavy ? 0.75 + (0.25 * draws.Uniform()) : 0.5 * Square(draws.Uniform());
        var moved = draws.Chance(0.5) ? 0.10 + (0.30 * draws.Uniform()) : 0;
        var engagement = draws.Chance(0.7) ? 0.2 + (0.8 * draws.Uniform()) : 0;
        var (lines, units) = baskets.Shape(taste, basket);
        return new Traits
        {
            Country = country,
            AcquiredDay = acquired,
            // Whoever waits for sales buys more seldom.
            Rate = oneTime ? 0 : Math.Clamp(sensitive > 0.7 ? rate / 1.5 : rate, 1 / 400.0, 1 / 6.0),
            Phases = phases,
            DailyLoss = loss,
            Taste = taste,
            LineProbability = lines,
            UnitProbability = units,
            PriceSensitivity = sensitive,
            WinBack = oneTime ? moved / 4 : moved,
            Engagement = heavy ? Math.Min(1, engagement * 1.4) : engagement,
            Weariness = draws.Chance(0.12) ? 0.15 : 0,
        };
    }

    private static int CountryOf(double uniform)
    {
        foreach (var (country, share) in Countries.OfMarket)
        {
            if (uniform < share)
            {
                return country;
            }

            uniform -= share;
        }

        return 0;
    }

    private static double Square(double x) => x * x;
}
