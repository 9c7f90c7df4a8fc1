namespace Campaigns.Core.Offers.Allocation;

/// <summary>A step up a curve: more value for more cost, for each of some customers.</summary>
/// <param name="Owner">Group or customer whose curve it is.</param>
/// <param name="Option">Option that it leads to.</param>
/// <param name="Value">Value gained per customer, &gt; 0.</param>
/// <param name="Cost">Cost added per customer, ≥ 0.</param>
/// <param name="Efficiency">Value per unit of cost, infinite where it costs nothing; never above that of the step before, whatever the rounding.</param>
internal readonly record struct CurveStep(int Owner, int Option, double Value, long Cost, double Efficiency);

/// <summary>
/// The concave hull of a customer's options and nothing: only what lies on it is ever chosen at some price. Sinha and Zoltners
/// (1979), "The multiple-choice knapsack problem", Operations Research 27, 503–515.
/// </summary>
internal static class ValueCurve
{
    /// <summary>The steps from nothing upwards, efficiencies falling strictly.</summary>
    public static List<CurveStep> Of(int owner, IReadOnlyList<AllocationOption> options)
    {
        var hull = new List<(double Value, long Cost, int Option)> { (0, 0, -1) };
        foreach (var option in Enumerable.Range(0, options.Count).OrderBy(o => options[o].Cost).ThenByDescending(o => options[o].Value).ThenBy(o => o))
        {
            var (value, cost) = (options[option].Value, options[option].Cost);
            if (value <= hull[^1].Value)
            {
                continue;
            }

            // The last corner lies on or below the line from the one before it to this: it is no corner.
            while (hull.Count > 1 && (hull[^1].Value - hull[^2].Value) * (cost - hull[^2].Cost) <= (value - hull[^2].Value) * (hull[^1].Cost - hull[^2].Cost))
            {
                hull.RemoveAt(hull.Count - 1);
            }

            // At no further cost than nothing, it takes the place of nothing.
            hull.Add((value, cost, option));
        }

        var steps = new List<CurveStep>(hull.Count - 1);
        for (var i = 1; i < hull.Count; i++)
        {
            var (value, cost) = (hull[i].Value - hull[i - 1].Value, hull[i].Cost - hull[i - 1].Cost);
            var efficiency = cost == 0 ? double.PositiveInfinity : value / cost;
            steps.Add(new CurveStep(owner, hull[i].Option, value, cost, i == 1 ? efficiency : Math.Min(efficiency, steps[^1].Efficiency)));
        }

        return steps;
    }

    /// <summary>Steps of many curves in the order in which a budget is best spent. Of one curve they stay in their order, as its efficiencies fall.</summary>
    public static CurveStep[] Merged(IEnumerable<CurveStep> steps) =>
        [.. steps.Select((s, i) => (Step: s, Place: i)).OrderByDescending(s => s.Step.Efficiency).ThenBy(s => s.Place).Select(s => s.Step)];
}
