using Campaigns.Core.Primitives;
using MathNet.Numerics.Distributions;

namespace Campaigns.Core.Offers.Learning;

/// <summary>What a constraint makes things cost beside money: see <see cref="PolicyOutlook.At"/>.</summary>
/// <param name="Spend">Per minor unit that is spent (sending, discounts, benefits), ≥ 0.</param>
/// <param name="PerMessage">Per message of a variant, minor units, ≥ 0; a variant that is not there costs nothing more.</param>
public sealed record PolicyPrices(double Spend, IReadOnlyDictionary<string, double> PerMessage)
{
    /// <summary>Nothing is short.</summary>
    public static readonly PolicyPrices None = new(0, new Dictionary<string, double>());
}

/// <summary>What a number of customers is expected to be given and sent, minor units.</summary>
/// <param name="Mean">Expected.</param>
/// <param name="StandardDeviation">From what is not known of the offers, and from chance.</param>
public readonly record struct SpendForecast(double Mean, double StandardDeviation)
{
    /// <summary>95 % of all outcomes lie below, by the normal approximation.</summary>
    public double Upper => Mean + (1.6449 * StandardDeviation);
}

/// <summary>
/// What is known of every cell of a run, from which its probabilities follow at any prices of what is short. One joint set of
/// draws serves all prices, so that a dearer budget never makes anybody's offer more costly by luck.
/// </summary>
public sealed class PolicyOutlook
{
    /// <summary>An arm is blocked where the chance that it earns anything is below this. Looked at anew in every run, so stricter than the usual 5 %.</summary>
    private const double BlockBelow = 0.01;

    /// <summary>Share of complaints above which mailbox providers refuse bulk senders (Google's and Yahoo's requirements of 2024).</summary>
    private const double ComplaintLimit = 0.003;

    /// <summary>Share of unsubscribes that no profit of one run makes good: several times the usual 0.2 %.</summary>
    private const double UnsubscribeLimit = 0.02;

    private readonly Cell[] cells;
    private readonly PolicyTerms terms;
    private readonly string[] runs;

    /// <summary>Everything that one cell's probabilities rest on. Variants in ordinal order.</summary>
    private sealed record Cell(WantedCell Wanted, string[] Ids, ArmDraws[]? Arms, string?[] Blocked)
    {
        /// <summary>The variants without their probabilities.</summary>
        public PolicyArm[] Known { get; } = [.. Ids.Select((id, a) => Describe(id, Arms?[a].Profit, Blocked[a]))];
    }

    /// <summary>Prepares the cells: see <see cref="AdaptivePolicy.Choose"/> for the arguments.</summary>
    public PolicyOutlook(IReadOnlyCollection<RunEvidence> evidence, IReadOnlyCollection<ArmEconomics> economics, IReadOnlyCollection<WantedCell> wanted, PolicyTerms terms)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(terms.HoldoutPartsPerMillion);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(terms.HoldoutPartsPerMillion, StableHash.Million / 2);
        ArgumentOutOfRangeException.ThrowIfNegative(terms.FloorPartsPerMillion);
        var byArm = economics.OrderBy(e => e.Treatment, StringComparer.Ordinal).ToArray();
        var segments = wanted.Select(w => w.Segment).Concat(evidence.SelectMany(e => e.Cells).Select(c => c.Segment)).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal).ToArray();
        var sums = new HurdleSums(evidence, segments, Array.ConvertAll(byArm, e => e.Treatment));
        var posterior = sums.All.Conversions > 0 ? new HurdlePosterior(sums, terms.Seed) : null;
        (this.terms, runs) = (terms, [.. evidence.OrderBy(e => e.Occurrence).ThenBy(e => e.Run, StringComparer.Ordinal).Select(e => e.Run)]);
        cells = [.. wanted
            .Select(w => (Cell: w, Key: HurdleSums.CanonicalEligible(w.Eligible)))
            .OrderBy(w => w.Cell.Segment, StringComparer.Ordinal).ThenBy(w => w.Key, StringComparer.Ordinal)
            .Select(w => Prepare(w.Cell, w.Key, byArm, sums, posterior))];
    }

    /// <summary>Something has been learnt, so that values are known.</summary>
    public bool Knows => Array.Exists(cells, c => c.Arms is not null);

    /// <summary>
    /// The table where what is short has a price: in each joint draw the arm wins that earns most after it. Prices shift
    /// probabilities only above the floors.
    /// </summary>
    public PolicyTable At(PolicyPrices prices) => new()
    {
        Policy = AdaptivePolicy.Name,
        Seed = terms.Seed,
        Runs = runs.Length,
        LearntFrom = runs,
        Cells = Array.ConvertAll(cells, c => CellAt(c, prices)),
    };

    /// <summary>What a table's variants are expected to give away and to cost in sending, for so many customers of each of its cells. Needs <see cref="Knows"/>.</summary>
    /// <param name="table">Made by <see cref="At"/>.</param>
    /// <param name="customers">By cell of the table.</param>
    public SpendForecast Forecast(PolicyTable table, IReadOnlyList<long> customers)
    {
        var (totals, chance) = (new double[HurdlePosterior.Draws], 0.0);
        for (var c = 0; c < cells.Length; c++)
        {
            for (var a = 0; a < cells[c].Ids.Length; a++)
            {
                var arm = cells[c].Arms![a];
                var expected = (double)customers[c] * PartsOf(table.Cells[c], cells[c].Ids[a]) / StableHash.Million;
                chance += expected * arm.SpendSquare;
                for (var d = 0; d < totals.Length && expected > 0; d++)
                {
                    totals[d] += expected * arm.Spend[d];
                }
            }
        }

        var mean = totals.Average();
        return new SpendForecast(mean, Math.Sqrt(totals.Average(t => (t - mean) * (t - mean)) + chance));
    }

    /// <summary>Joint draws of the profit over nothing of so many messages, minor units. Needs <see cref="Knows"/>.</summary>
    /// <param name="sends">Messages of a wanted cell, by variant in its order.</param>
    public double[] ProfitDraws(Func<WantedCell, IReadOnlyList<double>> sends)
    {
        var totals = new double[HurdlePosterior.Draws];
        foreach (var cell in cells)
        {
            var counts = sends(cell.Wanted);
            for (var a = 0; a < cell.Ids.Length; a++)
            {
                var count = counts[Array.IndexOf(cell.Wanted.Eligible, cell.Ids[a])];
                for (var d = 0; d < totals.Length && count > 0; d++)
                {
                    totals[d] += count * cell.Arms![a].Profit[d];
                }
            }
        }

        return totals;
    }

    /// <summary>By cell and variant, in the order of <see cref="PolicyCell.Arms"/>: expected profit over nothing and spending of one customer who gets it, minor units; blocked ones are null. Needs <see cref="Knows"/>.</summary>
    public (double Profit, double Spend)?[][] Means() => Array.ConvertAll(cells, c => Array.ConvertAll(c.Wanted.Eligible, id =>
    {
        var a = Array.BinarySearch(c.Ids, id, StringComparer.Ordinal);
        return c.Blocked[a] is null ? ((double, double)?)(c.Arms![a].Profit.Average(), c.Arms[a].Spend.Average()) : null;
    }));

    private static int PartsOf(PolicyCell cell, string id) => Array.Find(cell.Arms, a => string.Equals(a.Treatment, id, StringComparison.Ordinal)).PartsPerMillion;

    private static Cell Prepare(WantedCell wanted, string key, ArmEconomics[] economics, HurdleSums sums, HurdlePosterior? posterior)
    {
        // In ordinal order throughout, and listed as wanted at the end.
        var ids = wanted.Eligible.Order(StringComparer.Ordinal).ToArray();
        var places = Array.ConvertAll(ids, id => Array.BinarySearch(sums.Arms, id, StringComparer.Ordinal));
        if (ids.Length == 0 || Array.Exists(places, p => p < 0))
        {
            throw new ArgumentException($"The cell {wanted.Segment}: {key} names no variant, or one whose economics are not given.", nameof(wanted));
        }

        var terse = places.Select((p, a) => wanted.SendCostMinor is { } costs
            ? economics[p] with { SendCostMinor = costs[Array.IndexOf(wanted.Eligible, ids[a])] }
            : economics[p]).ToArray();
        var segment = Array.BinarySearch(sums.Segments, wanted.Segment, StringComparer.Ordinal);
        var arms = posterior?.Draw(segment, key, places, terse);
        // Where shares are alike by the marketer's word, results are shown but move nothing.
        var blocked = ids.Select((_, a) => wanted.Alike ? null : Refused(sums, places[a]) ?? (arms is null ? null : Loses(arms[a].Profit))).ToArray();
        return new Cell(wanted, ids, arms, blocked);
    }

    private PolicyCell CellAt(Cell cell, PolicyPrices prices)
    {
        var blocked = cell.Blocked;
        if (cell.Wanted.Alike)
        {
            return Alike(cell);
        }

        var best = cell.Arms is { } draws ? Best(cell, draws, prices)
            : blocked.Select(b => b is null ? 1L : 0).Prepend(Array.TrueForAll(blocked, b => b is not null) ? 1 : 0).ToArray();
        var parts = Parts(best, blocked, terms);
        var count = best.Sum();
        var arms = cell.Known.Select((k, a) => k with { PartsPerMillion = parts[a + 1], Best = (double)best[a + 1] / count }).ToDictionary(k => k.Treatment, StringComparer.Ordinal);
        return new PolicyCell
        {
            Segment = cell.Wanted.Segment,
            Eligible = string.Join('|', cell.Wanted.Eligible),
            NothingPartsPerMillion = parts[0],
            NothingBest = cell.Arms is null ? null : (double)best[0] / count,
            Arms = Array.ConvertAll(cell.Wanted.Eligible, id => arms[id]),
        };
    }

    /// <summary>Shares that no result and no price moves: what the holdout leaves, equally, as listed.</summary>
    private PolicyCell Alike(Cell cell)
    {
        var parts = PartsPerMillion.Deal(Array.ConvertAll(cell.Wanted.Eligible, _ => 1L), StableHash.Million - terms.HoldoutPartsPerMillion);
        var best = cell.Arms is { } draws ? Best(cell, draws, PolicyPrices.None) : null;
        var known = cell.Known.Select((k, a) => k with { Best = best is null ? 0 : (double)best[a + 1] / HurdlePosterior.Draws }).ToDictionary(k => k.Treatment, StringComparer.Ordinal);
        return new PolicyCell
        {
            Segment = cell.Wanted.Segment,
            Eligible = string.Join('|', cell.Wanted.Eligible),
            NothingPartsPerMillion = terms.HoldoutPartsPerMillion,
            NothingBest = best is null ? null : (double)best[0] / HurdlePosterior.Draws,
            Arms = [.. cell.Wanted.Eligible.Select((id, a) => known[id] with { PartsPerMillion = parts[a] })],
        };
    }

    /// <summary>In how many draws each arm is best at these prices, nothing first; nothing earns 0 and wins where nobody earns more.</summary>
    private static long[] Best(Cell cell, ArmDraws[] arms, PolicyPrices prices)
    {
        var best = new long[arms.Length + 1];
        var perMessage = Array.ConvertAll(cell.Ids, id => prices.PerMessage.GetValueOrDefault(id));
        for (var draw = 0; draw < HurdlePosterior.Draws; draw++)
        {
            var (winner, most) = (0, 0.0);
            for (var a = 0; a < arms.Length; a++)
            {
                var earns = arms[a].Profit[draw] - (prices.Spend * arms[a].Spend[draw]) - perMessage[a];
                if (cell.Blocked[a] is null && earns > most)
                {
                    (winner, most) = (a + 1, earns);
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

    private static PolicyArm Describe(string id, double[]? profit, string? blocked)
    {
        if (profit is null)
        {
            return new PolicyArm(id, 0, Blocked: blocked);
        }

        var sorted = profit.Order().ToArray();
        return new PolicyArm(id, 0, 0, profit.Average(), sorted[HurdlePosterior.Draws / 20], sorted[HurdlePosterior.Draws - 1 - (HurdlePosterior.Draws / 20)], blocked);
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
