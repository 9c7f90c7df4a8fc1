using Campaigns.Core.Offers.Learning;
using Campaigns.Core.Planning.Constraints;
using Campaigns.Core.Primitives;

namespace Campaigns.Core.Planning.Decisions;

/// <summary>What could have been drawn, or why it could not.</summary>
/// <param name="Treatment">Message variant; "" for nothing.</param>
/// <param name="PartsPerMillion">Its probability, 0 … 10⁶; those of a decision sum to 10⁶.</param>
/// <param name="Best">Probability that it is best, in [0, 1]; null where nothing was learnt yet.</param>
/// <param name="ProfitMinor">Expected profit over sending nothing, minor units; null where nothing was learnt yet, 0 for nothing itself.</param>
/// <param name="LowMinor">5th percentile of that.</param>
/// <param name="HighMinor">95th percentile of that.</param>
/// <param name="Blocked">Why it could not be drawn, or null.</param>
public sealed record ExplainedCandidate(string Treatment, int PartsPerMillion, double? Best, double? ProfitMinor, double? LowMinor, double? HighMinor, string? Blocked);

/// <summary>Why a customer got what it got in a run: everything that the decision rests on.</summary>
public sealed record ExplainedDecision
{
    /// <summary>Run.</summary>
    public required string Run { get; init; }

    /// <summary>Campaign.</summary>
    public required string Campaign { get; init; }

    /// <summary>Its name when the run began.</summary>
    public required string CampaignName { get; init; }

    /// <summary>Business time of the decision.</summary>
    public required DateTimeOffset At { get; init; }

    /// <summary>Raw id of the customer.</summary>
    public required string CustomerId { get; init; }

    /// <summary>Segment at the decision.</summary>
    public required string Segment { get; init; }

    /// <summary>Drew nothing: control group.</summary>
    public required bool HeldOut { get; init; }

    /// <summary>The variant drawn; for the control group the one that it would have got.</summary>
    public required string Treatment { get; init; }

    /// <summary>The draw, 0 … 999,999.</summary>
    public required int Draw { get; init; }

    /// <summary>The decision in words.</summary>
    public required string Sentence { get; init; }

    /// <summary>Nothing first, then the campaign's variants in its order, those that could not be drawn as well.</summary>
    public required IReadOnlyList<ExplainedCandidate> Candidates { get; init; }

    /// <summary>How variants were chosen in the segment.</summary>
    public required Strategy Strategy { get; init; }

    /// <summary>Which rule made the probabilities; null = all variants alike.</summary>
    public string? Policy { get; init; }

    /// <summary>Seed of its posterior draws, as text (64 bits are more than a JSON number holds); null without a policy.</summary>
    public string? Seed { get; init; }

    /// <summary>Runs that it learnt from, oldest first.</summary>
    public IReadOnlyList<string> LearntFrom { get; init; } = [];

    /// <summary>What was short in the run and bore on its probabilities, in words; empty where nothing was.</summary>
    public IReadOnlyList<string> Binding { get; init; } = [];

    /// <summary>The run's ceilings, in a sentence; null where it has none.</summary>
    public string? Ceiling { get; init; }

    /// <summary>Decided once more from the run's frozen inputs, the same comes out.</summary>
    public required bool Repeats { get; init; }
}

/// <summary>Explains decisions, and makes them once more. Pure.</summary>
public static class DecisionExplanation
{
    /// <summary>The decision that is logged in the row, explained by what its run froze.</summary>
    /// <param name="frame">The run with what its constraints came to.</param>
    /// <param name="ceiling">Where its ceilings ended it.</param>
    /// <param name="customer">Customer.</param>
    /// <param name="row">The logged decision.</param>
    public static ExplainedDecision Of(RunFrame frame, CeilingPlan ceiling, CustomerKey customer, AssignmentRow row)
    {
        var policy = frame.Weighing?.Policy ?? frame.Inputs.Policy;
        // A table may know other segments alone: this one then shared alike.
        var ruled = Array.Exists(policy?.Cells ?? [], c => string.Equals(c.Segment, row.Segment, StringComparison.Ordinal)) ? policy : null;
        return new ExplainedDecision
        {
            Run = frame.Run,
            Campaign = row.Campaign,
            CampaignName = frame.Inputs.Campaign.Name,
            At = row.AssignedAt,
            CustomerId = row.CustomerId,
            Segment = row.Segment,
            HeldOut = row.HeldOut,
            Treatment = row.Treatment,
            Draw = row.Draw,
            Sentence = Assignment.Explain(row),
            Candidates = Candidates(frame, policy?.Find(row.Segment, EligibleOf(row)), row),
            Strategy = frame.Inputs.StrategyOf(row.Segment),
            Policy = ruled?.Policy,
            Seed = ruled?.Seed.ToString(System.Globalization.CultureInfo.InvariantCulture),
            LearntFrom = ruled?.LearntFrom ?? [],
            Binding = BindingOf(frame, policy),
            Ceiling = !frame.HasCeiling ? null
                : ceiling.FirstBinOutside < Planning.Ceiling.Bins ? "The run's ceilings left customers out before the draw, by a rank that knows nothing of it; this one was within."
                : "The run has ceilings; all customers were within.",
            Repeats = Again(frame, customer, row) is { } again && Same(again, row),
        };
    }

    /// <summary>The decision made once more from the run's frozen inputs and the variants that reached the customer; null where the inputs do not know these variants.</summary>
    public static Assignment? Again(RunFrame frame, CustomerKey customer, AssignmentRow row)
    {
        var reachable = new List<ReachableTreatment>(row.Candidates.Length);
        foreach (var candidate in row.Candidates.Where(c => c.Treatment.Length > 0))
        {
            if (Array.Find(frame.Inputs.Campaign.Treatments, t => string.Equals(t.Id, candidate.Treatment, StringComparison.Ordinal)) is not { } treatment)
            {
                return null;
            }

            // The channel has no part in the draw; the row knows that of the variant drawn.
            reachable.Add(new ReachableTreatment(treatment, row.Channel));
        }

        return reachable.Count == 0 || frame.CandidatesOf(row.Segment, reachable) is not [{ PartsPerMillion: < StableHash.Million }, ..] candidates
            ? null
            : Assignment.Decide(reachable, candidates, frame.Salt, frame.Run, customer);
    }

    /// <summary>The same probabilities, draw, arm and variant.</summary>
    public static bool Same(Assignment again, AssignmentRow row) =>
        again.Draw == row.Draw && again.HeldOut == row.HeldOut
        && string.Equals(again.Drawn.Treatment.Id, row.Treatment, StringComparison.Ordinal)
        && again.Candidates.AsSpan().SequenceEqual(row.Candidates);

    /// <summary>All variants that reached the customer, blocked ones as well: how the policy's cells are named.</summary>
    private static string EligibleOf(AssignmentRow row) => string.Join('|', row.Candidates.Where(c => c.Treatment.Length > 0).Select(c => c.Treatment));

    private static List<ExplainedCandidate> Candidates(RunFrame frame, PolicyCell? cell, AssignmentRow row)
    {
        var learnt = cell?.NothingBest is not null;
        var all = new List<ExplainedCandidate> { new("", row.Candidates[0].PartsPerMillion, cell?.NothingBest, learnt ? 0 : null, null, null, null) };
        foreach (var treatment in frame.Inputs.Campaign.Treatments)
        {
            var own = Array.FindIndex(row.Candidates, c => string.Equals(c.Treatment, treatment.Id, StringComparison.Ordinal));
            if (own < 0)
            {
                all.Add(new(treatment.Id, 0, null, null, null, null, Absent(frame, treatment, row.Segment)));
                continue;
            }

            var parts = row.Candidates[own].PartsPerMillion;
            var arm = Array.Find(cell?.Arms ?? [], a => string.Equals(a.Treatment, treatment.Id, StringComparison.Ordinal));
            all.Add(learnt
                ? new(treatment.Id, parts, arm.Best, arm.ProfitMinor, arm.LowMinor, arm.HighMinor, arm.Blocked ?? NoShare(parts))
                : new(treatment.Id, parts, null, null, null, null, arm.Blocked ?? NoShare(parts)));
        }

        return all;
    }

    private static string? NoShare(int parts) => parts == 0 ? "its probability was 0" : null;

    private static string Absent(RunFrame frame, Treatment treatment, string segment) =>
        !treatment.FitsSegment(segment) ? "not meant for the segment"
        : frame.Inputs.StrategyOf(segment) == Strategy.Fixed ? "the first variant that reaches the customer is sent"
        : "it did not reach the customer: none of its channels was open, or its own conditions did not hold";

    private static IReadOnlyList<string> BindingOf(RunFrame frame, PolicyTable? policy) =>
        frame.Weighing?.Report?.Binding is { Length: > 0 } binding ? binding
        : policy?.Policy == ConstrainedPolicy.SharesName ? ["stock"]
        : [];
}
