using Campaigns.Core.Primitives;
using Campaigns.Core.Profiles;
using Campaigns.Core.Storage;
using MemoryPack;

namespace Campaigns.Core.Planning;

/// <summary>
/// What planning a run came to: result of stage "assign", and the summary of each of its parts. Every member of the audience
/// is counted once: treated, held out or skipped.
/// </summary>
[MemoryPackable]
public sealed partial record RunPlan : IStoredRow
{
    /// <inheritdoc/>
    public static byte Version => 1;

    /// <summary>Assigned customers, by segment, variant and channel.</summary>
    public PlanCell[] Cells { get; init; } = [];

    /// <summary>Customers who take no part, by segment and reason.</summary>
    public SkippedCell[] Skipped { get; init; } = [];

    /// <summary>Members of the audience, by segment.</summary>
    public AudienceCell[] Audience { get; init; } = [];

    /// <summary>Assigned customers who bought in the equally long window before, by the <see cref="OnePercentBins"/> of what they spent; rising, only bins with any.</summary>
    public PriorBin[] Prior { get; init; } = [];

    /// <summary>What of a customer's spending counts in the headline, from the spending before assignment; null = all of it.</summary>
    [MemoryPackIgnore]
    public long? SpendCapMinor => SpendCap.Of(Prior);

    /// <summary>Treated customers.</summary>
    [MemoryPackIgnore]
    public long Treated => Cells.Sum(c => c.Treated);

    /// <summary>Customers in the control group.</summary>
    [MemoryPackIgnore]
    public long HeldOut => Cells.Sum(c => c.HeldOut);

    /// <summary>Customers who take no part.</summary>
    [MemoryPackIgnore]
    public long SkippedCustomers => Skipped.Sum(c => c.Customers);

    /// <summary>Members of the audience.</summary>
    [MemoryPackIgnore]
    public long AudienceCustomers => Audience.Sum(c => c.Customers);

    /// <summary>Skipped customers by reason.</summary>
    public IReadOnlyDictionary<string, long> SkippedByReason() =>
        Skipped.GroupBy(s => s.Reason, StringComparer.Ordinal).ToDictionary(g => g.Key, g => g.Sum(s => s.Customers), StringComparer.Ordinal);
}

/// <summary>Customers assigned in a cell. The variant and channel of held-out customers are those that they would have had.</summary>
/// <param name="Segment">Primary segment.</param>
/// <param name="Treatment">Message variant.</param>
/// <param name="Channel">Channel.</param>
/// <param name="Treated">Drew the variant.</param>
/// <param name="HeldOut">Drew nothing.</param>
/// <param name="TreatedPartsPerMillion">Sum over the cell's customers of the probability of not drawing nothing, in parts per million: ÷ 10⁶ the number of treated to be expected.</param>
[MemoryPackable]
public readonly partial record struct PlanCell(string Segment, string Treatment, Channel Channel, long Treated, long HeldOut, long TreatedPartsPerMillion);

/// <summary>Customers skipped for a reason of <see cref="ExclusionReasons"/>.</summary>
[MemoryPackable]
public readonly partial record struct SkippedCell(string Segment, string Reason, long Customers);

/// <summary>Customers whose earlier spending falls into the bin.</summary>
[MemoryPackable]
public readonly partial record struct PriorBin(int Bin, long Customers);

/// <summary>Members of the audience in a segment.</summary>
[MemoryPackable]
public readonly partial record struct AudienceCell(string Segment, long Customers);

/// <summary>Adds up a <see cref="RunPlan"/>, customer by customer or plan by plan. Integers only, written in key order: the same for any number of buckets.</summary>
public sealed class RunPlanTally
{
    private readonly Dictionary<(string Segment, string Treatment, Channel Channel), PlanCell> cells = [];
    private readonly Dictionary<(string Segment, string Reason), long> skipped = [];
    private readonly Dictionary<string, long> audience = new(StringComparer.Ordinal);
    private readonly SortedDictionary<int, long> prior = [];

    /// <summary>Counts an assigned customer.</summary>
    public void Assigned(AssignmentRow row)
    {
        var treated = StableHash.Million - row.Candidates[0].PartsPerMillion;
        Add(new PlanCell(row.Segment, row.Treatment, row.Channel, row.HeldOut ? 0 : 1, row.HeldOut ? 1 : 0, treated));
        Add(new AudienceCell(row.Segment, 1));
        if (row.Outcome.PriorMinor > 0)
        {
            Add(new PriorBin(OnePercentBins.Of(row.Outcome.PriorMinor), 1));
        }
    }

    /// <summary>Counts a customer who takes no part.</summary>
    public void Skipped(string segment, string reason)
    {
        Add(new SkippedCell(segment, reason, 1));
        Add(new AudienceCell(segment, 1));
    }

    /// <summary>Adds a plan.</summary>
    public void Add(RunPlan plan)
    {
        Array.ForEach(plan.Cells, Add);
        Array.ForEach(plan.Skipped, Add);
        Array.ForEach(plan.Audience, Add);
        Array.ForEach(plan.Prior, Add);
    }

    /// <summary>The plan. Throws where its parts do not add up to the audience.</summary>
    public RunPlan ToPlan()
    {
        var plan = new RunPlan
        {
            Cells = [.. cells.Values.OrderBy(c => c.Segment, StringComparer.Ordinal).ThenBy(c => c.Treatment, StringComparer.Ordinal).ThenBy(c => c.Channel)],
            Skipped = [.. skipped.Select(s => new SkippedCell(s.Key.Segment, s.Key.Reason, s.Value))
                .OrderBy(s => s.Segment, StringComparer.Ordinal).ThenBy(s => s.Reason, StringComparer.Ordinal)],
            Audience = [.. audience.Select(a => new AudienceCell(a.Key, a.Value)).OrderBy(a => a.Segment, StringComparer.Ordinal)],
            Prior = [.. prior.Select(p => new PriorBin(p.Key, p.Value))],
        };
        return plan.Treated + plan.HeldOut + plan.SkippedCustomers == plan.AudienceCustomers
            ? plan
            : throw new InvalidDataException(
                $"A run's plan does not add up: {plan.Treated} treated + {plan.HeldOut} held out + {plan.SkippedCustomers} skipped are not {plan.AudienceCustomers}.");
    }

    private void Add(PlanCell cell)
    {
        var key = (cell.Segment, cell.Treatment, cell.Channel);
        var sum = cells.GetValueOrDefault(key);
        cells[key] = cell with
        {
            Treated = sum.Treated + cell.Treated,
            HeldOut = sum.HeldOut + cell.HeldOut,
            TreatedPartsPerMillion = sum.TreatedPartsPerMillion + cell.TreatedPartsPerMillion,
        };
    }

    private void Add(SkippedCell cell) =>
        skipped[(cell.Segment, cell.Reason)] = skipped.GetValueOrDefault((cell.Segment, cell.Reason)) + cell.Customers;

    private void Add(PriorBin bin) => prior[bin.Bin] = prior.GetValueOrDefault(bin.Bin) + bin.Customers;

    private void Add(AudienceCell cell) => audience[cell.Segment] = audience.GetValueOrDefault(cell.Segment) + cell.Customers;
}
