namespace Campaigns.Core.Segments.Rules;

/// <summary>
/// Counts, while customers are classified, how often each condition held and how often it decided: whether the customer's
/// membership would have been another one without it. In "all" a condition can only keep out, in "any" it can only let in: one
/// that always holds in "all" decides nothing. Sums of integers, so buckets merge
/// exactly. One per thread. Dearer than classifying, since nothing is cut short: count a sample where there are many customers.
/// </summary>
public sealed class ConditionCounts(CompiledScheme scheme)
{
    private const int PerCondition = 2;

    private readonly long[] counts = new long[PerCondition * Size(scheme)];
    private long customers;

    /// <summary>Counts a customer.</summary>
    public void Add(in CustomerFacts facts)
    {
        customers++;
        var matched = scheme.Matched(facts);
        var at = 0;
        foreach (var rule in scheme.Rules)
        {
            Count(rule, facts, matched, turns: true, decides: true, ref at);
        }
    }

    /// <summary>Adds what another counted for the same scheme.</summary>
    public void Merge(ReadOnlySpan<long> other)
    {
        if (other.Length != counts.Length + 1)
        {
            throw new ArgumentException("These counts are of another scheme.", nameof(other));
        }

        customers += other[0];
        for (var i = 0; i < counts.Length; i++)
        {
            counts[i] += other[i + 1];
        }
    }

    /// <summary>What was counted, for <see cref="Merge"/>.</summary>
    public long[] ToArray() => [customers, .. counts];

    /// <summary>What was counted, condition by condition.</summary>
    public IReadOnlyList<ConditionCount> ToList()
    {
        var list = new List<ConditionCount>();
        for (var i = 0; i < scheme.Rules.Count; i++)
        {
            foreach (var condition in Walk(scheme.Rules[i]))
            {
                var at = PerCondition * list.Count;
                list.Add(new ConditionCount(scheme.Scheme.SegmentIds[i], condition.Path, customers, counts[at], counts[at + 1]));
            }
        }

        return list;
    }

    private static int Size(CompiledScheme scheme) => scheme.Rules.Sum(r => Walk(r).Count());

    private static IEnumerable<Condition> Walk(Condition condition) => condition.Below.SelectMany(Walk).Prepend(condition);

    /// <summary>1 where a part that comes out so settles "all" (it fails) or "any" (it holds) by itself.</summary>
    private static int Against(Condition condition, bool holds) => condition is AllCondition ? (holds ? 0 : 1) : condition is AnyCondition && holds ? 1 : 0;

    /// <param name="condition">Condition.</param>
    /// <param name="facts">Customer.</param>
    /// <param name="matched">Segments that match the customer.</param>
    /// <param name="turns">Had it come out the other way, the membership would be another.</param>
    /// <param name="decides">Without it, the membership would be another.</param>
    /// <param name="at">Its place.</param>
    private void Count(Condition condition, in CustomerFacts facts, ulong matched, bool turns, bool decides, ref int at)
    {
        var index = at;
        at += PerCondition;
        counts[index] += condition.Holds(facts, matched) ? 1 : 0;
        counts[index + 1] += decides ? 1 : 0;
        var below = condition.Below;
        var against = 0;
        foreach (var one in below)
        {
            against += Against(condition, one.Holds(facts, matched));
        }

        // One of "all" turns it where the others hold, one of "any" where the others fail: where no other stands against it.
        // Leaving it out changes something only where it is the one that fails, or holds.
        foreach (var one in below)
        {
            var own = Against(condition, one.Holds(facts, matched));
            var turning = turns && against == own;
            Count(one, facts, matched, turning, turning && (own == 1 || below.Length == 1), ref at);
        }
    }
}

/// <summary>What was counted of a condition.</summary>
/// <param name="Segment">Id of the segment.</param>
/// <param name="Path">Where the condition stands in the scheme's JSON.</param>
/// <param name="Customers">Customers counted.</param>
/// <param name="Held">Of them, those of whom it held.</param>
/// <param name="Decided">Of them, those whose membership it decided. 0: it could be left out, as far as these customers go.</param>
public readonly record struct ConditionCount(string Segment, string Path, long Customers, long Held, long Decided);
