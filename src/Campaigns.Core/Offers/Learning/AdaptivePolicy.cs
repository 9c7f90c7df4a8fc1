namespace Campaigns.Core.Offers.Learning;

/// <summary>
/// From closed runs to the probabilities of the next: π = floors + (1 − Σ floors) · P(arm is best), where nothing is an arm whose
/// floor is the holdout share. Thompson (1933), Biometrika 25, 285–294, for whole cells at once. Pure: the same evidence, terms and
/// seed give the same table, in whatever order runs, segments and variants are listed.
/// </summary>
public static class AdaptivePolicy
{
    /// <summary>Name of this rule in <see cref="PolicyTable.Policy"/>: changes with any change of what it chooses.</summary>
    public const string Name = "adaptive-1";

    /// <summary>Variants up to which every combination of eligible variants is foreseen: 31 cells per segment.</summary>
    private const int FullyForeseen = 5;

    /// <summary>Evidence, terms → table. Without any conversion yet all variants share equally what the holdout leaves.</summary>
    /// <param name="evidence">Runs whose outcome windows have closed. Empty for the first.</param>
    /// <param name="economics">Of every variant; ids distinct.</param>
    /// <param name="wanted">Cells of the run: see <see cref="Foresee"/>. Each variant in them must be in <paramref name="economics"/>.</param>
    /// <param name="terms">Floors and seed.</param>
    public static PolicyTable Choose(
        IReadOnlyCollection<RunEvidence> evidence, IReadOnlyCollection<ArmEconomics> economics, IReadOnlyCollection<WantedCell> wanted, PolicyTerms terms) =>
        new PolicyOutlook(evidence, economics, wanted, terms).At(PolicyPrices.None);

    /// <summary>Every cell that a run can meet: all combinations of up to five variants; above that all variants together and each alone.</summary>
    public static IEnumerable<WantedCell> Foresee(IEnumerable<string> segments, IReadOnlyList<string> treatments)
    {
        var sets = treatments.Count <= FullyForeseen
            ? Enumerable.Range(1, (1 << treatments.Count) - 1).Select(set => treatments.Where((_, i) => (set >> i & 1) == 1).ToArray())
            : treatments.Select(t => (string[])[t]).Append([.. treatments]);
        var all = sets.ToList();
        return segments.SelectMany(segment => all.Select(set => new WantedCell(segment, set)));
    }
}
