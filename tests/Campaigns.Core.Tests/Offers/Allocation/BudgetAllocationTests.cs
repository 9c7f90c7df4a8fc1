using Campaigns.Core.Offers.Allocation;
using Campaigns.Core.Primitives;
using CsCheck;

namespace Campaigns.Core.Tests.Offers.Allocation;

/// <summary>One budget over many customers, against counting out every possibility and against dynamic programming over the budget.</summary>
public sealed class BudgetAllocationTests
{
    private static readonly Gen<AllocationOption> GenOption = Gen.Select(Gen.Int[-5, 40], Gen.Int[0, 12], (v, c) => new AllocationOption(v, c));

    private static readonly Gen<AllocationGroup> GenGroup = Gen.Select(Gen.Int[0, 3], GenOption.List[0, 4], (n, o) => new AllocationGroup(n, o));

    /// <summary>Published: items of Martello and Toth (1990), "Knapsack Problems", example 2.2: w 31 10 20 19 4 3 6, p 70 20 39 37 7 5 10, capacity 50; optimum 107.</summary>
    [Fact]
    public void A_published_knapsack_is_solved()
    {
        (double Value, long Cost)[] items = [(70, 31), (20, 10), (39, 20), (37, 19), (7, 4), (5, 3), (10, 6)];
        var solved = BudgetAllocation.Solve([.. items.Select(i => new AllocationGroup(1, [new AllocationOption(i.Value, i.Cost)]))], 50);
        Assert.Equal((107, 50, true), (solved.Value, solved.Cost, solved.Exact));
    }

    [Fact]
    public void A_few_customers_are_allocated_as_by_counting_out() =>
        Gen.Select(GenGroup.List[1, 3], Gen.Int[0, 40]).Sample(
            (groups, budget) =>
            {
                var solved = BudgetAllocation.Solve(groups, budget);
                Assert.True(solved.Exact);
                Assert.Equal(ByProgramming(groups, budget), solved.Value, 9);
                CheckSums(groups, solved, budget);
            },
            iter: 2000);

    [Fact]
    public void Ninety_nine_customers_are_allocated_exactly()
    {
        var chance = new RandomStream(7);
        for (var market = 0; market < 10; market++)
        {
            var groups = Customers(99, ref chance);
            var budget = groups.Sum(g => g.Options.Max(o => o.Cost)) / 4;
            var solved = BudgetAllocation.Solve(groups, budget);
            Assert.True(solved.Exact);
            Assert.Equal(ByProgramming(groups, budget), solved.Value, 6);
            CheckSums(groups, solved, budget);
        }
    }

    [Theory]
    [InlineData(200, 10)]
    [InlineData(1000, 3)]
    public void From_200_customers_on_at_most_a_hundredth_of_the_optimum_is_missing(int customers, int markets)
    {
        var chance = new RandomStream((ulong)customers);
        for (var market = 0; market < markets; market++)
        {
            var groups = Customers(customers, ref chance);
            var budget = groups.Sum(g => g.Options.Max(o => o.Cost)) / (market + 2);
            var solved = BudgetAllocation.Solve(groups, budget);
            var best = ByProgramming(groups, budget);
            Assert.InRange(solved.Value, 0.99 * best, best + 1e-6);
            Assert.True(solved.Bound >= best - 1e-6);
            CheckSums(groups, solved, budget);
        }
    }

    [Fact]
    public void Among_a_million_customers_the_reported_gap_is_below_half_a_percent()
    {
        var chance = new RandomStream(11);
        var groups = Customers(300, ref chance).Select((g, i) => g with { Customers = 100 + (i * 43) }).ToList();
        Assert.InRange(groups.Sum(g => g.Customers), 1_000_000, 3_000_000);
        var most = groups.Sum(g => g.Customers * g.Options.Max(o => o.Cost));
        foreach (var share in new[] { 0.0001, 0.01, 0.1, 0.5 })
        {
            var solved = BudgetAllocation.Solve(groups, (long)(share * most));
            Assert.InRange(solved.GapShare, 0, 0.005);
            CheckSums(groups, solved, (long)(share * most));
        }
    }

    [Fact]
    public void More_budget_never_lowers_the_optimum() =>
        Gen.Select(GenGroup.List[1, 6], Gen.Int[0, 60], Gen.Int[0, 20]).Sample(
            (groups, budget, more) => Assert.True(BudgetAllocation.Solve(groups, budget + more).Value >= BudgetAllocation.Solve(groups, budget).Value - 1e-9));

    [Fact]
    public void Permuting_options_and_groups_permutes_the_result() =>
        Gen.Select(GenGroup.List[1, 5], Gen.Int[0, 40]).Sample((groups, budget) =>
        {
            var turned = groups.Select(g => g with { Options = [.. g.Options.Reverse()] }).Reverse().ToList();
            Assert.Equal(BudgetAllocation.Solve(groups, budget).Value, BudgetAllocation.Solve(turned, budget).Value, 9);
        });

    [Fact]
    public void What_brings_nothing_is_never_chosen_and_without_need_nothing_has_a_price()
    {
        var solved = BudgetAllocation.Solve([new AllocationGroup(5, [new AllocationOption(0, 0), new AllocationOption(-3, 1), new AllocationOption(2, 4)])], 1_000);
        Assert.Equal([0, 0, 5], solved.Counts[0]);
        Assert.Equal((10, 20, 0, true), (solved.Value, solved.Cost, solved.Price, solved.Exact));
    }

    [Fact]
    public void Costs_below_zero_and_values_without_end_are_refused()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => BudgetAllocation.Solve([new AllocationGroup(1, [new AllocationOption(1, -1)])], 5));
        Assert.Throws<ArgumentException>(() => BudgetAllocation.Solve([new AllocationGroup(1, [new AllocationOption(double.NaN, 1)])], 5));
        Assert.Throws<ArgumentOutOfRangeException>(() => BudgetAllocation.Solve([], -1));
    }

    private static void CheckSums(IReadOnlyList<AllocationGroup> groups, AllocationPlan solved, long budget)
    {
        Assert.True(solved.Cost <= budget);
        for (var g = 0; g < groups.Count; g++)
        {
            Assert.All(solved.Counts[g], c => Assert.True(c >= 0));
            Assert.True(solved.Counts[g].Sum() <= groups[g].Customers);
        }

        Assert.Equal(solved.Value, groups.Select((g, i) => g.Options.Select((o, j) => o.Value * solved.Counts[i][j]).Sum()).Sum(), 3);
        Assert.Equal(solved.Cost, groups.Select((g, i) => g.Options.Select((o, j) => o.Cost * solved.Counts[i][j]).Sum()).Sum());
    }

    /// <summary>The optimum by dynamic programming over every budget up to the given one.</summary>
    private static double ByProgramming(IReadOnlyList<AllocationGroup> groups, long budget)
    {
        var best = new double[budget + 1];
        foreach (var group in groups)
        {
            for (var customer = 0; customer < group.Customers; customer++)
            {
                for (var b = budget; b >= 0; b--)
                {
                    var most = best[b];
                    foreach (var option in group.Options)
                    {
                        most = option.Cost <= b ? Math.Max(most, best[b - option.Cost] + option.Value) : most;
                    }

                    best[b] = most; // Lower budgets still stand as before this customer.
                }
            }
        }

        return best[budget];
    }

    /// <summary>Customers each with three offers of their own: the deeper the discount, the more it brings, at falling returns.</summary>
    private static List<AllocationGroup> Customers(int count, ref RandomStream chance)
    {
        var groups = new List<AllocationGroup>(count);
        for (var i = 0; i < count; i++)
        {
            var worth = Math.Exp(chance.Normal());
            var options = new List<AllocationOption>();
            for (var depth = 1; depth <= 3; depth++)
            {
                options.Add(new AllocationOption((worth * Math.Sqrt(depth)) + (0.2 * chance.Normal()), 5 + (long)(30 * depth * (0.5 + chance.Uniform()))));
            }

            groups.Add(new AllocationGroup(1, options));
        }

        return groups;
    }
}
