using Campaigns.Core.Profiles;

namespace Campaigns.Core.Segments.Rules;

/// <summary>Says what a valid scheme probably does not mean: segments that nobody can be in, scores of recency and frequency that no segment holds. Pure over the rules, so it needs no customers.</summary>
public static class SchemeAdvice
{
    /// <summary>
    /// Advice, segment by segment: the rule contradicts itself; or whoever it fits fits an earlier one, so that the segment has no
    /// members (where the scheme is exclusive) or is nobody's primary one. It finds identical rules and conditions that imply others
    /// by the values that single fields may have; what it does not say may still be so.
    /// </summary>
    public static IReadOnlyList<SchemeFault> Of(SegmentScheme scheme, FieldCatalogue catalogue)
    {
        var advice = new List<SchemeFault>();
        var terms = new RuleTerms(scheme, catalogue.With(scheme.Attributes));
        var earlier = new List<(int Index, IReadOnlyList<Term> Terms)>();
        for (var i = 0; i < scheme.Segments.Count; i++)
        {
            if (terms.Of(scheme.Segments[i].Rule) is not { } own)
            {
                continue; // Too many alternatives to reason about.
            }

            var path = $"$.segments[{i}].rule";
            if (own.All(t => t.IsEmpty))
            {
                advice.Add(new SchemeFault(path, $"nobody can be in '{scheme.Segments[i].Id}': its conditions contradict each other"));
                continue;
            }

            if (Cover(own.Where(t => !t.IsEmpty), earlier) is { } owner)
            {
                var name = owner < 0 ? "several earlier ones together" : $"'{scheme.Segments[owner].Id}'";
                advice.Add(new SchemeFault(path, scheme.Exclusive
                    ? $"nobody can be in '{scheme.Segments[i].Id}': {name} before it {(owner < 0 ? "take" : "takes")} all whom it fits. Move it up, or narrow what stands before it"
                    : $"'{scheme.Segments[i].Id}' is nobody's primary segment: all whom it fits are in {name} before it, so no campaign would address them by it. Move it up, or narrow what stands before it"));
            }

            earlier.Add((i, own));
        }

        if (RfmCoverage.Uncovered(scheme, catalogue.Rfm) is { Count: > 0 } cells)
        {
            advice.Add(new SchemeFault("$.segments", $"customers with these scores of recency (R) and frequency (F) can be in no segment: {RfmCoverage.InWords(cells)}. Widen a segment, or add one for them"));
        }

        AddScores(scheme, catalogue.Rfm, advice);
        return advice;
    }

    /// <summary>Conditions on scores that nobody can have and on names that no cell of the map has: they never hold.</summary>
    private static void AddScores(SegmentScheme scheme, RfmSettings settings, List<SchemeFault> advice)
    {
        var map = settings.ToMap();
        var names = map?.Rules.Select(r => r.Name).Distinct(StringComparer.OrdinalIgnoreCase).ToList() ?? [];
        for (var i = 0; i < scheme.Segments.Count; i++)
        {
            foreach (var (rule, path) in RuleTree.Walk(scheme.Segments[i].Rule, $"$.segments[{i}].rule"))
            {
                if (RfmCoverage.Beyond(rule, scheme, settings) is { } most)
                {
                    advice.Add(new SchemeFault(path, $"scores go from 1 to {most} here, so that this never holds: customers are cut into {most} bins of it"));
                }

                foreach (var name in RfmCoverage.CellsAskedFor(rule).Where(n => !names.Contains(n, StringComparer.OrdinalIgnoreCase)))
                {
                    advice.Add(new SchemeFault(path, map is null
                        ? "no cell has a name: this workspace cuts recency and frequency otherwise than in fifths and has no map of its own. Give it one, or ask for rfm.recency and rfm.frequency"
                        : $"no cell of the map is called '{name}', so that this never holds. There are {string.Join(", ", names)}"));
                }
            }
        }
    }

    /// <summary>The earlier segment that covers all the terms, −1 where it takes several, null where they are not covered.</summary>
    private static int? Cover(IEnumerable<Term> own, List<(int Index, IReadOnlyList<Term> Terms)> earlier)
    {
        var owners = new HashSet<int>();
        foreach (var term in own)
        {
            if (earlier.FirstOrDefault(e => e.Terms.Any(term.Implies), (-1, [])) is { Index: >= 0 } one)
            {
                owners.Add(one.Index);
            }
            else if (term.IsCoveredBySingles(earlier.SelectMany(e => e.Terms)))
            {
                owners.Add(-1);
            }
            else
            {
                return null;
            }
        }

        return owners.Count == 1 ? owners.First() : -1;
    }
}
