namespace Campaigns.Core.Offers.Learning;

/// <summary>A cell's share of converting customers without any message, and what one of them spends, as expected for the next run.</summary>
/// <param name="Rate">In (0, 1).</param>
/// <param name="RateError">Its standard error.</param>
/// <param name="Spend">Minor units, ≥ 0.</param>
/// <param name="SpendError">Standard error of its logarithm.</param>
internal readonly record struct CellBaseline(double Rate, double RateError, double Spend, double SpendError);

/// <summary>The evidence on conversion, by cell, as the uplift model takes it.</summary>
internal sealed class ConversionEvidence
{
    /// <summary>
    /// Customers' worth of the pooled rate that each run × cell begins with: a cell in which nobody bought then still has a
    /// variance, and one with thousands of customers hardly notices.
    /// </summary>
    private const double PriorCustomers = 100;

    /// <summary>Buyers' worth of the pooled spend that each cell begins with.</summary>
    private const double PriorBuyers = 20;

    /// <summary>A run counts this much less for the expected baseline than the one after it: seasons and price levels move.</summary>
    private const double Fading = 0.8;

    /// <summary>Prior scale of an offer's effect, as a share of the pooled rate: offers that change conversion by more than twice that are rare.</summary>
    private const double OmegaShare = 0.5;

    /// <summary>Prior scale of how much an offer's effect differs between segments, as a share of the pooled rate.</summary>
    private const double TauShare = 0.25;

    /// <summary>Rounds in which the variances are worked out anew with the effects found: more change nothing visible.</summary>
    private const int Rounds = 2;

    private readonly List<(string Segment, string Eligible)> keys;

    private ConversionEvidence(List<(string Segment, string Eligible)> keys, Contrasts[] contrasts, IReadOnlyList<CellBaseline> cells, double rate)
    {
        (this.keys, Contrasts, Cells, OmegaScale, TauScale) = (keys, contrasts, cells, OmegaShare * rate, TauShare * rate);
    }

    /// <summary>Likelihood of the differences by cell.</summary>
    public Contrasts[] Contrasts { get; }

    /// <summary>Baselines by cell.</summary>
    public IReadOnlyList<CellBaseline> Cells { get; }

    /// <summary>Scale of the half-normal prior on ω.</summary>
    public double OmegaScale { get; }

    /// <summary>Scale of the half-normal prior on τ.</summary>
    public double TauScale { get; }

    /// <summary>The cell's index; every wanted cell has one.</summary>
    public int IndexOf(CellWanted cell) => keys.IndexOf((cell.Segment, cell.Eligible));

    /// <summary>Null where nobody converted yet: nothing was learnt.</summary>
    public static ConversionEvidence? Of(PolicyInputs inputs)
    {
        var found = inputs.Cells.Select(c => (c.Segment, c.Eligible))
            .Concat(inputs.Runs.SelectMany(r => r.Cells).Select(c => (c.Segment, c.Eligible))).Distinct().ToList();
        var runs = inputs.Runs.Select(r => r.Cells.Select(c => new RunCell(inputs, c, found.IndexOf((c.Segment, c.Eligible)))).ToList()).ToList();
        var all = runs.SelectMany(r => r).Aggregate(default(ArmTotals), (sum, c) => sum + c.All);
        if (all.Conversions == 0)
        {
            return null;
        }

        var (arms, rate) = (inputs.Arms.Count, (double)all.Conversions / all.Customers);
        var effects = found.ConvertAll(_ => new double[arms]).ToArray();
        var contrasts = Array.Empty<Contrasts>();
        for (var round = 0; round < Rounds; round++)
        {
            contrasts = [.. found.Select(_ => new Contrasts(arms))];
            foreach (var cell in runs.SelectMany(r => r))
            {
                cell.AddTo(contrasts[cell.Index], effects[cell.Index], rate);
            }

            effects = round < Rounds - 1 ? new UpliftPosterior(contrasts, arms, OmegaShare * rate, TauShare * rate).Means() : effects;
        }

        return new ConversionEvidence(found, contrasts, Baselines(found.Count, runs, effects, rate, all), rate);
    }

    private static CellBaseline[] Baselines(int cells, List<List<RunCell>> runs, double[][] effects, double rate, ArmTotals all)
    {
        var (customers, conversions, buyers, spend) = (new double[cells], new double[cells], new double[cells], new double[cells]);
        for (var r = 0; r < runs.Count; r++)
        {
            var weight = Math.Pow(Fading, runs.Count - 1 - r);
            foreach (var cell in runs[r])
            {
                customers[cell.Index] += weight * cell.All.Customers;
                conversions[cell.Index] += weight * Math.Max(0, cell.WithoutEffects(effects[cell.Index]));
                buyers[cell.Index] += weight * cell.All.Conversions;
                spend[cell.Index] += weight * cell.All.SpendMinor;
            }
        }

        var meanSpend = (double)all.SpendMinor / all.Conversions;
        var spread = Math.Max(0.1, all.LogSpendDeviations / all.Conversions);
        return [.. Enumerable.Range(0, cells).Select(c =>
        {
            var shrunk = (conversions[c] + (PriorCustomers * rate)) / (customers[c] + PriorCustomers);
            var count = buyers[c] + PriorBuyers;
            // Of a lognormal spend, the squared coefficient of variation is exp(σ²) − 1.
            return new CellBaseline(
                shrunk, Math.Sqrt(shrunk * (1 - shrunk) / (customers[c] + PriorCustomers)),
                (spend[c] + (PriorBuyers * meanSpend)) / count, Math.Sqrt((Math.Exp(Math.Min(spread, 2)) - 1) / count));
        })];
    }

    /// <summary>One cell of one run.</summary>
    private sealed class RunCell
    {
        private readonly ArmTotals[] arms;

        public RunCell(PolicyInputs inputs, CellEvidence cell, int index)
        {
            Index = index;
            arms = new ArmTotals[inputs.Arms.Count + 1];
            arms[0] = cell.Nothing;
            for (var a = 0; a < inputs.Arms.Count; a++)
            {
                foreach (var arm in cell.Arms)
                {
                    arms[a + 1] += string.Equals(arm.Treatment, inputs.Arms[a].Treatment, StringComparison.Ordinal) ? arm.Totals : default;
                }
            }

            All = arms.Aggregate((sum, a) => sum + a);
        }

        public int Index { get; }

        public ArmTotals All { get; }

        /// <summary>Conversions less those that the effects account for.</summary>
        public double WithoutEffects(double[] effects)
        {
            var sum = (double)All.Conversions;
            for (var a = 0; a < effects.Length; a++)
            {
                sum -= arms[a + 1].Customers * effects[a];
            }

            return sum;
        }

        /// <summary>
        /// Adds the run's contrasts. The variance of a share is that of the shrunk baseline plus the effect found so far, never
        /// of the arm's own count: an arm that was unlucky would otherwise look both bad and certain.
        /// </summary>
        public void AddTo(Contrasts contrasts, double[] effects, double pooled)
        {
            if (All.Customers == 0)
            {
                return;
            }

            var baseline = (Math.Max(0, WithoutEffects(effects)) + (PriorCustomers * pooled)) / (All.Customers + PriorCustomers);
            Span<double> means = stackalloc double[arms.Length];
            Span<double> weights = stackalloc double[arms.Length];
            for (var i = 0; i < arms.Length; i++)
            {
                var rate = Math.Clamp(baseline + (i == 0 ? 0 : effects[i - 1]), pooled / 20, 0.95);
                means[i] = arms[i].Customers == 0 ? 0 : (double)arms[i].Conversions / arms[i].Customers;
                weights[i] = arms[i].Customers / (rate * (1 - rate));
            }

            contrasts.Add(means, weights);
        }
    }
}
