using Campaigns.Core.Ingest;
using Campaigns.Core.Jobs;
using Campaigns.Core.Planning.Coordination;
using Campaigns.Core.Planning.Terms;
using Campaigns.Core.Primitives;

namespace Campaigns.Core.Planning;

/// <summary>A message variant that can reach the customer, and the channel it would take: the first of its channels that is open.</summary>
public readonly record struct ReachableTreatment(Treatment Treatment, Channel Channel);

/// <summary>Why a member of the audience takes no part in a run. Counted and shown as they stand here.</summary>
public static class ExclusionReasons
{
    /// <summary>No message variant is meant for the segment.</summary>
    public const string NoTreatment = "no message variant for the segment";

    /// <summary>No address on any channel of the variants.</summary>
    public const string NoAddress = "no address";

    /// <summary>There is an address, but no consent. Unknown consent is none.</summary>
    public const string NoConsent = "no consent";

    /// <summary>On the do-not-contact list.</summary>
    public const string DoNotContact = "do-not-contact";

    /// <summary>The customer objects to profiling, and a campaign selects.</summary>
    public const string Objection = "objects to profiling";

    /// <summary>The campaign wrote to the customer within its re-entry pause.</summary>
    public const string ReentryPause = "re-entry pause";

    /// <summary>In the global control group of the quarter, which no campaign addresses.</summary>
    public const string ControlGroup = "global control group";

    /// <summary>Assigned, treated or held out, in another run of the same business day that chose first.</summary>
    public const string Outranked = "outranked";

    /// <summary>Assigned in an earlier run whose outcome window is open: a second draw would blur both results.</summary>
    public const string StillMeasured = "still being measured";

    /// <summary>No offer holds at the time of the run.</summary>
    public const string NotValid = "no offer holds at this time";

    /// <summary>No offer is for the customer, by their eligibility rules.</summary>
    public const string NoOfferFits = "no offer is for the customer";

    /// <summary>Only discounts are left, and one more would break the ceiling on discounts per customer.</summary>
    public const string DiscountCeiling = "enough discounts";

    /// <summary>One more message would break a frequency cap on every channel.</summary>
    public const string FrequencyCap = "frequency cap";

    /// <summary>Another customer of the audience with the same e-mail address or phone number takes part: an address gets one message.</summary>
    public const string SameAddress = "same address as another customer";

    /// <summary>Every variant that reaches the customer is blocked: it loses money, or drives customers away.</summary>
    public const string AllBlocked = "every variant is blocked";

    /// <summary>Outside the run's ceiling on messages or sending cost.</summary>
    public const string OverCeiling = "over the ceiling";
}

/// <summary>
/// The gates before assignment. They come before the draw and never look at it, so that treated and held-out customers
/// differ by treatment alone.
/// </summary>
public abstract record Eligibility
{
    private Eligibility()
    {
    }

    /// <summary>Takes part, with the variants (at least one) that can reach the customer, in the campaign's order.</summary>
    public sealed record Eligible(IReadOnlyList<ReachableTreatment> Treatments) : Eligibility;

    /// <summary>Takes no part, for a reason of <see cref="ExclusionReasons"/>.</summary>
    public sealed record Excluded(string Reason) : Eligibility;

    private enum Gate
    {
        Address,
        Consent,
        Suppression,
        Open,
    }

    /// <summary>
    /// Passes the gates in order: an offer for the segment that holds now and is for the customer, address, consent,
    /// do-not-contact, objection to profiling (but for what was promised), global control group, outranked, re-entry pause, still being measured, ceiling on discounts, frequency
    /// cap. A customer whom no channel reaches gets the reason of the channel that came furthest.
    /// </summary>
    /// <param name="campaign">The campaign as frozen.</param>
    /// <param name="run">This run: its own messages never count against it.</param>
    /// <param name="segment">The customer's primary segment.</param>
    /// <param name="customer">The customer, or null where nothing but orders is known.</param>
    /// <param name="standing">What other decisions about the customer mean for this run.</param>
    /// <param name="now">Business time of the run.</param>
    /// <param name="offers">Which offers the customer may get.</param>
    /// <param name="ceiling">The ceiling on a customer's discounts; null = none.</param>
    /// <param name="caps">The frequency caps; null = a new shop's.</param>
    public static Eligibility Of(
        Campaign campaign, string run, string segment, CustomerRow? customer, Standing standing, DateTimeOffset now, OfferStanding offers = default, DiscountCeiling? ceiling = null,
        IReadOnlyList<FrequencyCap>? caps = null)
    {
        var fitting = Array.FindAll(campaign.Treatments, t => t.FitsSegment(segment) && t.Offer.HoldsAt(now));
        fitting = offers.Unfit == 0 ? fitting : Array.FindAll(fitting, t => offers.Fits(Array.IndexOf(campaign.Treatments, t)));
        if (fitting.Length == 0)
        {
            return new Excluded(NothingFor(campaign, segment, now));
        }

        var furthest = Gate.Address;
        foreach (var treatment in fitting)
        {
            foreach (var channel in treatment.Channels)
            {
                var gate = treatment.CanGoBy(channel) ? GateOn(customer, channel, campaign.ConsentPurpose) : Gate.Address;
                furthest = gate > furthest ? gate : furthest;
            }
        }

        if (customer is null || furthest != Gate.Open)
        {
            return new Excluded(ReasonOf(furthest));
        }

        if (customer.ObjectsToProfiling && !campaign.IsPromised)
        {
            return new Excluded(ExclusionReasons.Objection);
        }

        if (standing is Standing.InControlGroup or Standing.Outranked)
        {
            return new Excluded(standing == Standing.Outranked ? ExclusionReasons.Outranked : ExclusionReasons.ControlGroup);
        }

        if (Paused(campaign, run, customer, now))
        {
            return new Excluded(ExclusionReasons.ReentryPause);
        }

        if (standing == Standing.BeingMeasured)
        {
            return new Excluded(ExclusionReasons.StillMeasured);
        }

        var allowed = ceiling is { } most ? Array.FindAll(fitting, t => most.Allows(t.Offer, offers)) : fitting;
        return allowed.Length == 0 ? new Excluded(ExclusionReasons.DiscountCeiling) : Reach(allowed, campaign.ConsentPurpose, run, customer, now, caps);
    }

    private static string NothingFor(Campaign campaign, string segment, DateTimeOffset now) =>
        !Array.Exists(campaign.Treatments, t => t.FitsSegment(segment)) ? ExclusionReasons.NoTreatment
        : Array.Exists(campaign.Treatments, t => t.FitsSegment(segment) && t.Offer.HoldsAt(now)) ? ExclusionReasons.NoOfferFits
        : ExclusionReasons.NotValid;

    private static Eligibility Reach(Treatment[] fitting, string purpose, string run, CustomerRow customer, DateTimeOffset now, IReadOnlyList<FrequencyCap>? caps)
    {
        var reachable = new List<ReachableTreatment>(fitting.Length);
        foreach (var treatment in fitting)
        {
            foreach (var channel in treatment.Channels)
            {
                if (treatment.CanGoBy(channel) && GateOn(customer, channel, purpose) == Gate.Open && Caps.Allow(customer, channel, now, caps, run))
                {
                    reachable.Add(new ReachableTreatment(treatment, channel));
                    break;
                }
            }
        }

        return reachable.Count == 0 ? new Excluded(ExclusionReasons.FrequencyCap) : new Eligible(reachable);
    }

    private static bool Paused(Campaign campaign, string run, CustomerRow customer, DateTimeOffset now)
    {
        var since = now.AddDays(-campaign.ReentryPauseDays);
        return Array.Exists(
            customer.RecentSends,
            s => s.At > since && string.Equals(s.Campaign, campaign.Id, StringComparison.Ordinal) && !string.Equals(s.Run, run, StringComparison.Ordinal));
    }

    private static Gate GateOn(CustomerRow? customer, Channel channel, string purpose) =>
        customer?.AddressOn(channel) is null ? Gate.Address
        : customer.ConsentOn(channel, purpose).Given != true ? Gate.Consent
        : customer.SuppressionOn(channel) is not null ? Gate.Suppression
        : Gate.Open;

    private static string ReasonOf(Gate gate) => gate switch
    {
        Gate.Consent => ExclusionReasons.NoConsent,
        Gate.Suppression => ExclusionReasons.DoNotContact,
        _ => ExclusionReasons.NoAddress,
    };
}
