namespace Campaigns.Core.Offers.Learning;

/// <summary>
/// Closed runs in the terms of the hurdle model: contrasts of conversion by segment, contrasts of log spending over all, and the
/// level that runs have now. Arms and segments stand in ordinal order and runs in theirs, so that the order in which a
/// marketer lists variants changes nothing, to the last bit.
/// </summary>
internal sealed class HurdleSums
{
    /// <summary>
    /// Customers' worth of the run's pooled rate in the variance of an arm's rate. An arm of 100 customers with 0 or 5 conversions
    /// by luck would otherwise be trusted too much or too little; the pooled rate errs by less than the luck.
    /// </summary>
    private const double VarianceCustomers = 1000;

    /// <summary>Customers' worth of the campaign's rate in a cell's: where nothing converted yet, the campaign speaks.</summary>
    private const double RateCustomers = 200;

    /// <summary>Runs after which a run counts half for the level: seasons turn, and the next run is most like the newest.</summary>
    private const double LevelHalfLifeRuns = 4;

    /// <summary>Prior of the variance of log spending and the conversions that it is worth: baskets' σ lies between .5 and 1.5 in published shops.</summary>
    private const double LogVariancePrior = 0.64;
    private const double LogVarianceConversions = 10;

    private readonly Dictionary<(string Segment, string Eligible), Level> _levels = [];
    private readonly Dictionary<string, Level> _bySegment = new(StringComparer.Ordinal);

    /// <param name="runs">Closed runs, in any order.</param>
    /// <param name="segments">Segments in ordinal order.</param>
    /// <param name="arms">Variants in ordinal order; evidence on others is passed over.</param>
    public HurdleSums(IEnumerable<RunEvidence> runs, string[] segments, string[] arms)
    {
        (Segments, Arms, All) = (segments, arms, new Level(arms.Length));
        Conversion = Array.ConvertAll(segments, _ => new Contrasts(arms.Length));
        Spending = new Contrasts(arms.Length);
        var ordered = runs.OrderBy(r => r.Occurrence).ThenBy(r => r.Run, StringComparer.Ordinal).ToList();
        Runs = ordered.Count;
        var cells = ordered.SelectMany((run, i) => run.Cells
            .OrderBy(c => c.Segment, StringComparer.Ordinal).ThenBy(c => c.Eligible, StringComparer.Ordinal)
            .Select(c => new CellTotals(c.Segment, CanonicalEligible(c.Eligible.Split('|')), ByArm(c), Math.Pow(0.5, (ordered.Count - 1 - i) / LevelHalfLifeRuns)))).ToList();
        var (customers, conversions) = (cells.Sum(c => c.Arms.Sum(a => (double)a.Customers)), cells.Sum(c => c.Arms.Sum(a => (double)a.Conversions)));
        Rate = (conversions + 0.5) / (customers + 1);
        LogVariance = SpreadOfLogSpending(cells);
        foreach (var cell in cells)
        {
            Add(cell);
        }

        foreach (var cell in cells)
        {
            Segment(cell.Segment).Add(cell);
            Level(cell.Segment, cell.Eligible).Add(cell);
            All.Add(cell);
        }
    }

    /// <summary>Nothing first, then the arms.</summary>
    internal sealed record CellTotals(string Segment, string Eligible, ArmTotals[] Arms, double Recent);

    public string[] Segments { get; }

    public string[] Arms { get; }

    /// <summary>Closed runs.</summary>
    public int Runs { get; }

    /// <summary>Conversion over all arms, cells and runs, &gt; 0 always.</summary>
    public double Rate { get; }

    /// <summary>Variance of log spending within arms, &gt; 0 always.</summary>
    public double LogVariance { get; }

    /// <summary>By segment: differences of conversion.</summary>
    public Contrasts[] Conversion { get; }

    /// <summary>Over all: log-ratios of spending.</summary>
    public Contrasts Spending { get; }

    /// <summary>Level over all cells.</summary>
    public Level All { get; }

    /// <summary>Variants of a cell in ordinal order, joined by "|": however they are listed, they are one cell.</summary>
    public static string CanonicalEligible(IEnumerable<string> eligible) => string.Join('|', eligible.Order(StringComparer.Ordinal));

    /// <summary>Level of a segment; an empty one where it is new.</summary>
    public Level Segment(string segment) => Find(_bySegment, segment);

    /// <summary>Level of a cell; an empty one where it is new.</summary>
    public Level Level(string segment, string eligible) => Find(_levels, (segment, eligible));

    private Level Find<T>(Dictionary<T, Level> levels, T key)
        where T : notnull
    {
        if (!levels.TryGetValue(key, out var level))
        {
            levels[key] = level = new Level(Arms.Length);
        }

        return level;
    }

    private ArmTotals[] ByArm(CellEvidence cell)
    {
        var totals = new ArmTotals[Arms.Length + 1];
        totals[0] = cell.Nothing;
        foreach (var arm in cell.Arms)
        {
            var at = Array.BinarySearch(Arms, arm.Treatment, StringComparer.Ordinal);
            if (at >= 0)
            {
                totals[at + 1] += arm.Totals;
            }
        }

        return totals;
    }

    private static double SpreadOfLogSpending(List<CellTotals> cells)
    {
        var (squares, degrees) = (LogVariancePrior * LogVarianceConversions, LogVarianceConversions);
        foreach (var arm in cells.SelectMany(c => c.Arms).Where(a => a.Conversions > 1))
        {
            squares += arm.LogSpendDeviations;
            degrees += arm.Conversions - 1;
        }

        return squares / degrees;
    }

    private void Add(CellTotals cell)
    {
        var count = cell.Arms.Length;
        Span<double> means = stackalloc double[count];
        Span<double> weights = stackalloc double[count];
        var (customers, conversions) = (cell.Arms.Sum(a => (double)a.Customers), cell.Arms.Sum(a => (double)a.Conversions));
        var pooled = (conversions + (RateCustomers * Rate)) / (customers + RateCustomers);
        for (var i = 0; i < count; i++)
        {
            var arm = cell.Arms[i];
            var rate = (arm.Conversions + (VarianceCustomers * pooled)) / (arm.Customers + VarianceCustomers);
            means[i] = arm.Customers == 0 ? 0 : (double)arm.Conversions / arm.Customers;
            weights[i] = arm.Customers / (rate * (1 - rate));
        }

        var segment = Array.BinarySearch(Segments, cell.Segment, StringComparer.Ordinal);
        if (segment >= 0)
        {
            Conversion[segment].Add(means, weights);
        }

        for (var i = 0; i < count; i++)
        {
            means[i] = cell.Arms[i].MeanLogSpend;
            weights[i] = cell.Arms[i].Conversions / LogVariance;
        }

        Spending.Add(means, weights);
    }
}
