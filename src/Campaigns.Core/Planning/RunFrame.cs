using Campaigns.Core.Ingest;
using Campaigns.Core.Planning.Constraints;
using Campaigns.Core.Planning.Coordination;
using Campaigns.Core.Planning.Terms;
using Campaigns.Core.Primitives;
using Campaigns.Core.Segments;
using Campaigns.Core.Storage;

namespace Campaigns.Core.Planning;

/// <summary>A member of a run's audience with what its decision rests on.</summary>
/// <param name="Key">Customer.</param>
/// <param name="Segment">Primary segment in the run's recompute.</param>
/// <param name="Customer">Customer row, or null where nothing but orders is known.</param>
/// <param name="Standing">What other decisions about the customer mean for this run.</param>
public sealed record AudienceMember(CustomerKey Key, string Segment, CustomerRow? Customer, Standing Standing)
{
    /// <summary>Which of the campaign's offers it may get.</summary>
    public OfferStanding Offers { get; init; }

    /// <summary>Another member who passes the gates and comes first has the same address on a channel of both: see <see cref="SharedAddresses"/>.</summary>
    public bool SharesAddress { get; init; }
}

/// <summary>What planning makes of a member of the audience.</summary>
public abstract record PlanDecision
{
    private PlanDecision()
    {
    }

    /// <summary>Takes part.</summary>
    public sealed record Assigned(Assignment Assignment) : PlanDecision;

    /// <summary>Takes no part, for a reason of <see cref="ExclusionReasons"/>.</summary>
    public sealed record Excluded(string Reason) : PlanDecision;
}

/// <summary>A run's fixed frame: the same member gets the same decision in it, always and everywhere.</summary>
/// <param name="Run">Run.</param>
/// <param name="AsOf">Business time of the run: assignment, and "now" of the gates.</param>
/// <param name="Inputs">Frozen inputs.</param>
/// <param name="Salt">The workspace's salt in hexadecimal.</param>
/// <param name="Weighing">What the run's constraints came to, or null where it has none.</param>
public sealed record RunFrame(string Run, DateTimeOffset AsOf, RunInputs Inputs, string Salt, Weighing? Weighing = null)
{
    /// <summary>Earlier runs of the campaign whose windows were open at launch.</summary>
    public IReadOnlySet<string> OpenRuns { get; } = Inputs.OpenRuns.ToHashSet(StringComparer.Ordinal);

    /// <summary>Runs of the same business day that choose before this one: see <see cref="RunOrder"/>.</summary>
    public IReadOnlySet<string> Before { get; init; } = new HashSet<string>();

    /// <summary>Rows of other runs can say something about a customer.</summary>
    public bool LooksAtOtherRuns =>
        (!Inputs.Campaign.IsPromised && (!Inputs.Campaign.OnlyOwnWindows || OpenRuns.Count > 0 || Before.Count > 0)) || Inputs.Discounts is not null;

    /// <summary>Buckets of the store, in which customers of the same address are looked for; 0 = they are not looked for.</summary>
    public int Buckets { get; init; }

    /// <summary>Who may get which offer, or null where no offer asks.</summary>
    public OfferRules? Rules { get; init; }

    /// <summary>What it means for this run that the customer is assigned in another, by that run's index row; null = nothing.</summary>
    public Standing? StandingIn(string run, ReadOnlyMemory<byte> index) =>
        string.Equals(run, Run, StringComparison.Ordinal) || Inputs.Campaign.IsPromised ? null
        : OpenRuns.Contains(run) ? Standing.BeingMeasured
        : Before.Contains(run) ? Standing.Outranked
        : !Inputs.Campaign.OnlyOwnWindows && RunIndexRow.Of(index)?.WindowEnd > AsOf ? Standing.BeingMeasured
        : null;

    /// <summary>The standing with the discount that another run offered, by that run's index row.</summary>
    internal OfferStanding WithDiscountIn(string run, ReadOnlyMemory<byte> index, OfferStanding offers) =>
        Inputs.Discounts is { } ceiling && !string.Equals(run, Run, StringComparison.Ordinal)
        && RunIndexRow.Of(index) is { DiscountPartsPerMillion: > 0 } given && given.AssignedAt > AsOf.AddDays(-ceiling.Days)
            ? offers with { Discounts = offers.Discounts + 1, DepthPartsPerMillion = offers.DepthPartsPerMillion + given.DiscountPartsPerMillion }
            : offers;

    /// <summary>The index row of a customer's assignment.</summary>
    internal RunIndexRow IndexOf(AssignmentRow row) => new()
    {
        AssignedAt = AsOf,
        // What was promised to everyone is not measured, so its window keeps nobody out of another run.
        WindowEnd = Inputs.Campaign.IsPromised ? AsOf : Inputs.WindowEnd,
        DiscountPartsPerMillion = row.HeldOut ? 0 : DiscountCeiling.DepthOf(Inputs.Campaign.OfferOf(row.Treatment)!),
    };

    private readonly Choices choices = new(Weighing?.Policy ?? Inputs.Policy, Inputs.HoldoutPartsPerMillion);

    /// <summary>Variants of which there is only so much, in the campaign's order: a stock, or a pool of codes.</summary>
    public IReadOnlyList<Treatment> Limited { get; } = Array.FindAll(Inputs.Campaign.Treatments, t => t.Offer.Stock is not null || t.Offer.CodePool is not null);

    /// <summary>The run has a ceiling.</summary>
    public bool HasCeiling => Inputs.Campaign.MaxSends is not null || Inputs.MaxSendCostMicros is not null || Inputs.BudgetMicros is not null || Limited.Count > 0;

    /// <summary>Something is short that choosing can spare: the audience is weighed before anything is drawn.</summary>
    public bool IsConstrained => Inputs.BudgetMicros is not null || Limited.Any(t => t.Offer.Stock is not null) || (Inputs.Policy is not null && HasCeiling);

    /// <summary>The variant's place in <see cref="Limited"/>, or −1.</summary>
    public int LimitedPlace(string treatment)
    {
        for (var i = 0; i < Limited.Count; i++)
        {
            if (string.Equals(Limited[i].Id, treatment, StringComparison.Ordinal))
            {
                return i;
            }
        }

        return -1;
    }

    /// <summary>
    /// The customer's primary segment as the run's recompute left it, or null where it had none: the first by priority of
    /// the memberships that held then. A recompute since then changes nothing for this run.
    /// </summary>
    public string? SegmentOf(MembershipRow row)
    {
        if (Inputs.SegmentsAsOf is not { } at)
        {
            return row.Primary;
        }

        foreach (var segment in Inputs.SegmentOrder is { Length: > 0 } order ? order : SegmentNames.ByPriority)
        {
            if (Holds(row.Present, segment, at) || Holds(row.Past, segment, at))
            {
                return segment;
            }
        }

        return null;
    }

    /// <summary>Gates, then the draw. <paramref name="firstBinOutside"/> is the run's ceiling; null = none.</summary>
    public PlanDecision Decide(AudienceMember member, int? firstBinOutside)
    {
        var gates = GatesOf(member);
        if (gates is not Eligibility.Eligible eligible)
        {
            return new PlanDecision.Excluded(((Eligibility.Excluded)gates).Reason);
        }

        var candidates = CandidatesOf(member.Segment, eligible.Treatments);
        return candidates[0].PartsPerMillion == StableHash.Million ? new PlanDecision.Excluded(ExclusionReasons.AllBlocked)
            : firstBinOutside is { } outside && Ceiling.BinOf(Salt, Run, member.Key) >= outside ? new PlanDecision.Excluded(ExclusionReasons.OverCeiling)
            : new PlanDecision.Assigned(Assignment.Decide(eligible.Treatments, candidates, Salt, Run, member.Key));
    }

    /// <summary>The probabilities of a draw between the variants that reach a customer of the segment: nothing first.</summary>
    public Candidate[] CandidatesOf(string segment, IReadOnlyList<ReachableTreatment> treatments) => choices.Of(segment, treatments);

    /// <summary>Everything that comes before the draw. A segment whose strategy is fixed draws the first variant that reaches the customer, or nothing.</summary>
    public Eligibility GatesOf(AudienceMember member) =>
        Eligibility.Of(Inputs.Campaign, Run, member.Segment, member.Customer, member.Standing, AsOf, member.Offers, Inputs.Discounts, Inputs.Caps) switch
        {
            Eligibility.Eligible when member.SharesAddress => new Eligibility.Excluded(ExclusionReasons.SameAddress),
            Eligibility.Eligible eligible when Inputs.StrategyOf(member.Segment) == Strategy.Fixed => new Eligibility.Eligible([eligible.Treatments[0]]),
            var gates => gates,
        };

    /// <summary>What the assignment sends, costs and may give away: nothing where it is held out.</summary>
    public CeilingAllowance SpendOf(string segment, Assignment assignment) => assignment.HeldOut ? default : SpendOf(segment, assignment.Drawn);

    /// <summary>What one message of the variant in the segment costs and may give away.</summary>
    public CeilingAllowance SpendOf(string segment, ReachableTreatment drawn)
    {
        var cost = SendCost.Micros(drawn.Treatment, drawn.Channel, Inputs);
        return new CeilingAllowance(1, cost, cost + (Weighing?.ReservedMicros(segment, drawn.Treatment.Id) ?? 0));
    }

    /// <summary>The assignment as it is stored, its outcome but for the time before still empty.</summary>
    public AssignmentRow RowOf(AudienceMember member, Assignment assignment, long priorMinor) => new()
    {
        CustomerId = member.Customer!.CustomerId,
        Campaign = Inputs.Campaign.Id,
        Segment = member.Segment,
        Treatment = assignment.Drawn.Treatment.Id,
        Offer = assignment.Drawn.Treatment.Offer.Id,
        Channel = assignment.Drawn.Channel,
        HeldOut = assignment.HeldOut,
        Draw = assignment.Draw,
        Candidates = assignment.Candidates,
        AssignedAt = AsOf,
        State = assignment.HeldOut ? SendState.HeldOut : SendState.Decided,
        Outcome = default(Outcome) with { PriorMinor = priorMinor },
    };

    private static bool Holds(Membership[] memberships, string segment, DateTimeOffset at) => Array.Exists(
        memberships, m => m.Since <= at && !(m.Until <= at) && string.Equals(m.Segment, segment, StringComparison.Ordinal));
}
