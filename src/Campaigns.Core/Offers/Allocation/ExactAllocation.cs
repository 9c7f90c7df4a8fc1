namespace Campaigns.Core.Offers.Allocation;

/// <summary>
/// One budget over few customers, solved exactly: partial solutions of which none costs more and brings less than another
/// (Nemhauser and Ullmann 1969, Management Science 15, 494–505), cut where even the relaxed rest could not pass the best
/// solution known. Customers near the price come first, so that what is left afterwards is nearly decided.
/// </summary>
internal static class ExactAllocation
{
    /// <summary>Partial solutions kept: some MiB. Beyond it, those with the best outlook are kept and the result is no longer called exact.</summary>
    private const int MostStates = 200_000;

    /// <summary>What is within this share of the best counts as equal to it: rounding of sums is of that size.</summary>
    private const double Tolerance = 1e-9;

    /// <summary>A partial solution: what the customers so far cost and bring, and where it came from.</summary>
    private readonly record struct State(long Cost, double Value, int Parent, int Option);

    /// <summary>Each customer's option, −1 for nothing, in their order.</summary>
    /// <param name="customers">Options of each customer.</param>
    /// <param name="budget">≥ 0.</param>
    /// <param name="price">Price of the relaxed problem, &gt; 0.</param>
    public static (int[] Options, bool Exact) Solve(IReadOnlyList<AllocationOption>[] customers, long budget, double price)
    {
        var curves = customers.Select((o, i) => ValueCurve.Of(i, o)).ToArray();
        var order = Enumerable.Range(0, customers.Length)
            .OrderBy(c => curves[c].Select(s => Math.Abs(Math.Log(s.Efficiency / price))).DefaultIfEmpty(double.PositiveInfinity).Min()).ThenBy(c => c).ToArray();
        var stages = new List<State[]> { new[] { new State(0, 0, -1, -1) } };
        var (best, exact) = (new Incumbent(double.NegativeInfinity, 0, 0), true);
        for (var stage = 0; stage <= order.Length; stage++)
        {
            var rest = new Relaxation(order[stage..].SelectMany(c => curves[c]));
            var states = stages[stage];
            for (var i = 0; i < states.Length; i++)
            {
                if (states[i].Value + rest.Whole(budget - states[i].Cost) is var value && value > best.Value)
                {
                    best = new Incumbent(value, stage, i);
                }
            }

            if (stage < order.Length)
            {
                var options = customers[order[stage]];
                var next = Extend(states, options, budget);
                var after = new Relaxation(order[(stage + 1)..].SelectMany(c => curves[c]));
                next.RemoveAll(s => s.Value + after.Bound(budget - s.Cost) <= best.Value + (Tolerance * Math.Abs(best.Value)));
                if (next.Count > MostStates)
                {
                    exact = false;
                    next = [.. next.OrderByDescending(s => s.Value + after.Bound(budget - s.Cost)).Take(MostStates).OrderBy(s => s.Cost)];
                }

                stages.Add([.. next]);
            }
        }

        return (Trace(best, stages, order, curves, budget), exact);
    }

    /// <summary>The best known solution: a partial one, and the relaxed rest as far as it fits whole.</summary>
    private readonly record struct Incumbent(double Value, int Stage, int State);

    private static List<State> Extend(State[] states, IReadOnlyList<AllocationOption> options, long budget)
    {
        var all = new List<State>(states.Length * (options.Count + 1));
        for (var i = 0; i < states.Length; i++)
        {
            all.Add(new State(states[i].Cost, states[i].Value, i, -1));
            for (var o = 0; o < options.Count; o++)
            {
                if (options[o].Value > 0 && states[i].Cost + options[o].Cost <= budget)
                {
                    all.Add(new State(states[i].Cost + options[o].Cost, states[i].Value + options[o].Value, i, o));
                }
            }
        }

        all.Sort((a, b) => a.Cost != b.Cost ? a.Cost.CompareTo(b.Cost) : b.Value.CompareTo(a.Value));
        var kept = new List<State>(all.Count);
        foreach (var state in all)
        {
            if (kept.Count == 0 || state.Value > kept[^1].Value)
            {
                kept.Add(state);
            }
        }

        return kept;
    }

    private static int[] Trace(Incumbent best, List<State[]> stages, int[] order, List<CurveStep>[] curves, long budget)
    {
        var options = new int[order.Length];
        Array.Fill(options, -1);
        var cost = stages[best.Stage][best.State].Cost;
        foreach (var step in new Relaxation(order[best.Stage..].SelectMany(c => curves[c])).Steps(budget - cost))
        {
            options[step.Owner] = step.Option;
        }

        for (var (stage, state) = (best.Stage, best.State); stage > 0; stage--)
        {
            options[order[stage - 1]] = stages[stage][state].Option;
            state = stages[stage][state].Parent;
        }

        return options;
    }

    /// <summary>The rest's merged curve: what a budget brings there where the last step may be taken in part.</summary>
    private sealed class Relaxation
    {
        private readonly CurveStep[] steps;
        private readonly long[] cost;
        private readonly double[] value;

        public Relaxation(IEnumerable<CurveStep> curves)
        {
            steps = ValueCurve.Merged(curves);
            (cost, value) = (new long[steps.Length + 1], new double[steps.Length + 1]);
            for (var i = 0; i < steps.Length; i++)
            {
                (cost[i + 1], value[i + 1]) = (cost[i] + steps[i].Cost, value[i] + steps[i].Value);
            }
        }

        public double Whole(long budget) => value[Fitting(budget)];

        public double Bound(long budget)
        {
            var fitting = Fitting(budget);
            return value[fitting] + (fitting == steps.Length ? 0 : (budget - cost[fitting]) * steps[fitting].Efficiency);
        }

        public ReadOnlySpan<CurveStep> Steps(long budget) => steps.AsSpan(0, Fitting(budget));

        /// <summary>How many steps fit whole.</summary>
        private int Fitting(long budget)
        {
            var found = Array.BinarySearch(cost, budget);
            if (found < 0)
            {
                return ~found - 1;
            }

            while (found + 1 < cost.Length && cost[found + 1] == budget)
            {
                found++; // Steps that cost nothing.
            }

            return found;
        }
    }
}
