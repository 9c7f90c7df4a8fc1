using Campaigns.Core.Primitives;
using MathNet.Numerics.Distributions;

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

    /// <summary>An arm is blocked where the chance that it earns anything is below this. Looked at anew in every run, so stricter than the usual 5 %.</summary>
    private const double BlockBelow = 0.01;

    /// <summary>Share of complaints above which mailbox providers refuse bulk senders (Google's and Yahoo's requirements of 2024).</summary>
    private const double ComplaintLimit = 0.003;

    /// <summary>Share of unsubscribes that no profit of one run makes good: several times the usual 0.2 %.</summary>
    private const double UnsubscribeLimit = 0.02;

    /// <summary>Variants up to which every combination of eligible variants is foreseen: 31 cells per segment.</summary>
    private const int FullyForeseen = 5;

    /// <summary>Evidence, terms → table. Without any conversion yet all variants share equally what the holdout leaves.</summary>
    /// <param name="evidence">Runs whose outcome windows have closed. Empty for the first.</param>
    /// <param name="economics">Of every variant; ids distinct.</param>
    /// <param name="wanted">Cells of the run: see <see cref="Foresee"/>. Each variant in them must be in <paramref name="economics"/>.</param>
    /// <param name="terms">Floors and seed.</param>
    public static PolicyTable Choose(
        IReadOnlyCollection<RunEvidence> evidence, IReadOnlyCollection<ArmEconomics> economics, IReadOnlyCollection<WantedCell> wanted, PolicyTerms terms)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(terms.HoldoutPartsPerMillion);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(terms.HoldoutPartsPerMillion, StableHash.Million / 2);
        ArgumentOutOfRangeException.ThrowIfNegative(terms.FloorPartsPerMillion);
        var byArm = economics.OrderBy(e => e.Treatment, StringComparer.Ordinal).ToArray();
        var segments = wanted.Select(w => w.Segment).Concat(evidence.SelectMany(e => e.Cells).Select(c => c.Segment)).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal).ToArray();
        var sums = new HurdleSums(evidence, segments, Array.ConvertAll(byArm, e => e.Treatment));
        var posterior = sums.All.Conversions > 0 ? new HurdlePosterior(sums, terms.Seed) : null;
        return new PolicyTable
        {
            Policy = Name,
            Seed = terms.Seed,
            Runs = sums.Runs,
            Cells = [.. wanted
                .Select(w => (Cell: w, Key: HurdleSums.CanonicalEligible(w.Eligible)))
                .OrderBy(w => w.Cell.Segment, StringComparer.Ordinal).ThenBy(w => w.Key, StringComparer.Ordinal)
                .Select(w => Cell(w.Cell, w.Key, byArm, sums, posterior, terms))],
        };
    }

    /// <summary>Every cell that a run can meet: all combinations of up to five variants; above that all variants together and each alone.</summary>
    public static IEnumerable<WantedCell> Foresee(IEnumerable<string> segments, IReadOnlyList<string> treatments)
    {
        var sets = treatments.Count <= FullyForeseen
            ? Enumerable.Range(1, (1 << treatments.Count) - 1).Select(set => treatments.Where((_, i) => (set >> i & 1) == 1).ToArray())
            : treatments.Select(t => (string[])[t]).Append([.. treatments]);
        var all = sets.ToList();
        return segments.SelectMany(segment => all.Select(set => new WantedCell(segment, set)));
    }

    private static PolicyCell Cell(WantedCell wanted, string key, ArmEconomics[] economics, HurdleSums sums, HurdlePosterior? posterior, PolicyTerms terms)
    {
        // In ordinal order throughout, and listed as wanted at the end.
        var ids = wanted.Eligible.Order(StringComparer.Ordinal).ToArray();
        var places = Array.ConvertAll(ids, id => Array.BinarySearch(sums.Arms, id, StringComparer.Ordinal));
        if (ids.Length == 0 || Array.Exists(places, p => p < 0))
        {
            throw new ArgumentException($"The cell {wanted.Segment}: {key} names no variant, or one whose economics are not given.", nameof(wanted));
        }

        var terse = Array.ConvertAll(places, p => economics[p]);
        var segment = Array.BinarySearch(sums.Segments, wanted.Segment, StringComparer.Ordinal);
        var profit = posterior?.Profit(segment, key, places, terse);
        var blocked = new string?[ids.Length];
        for (var a = 0; a < ids.Length; a++)
        {
            blocked[a] = Refused(sums, places[a]) ?? (profit is null ? null : Loses(profit[a]));
        }

        var best = profit is null ? blocked.Select(b => b is null ? 1L : 0).Prepend(Array.TrueForAll(blocked, b => b is not null) ? 1 : 0).ToArray() : Best(profit, blocked);
        var parts = Parts(best, blocked, terms);
        var draws = best.Sum();
        var arms = ids.Select((id, a) => Arm(id, parts[a + 1], (double)best[a + 1] / draws, profit?[a], blocked[a])).ToDictionary(a => a.Treatment, StringComparer.Ordinal);
        return new PolicyCell
        {
            Segment = wanted.Segment,
            Eligible = string.Join('|', wanted.Eligible),
            NothingPartsPerMillion = parts[0],
            NothingBest = profit is null ? null : (double)best[0] / draws,
            Arms = Array.ConvertAll(wanted.Eligible, id => arms[id]),
        };
    }

    /// <summary>In how many draws each arm is best, nothing first; nothing earns 0 and wins where nobody earns more.</summary>
    private static long[] Best(double[][] profit, string?[] blocked)
    {
        var best = new long[profit.Length + 1];
        for (var draw = 0; draw < HurdlePosterior.Draws; draw++)
        {
            var (winner, most) = (0, 0.0);
            for (var a = 0; a < profit.Length; a++)
            {
                if (blocked[a] is null && profit[a][draw] > most)
                {
                    (winner, most) = (a + 1, profit[a][draw]);
                }
            }

            best[winner]++;
        }

        return best;
    }

    private static int[] Parts(long[] best, string?[] blocked, PolicyTerms terms)
    {
        var open = blocked.Count(b => b is null);
        // Floors never take more than half, so that with the largest holdout all still fits.
        var floor = open == 0 ? 0 : Math.Min(terms.FloorPartsPerMillion, StableHash.Million / 2 / open);
        var parts = PartsPerMillion.Deal(best, StableHash.Million - terms.HoldoutPartsPerMillion - (open * floor));
        parts[0] += terms.HoldoutPartsPerMillion;
        for (var a = 0; a < blocked.Length; a++)
        {
            parts[a + 1] += blocked[a] is null ? floor : 0;
        }

        return parts;
    }

    private static PolicyArm Arm(string id, int parts, double best, double[]? profit, string? blocked)
    {
        if (profit is null)
        {
            return new PolicyArm(id, parts, best, Blocked: blocked);
        }

        var mean = profit.Average();
        Array.Sort(profit);
        return new PolicyArm(id, parts, best, mean, profit[HurdlePosterior.Draws / 20], profit[HurdlePosterior.Draws - 1 - (HurdlePosterior.Draws / 20)], blocked);
    }

    private static string? Loses(double[] profit)
    {
        var earns = profit.Count(p => p > 0);
        return earns < BlockBelow * profit.Length
            ? "loses money against sending nothing: the chance that it earns anything is below 1 %"
            : null;
    }

    /// <summary>One-sided 95 % bounds of Beta(x + ½, n − x + ½): Jeffreys' prior for a share (Brown, Cai and DasGupta 2001).</summary>
    private static string? Refused(HurdleSums sums, int arm)
    {
        var totals = sums.All.Totals[arm];
        return CrediblyAbove(totals.Complaints, totals.Customers, ComplaintLimit) ? "too many complaints: more than 0.3 % of its recipients, beyond doubt"
            : CrediblyAbove(totals.Unsubscribes, totals.Customers, UnsubscribeLimit) ? "too many unsubscribes: more than 2 % of its recipients, beyond doubt"
            : null;
    }

    private static bool CrediblyAbove(long count, long customers, double limit) =>
        count > limit * customers && Beta.CDF(count + 0.5, customers - count + 0.5, limit) < 0.05;
}
