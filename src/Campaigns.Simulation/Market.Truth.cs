namespace Campaigns.Simulation;

/// <summary>What may be expected of customers, worked out from the model: exact sums, no sampling.</summary>
public sealed partial class Market
{
    /// <summary>The expected outcome of a customer in [from, to) under one message, or none.</summary>
    public ExpectedOutcome ExpectedOutcome(int index, TreatmentSpec? treatment, DateTimeOffset from, DateTimeOffset to) =>
        ExpectedOutcomeUnder(index, treatment is null ? NoTreatments : [treatment], from, to);

    /// <summary>
    /// The expected outcome of a customer in [from, to) under these messages, given the latent state at
    /// <paramref name="from"/>: the traits, whether the customer is still active, the phase of the rhythm as that day
    /// began, and whether an order was placed on it before <paramref name="from"/>.
    /// </summary>
    public ExpectedOutcome ExpectedOutcomeUnder(int index, IReadOnlyList<TreatmentSpec> treatments, DateTimeOffset from, DateTimeOffset to)
    {
        var traits = TraitsOf(index);
        var (first, end) = Window(from, to);
        if (first >= end)
        {
            return default;
        }

        var reactions = ReactionsOf(index, traits, treatments);
        var sum = OwnOrders(index, traits, reactions, first, end);
        foreach (var reaction in reactions.All)
        {
            var probability = reaction.ExtraOrder * (reaction.ExtraShareBefore(end) - reaction.ExtraShareBefore(first));
            sum += Amounts(traits, reaction.Treatment.DiscountShare, furtherLines: 0, redeemed: reaction.Treatment) * probability;
        }

        return sum;
    }

    /// <summary>Sums over the days: the probability of an order, from the distribution over phases, times what it brings.</summary>
    private ExpectedOutcome OwnOrders(int index, Traits traits, Reactions reactions, long first, long end)
    {
        var firstDay = (int)(first / ShopCalendar.SecondsPerDay);
        var phase = _path.PhaseAt(index, traits, firstDay);
        if (phase < 0)
        {
            return default;
        }

        var sum = default(ExpectedOutcome);
        var phases = new double[traits.Phases];
        phases[phase] = 1;
        var breaks = new List<long>();
        for (var day = firstDay; day <= LastDay(end); day++)
        {
            var advance = _path.AdvanceProbability(traits, day);
            var density = phases[^1] * advance;
            if (day == firstDay && density > 0)
            {
                (advance, density) = OnFirstDay(index, traits, day, phase, advance, first);
            }

            if (density > 0)
            {
                sum += OrdersOn(traits, reactions, day, first, end, breaks) * density;
            }

            Advance(phases, advance, 1 - traits.DailyLoss);
        }

        return sum;
    }

    /// <summary>
    /// The first day is known in part. With an order before <paramref name="first"/> the phase is over and no order follows
    /// on that day. Without: P(order at t | none before) = p g(t) ÷ (1 − p G(first)), with G the share of the day's orders.
    /// </summary>
    private (double Advance, double Density) OnFirstDay(int index, Traits traits, int day, int phase, double advance, long first)
    {
        var before = ShopCalendar.ShareBefore(first - ((long)day * ShopCalendar.SecondsPerDay));
        if (_path.InstantOf(index, day) < first && _path.Step(index, traits, day, ref phase))
        {
            return (1, 0);
        }

        var none = 1 - (advance * before);
        return (advance * (1 - before) / none, advance / none);
    }

    /// <summary>What the orders of a day bring within the window, per unit of probability density over the day.</summary>
    private ExpectedOutcome OrdersOn(Traits traits, Reactions reactions, int day, long first, long end, List<long> breaks)
    {
        var midnight = (long)day * ShopCalendar.SecondsPerDay;
        var (from, to) = (Math.Max(first, midnight), Math.Min(end, midnight + ShopCalendar.SecondsPerDay));
        breaks.Clear();
        breaks.Add(from);
        reactions.AddBreaks(from, to, breaks);
        breaks.Add(to);
        breaks.Sort();
        var sum = default(ExpectedOutcome);
        for (var i = 1; i < breaks.Count; i++)
        {
            var share = ShopCalendar.ShareBefore(breaks[i] - midnight) - ShopCalendar.ShareBefore(breaks[i - 1] - midnight);
            if (share > 0)
            {
                var staying = reactions.StayingAt(breaks[i - 1]);
                sum += OwnOrderAmounts(traits, day, reactions.OfferAt(breaks[i - 1])) * (share * staying);
            }
        }

        return sum;
    }

    /// <summary>An order of the customer's own accord on this day, over whether it uses the shop's coupon, redeems the offer, or neither.</summary>
    private ExpectedOutcome OwnOrderAmounts(Traits traits, int day, Reaction? offer)
    {
        var sale = _calendar.SaleShare(day);
        var coupon = SaleCoupon(traits, sale);
        var sum = default(ExpectedOutcome);
        foreach (var (own, probability) in (ReadOnlySpan<(double, double)>)[(sale, coupon), (0, 1 - coupon)])
        {
            if (probability <= 0)
            {
                continue;
            }

            var redeem = offer is not null && offer.Treatment.DiscountShare >= own ? offer.Redeem : 0;
            sum += Amounts(traits, own, 0, redeemed: null) * (probability * (1 - redeem));
            if (redeem > 0)
            {
                sum += Amounts(traits, offer!.Treatment.DiscountShare, offer.ExtraLine, offer.Treatment) * (probability * redeem);
            }
        }

        return sum;
    }

    private ExpectedOutcome Amounts(Traits traits, double discountShare, double furtherLines, TreatmentSpec? redeemed)
    {
        var line = _baskets.ExpectedLine(traits, discountShare);
        var lines = BasketModel.ExpectedLines(traits) + furtherLines;
        var discount = lines * line.DiscountMinor;
        var redeems = redeemed is { Redeemable: true };
        return new ExpectedOutcome(
            1, lines * line.ListMinor, discount, lines * line.CostMinor,
            redeems ? 1 : 0, redeems ? discount : 0, redeems ? redeemed!.BenefitCostMinor : 0);
    }

    /// <summary>One day of the distribution over phases: some end theirs, some leave for the night and for good.</summary>
    private static void Advance(double[] phases, double advance, double staying)
    {
        var carried = phases[^1] * advance;
        for (var i = 0; i < phases.Length; i++)
        {
            var moves = phases[i] * advance;
            (phases[i], carried) = ((phases[i] - moves + carried) * staying, moves);
        }
    }
}
