using Campaigns.Core.Ingest;
using Campaigns.Core.Profiles;
using Campaigns.Core.Segments.Rules;

namespace Campaigns.Core.Segments;

/// <summary>
/// Classifies customers by a scheme, the shop's parameters and what people decided by hand: the one way in which a recompute,
/// an order that arrives, a placement and a preview do it. Pure.
/// </summary>
public sealed class Classifier(CompiledScheme scheme, SegmentParameters parameters, DateTimeOffset asOf)
{
    /// <summary>The scheme.</summary>
    public CompiledScheme Compiled => scheme;

    /// <summary>The scheme.</summary>
    public SegmentScheme Scheme => scheme.Scheme;

    /// <summary>Some rule or score looks at the products that a customer bought: where none does, they need not be decoded.</summary>
    internal bool AsksForProducts => !parameters.DiscountsKnown
        || RuleTree.FieldsOf(scheme.Scheme).Any(f => f.StartsWith(ProductFields.Prefix, StringComparison.Ordinal));

    /// <summary>Business time that customers are classified for.</summary>
    public DateTimeOffset AsOf => asOf;

    /// <summary>What rules may ask about the customer. Who objects to profiling has no history and no scores here, and is kept out of segments that rest on them, unless somebody placed it there.</summary>
    public CustomerFacts FactsOf(PurchaseHistory? history, CustomerRow? customer, PlacementRow? placements)
    {
        var (placed, keptOut) = placements is null ? default : ByHand(placements);
        if (customer?.ObjectsToProfiling == true)
        {
            (history, keptOut) = (null, new SegmentSet(keptOut.Bits | (scheme.Profiling.Bits & ~placed.Bits)));
        }

        return new CustomerFacts
        {
            History = history,
            Customer = customer,
            Shop = parameters,
            AsOf = asOf,
            Scores = history is null || parameters.Model is null ? default : parameters.Model.Score(history, asOf, parameters.UsualPrices),
            Placed = placed,
            KeptOut = keptOut,
        };
    }

    /// <summary>The customer's segments.</summary>
    public SegmentSet Classify(PurchaseHistory? history, CustomerRow? customer, PlacementRow? placements)
    {
        var facts = FactsOf(history, customer, placements);
        return scheme.Classify(facts);
    }

    /// <summary>The customer's memberships after classification, or null where nothing changes.</summary>
    public MembershipRow? Change(MembershipRow? row, SegmentSet set) => MembershipChange.Apply(row, scheme.Scheme, set, asOf);

    /// <summary>Why the customer is in the segment, or is not. What was decided by hand is said first.</summary>
    public SegmentExplanation Explain(PurchaseHistory? history, CustomerRow? customer, PlacementRow? placements, string segment)
    {
        var facts = FactsOf(history, customer, placements);
        var explained = scheme.Explain(facts, segment);
        return placements?.Of(segment, asOf) is { } placement ? explained with { Reason = placement.InWords() }
            : customer?.ObjectsToProfiling == true && scheme.Profiling.Contains(Scheme.IndexOf(segment)) ? explained with { Reason = "the customer objects to profiling" }
            : explained;
    }

    /// <summary>The reason for every membership, by priority.</summary>
    public IReadOnlyList<MembershipReason> Reasons(PurchaseHistory? history, CustomerRow? customer, PlacementRow? placements)
    {
        var facts = FactsOf(history, customer, placements);
        return [.. scheme.Reasons(facts).Select(r => placements?.Of(r.Segment, asOf) is { } placement ? r with { Reason = placement.InWords() } : r)];
    }

    private (SegmentSet Placed, SegmentSet KeptOut) ByHand(PlacementRow placements)
    {
        var (placed, keptOut) = (default(SegmentSet), default(SegmentSet));
        foreach (var placement in placements.All)
        {
            if (placement.HoldsAt(asOf) && scheme.Scheme.IndexOf(placement.Segment) is >= 0 and var index)
            {
                (placed, keptOut) = placement.Member ? (placed.With(index), keptOut) : (placed, keptOut.With(index));
            }
        }

        return (placed, keptOut);
    }
}
