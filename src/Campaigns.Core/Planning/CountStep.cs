using Campaigns.Core.Jobs;
using Campaigns.Core.Offers.Codes;
using Campaigns.Core.Planning.Codes;
using Campaigns.Core.Planning.Constraints;
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
    public int Order => 1;

    /// <inheritdoc/>
    public string Queue => "plan";

    /// <inheritdoc/>
    public bool PerBucket => true;

    /// <inheritdoc/>
    public async ValueTask<PartOutcome> RunAsync(JobContext context, int part, CancellationToken cancellation)
    {
        var frame = await WeighStep.FrameAsync(context, cancellation);
        var tally = new CeilingTally(frame);
        if (frame.HasCeiling)
        {
            await foreach (var batch in AudienceScan.ScanAsync(context.Rows, part, frame, cancellation))
            {
                tally.Add(batch.Members);
                context.Advance(batch.Passed);
            }
        }

        return new PartOutcome.Done(RowCodec.Encode(tally.ToHistogram()));
    }

    /// <inheritdoc/>
    public async ValueTask<ReadOnlyMemory<byte>> MergeAsync(JobContext context, IAsyncEnumerable<ReadOnlyMemory<byte>> summaries, CancellationToken cancellation)
    {
        var frame = await WeighStep.FrameAsync(context, cancellation);
        var buckets = new List<CeilingHistogram>();
        await foreach (var summary in summaries)
        {
            buckets.Add(RowCodec.Decode<CeilingHistogram>(summary));
        }

        return RowCodec.Encode(frame.HasCeiling ? await WithCodesAsync(context, frame, PlanOf(frame, buckets), cancellation) : new CeilingPlan());
    }

    /// <summary>The plan with the codes that it needs; without enough of them the run ends here, before anybody is assigned.</summary>
    private static async ValueTask<CeilingPlan> WithCodesAsync(JobContext context, RunFrame frame, CeilingPlan plan, CancellationToken cancellation)
    {
        var campaign = frame.Inputs.Campaign;
        var needs = CodeNeeds.Of(campaign, plan);
        if (needs.Count == 0)
        {
            return plan;
        }

        switch (await new CodePools(context.Rows).ReserveAsync(campaign.Id, frame.Run, needs, cancellation))
        {
            case CodeGrant.Granted granted:
                return plan with { Codes = [.. granted.Ranges] };
            case CodeGrant.TooFew refused:
                await context.Rows.UpdateAsync<Campaign>(
                    Tables.Campaigns, Tables.All, campaign.Id, found => found is null ? null : found with { LaunchProblem = refused.Reason }, cancellation);
                throw new JobFailedException(refused.Reason);
            default:
                throw new InvalidOperationException("Codes are granted or refused.");
        }
    }

    /// <summary>The rank at which the buckets' messages reach a ceiling, and what each bucket draws below it.</summary>
    internal static CeilingPlan PlanOf(RunFrame frame, IReadOnlyList<CeilingHistogram> buckets)
    {
        var quantities = new List<(long[] ByBin, long Most)>
        {
            (Sum(buckets, h => h.Sends.Select(s => (long)s)), frame.Inputs.Campaign.MaxSends ?? long.MaxValue),
            (Sum(buckets, h => h.CostMicros), frame.Inputs.MaxSendCostMicros ?? long.MaxValue),
            (Sum(buckets, h => h.ReservedMicros), frame.Inputs.BudgetMicros ?? long.MaxValue),
        };
        quantities.AddRange(frame.Limited.Select((t, i) => (Sum(buckets, h => h.LimitedSends[i].Select(s => (long)s)), (long)(t.Offer.Stock ?? int.MaxValue))));
        var outside = Ceiling.FirstBinOutside(quantities);
        return new CeilingPlan
        {
            FirstBinOutside = outside,
            Allowances = [.. buckets.Select(b => b.Before(outside))],
            Limited = [.. frame.Limited.Select((t, i) => new LimitedVariant(t.Id, [.. buckets.Select(b => b.LimitedBefore(i, outside))]))],
        };
    }

    private static long[] Sum(IReadOnlyList<CeilingHistogram> buckets, Func<CeilingHistogram, IEnumerable<long>> quantity)
    {
        var sums = new long[Ceiling.Bins];
        foreach (var bucket in buckets)
        {
            foreach (var (bin, more) in bucket.Bin.Zip(quantity(bucket)))
            {
                sums[bin] += more;
            }
        }

        return sums;
    }
}
