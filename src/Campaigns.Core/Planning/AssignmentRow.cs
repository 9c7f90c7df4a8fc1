using Campaigns.Core.Primitives;
using Campaigns.Core.Storage;
using MemoryPack;

namespace Campaigns.Core.Planning;

/// <summary>State of a sending record. Only forward, but for a claim that provably reached nobody. Values are stored: never renumber.</summary>
public enum SendState : byte
{
    /// <summary>Treated; to be sent.</summary>
    Decided = 0,

    /// <summary>Treated; waits for its hour (<see cref="AssignmentRow.DueAt"/>).</summary>
    Deferred = 1,

    /// <summary>Treated by assignment, but not sent, for <see cref="AssignmentRow.Reason"/>. Stays in its arm.</summary>
    Skipped = 2,

    /// <summary>Control group: drew nothing.</summary>
    HeldOut = 3,

    /// <summary>Somebody is about to call the provider.</summary>
    Claimed = 4,

    /// <summary>The provider took it.</summary>
    Accepted = 5,

    /// <summary>The provider refused it for good.</summary>
    Rejected = 6,

    /// <summary>The provider may have taken it: never called again by itself.</summary>
    Unknown = 7,

    /// <summary>Delivered.</summary>
    Delivered = 8,

    /// <summary>Bounced.</summary>
    Bounced = 9,

    /// <summary>The recipient complained.</summary>
    Complained = 10,
}

/// <summary>
/// A customer's assignment in a run and its sending record: row <c>s|{run}|{customer}</c>. Written by planning, dispatch,
/// webhooks and ingest, each under its ETag.
/// </summary>
[MemoryPackable]
public sealed partial record AssignmentRow : IStoredRow
{
    /// <summary>2: outcomes know what came after the window.</summary>
    public static byte Version => 2;

    /// <summary>Raw id of the customer; "" after its erasure, when the record counts and is nobody's.</summary>
    public required string CustomerId { get; init; }

    /// <summary>The customer was erased.</summary>
    [MemoryPackIgnore]
    public bool IsErased => CustomerId.Length == 0;

    /// <summary>Campaign.</summary>
    public required string Campaign { get; init; }

    /// <summary>Primary segment at assignment.</summary>
    public required string Segment { get; init; }

    /// <summary>The variant drawn; for the control group the one that the customer would have drawn.</summary>
    public required string Treatment { get; init; }

    /// <summary>Offer of that variant.</summary>
    public required string Offer { get; init; }

    /// <summary>Channel of that variant for this customer.</summary>
    public required Channel Channel { get; init; }

    /// <summary>True where the customer drew nothing. Never changes.</summary>
    public required bool HeldOut { get; init; }

    /// <summary>The draw, 0 … 999,999.</summary>
    public required int Draw { get; init; }

    /// <summary>Candidates with their probabilities in parts per million, "nothing" first; they sum to 10⁶. The logged propensities.</summary>
    public required Candidate[] Candidates { get; init; }

    /// <summary>Business time of assignment: the window of both arms begins here.</summary>
    public required DateTimeOffset AssignedAt { get; init; }

    /// <summary>State.</summary>
    public SendState State { get; init; }

    /// <summary>Why it was skipped, deferred or rejected, as a counted reason, or null.</summary>
    public string? Reason { get; init; }

    /// <summary>Business time before which nothing is sent, or null.</summary>
    public DateTimeOffset? DueAt { get; init; }

    /// <summary>Who claimed it: an id per attempt, or null.</summary>
    public string? Attempt { get; init; }

    /// <summary>System time at which the claim runs out, or null.</summary>
    public DateTimeOffset? ClaimedUntil { get; init; }

    /// <summary>Business time of the actual sending, or null.</summary>
    public DateTimeOffset? SentAt { get; init; }

    /// <summary>Business time at which the offer ends for this customer, or null.</summary>
    public DateTimeOffset? OfferEndsAt { get; init; }

    /// <summary>The provider's id of the message, or null.</summary>
    public string? ProviderId { get; init; }

    /// <summary>Products recommended in the message.</summary>
    public string[] Products { get; init; } = [];

    /// <summary>What sending cost, in micro-units of the major unit; 0 where nothing was sent.</summary>
    public long SendCostMicros { get; init; }

    /// <summary>First open that was no machine's, or null.</summary>
    public DateTimeOffset? OpenedAt { get; init; }

    /// <summary>Last click that was no machine's, or null.</summary>
    public DateTimeOffset? ClickedAt { get; init; }

    /// <summary>Unsubscribed through this message, or null.</summary>
    public DateTimeOffset? UnsubscribedAt { get; init; }

    /// <summary>Delivery as the provider reported it, or null.</summary>
    public DateTimeOffset? DeliveredAt { get; init; }

    /// <summary>What the customer ordered within the window; recomputed whole whenever orders or the record change.</summary>
    public Outcome Outcome { get; init; }

    /// <summary>Distinct clicks that were no machine's, oldest first; the newest <see cref="ClickLimit"/>. Credit needs the last one before an order, which may not be <see cref="ClickedAt"/>.</summary>
    public DateTimeOffset[] Clicks { get; init; } = [];

    /// <summary>The customer's own code, from the pool of the offer; null where the offer has no pool, and for the control group.</summary>
    public string? Code { get; init; }

    /// <summary>What the message was made from and may change later; null where none went out, or by an earlier version.</summary>
    public SentFields? Sent { get; init; }

    /// <summary>Clicks kept per message: more on one message is no customer.</summary>
    public const int ClickLimit = 16;

    /// <summary>The variants that could have been drawn, in the campaign's order, joined by "|": arms are compared only among customers eligible for both.</summary>
    [MemoryPackIgnore]
    public string Eligible => string.Join('|', Candidates.Where(c => c.Treatment.Length > 0 && c.PartsPerMillion > 0).Select(c => c.Treatment));

    /// <summary>The code by which this customer takes the offer up: its own where the offer has a pool, else everybody's; or null.</summary>
    public string? CodeOf(Offers.Offer offer) => offer.CodePool is null ? offer.Code : Code;

    /// <summary>A message went out or may have.</summary>
    [MemoryPackIgnore]
    public bool WasSent => State is SendState.Accepted or SendState.Delivered or SendState.Bounced or SendState.Complained or SendState.Unknown;
}

/// <summary>A treatment that could have been drawn. <paramref name="Treatment"/> is "" for nothing.</summary>
[MemoryPackable]
public readonly partial record struct Candidate(string Treatment, int PartsPerMillion);

/// <summary>
/// What a customer did in the outcome window, both arms alike: all net orders from assignment, whatever caused them.
/// Integers only, so that sums do not depend on their order.
/// </summary>
/// <param name="Orders">Net orders.</param>
/// <param name="RevenueMinor">Net revenue after discounts, minor units.</param>
/// <param name="MarginBeforeDiscountMinor">Margin before all discounts, minor units, rounded; 0 where margins are unknown.</param>
/// <param name="DiscountMinor">All discounts on these orders, minor units.</param>
/// <param name="RedeemedMinor">Of these, discounts and benefit costs on orders that carry the offer's code, minor units.</param>
/// <param name="CreditedOrders">Net orders credited to the message (last click, delivery): not causal.</param>
/// <param name="CreditedMinor">Their revenue, minor units: not causal.</param>
/// <param name="PriorMinor">Net revenue in an equally long window before assignment, minor units.</param>
/// <param name="Events">Valued events other than orders.</param>
/// <param name="BenefitMinor">The benefit costs within <paramref name="RedeemedMinor"/>, minor units: profit subtracts all discounts, and these beside them.</param>
/// <param name="AfterMinor">Net revenue in the <see cref="RunInputs.LateDays"/> days after the window, minor units: orders that were only pulled forward are missing here.</param>
[MemoryPackable]
public readonly partial record struct Outcome(
    int Orders, long RevenueMinor, long MarginBeforeDiscountMinor, long DiscountMinor, long RedeemedMinor, int CreditedOrders, long CreditedMinor, long PriorMinor, int Events, long BenefitMinor = 0, long AfterMinor = 0);
