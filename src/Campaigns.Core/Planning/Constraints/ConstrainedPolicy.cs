using Campaigns.Core.Offers.Allocation;
using Campaigns.Core.Offers.Learning;
using Campaigns.Core.Primitives;

namespace Campaigns.Core.Planning.Constraints;

/// <summary>
/// Fits a run's probabilities to what is short: budget, messages, sending cost, stocks. Where values are known, each
/// constraint gets a price (see docs/optimizer.md, "When something is short"); where nothing is known yet, a variant's share
/// is cut to its stock, and budgets are kept by reserving what earlier buying leads to expect. Pure.
/// </summary>
internal static class ConstrainedPolicy
{
    /// <summary>Name of the rule that cuts equal shares to stocks, in <see cref="PolicyTable.Policy"/>.</summary>
    public const string SharesName = "shares-1";

    /// <summary>
    /// Before anything was learnt a message is reckoned to raise buying by half: one standard deviation of what campaigns'
    /// offers do (see HurdlePosterior's prior), as a reserve is to hold.
    /// </summary>
    private const double FirstRunUplift = 1.5;

    /// <summary>Mean square ÷ squared mean of baskets before anything was learnt: lognormal with σ = .8, in the middle of published shops.</summary>
    private const double FirstRunSpread = 1.9;

    /// <summary>Points of the budget curve, as shares of the budget.</summary>
    private static readonly double[] CurveShares = [0.5, 1, 2];

    /// <summary>Constraints → probabilities, reserves and report.</summary>
    /// <param name="inputs">The run.</param>
    /// <param name="weights">The audience.</param>
    /// <param name="evidence">What closed runs taught; empty where nothing is to be chosen by it.</param>
    /// <param name="microsPerMinor">Micro-units in one minor unit.</param>
    public static Weighing Of(RunInputs inputs, AudienceWeights weights, IReadOnlyList<RunEvidence> evidence, double microsPerMinor)
    {
        var wanted = weights.Classes.Select(c => new WantedCell(c.Segment, c.Eligible.Split('|'), [.. c.SendCostMicros.Select(s => s / microsPerMinor / c.Customers)], inputs.StrategyOf(c.Segment) != Strategy.Adaptive)).ToList();
        var outlook = evidence.Count == 0 || wanted.Count == 0 ? null : RunPolicy.OutlookOf(inputs, evidence, wanted, microsPerMinor);
        return outlook is { Knows: true }
            ? Priced(inputs, weights, outlook, microsPerMinor)
            : Unpriced(inputs, weights, microsPerMinor);
    }

    private static Weighing Priced(RunInputs inputs, AudienceWeights weights, PolicyOutlook outlook, double microsPerMinor)
    {
        var search = new PriceSearch(inputs, weights.Classes, outlook, microsPerMinor);
        var (table, binding) = search.Fit();
        var (spend, means) = (search.SpendOf(table), outlook.Means());
        var sending = search.SendingOf(table);
        // Each message reserves its part of the amount that 95 % of outcomes stay below.
        var upper = spend.Mean > sending ? (spend.Upper - sending) / (spend.Mean - sending) : 1;
        var reserves = weights.Classes.SelectMany((c, i) => c.Eligible.Split('|').Select((t, a) => (c.Segment, Treatment: t, Give: means[i][a]?.Spend - (c.SendCostMicros[a] / microsPerMinor / c.Customers))));
        var (curve, gap) = inputs.BudgetMicros is { } budget ? Curve(weights.Classes, means, budget / microsPerMinor) : ([], null);
        return new Weighing
        {
            Policy = table,
            Reserves = inputs.BudgetMicros is null ? [] : Reserves(reserves.Select(r => (r.Segment, r.Treatment, upper * Math.Max(r.Give ?? 0, 0) * microsPerMinor))),
            Report = new BudgetReport
            {
                BudgetMinor = inputs.BudgetMicros / microsPerMinor,
                Total = inputs.Total,
                ExpectedSpendMinor = spend.Mean,
                ReservedMinor = spend.Upper,
                ExpectedProfitMinor = search.ProfitOf(table),
                BudgetPrice = search.BudgetPrice,
                GapShare = search.GapShare(table),
                Binding = binding,
                Curve = curve,
                CurveGapShare = gap,
            },
        };
    }

    private static Weighing Unpriced(RunInputs inputs, AudienceWeights weights, double microsPerMinor)
    {
        var table = SharesWithin(inputs, weights.Classes);
        if (inputs.BudgetMicros is null)
        {
            return new Weighing { Policy = table };
        }

        var economics = RunPolicy.EconomicsOf(inputs, [], microsPerMinor).ToDictionary(e => e.Treatment, StringComparer.Ordinal);
        var (mean, square, sending) = (0.0, 0.0, 0.0);
        var reserves = new List<(string Segment, string Treatment, double Minor)>();
        foreach (var group in weights.Classes)
        {
            var past = Array.Find(weights.Past, p => string.Equals(p.Segment, group.Segment, StringComparison.Ordinal));
            var eligible = group.Eligible.Split('|');
            for (var a = 0; a < eligible.Length; a++)
            {
                var terms = economics[eligible[a]];
                var perOrder = (past.BasketMinor * terms.DiscountShare) + terms.BenefitCostMinor;
                var given = FirstRunUplift * past.OrdersPerCustomer * perOrder;
                var share = table?.Find(group.Segment, group.Eligible)?.Arms[a].PartsPerMillion ?? ((StableHash.Million - inputs.HoldoutPartsPerMillion) / eligible.Length);
                var expected = (double)group.Customers * share / StableHash.Million;
                mean += expected * given;
                square += expected * given * perOrder * FirstRunSpread;
                sending += expected * group.SendCostMicros[a] / microsPerMinor / group.Customers;
                reserves.Add((group.Segment, eligible[a], given));
            }
        }

        var forecast = new SpendForecast(mean, Math.Sqrt(square));
        var upper = mean > 0 ? forecast.Upper / mean : 1;
        return new Weighing
        {
            Policy = table,
            Reserves = Reserves(reserves.Select(r => (r.Segment, r.Treatment, upper * r.Minor * microsPerMinor))),
            Report = new BudgetReport
            {
                BudgetMinor = inputs.BudgetMicros / microsPerMinor,
                Total = inputs.Total,
                ExpectedSpendMinor = mean + sending,
                ReservedMinor = forecast.Upper + sending,
                Binding = forecast.Upper + sending > inputs.BudgetMicros / microsPerMinor ? [inputs.BudgetName] : [],
            },
        };
    }

    /// <summary>The largest where a variant has several in a segment: what else reaches a customer hardly changes what this one gives away.</summary>
    private static Reserve[] Reserves(IEnumerable<(string Segment, string Treatment, double Micros)> reserves) =>
        [.. reserves.GroupBy(r => (r.Segment, r.Treatment))
            .Select(g => new Reserve(g.Key.Segment, g.Key.Treatment, (long)Math.Ceiling(g.Max(r => r.Micros))))
            .OrderBy(r => r.Segment, StringComparer.Ordinal).ThenBy(r => r.Treatment, StringComparer.Ordinal)];

    private static (BudgetPoint[] Curve, double? GapShare) Curve(AudienceClass[] classes, (double Profit, double Spend)?[][] means, double budgetMinor)
    {
        // In thousandths of a minor unit: costs are whole numbers there.
        var groups = classes.Select((c, i) => new AllocationGroup(
            c.Customers, [.. means[i].Select(m => m is { } known ? new AllocationOption(known.Profit, (long)Math.Ceiling(1000 * known.Spend)) : new AllocationOption(0, 0))])).ToList();
        var plans = CurveShares.Select(share => (Share: share, Plan: BudgetAllocation.Solve(groups, (long)(1000 * share * budgetMinor)))).ToList();
        return ([.. plans.Select(p => new BudgetPoint(p.Share, p.Plan.Value))], plans.Find(p => p.Share == 1).Plan.GapShare);
    }

    /// <summary>
    /// Equal shares, but of a variant with a stock no more than is likely to suffice: two standard deviations below it. What
    /// it gives up goes to variants without a stock; where there are none, the ceiling ends the run. Null where all suffices.
    /// </summary>
    private static PolicyTable? SharesWithin(RunInputs inputs, AudienceClass[] classes)
    {
        var stocks = inputs.Campaign.Treatments.Where(t => t.Offer.Stock is not null).ToDictionary(t => t.Id, t => (double)t.Offer.Stock!.Value, StringComparer.Ordinal);
        if (stocks.Count == 0 || Array.TrueForAll(classes, c => inputs.StrategyOf(c.Segment) == Strategy.Fixed))
        {
            return null;
        }

        var left = StableHash.Million - inputs.HoldoutPartsPerMillion;
        var wanted = stocks.Keys.ToDictionary(
            t => t, t => classes.Where(c => c.Eligible.Split('|').Contains(t, StringComparer.Ordinal)).Sum(c => (double)c.Customers * left / StableHash.Million / c.Eligible.Split('|').Length), StringComparer.Ordinal);
        var kept = stocks.ToDictionary(s => s.Key, s => Math.Min(1, Math.Max(0, s.Value - (2 * Math.Sqrt(s.Value))) / Math.Max(wanted[s.Key], 1)), StringComparer.Ordinal);
        if (kept.Values.All(k => k == 1))
        {
            return null;
        }

        return new PolicyTable { Policy = SharesName, Seed = 0, Runs = 0, Cells = Array.ConvertAll(classes, c => CellOf(c, kept, left)) };
    }

    private static PolicyCell CellOf(AudienceClass group, Dictionary<string, double> kept, int left)
    {
        var eligible = group.Eligible.Split('|');
        var open = eligible.Count(e => !kept.ContainsKey(e));
        var freed = open == 0 ? 0 : eligible.Sum(e => 1 - kept.GetValueOrDefault(e, 1)) / open;
        var weights = Array.ConvertAll(eligible, e => (long)(StableHash.Million * (open == 0 ? 1 : kept.TryGetValue(e, out var share) ? share : 1 + freed)));
        var parts = PartsPerMillion.Deal(weights, left);
        return new PolicyCell
        {
            Segment = group.Segment,
            Eligible = group.Eligible,
            NothingPartsPerMillion = StableHash.Million - left,
            Arms = [.. eligible.Select((e, i) => new PolicyArm(e, parts[i]))],
        };
    }
}
