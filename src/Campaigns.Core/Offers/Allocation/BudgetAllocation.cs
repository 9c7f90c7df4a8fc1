namespace Campaigns.Core.Offers.Allocation;

/// <summary>
/// The best use of one budget: for each customer one option or nothing, so that the value is greatest and the cost within the
/// budget (the multiple-choice knapsack problem; Kellerer, Pferschy and Pisinger 2004, "Knapsack Problems", ch. 11). The merged
/// value curves give the price at which the budget is spent and a bound that nothing passes; customers around that price are
/// then decided exactly, and what is left is filled up. Below <see cref="ExactBelow"/> customers all are decided exactly.
/// </summary>
public static class BudgetAllocation
{
    /// <summary>Fewer customers than this are all decided exactly: their partial solutions fit into memory.</summary>
    public const int ExactBelow = 100;

    /// <summary>Customers around the price that are decided exactly among more: the loss is then far below one customer's value.</summary>
    private const int Core = 40;

    /// <summary>Of one group at most so many: alike customers add nothing but symmetry.</summary>
    private const int CorePerGroup = 6;

    /// <summary>Allocates. Throws where a cost is negative, or a value is not finite.</summary>
    /// <param name="groups">Groups; the order decides nothing but ties.</param>
    /// <param name="budget">≥ 0, in the unit of the costs.</param>
    public static AllocationPlan Solve(IReadOnlyList<AllocationGroup> groups, long budget)
    {
        Check(groups, budget);
        var steps = ValueCurve.Merged(groups.SelectMany((g, i) => g.Customers == 0 ? [] : ValueCurve.Of(i, g.Options)));
        var plan = new Plan(groups);
        var (left, price) = (budget, 0.0);
        foreach (var step in steps)
        {
            var open = plan.Below(step);
            var taken = step.Cost == 0 ? open : Math.Min(open, left / step.Cost);
            plan.Move(step, taken);
            left -= taken * step.Cost;
            if (taken < open)
            {
                price = step.Efficiency;
                break;
            }
        }

        if (price == 0)
        {
            return plan.ToAllocation(0, plan.Value, exact: true);
        }

        var bound = plan.Value + (left * price);
        var all = groups.Sum(g => g.Customers) < ExactBelow;
        var core = plan.TakeOut(all ? int.MaxValue : Core, all ? long.MaxValue : CorePerGroup, price);
        var decided = ExactAllocation.Solve([.. core.Select(g => groups[g].Options)], budget - plan.Cost, price);
        plan.PutIn(core, decided.Options);
        plan.Fill(budget);
        return plan.ToAllocation(price, Math.Max(bound, plan.Value), exact: all && decided.Exact);
    }

    private static void Check(IReadOnlyList<AllocationGroup> groups, long budget)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(budget);
        foreach (var group in groups)
        {
            ArgumentOutOfRangeException.ThrowIfNegative(group.Customers);
            foreach (var option in group.Options)
            {
                ArgumentOutOfRangeException.ThrowIfNegative(option.Cost);
                if (!double.IsFinite(option.Value))
                {
                    throw new ArgumentException("An option's value is not finite.", nameof(groups));
                }
            }
        }
    }

    /// <summary>How many customers of each group stand at each option; −1 is nothing.</summary>
    private sealed class Plan(IReadOnlyList<AllocationGroup> groups)
    {
        private readonly long[][] at = [.. groups.Select(g => new long[g.Options.Count + 1])];
        private readonly int[] top = [.. groups.Select(_ => -1)];
        private bool started;

        public double Value => groups.Select((g, i) => g.Options.Select((o, j) => at[i][j + 1] * o.Value).Sum()).Sum();

        public long Cost => groups.Select((g, i) => g.Options.Select((o, j) => at[i][j + 1] * o.Cost).Sum()).Sum();

        /// <summary>Customers who could take the step: they stand at the end of the one before it.</summary>
        public long Below(CurveStep step)
        {
            Start();
            return at[step.Owner][top[step.Owner] + 1];
        }

        public void Move(CurveStep step, long customers)
        {
            var row = at[step.Owner];
            row[top[step.Owner] + 1] -= customers;
            row[step.Option + 1] += customers;
            top[step.Owner] = step.Option;
        }

        /// <summary>Takes customers whose next or last step lies nearest to the price out of the plan; the group of each.</summary>
        public List<int> TakeOut(int most, long perGroup, double price)
        {
            var taken = new List<int>();
            foreach (var group in Enumerable.Range(0, groups.Count).OrderBy(g => Distance(g, price)).ThenBy(g => g))
            {
                var left = Math.Min(perGroup, groups[group].Customers);
                for (var option = at[group].Length - 1; option >= 0; option--)
                {
                    var some = Math.Min(Math.Min(at[group][option], left), most - taken.Count);
                    at[group][option] -= some;
                    left -= some;
                    taken.AddRange(Enumerable.Repeat(group, (int)some));
                }
            }

            return taken;
        }

        public void PutIn(List<int> taken, int[] options)
        {
            foreach (var (group, option) in taken.Zip(options))
            {
                at[group][option + 1]++;
            }
        }

        /// <summary>Spends what is left on the best exchange that still fits, for as many customers as it fits.</summary>
        public void Fill(long budget)
        {
            var left = budget - Cost;
            while (Best(left) is { } move)
            {
                var stand = at[move.Group][move.From + 1];
                var some = move.Cost <= 0 ? stand : Math.Min(stand, left / move.Cost);
                at[move.Group][move.From + 1] -= some;
                at[move.Group][move.To + 1] += some;
                left -= some * move.Cost;
            }
        }

        public AllocationPlan ToAllocation(double price, double bound, bool exact) => new()
        {
            Counts = Array.ConvertAll(at, row => row[1..]),
            Value = Value,
            Cost = Cost,
            Price = price,
            Bound = bound,
            Exact = exact,
        };

        private void Start()
        {
            if (!started)
            {
                started = true;
                for (var i = 0; i < groups.Count; i++)
                {
                    at[i][0] = groups[i].Customers;
                }
            }
        }

        private double Distance(int group, double price) =>
            ValueCurve.Of(group, groups[group].Options).Select(s => Math.Abs(Math.Log(s.Efficiency / price))).DefaultIfEmpty(double.PositiveInfinity).Min();

        private (int Group, int From, int To, long Cost)? Best(long left)
        {
            (int Group, int From, int To, long Cost)? best = null;
            var most = 0.0;
            for (var g = 0; g < groups.Count; g++)
            {
                for (var from = -1; from < groups[g].Options.Count; from++)
                {
                    if (at[g][from + 1] == 0)
                    {
                        continue;
                    }

                    var now = from < 0 ? default : groups[g].Options[from];
                    for (var to = 0; to < groups[g].Options.Count; to++)
                    {
                        var (value, cost) = (groups[g].Options[to].Value - now.Value, groups[g].Options[to].Cost - now.Cost);
                        if (value > most && cost <= left)
                        {
                            (most, best) = (value, (g, from, to, cost));
                        }
                    }
                }
            }

            return best;
        }
    }
}
