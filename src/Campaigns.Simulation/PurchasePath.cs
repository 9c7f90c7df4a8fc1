namespace Campaigns.Simulation;

/// <summary>
/// When a customer buys of his own accord: a renewal process in days. An active customer passes through the phases of the
/// rhythm, at most one a day; the last one's end is an order, and the first begins anew. Each night the customer may leave
/// for good. Messages never touch this path; they add to it and take from it (<see cref="Reaction"/>).
/// </summary>
internal sealed class PurchasePath(MarketOptions options, ShopCalendar calendar, int historyDays)
{
    /// <summary>Ceiling on the probability of a phase's end in a day.</summary>
    private const double MaxAdvance = 0.95;

    /// <summary>Seed of what happens on this day.</summary>
    public ulong SeedOn(int day) => day < historyDays ? options.Seed : options.FutureSeed ?? options.Seed;

    /// <summary>Probability in [0, 0.95] that an active customer ends the present phase on this day.</summary>
    public double AdvanceProbability(Traits traits, int day)
    {
        var sale = calendar.SaleShare(day);
        var pull = sale > 0 ? 1 + (6 * traits.PriceSensitivity * sale / 0.2) : 1 - (0.9 * traits.PriceSensitivity);
        return Math.Min(MaxAdvance, traits.Phases * traits.Rate * calendar.Season(day) * pull);
    }

    /// <summary>Days with an order before <paramref name="toDay"/>, in order; the first is the day of acquisition.</summary>
    public IEnumerable<int> OrderDays(int index, Traits traits, int toDay)
    {
        if (traits.AcquiredDay >= toDay)
        {
            yield break;
        }

        yield return traits.AcquiredDay;
        var phase = 0;
        var last = Math.Min(toDay - 1, LastActiveDay(index, traits));
        for (var day = traits.AcquiredDay + 1; day <= last && traits.Rate > 0; day++)
        {
            if (Step(index, traits, day, ref phase))
            {
                yield return day;
            }
        }
    }

    /// <summary>The state as the day begins: the phase 0 … Phases − 1, or −1 where the customer has left.</summary>
    public int PhaseAt(int index, Traits traits, int day)
    {
        if (day > LastActiveDay(index, traits) || traits.Rate <= 0)
        {
            return -1;
        }

        var phase = 0;
        for (var d = traits.AcquiredDay + 1; d < day; d++)
        {
            Step(index, traits, d, ref phase);
        }

        return phase;
    }

    /// <summary>The instant of the order on this day, in seconds from the market's start.</summary>
    public long InstantOf(int index, int day)
    {
        var draws = new Draws(SeedOn(day), (ulong)index, (ulong)day, Purpose.HourOfDay);
        return ((long)day * ShopCalendar.SecondsPerDay) + ShopCalendar.SecondOfDay(ref draws);
    }

    /// <summary>One day of an active customer; true with an order. The same draws as the path, so the path's own outcome.</summary>
    public bool Step(int index, Traits traits, int day, ref int phase)
    {
        if (!new Draws(SeedOn(day), (ulong)index, (ulong)day, Purpose.Advance).First(AdvanceProbability(traits, day)))
        {
            return false;
        }

        phase = phase + 1 == traits.Phases ? 0 : phase + 1;
        return phase == 0;
    }

    /// <summary>
    /// The last day on which the customer is active. Days survived are geometric, hence without memory: who is active when
    /// the history ends draws the rest anew from the future's seed.
    /// </summary>
    private int LastActiveDay(int index, Traits traits)
    {
        var last = traits.AcquiredDay + Survived(options.Seed, index, 0, traits.DailyLoss);
        return last < historyDays ? last : historyDays + Survived(SeedOn(historyDays), index, 1, traits.DailyLoss);
    }

    private static int Survived(ulong seed, int index, ulong part, double dailyLoss)
    {
        const int longest = 1_000_000;
        var days = Math.Log(1 - new Draws(seed, (ulong)index, part, Purpose.Lifetime).Uniform()) / Math.Log(1 - dailyLoss);
        return dailyLoss <= 0 ? longest : (int)Math.Min(longest, days);
    }
}
