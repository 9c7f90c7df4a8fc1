namespace Campaigns.Core.Segments.Rules;

/// <summary>Makes sentences of conditions, for segments that bring no words of their own.</summary>
internal static class SegmentReasons
{
    /// <summary>Conditions in a sentence: more could not be read; the list of all stands beside it.</summary>
    private const int Most = 4;

    /// <summary>Adds the condition and all below it, from the top.</summary>
    public static void List(Condition condition, in CustomerFacts facts, ulong matched, List<ExplainedCondition> all)
    {
        all.Add(new ExplainedCondition(
            condition.Path, condition.Depth, condition.Words(facts), condition.Actual(facts), condition.ActualWords(facts), condition.Holds(facts, matched)));
        foreach (var below in condition.Below)
        {
            List(below, facts, matched, all);
        }
    }

    /// <summary>What holds: "orders 5 (at least 3), days since last order 12 (at most 30)".</summary>
    public static string Held(Condition condition, in CustomerFacts facts, ulong matched)
    {
        var parts = new List<string>();
        Gather(condition, facts, matched, wanted: true, negated: false, parts);
        return Join(parts, ", ");
    }

    /// <summary>What does not hold, though it would have to.</summary>
    public static string Missing(Condition condition, in CustomerFacts facts, ulong matched)
    {
        var parts = new List<string>();
        Gather(condition, facts, matched, wanted: false, negated: false, parts);
        return Join(parts, condition is AnyCondition ? " and " : ", ");
    }

    /// <summary>The single conditions on which it rests that the condition is <paramref name="wanted"/>.</summary>
    private static void Gather(Condition condition, in CustomerFacts facts, ulong matched, bool wanted, bool negated, List<string> parts)
    {
        if (condition is NotCondition)
        {
            Gather(condition.Below[0], facts, matched, !wanted, !negated, parts);
            return;
        }

        if (condition.Below.Length == 0)
        {
            parts.Add(Single(condition, facts, negated));
            return;
        }

        // "All" that holds rests on every part, "any" that holds on the first that does; where they fail it is the other way round.
        foreach (var below in condition.Below)
        {
            if (below.Holds(facts, matched) != wanted)
            {
                continue;
            }

            Gather(below, facts, matched, wanted, negated, parts);
            if (condition is AnyCondition == wanted)
            {
                return;
            }
        }
    }

    private static string Single(Condition condition, in CustomerFacts facts, bool negated)
    {
        var words = condition.Words(facts);
        var colon = words.IndexOf(": ", StringComparison.Ordinal);
        return colon < 0
            ? (negated ? "not " : "") + words
            : $"{words[..colon]} {condition.ActualWords(facts)} ({(negated ? "not " : "")}{words[(colon + 2)..]})";
    }

    private static string Join(List<string> parts, string separator) =>
        parts.Count > Most ? string.Join(separator, parts.Take(Most)) + ", …" : string.Join(separator, parts);
}
