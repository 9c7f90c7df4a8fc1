using Campaigns.Core.Primitives;
using Campaigns.Core.Segments.Rules;

namespace Campaigns.Core.Segments;

/// <summary>About so many of the customers, by a hash of their keys: the same ones whatever the buckets. All where there are not more.</summary>
internal readonly struct CustomerSample(string purpose, int wanted, long customers)
{
    private readonly ulong bound = customers <= wanted ? ulong.MaxValue : (ulong)(ulong.MaxValue * ((double)wanted / customers));

    /// <summary>The customer with this key is in the sample.</summary>
    public bool Holds(string key) => bound == ulong.MaxValue || StableHash.Of(purpose, key) < bound;

    /// <summary>The same for a key in ASCII.</summary>
    public bool Holds(ReadOnlySpan<byte> key) => bound == ulong.MaxValue || Holds(System.Text.Encoding.ASCII.GetString(key));
}

/// <summary>Counts conditions on a sample of the customers, chosen by a hash of their keys, so that it is the same whatever the buckets.</summary>
internal sealed class ConditionSample(Classifier classifier, long customers)
{
    /// <summary>Customers sampled, about: a condition that decides about one in a thousand is then missed once in 150.</summary>
    public const int Wanted = 5_000;

    private readonly CustomerSample sample = new("conditions", Wanted, customers);

    /// <summary>What was counted.</summary>
    public ConditionCounts Counts { get; } = new(classifier.Compiled);

    /// <summary>Counts the customer if it is in the sample.</summary>
    public void Add(string key, in CustomerFacts facts)
    {
        if (sample.Holds(key))
        {
            Counts.Add(facts);
        }
    }
}
