namespace Campaigns.Core.Segments.Rules;

/// <summary>Finds segments that an order ends: those whose rule needs silence, so that writing "we miss you" to who has just ordered would be absurd. Pure over the rules.</summary>
public static class SilenceRule
{
    /// <summary>Fields that an order sets back to 0: conditions that ask for much of them need silence.</summary>
    private static readonly HashSet<string> Grows = new(StringComparer.Ordinal) { "days_since_last_order", "silence_ratio" };

    /// <summary>Fields that an order raises to their top: conditions that ask for little of them need silence.</summary>
    private static readonly HashSet<string> Falls = new(StringComparer.Ordinal) { "last_order_at", "rfm.recency" };

    /// <summary>Ids of the scheme's segments that need silence, by priority: no way into them is open to who has just ordered.</summary>
    public static IReadOnlyList<string> SegmentsOf(SegmentScheme scheme) => [.. scheme.Segments.Where(s => Needs(scheme, s.Rule, negated: false)).Select(s => s.Id)];

    /// <summary>Ends, since a valid scheme has no circles.</summary>
    private static bool Needs(SegmentScheme scheme, Rule rule, bool negated) => rule switch
    {
        Rule.Not not => Needs(scheme, not.Inner, !negated),
        // Of what must hold together one part is enough; of alternatives every one must need it. "Not" changes the one into the other.
        Rule.All all => negated ? all.Rules.All(r => Needs(scheme, r, negated)) : all.Rules.Any(r => Needs(scheme, r, negated)),
        Rule.Any any => negated ? any.Rules.Any(r => Needs(scheme, r, negated)) : any.Rules.All(r => Needs(scheme, r, negated)),
        Rule.InSegment asked => scheme.IndexOf(asked.Segment) is >= 0 and var index && Needs(scheme, scheme.Segments[index].Rule, negated),
        Rule.Compare compare => AsksForSilence(compare.Field, compare.Comparison, negated),
        // Not in the last days is silence; so is a lower limit of days. A limit of 0 would be none, which nobody writes.
        Rule.Within { Field: "last_order_at", Ahead: false, EveryYear: false } => negated,
        Rule.Between between => !negated && Grows.Contains(between.Field),
        _ => false,
    };

    private static bool AsksForSilence(string field, Comparison comparison, bool negated) => comparison switch
    {
        Comparison.Above or Comparison.AtLeast => (negated ? Falls : Grows).Contains(field),
        Comparison.Below or Comparison.AtMost => (negated ? Grows : Falls).Contains(field),
        _ => false,
    };
}
