namespace Campaigns.Core.Segments.Rules;

/// <summary>A scheme made ready to classify customers. Immutable, for any number of threads.</summary>
public sealed class CompiledScheme
{
    /// <summary>Compiles a valid scheme. Throws <see cref="ArgumentException"/> with the first fault of one that is not.</summary>
    /// <param name="scheme">The scheme: see <see cref="SchemeJson.Parse"/>.</param>
    /// <param name="catalogue">The workspace's fields; the scheme's own attributes and derived fields are added.</param>
    public CompiledScheme(SegmentScheme scheme, FieldCatalogue catalogue)
    {
        Scheme = scheme;
        Catalogue = catalogue;
    }

    /// <summary>The scheme.</summary>
    public SegmentScheme Scheme { get; }

    /// <summary>The fields that its rules may ask for.</summary>
    public FieldCatalogue Catalogue { get; }

    /// <summary>The customer's segments: all whose rules hold or in which it was placed by hand; where the scheme is exclusive, the first of those alone.</summary>
    public SegmentSet Classify(in CustomerFacts facts) =>
        facts.History is null ? default : Classification.Classify(facts.History, facts.Shop, facts.AsOf);

    /// <summary>Why a customer is in the segment, or is not: every condition with the actual value, and one sentence.</summary>
    public SegmentExplanation Explain(in CustomerFacts facts, string segment) => throw new NotSupportedException();
}

/// <summary>Why a customer is in a segment, or is not.</summary>
/// <param name="Segment">Id of the segment.</param>
/// <param name="Member">The customer is in it.</param>
/// <param name="Reason">One sentence for a member ("at risk: 94 days since the last order, usual gap 31; leaves by ordering"); else what is missing.</param>
/// <param name="Conditions">Every condition of the rule, in order.</param>
public sealed record SegmentExplanation(string Segment, bool Member, string Reason, IReadOnlyList<ExplainedCondition> Conditions);

/// <summary>A condition and what it found.</summary>
/// <param name="Path">Where it stands in the scheme's JSON.</param>
/// <param name="Depth">How deep it stands below the rule: 0 … .</param>
/// <param name="Text">The condition in words, with the limit as it is for this customer.</param>
/// <param name="Actual">The customer's value; unknown for "all", "any" and the like.</param>
/// <param name="ActualText">The value in words: "94 days", "unknown", "" where there is none.</param>
/// <param name="Holds">It holds.</param>
public sealed record ExplainedCondition(string Path, int Depth, string Text, FieldValue Actual, string ActualText, bool Holds);
