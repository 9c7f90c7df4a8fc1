using System.Collections.Concurrent;
using Campaigns.Core.Offers.Learning;

namespace Campaigns.Core.Planning;

/// <summary>The probabilities that a customer's draw is made with: those of the run's policy, or all variants alike where it has none.</summary>
internal sealed class Choices(PolicyTable? policy, int holdoutPartsPerMillion)
{
    private readonly ConcurrentDictionary<(string Segment, string Eligible), Candidate[]> known = [];

    /// <summary>Nothing first, then the variants as they stand; they sum to 10⁶. Nothing has 10⁶ where every variant is blocked.</summary>
    public Candidate[] Of(string segment, IReadOnlyList<ReachableTreatment> treatments)
    {
        var eligible = treatments.Count == 1 ? treatments[0].Treatment.Id : string.Join('|', treatments.Select(t => t.Treatment.Id));
        return known.TryGetValue((segment, eligible), out var found) ? found : known.GetOrAdd((segment, eligible), Make(segment, eligible, treatments));
    }

    private Candidate[] Make(string segment, string eligible, IReadOnlyList<ReachableTreatment> treatments)
    {
        if (policy?.Find(segment, eligible) is { } cell)
        {
            return [new Candidate("", cell.NothingPartsPerMillion), .. cell.Arms.Select(a => new Candidate(a.Treatment, a.PartsPerMillion))];
        }

        // Of more variants than the policy foresees combinations of, the segment's fullest cell is cut down to those that reach
        // the customer: what the others had goes to nothing and to them, in proportion.
        var fullest = policy?.Cells.Where(c => string.Equals(c.Segment, segment, StringComparison.Ordinal)).MaxBy(c => c.Arms.Length);
        if (fullest is null)
        {
            return Assignment.Probabilities(treatments, holdoutPartsPerMillion);
        }

        var weights = new long[treatments.Count + 1];
        weights[0] = fullest.NothingPartsPerMillion;
        for (var i = 0; i < treatments.Count; i++)
        {
            var id = treatments[i].Treatment.Id;
            weights[i + 1] = Array.Find(fullest.Arms, a => string.Equals(a.Treatment, id, StringComparison.Ordinal)).PartsPerMillion;
        }

        var parts = PartsPerMillion.Deal(weights, Primitives.StableHash.Million);
        return [new Candidate("", parts[0]), .. treatments.Select((t, i) => new Candidate(t.Treatment.Id, parts[i + 1]))];
    }
}
