using Campaigns.Core.Jobs;
using Campaigns.Core.Offers.Learning;
using Campaigns.Core.Planning.Coordination;
using Campaigns.Core.Planning.Terms;
using Campaigns.Core.Primitives;
using Campaigns.Core.Profiles;
using Campaigns.Core.Storage;

namespace Campaigns.Core.Planning.Constraints;

/// <summary>
/// Stage "weigh" of a run: counts the audience by what it can draw, and fits the probabilities to what is short. A run where
/// nothing is short is done at once.
/// </summary>
public sealed class WeighStep : IJobStage
{
    /// <summary>Name of the stage; its result is the <see cref="Weighing"/>.</summary>
    public const string StageName = "weigh";

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

    /// <summary>Until the runs before it have assigned their customers.</summary>
    public ValueTask<bool> WaitsAsync(JobContext context, CancellationToken cancellation) =>
        RunOrder.WaitsAsync(context.Rows, context.Head.Job, context.Inputs<RunInputs>(), cancellation);

    /// <summary>The run's frame as later stages use it: with what its constraints came to.</summary>
    public static async ValueTask<RunFrame> FrameAsync(JobContext context, CancellationToken cancellation) =>
        await FrameAsync(context, RowCodec.Decode<Weighing>(await context.ResultAsync(StageName, cancellation)), cancellation);

    /// <inheritdoc/>
    public async ValueTask<PartOutcome> RunAsync(JobContext context, int part, CancellationToken cancellation)
    {
        var frame = await FrameAsync(context, null, cancellation);
        var tally = new AudienceWeightsTally();
        if (frame.IsConstrained)
        {
            await foreach (var batch in AudienceScan.ScanAsync(context.Rows, part, frame, cancellation))
            {
                await AddAsync(context.Rows, part, frame, batch, tally, cancellation);
                context.Advance(batch.Passed);
            }
        }

        return new PartOutcome.Done(RowCodec.Encode(tally.ToWeights()));
    }

    /// <inheritdoc/>
    public async ValueTask<ReadOnlyMemory<byte>> MergeAsync(JobContext context, IAsyncEnumerable<ReadOnlyMemory<byte>> summaries, CancellationToken cancellation)
    {
        var tally = new AudienceWeightsTally();
        await foreach (var summary in summaries)
        {
            tally.Add(RowCodec.Decode<AudienceWeights>(summary));
        }

        var frame = await FrameAsync(context, null, cancellation);
        return RowCodec.Encode(await WeighAsync(context.Rows, frame, tally.ToWeights(), context.Settings.Currency, cancellation));
    }

    /// <summary>Counts the members of a batch who pass the gates.</summary>
    internal static async ValueTask AddAsync(IRowStore rows, int bucket, RunFrame frame, AudienceBatch batch, AudienceWeightsTally tally, CancellationToken cancellation)
    {
        // Of buying only a budget needs to know.
        var histories = frame.Inputs.BudgetMicros is null
            ? []
            : await RowJoin.LoadAsync<PurchaseHistory>(rows, Bucketing.Partition(bucket), "h|", [.. batch.Members.Select(m => m.Key)], cancellation);
        foreach (var member in batch.Members)
        {
            if (frame.GatesOf(member) is Eligibility.Eligible eligible)
            {
                tally.Add(frame, member, eligible.Treatments, histories.GetValueOrDefault(member.Key));
            }
        }
    }

    /// <summary>What the constraints come to for an audience.</summary>
    internal static async ValueTask<Weighing> WeighAsync(IRowStore rows, RunFrame frame, AudienceWeights weights, string currency, CancellationToken cancellation)
    {
        if (!frame.IsConstrained)
        {
            return new Weighing();
        }

        IReadOnlyList<RunEvidence> evidence = frame.Inputs.Policy is null
            ? []
            : await new EvidenceRows(rows).BeforeAsync(frame.Inputs.Campaign.Id, frame.Inputs.Occurrence, cancellation);
        return ConstrainedPolicy.Of(frame.Inputs, weights, evidence, Money.MicrosPerMinor(currency));
    }

    /// <summary>With what other runs of the day decided before it, to scan its audience with.</summary>
    private static async ValueTask<RunFrame> FrameAsync(JobContext context, Weighing? weighing, CancellationToken cancellation)
    {
        var (run, inputs) = (context.Head.Job, context.Inputs<RunInputs>());
        return new RunFrame(run, context.Head.AsOf, inputs, Convert.ToHexStringLower(context.Settings.Salt), weighing)
        {
            Buckets = context.Settings.Buckets,
            Before = await RunOrder.BeforeAsync(context.Rows, run, inputs, cancellation),
            Rules = await OfferRules.LoadAsync(context.Rows, context.Blobs, inputs, context.Head.AsOf, cancellation),
        };
    }
}
