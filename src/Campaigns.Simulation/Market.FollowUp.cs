using System.Globalization;
using Campaigns.Core.Ingest;
using Campaigns.Core.Primitives;

namespace Campaigns.Simulation;

/// <summary>What customers order after the history, under whatever messages they were sent.</summary>
public sealed partial class Market
{
    private static readonly IReadOnlyList<TreatmentSpec> NoTreatments = [];

    /// <summary>
    /// All customers' orders in [from, to), customer by customer, under these messages. Chance is common: whoever is sent
    /// nothing orders the same whatever the others are sent, and orders before a message are the same with and without it.
    /// Windows that adjoin give what one window over both gives.
    /// </summary>
    /// <param name="treatmentsOf">The messages to a customer, by index; null or empty = none.</param>
    /// <param name="from">Begin, not before the history's end.</param>
    /// <param name="to">End, exclusive.</param>
    public IEnumerable<OrderRow> FollowUp(Func<int, IReadOnlyList<TreatmentSpec>?> treatmentsOf, DateTimeOffset from, DateTimeOffset to)
    {
        for (var index = 0; index < Options.Customers; index++)
        {
            foreach (var order in FollowUpOf(index, treatmentsOf(index) ?? NoTreatments, from, to))
            {
                yield return order;
            }
        }
    }

    /// <summary>A customer's orders in [from, to) under these messages, in order of time.</summary>
    public IReadOnlyList<OrderRow> FollowUpOf(int index, IReadOnlyList<TreatmentSpec> treatments, DateTimeOffset from, DateTimeOffset to)
    {
        var traits = TraitsOf(index);
        var (first, end) = Window(from, to);
        var reactions = ReactionsOf(index, traits, treatments);
        var orders = new List<OrderRow>();
        var firstDay = (int)(first / ShopCalendar.SecondsPerDay);
        foreach (var day in _path.OrderDays(index, traits, LastDay(end) + 1))
        {
            if (day < firstDay || _path.InstantOf(index, day) is var second && (second < first || second >= end))
            {
                continue;
            }

            if (new Draws(_path.SeedOn(day), (ulong)index, (ulong)day, Purpose.Weariness).First(reactions.StayingAt(second)))
            {
                orders.Add(OwnOrder(index, traits, day, second, reactions.OfferAt(second)));
            }
        }

        foreach (var reaction in reactions.All)
        {
            if (ExtraOrder(index, traits, reaction) is { } second && second >= first && second < end)
            {
                orders.Add(ExtraRow(index, traits, reaction, second));
            }
        }

        orders.Sort((a, b) => (a.OrderedAt, a.OrderId).CompareTo((b.OrderedAt, b.OrderId)));
        return orders;
    }

    /// <summary>
    /// When the customer opened and clicked the message. Whoever places a further order because of it clicked it before
    /// (an SMS is never seen to be opened); others click and do not buy.
    /// </summary>
    public MessageTouches TouchesOf(int index, TreatmentSpec treatment)
    {
        var traits = TraitsOf(index);
        if (ReactionsOf(index, traits, [treatment]).All is not [var reaction])
        {
            return default;
        }

        var draws = new Draws(FutureSeed, (ulong)index, StableHash.Of(treatment.Key), Purpose.Touch);
        var email = treatment.Channel == Channel.Email;
        var extra = ExtraOrder(index, traits, reaction);
        var clicked = draws.Chance(email ? 0.04 + (0.08 * traits.Engagement) : 0.06) || extra is not null;
        var opened = draws.Chance(0.30 + (0.35 * traits.Engagement)) || clicked;
        var latest = extra - reaction.Start ?? 36 * 3600;
        var open = draws.Uniform() * draws.Uniform() * latest * 0.9;
        var click = open + (draws.Uniform() * Math.Min(600, latest - open));
        return new MessageTouches(
            email && opened ? At(reaction.Start + (long)open) : null, clicked ? At(reaction.Start + (long)click) : null);
    }

    private ulong FutureSeed => _path.SeedOn(_historyDays);

    /// <summary>The second of the further order that the message causes, or null.</summary>
    private long? ExtraOrder(int index, Traits traits, Reaction reaction)
    {
        _ = traits;
        var draws = new Draws(FutureSeed, (ulong)index, StableHash.Of(reaction.Treatment.Key), Purpose.ExtraOrder);
        return draws.Chance(reaction.ExtraOrder) && reaction.DelayHours > 0 ? reaction.ExtraInstant(ref draws) : null;
    }

    private OrderRow ExtraRow(int index, Traits traits, Reaction reaction, long second)
    {
        var key = StableHash.Of(reaction.Treatment.Key);
        var draws = new Draws(FutureSeed, (ulong)index, key, Purpose.ExtraBasket);
        var lines = _baskets.Draw(ref draws, traits, reaction.Treatment.DiscountShare);
        return Row(index, traits, string.Create(CultureInfo.InvariantCulture, $"X{(uint)key:x8}"), second, lines, reaction.Treatment.Code);
    }

    private Reactions ReactionsOf(int index, Traits traits, IReadOnlyList<TreatmentSpec> treatments)
    {
        if (treatments.Count == 0)
        {
            return new Reactions([]);
        }

        var lapsed = LapsedAtEnd(index, traits);
        return new Reactions(treatments.Select(treatment => Reaction.Of(treatment, traits, lapsed, Options.StartAt, Options.EffectScale)));
    }

    /// <summary>
    /// At the history's end the customer had been silent for longer than 1.5 times the own mean gap (75 days for those who
    /// never came back): that is who recommended products win back.
    /// </summary>
    private bool LapsedAtEnd(int index, Traits traits)
    {
        var last = traits.AcquiredDay;
        foreach (var day in _path.OrderDays(index, traits, _historyDays))
        {
            last = day;
        }

        return _historyDays - last > (traits.Rate > 0 ? 1.5 / traits.Rate : 75);
    }

    private (long First, long End) Window(DateTimeOffset from, DateTimeOffset to)
    {
        if (from < Options.EndAt)
        {
            throw new ArgumentOutOfRangeException(nameof(from), from, "The follow-up begins at the end of the history or later.");
        }

        ArgumentOutOfRangeException.ThrowIfLessThan(to, from);
        return ((long)Math.Ceiling((from - Options.StartAt).TotalSeconds), (long)Math.Ceiling((to - Options.StartAt).TotalSeconds));
    }

    private static int LastDay(long end) => (int)((end - 1) / ShopCalendar.SecondsPerDay);
}
