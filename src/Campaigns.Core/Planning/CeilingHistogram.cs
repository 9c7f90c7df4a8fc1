using Campaigns.Core.Offers.Codes;
using Campaigns.Core.Storage;
using MemoryPack;

namespace Campaigns.Core.Planning;

/// <summary>Messages drawn and their cost by rank, of one bucket. Only bins with any, by bin.</summary>
[MemoryPackable]
public sealed partial record CeilingHistogram : IStoredRow
{
    /// <summary>2: messages of limited variants are counted apart.</summary>
    public static byte Version => 2;

    /// <summary>Bins, rising.</summary>
    public int[] Bin { get; init; } = [];

    /// <summary>Messages per bin.</summary>
    public int[] Sends { get; init; } = [];

    /// <summary>Cost per bin, in micro-units of the major unit.</summary>
    public long[] CostMicros { get; init; } = [];

    /// <summary>Messages per limited variant and bin, in the order of <see cref="RunFrame.Limited"/>.</summary>
    public int[][] LimitedSends { get; init; } = [];

    /// <summary>Sending cost and what is reserved for discounts and benefits per bin, in micro-units of the major unit.</summary>
    public long[] ReservedMicros { get; init; } = [];

    /// <summary>Messages and cost in the bins before <paramref name="outside"/>.</summary>
    public CeilingAllowance Before(int outside)
    {
        var sum = default(CeilingAllowance);
        for (var i = 0; i < Bin.Length && Bin[i] < outside; i++)
        {
            sum = sum.Plus(new CeilingAllowance(Sends[i], CostMicros[i], ReservedMicros[i]));
        }

        return sum;
    }

    /// <summary>Messages of a limited variant in the bins before <paramref name="outside"/>.</summary>
    public long LimitedBefore(int limited, int outside)
    {
        var sum = 0L;
        for (var i = 0; i < Bin.Length && Bin[i] < outside; i++)
        {
            sum += LimitedSends[limited][i];
        }

        return sum;
    }
}

/// <summary>Counts what a bucket's customers draw, by rank.</summary>
internal sealed class CeilingTally(RunFrame frame)
{
    private readonly SortedDictionary<int, CeilingAllowance> bins = [];
    private readonly Dictionary<int, int>[] limited = [.. frame.Limited.Select(_ => new Dictionary<int, int>())];

    /// <summary>Adds what the members would be sent, and its cost, to their ranks' bins.</summary>
    public void Add(IReadOnlyList<AudienceMember> members)
    {
        foreach (var member in members)
        {
            if (frame.Decide(member, null) is not PlanDecision.Assigned { Assignment: { HeldOut: false } assignment })
            {
                continue;
            }

            var (bin, spend) = (Ceiling.BinOf(frame.Salt, frame.Run, member.Key), frame.SpendOf(member.Segment, assignment));
            bins[bin] = bins.GetValueOrDefault(bin).Plus(spend);
            if (frame.LimitedPlace(assignment.Drawn.Treatment.Id) is var place and >= 0)
            {
                limited[place][bin] = limited[place].GetValueOrDefault(bin) + 1;
            }
        }
    }

    public CeilingHistogram ToHistogram() => new()
    {
        Bin = [.. bins.Keys],
        Sends = [.. bins.Values.Select(v => checked((int)v.Sends))],
        CostMicros = [.. bins.Values.Select(v => v.CostMicros)],
        ReservedMicros = [.. bins.Values.Select(v => v.ReservedMicros)],
        LimitedSends = Array.ConvertAll(limited, counts => bins.Keys.Select(bin => counts.GetValueOrDefault(bin)).ToArray()),
    };
}

/// <summary>What was drawn, or what a bucket may draw.</summary>
/// <param name="Sends">Messages.</param>
/// <param name="CostMicros">Their sending cost, micro-units of the major unit.</param>
/// <param name="ReservedMicros">That and what is reserved for discounts and benefits; the same unit.</param>
[MemoryPackable]
public readonly partial record struct CeilingAllowance(long Sends, long CostMicros, long ReservedMicros)
{
    /// <summary>Both.</summary>
    public CeilingAllowance Plus(CeilingAllowance more) => new(Sends + more.Sends, CostMicros + more.CostMicros, ReservedMicros + more.ReservedMicros);

    /// <summary>Within the allowance.</summary>
    public bool Within(CeilingAllowance allowance) =>
        Sends <= allowance.Sends && CostMicros <= allowance.CostMicros && ReservedMicros <= allowance.ReservedMicros;
}

/// <summary>A variant of which there is only so much: messages that each bucket may draw of it, by bucket.</summary>
[MemoryPackable]
public sealed partial record LimitedVariant(string Treatment, long[] ByBucket)
{
    /// <summary>Messages of it in all.</summary>
    [MemoryPackIgnore]
    public long Sends => ByBucket.Sum();
}

/// <summary>Result of stage "count": where the run ends, and what each bucket may spend at most.</summary>
[MemoryPackable]
public sealed partial record CeilingPlan : IStoredRow
{
    /// <summary>2: limited variants.</summary>
    public static byte Version => 2;

    /// <summary>The first rank bin outside; null = the run has no ceiling.</summary>
    public int? FirstBinOutside { get; init; }

    /// <summary>What each bucket may spend, by bucket; their sum is within the ceiling. Empty without a ceiling.</summary>
    public CeilingAllowance[] Allowances { get; init; } = [];

    /// <summary>The run's limited variants (a stock, or a pool of codes), in the order of <see cref="RunFrame.Limited"/>.</summary>
    public LimitedVariant[] Limited { get; init; } = [];

    /// <summary>The codes that are the run's: a range for each variant whose offer has a pool.</summary>
    public CodeReservation[] Codes { get; init; } = [];
}
