namespace Campaigns.Core.Offers.Allocation;

/// <summary>Something that can be done for a customer instead of nothing.</summary>
/// <param name="Value">What it is expected to bring over doing nothing, in any unit; finite. Not above 0: it is never chosen.</param>
/// <param name="Cost">What it takes of the budget, ≥ 0.</param>
public readonly record struct AllocationOption(double Value, long Cost);

/// <summary>Customers for whom the same options stand open, at the same values and costs.</summary>
/// <param name="Customers">How many, ≥ 0.</param>
/// <param name="Options">Their options, beside nothing.</param>
public sealed record AllocationGroup(long Customers, IReadOnlyList<AllocationOption> Options);

/// <summary>Who gets what under a budget, and how far that can be from the best.</summary>
public sealed record AllocationPlan
{
    /// <summary>Customers of each group who get each of its options; the others get nothing.</summary>
    public required long[][] Counts { get; init; }

    /// <summary>What it is expected to bring.</summary>
    public required double Value { get; init; }

    /// <summary>What it takes of the budget; never above it.</summary>
    public required long Cost { get; init; }

    /// <summary>Value that one more unit of budget would bring: the Lagrange multiplier of the relaxed problem. 0 where the budget does not bind.</summary>
    public required double Price { get; init; }

    /// <summary>No allocation brings more: the Lagrangian dual, which is the linear relaxation's optimum.</summary>
    public required double Bound { get; init; }

    /// <summary>It is the best there is (to one part in 10⁹).</summary>
    public required bool Exact { get; init; }

    /// <summary>The most that is missing to the best, as a share of it, in [0, 1].</summary>
    public double GapShare => Exact || Bound <= 0 ? 0 : Math.Max(0, (Bound - Value) / Bound);
}
