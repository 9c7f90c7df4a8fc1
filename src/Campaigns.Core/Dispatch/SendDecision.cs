using Campaigns.Core.Ingest;
using Campaigns.Core.Jobs;
using Campaigns.Core.Planning;
using Campaigns.Core.Planning.Brakes;
using Campaigns.Core.Primitives;
using Campaigns.Core.Segments;

namespace Campaigns.Core.Dispatch;

/// <summary>Whether a decided message goes out now.</summary>
public abstract record SendDecision
{
    /// <summary>It goes out now.</summary>
    public sealed record Send : SendDecision;

    /// <summary>It waits until a business time.</summary>
    public sealed record Defer(DateTimeOffset Until, string Why) : SendDecision;

    /// <summary>It does not go out. The customer stays in the arm that was drawn: effects are measured by assignment.</summary>
    public sealed record Skip(string Why) : SendDecision;
}

/// <summary>Counted reasons, in the words that pages show.</summary>
public static class SendReasons
{
    /// <summary>The address is on the do-not-contact list.</summary>
    public const string Suppressed = "do-not-contact";

    /// <summary>No consent to the channel, or withdrawn.</summary>
    public const string NoConsent = "no consent";

    /// <summary>No address on the channel.</summary>
    public const string NoAddress = "no address";

    /// <summary>The customer objects to profiling.</summary>
    public const string Objection = "objects to profiling";

    /// <summary>The customer has had enough messages lately.</summary>
    public const string Capped = "frequency cap";

    /// <summary>A win-back is pointless: the customer came back by itself.</summary>
    public const string OrderedSince = "ordered since";

    /// <summary>The customer is in none of the campaign's segments any more.</summary>
    public const string LeftAudience = "left the audience";

    /// <summary>It waited for too long, or the outcome window has ended.</summary>
    public const string TooLate = "too late";

    /// <summary>The offer ended for everybody before the message could go out.</summary>
    public const string OfferEnded = "offer has ended";

    /// <summary>The campaign was stopped by hand.</summary>
    public const string CampaignStopped = "campaign stopped";

    /// <summary>The run was cancelled, or called a mistake, by hand.</summary>
    public const string SendCancelled = "send cancelled";

    /// <summary>What the run has really cost has reached its budget.</summary>
    public const string BudgetSpent = "budget spent";

    /// <summary>Outside the recipient's hours.</summary>
    public const string QuietHours = "outside sending hours";

    /// <summary>No adapter is configured for the channel.</summary>
    public const string NoChannel = "channel not set up";

    /// <summary>The message could not be rendered; the rest of the reason says why.</summary>
    public const string NotRendered = "message cannot be made";

    /// <summary>The customer was erased before the message went out.</summary>
    public const string Erased = "customer erased";

    /// <summary>The customer record is gone or another's.</summary>
    public const string NoCustomer = "customer record is gone";
}

/// <summary>
/// Every gate again at the moment of sending: hours or days may lie between the decision and the sending. Pure.
/// </summary>
public static class SendGate
{
    /// <summary>How long after the decision a message still goes out: as the campaign says, else by what it is for. A win-back that is three days late says something that is no longer so; what was promised is better late than never.</summary>
    public static TimeSpan ExpiresAfter(AssignmentRow assignment, RunInputs inputs) =>
        inputs.Campaign.ExpiryHours is { } hours ? TimeSpan.FromHours(hours)
        : inputs.Campaign.IsPromised ? TimeSpan.FromDays(14)
        : IsWinBack(assignment, inputs) ? TimeSpan.FromDays(3)
        : TimeSpan.FromDays(7);

    /// <summary>How often a held campaign is looked at again.</summary>
    public static readonly TimeSpan HoldCheck = TimeSpan.FromMinutes(1);

    /// <summary>Why nothing at all may be claimed now ("everything is stopped", "campaign paused", or why the send paused itself), or null.</summary>
    public static string? HeldBy(bool everythingStopped, CampaignStatus status, RunBrakes brakes) =>
        everythingStopped ? "everything is stopped"
        : status == CampaignStatus.Paused ? "campaign paused"
        : brakes is { IsPaused: true, IsCancelled: false } ? brakes.PausedWhy ?? "send paused" : null;

    /// <summary>Decides about one message.</summary>
    /// <param name="customer">The customer as it stands, or null where the record is gone.</param>
    /// <param name="assignment">What was decided.</param>
    /// <param name="run">Id of the run: its own claim does not count against the caps.</param>
    /// <param name="inputs">What the run froze.</param>
    /// <param name="status">The campaign's state now.</param>
    /// <param name="lastOrderAt">The customer's last net order, or null.</param>
    /// <param name="settings">The workspace's settings now.</param>
    /// <param name="now">Business time.</param>
    /// <param name="segment">The customer's primary segment now, "" for none; null = not known.</param>
    public static SendDecision Decide(
        CustomerRow? customer, AssignmentRow assignment, string run, RunInputs inputs, CampaignStatus status, DateTimeOffset? lastOrderAt, WorkspaceSettings settings, DateTimeOffset now,
        string? segment = null)
    {
        if (SkipReason(customer, assignment, run, inputs, status, lastOrderAt, settings.Contact.Caps, segment, now) is { } why)
        {
            return new SendDecision.Skip(why);
        }

        var open = QuietHours.NextOpen(now, customer!, assignment.Channel, settings);
        return open > now ? new SendDecision.Defer(open, SendReasons.QuietHours) : new SendDecision.Send();
    }

    /// <summary>
    /// True where only a customer who did not come back gets the message: as the campaign says, else where an order ends the
    /// segment by which the customer was addressed.
    /// </summary>
    public static bool IsWinBack(AssignmentRow assignment, RunInputs inputs) =>
        inputs.Campaign.SkipsWhoOrdered
        ?? (inputs.SilentSegments is { } silent ? Array.IndexOf(silent, assignment.Segment) >= 0 : assignment.Segment is SegmentNames.AtRisk or SegmentNames.Lost);

    /// <summary>Known to be in none of the audience's segments any more. What was promised does not depend on it.</summary>
    private static bool HasLeft(RunInputs inputs, string? segment) =>
        segment is not null && !inputs.Campaign.IsPromised && Array.IndexOf(inputs.Campaign.Segments, segment) < 0;

    private static string? SkipReason(
        CustomerRow? customer, AssignmentRow assignment, string run, RunInputs inputs, CampaignStatus status, DateTimeOffset? lastOrderAt, FrequencyCap[] caps, string? segment, DateTimeOffset now)
    {
        if (customer is null || !string.Equals(customer.CustomerId, assignment.CustomerId, StringComparison.Ordinal))
        {
            return SendReasons.NoCustomer;
        }

        if (status == CampaignStatus.Stopped)
        {
            return SendReasons.CampaignStopped;
        }

        // The law first, then courtesy, then sense.
        return customer.SuppressionOn(assignment.Channel) is not null ? SendReasons.Suppressed
            : customer.ConsentOn(assignment.Channel, inputs.Campaign.ConsentPurpose).Given != true ? SendReasons.NoConsent
            : customer.AddressOn(assignment.Channel) is null ? SendReasons.NoAddress
            : customer.ObjectsToProfiling && !inputs.Campaign.IsPromised ? SendReasons.Objection
            : now - assignment.AssignedAt >= ExpiresAfter(assignment, inputs) || now >= inputs.WindowEnd ? SendReasons.TooLate
            : IsWinBack(assignment, inputs) && lastOrderAt > assignment.AssignedAt ? SendReasons.OrderedSince
            : HasLeft(inputs, segment) ? SendReasons.LeftAudience
            : inputs.Campaign.OfferOf(assignment.Treatment)?.ValidUntil <= now ? SendReasons.OfferEnded
            : !Caps.Allow(customer, assignment.Channel, now, caps, run) ? SendReasons.Capped
            : null;
    }
}
