using Campaigns.Core.Primitives;
using Campaigns.Core.Segments.Rules;

namespace Campaigns.Core.Segments;

/// <summary>Counts conditions on a sample of the customers, chosen by a hash of their keys, so that it is the same whatever the buckets.</summary>
internal sealed class ConditionSample(Classifier classifier, long customers)
{
    /// <summary>Customers sampled, about: a condition that decides about one in a thousand is then missed once in 150.</summary>
    public const int Wanted = 5_000;

    private readonly ulong bound = customers <= Wanted ? ulong.MaxValue : (ulong)(ulong.MaxValue * ((double)Wanted / customers));

    /// <summary>What was counted.</summary>
    public ConditionCounts Counts { get; } = new(classifier.Compiled);

    /// <summary>Counts the customer if it is in the sample.</summary>
    public void Add(string key, in CustomerFacts facts)
    {
        if (bound == ulong.MaxValue || StableHash.Of("conditions", key) < bound)
        {
            Counts.Add(facts);
        }
    }
}
