using Campaigns.Core.Offers;
using Campaigns.Core.Primitives;

namespace Campaigns.Simulation;

/// <summary>
/// What one sent message does to one customer. Three effects, each independent of the purchase path: it may cause one
/// further order; orders that would have come anyway may redeem the offer; it may drive orders away for a while.
/// </summary>
internal sealed class Reaction
{
    /// <summary>Days for which a message can drive orders away.</summary>
    public const int WearyDays = 14;

    /// <summary>A further order comes within this many hours of the message, sooner rather than later.</summary>
    public const int LongestDelayHours = 14 * 24;

    private const double MaxExtraOrder = 0.95;
    private const double HalfLifeHours = 30;
    private static readonly double HourlyDecay = Math.Pow(0.5, 1 / HalfLifeHours);

    private Reaction(TreatmentSpec treatment, long start, long end)
    {
        (Treatment, Start, End, WearyEnd) = (treatment, start, end, start + ((long)WearyDays * ShopCalendar.SecondsPerDay));
        DelayHours = (int)Math.Clamp((end - start) / 3600, 0, LongestDelayHours);
    }

    /// <summary>The message.</summary>
    public TreatmentSpec Treatment { get; }

    /// <summary>First second after sending, from the market's start.</summary>
    public long Start { get; }

    /// <summary>First second after the offer's end.</summary>
    public long End { get; }

    /// <summary>First second at which nobody is weary of it any more.</summary>
    public long WearyEnd { get; }

    /// <summary>Whole hours in which a further order may come; 0 = none comes.</summary>
    public int DelayHours { get; }

    /// <summary>Probability of one further order.</summary>
    public double ExtraOrder { get; private init; }

    /// <summary>Probability that an order within the offer redeems it.</summary>
    public double Redeem { get; private init; }

    /// <summary>Probability that a redeeming order that would have come anyway has one more line.</summary>
    public double ExtraLine { get; private init; }

    /// <summary>Probability that an order within <see cref="WearyDays"/> is not placed.</summary>
    public double Weariness { get; private init; }

    /// <summary>The reaction of a customer; null where nothing was sent.</summary>
    public static Reaction? Of(TreatmentSpec treatment, Traits traits, bool lapsed, DateTimeOffset origin, double scale)
    {
        if (treatment.SentAt is not { } sentAt)
        {
            return null;
        }

        var start = (long)Math.Floor((sentAt - origin).TotalSeconds) + 1;
        var end = (long)Math.Ceiling(((treatment.OfferEndsAt ?? sentAt.AddDays(TreatmentSpec.OpenEndedDays)) - origin).TotalSeconds);
        var depth = Math.Min(1, treatment.DiscountShare / 0.2);
        var pull = depth * (0.02 + (0.25 * traits.PriceSensitivity * traits.PriceSensitivity));
        var (extra, redeem, line) = treatment.Kind switch
        {
            OfferKind.Recommendation => (traits.WinBack * (lapsed ? 1 : 0.2), 0.3, 0.0),
            OfferKind.ExclusiveBenefit => (0.08 * traits.Engagement, 0.6 * traits.Engagement, 0.35 * traits.Engagement),
            _ => (0.0, 0.0, 0.0),
        };
        redeem = treatment.DiscountShare > 0 ? Math.Max(redeem, 0.25 + (0.65 * traits.PriceSensitivity)) : redeem;
        var reach = treatment.Channel == Channel.Sms ? 0.9 : 1;
        return new Reaction(treatment, start, Math.Max(start, end))
        {
            ExtraOrder = Math.Min(MaxExtraOrder, scale * reach * (extra + pull)),
            Redeem = treatment.Redeemable ? Math.Min(1, scale * reach * redeem) : 0,
            ExtraLine = Math.Min(1, scale * line),
            Weariness = Math.Min(1, scale * traits.Weariness),
        };
    }

    /// <summary>The instant of the further order: geometric whole hours, cut off at <see cref="DelayHours"/>, then uniform seconds.</summary>
    public long ExtraInstant(ref Draws draws)
    {
        var hour = (int)(Math.Log(1 - (draws.Uniform() * (1 - Math.Pow(HourlyDecay, DelayHours)))) / Math.Log(HourlyDecay));
        return Start + (Math.Min(hour, DelayHours - 1) * 3600L) + draws.Below(3600);
    }

    /// <summary>P(the further order, if it comes, comes before this second): exact for <see cref="ExtraInstant"/>.</summary>
    public double ExtraShareBefore(long second)
    {
        if (second <= Start || DelayHours == 0)
        {
            return 0;
        }

        var (hour, rest) = Math.DivRem(second - Start, 3600);
        return hour >= DelayHours ? 1 : Before(hour) + ((Before(hour + 1) - Before(hour)) * (rest / 3600.0));
    }

    private double Before(long hour) => (1 - Math.Pow(HourlyDecay, hour)) / (1 - Math.Pow(HourlyDecay, DelayHours));
}

/// <summary>All messages to a customer: which offer holds at an instant, and how many orders stay.</summary>
internal sealed class Reactions
{
    private readonly Reaction[] _byStart;

    public Reactions(IEnumerable<Reaction?> reactions) =>
        _byStart = [.. reactions.OfType<Reaction>().OrderBy(r => r.Start).ThenBy(r => r.Treatment.Key, StringComparer.Ordinal)];

    /// <summary>In order of sending.</summary>
    public ReadOnlySpan<Reaction> All => _byStart;

    /// <summary>The offer that an order at this second may redeem: the newest that can be redeemed; null = none.</summary>
    public Reaction? OfferAt(long second)
    {
        for (var i = _byStart.Length - 1; i >= 0; i--)
        {
            if (_byStart[i].Start <= second && second < _byStart[i].End && _byStart[i].Treatment.Redeemable)
            {
                return _byStart[i];
            }
        }

        return null;
    }

    /// <summary>Probability that an order at this second is still placed: every message of the last two weeks counts.</summary>
    public double StayingAt(long second)
    {
        var staying = 1.0;
        foreach (var reaction in _byStart)
        {
            staying *= reaction.Start <= second && second < reaction.WearyEnd ? 1 - reaction.Weariness : 1;
        }

        return staying;
    }

    /// <summary>Adds the seconds at which anything changes within the range.</summary>
    public void AddBreaks(long from, long to, List<long> breaks)
    {
        foreach (var reaction in _byStart)
        {
            foreach (var second in (ReadOnlySpan<long>)[reaction.Start, reaction.End, reaction.WearyEnd])
            {
                if (second > from && second < to)
                {
                    breaks.Add(second);
                }
            }
        }
    }
}
