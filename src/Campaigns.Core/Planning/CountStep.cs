using Campaigns.Core.Jobs;
using Campaigns.Core.Storage;

namespace Campaigns.Core.Planning;

/// <summary>
/// Stage "count" of a run: how many messages the run would draw, by rank, and from that where the ceilings end it. A run
/// without a ceiling has nothing to count: it is done at once, and "assign" counts while it assigns.
/// </summary>
public sealed class CountStep : IJobStage
{
    /// <summary>Name of the stage.</summary>
    public const string StageName = "count";

    /// <inheritdoc/>
    public string Kind => RunInputs.JobKind;

    /// <inheritdoc/>
    public string Name => StageName;

    /// <inheritdoc/>
    public int Order => 0;

    /// <inheritdoc/>
    public string Queue => "plan";

    /// <inheritdoc/>
    public bool PerBucket => true;

    /// <inheritdoc/>
    public async ValueTask<PartOutcome> RunAsync(JobContext context, int part, CancellationToken cancellation)
    {
        var frame = AssignStep.FrameOf(context);
        var bins = new SortedDictionary<int, CeilingAllowance>();
        if (frame.HasCeiling)
        {
            await foreach (var batch in AudienceScan.ScanAsync(context.Rows, part, frame, cancellation))
            {
                Count(frame, batch.Members, bins);
                context.Advance(batch.Passed);
            }
        }

        return new PartOutcome.Done(RowCodec.Encode(CeilingHistogram.Of(bins)));
    }

    /// <inheritdoc/>
    public async ValueTask<ReadOnlyMemory<byte>> MergeAsync(JobContext context, IAsyncEnumerable<ReadOnlyMemory<byte>> summaries, CancellationToken cancellation)
    {
        var frame = AssignStep.FrameOf(context);
        var buckets = new List<CeilingHistogram>();
        await foreach (var summary in summaries)
        {
            buckets.Add(RowCodec.Decode<CeilingHistogram>(summary));
        }

        return RowCodec.Encode(frame.HasCeiling ? PlanOf(frame, buckets) : new CeilingPlan());
    }

    /// <summary>Adds what the members would be sent, and its cost, to their rank's bins.</summary>
    internal static void Count(RunFrame frame, IReadOnlyList<AudienceMember> members, SortedDictionary<int, CeilingAllowance> bins)
    {
        foreach (var member in members)
        {
            if (frame.Decide(member, null) is PlanDecision.Assigned { Assignment.HeldOut: false } assigned)
            {
                var (bin, spend) = (Ceiling.BinOf(frame.Salt, frame.Run, member.Key), frame.SpendOf(assigned.Assignment));
                bins[bin] = bins.GetValueOrDefault(bin).Plus(spend.Sends, spend.CostMicros);
            }
        }
    }

    /// <summary>The rank at which the buckets' messages reach a ceiling, and what each bucket draws below it.</summary>
    internal static CeilingPlan PlanOf(RunFrame frame, IReadOnlyList<CeilingHistogram> buckets)
    {
        var (sends, cost) = (new long[Ceiling.Bins], new long[Ceiling.Bins]);
        foreach (var bucket in buckets)
        {
            for (var i = 0; i < bucket.Bin.Length; i++)
            {
                sends[bucket.Bin[i]] += bucket.Sends[i];
                cost[bucket.Bin[i]] += bucket.CostMicros[i];
            }
        }

        var outside = Ceiling.FirstBinOutside(sends, cost, frame.Inputs.Campaign.MaxSends, frame.Inputs.MaxSendCostMicros);
        return new CeilingPlan { FirstBinOutside = outside, Allowances = [.. buckets.Select(b => b.Before(outside))] };
    }
}
