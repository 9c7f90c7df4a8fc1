using Campaigns.Core.Segments;
using Campaigns.Core.Segments.Rules;

namespace Campaigns.Core.Tests.Segments;

/// <summary>Sets of the retail scheme by the names of its segments.</summary>
internal static class RetailSets
{
    extension(SegmentSet set)
    {
        public string Primary => RetailScheme.Scheme.PrimaryOf(set);

        public IReadOnlyList<string> Names => RetailScheme.Scheme.IdsOf(set);

        public bool Contains(string segment) => set.Contains(RetailScheme.Scheme.IndexOf(segment));
    }
}
