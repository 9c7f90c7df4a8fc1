using Campaigns.Core.Ingest;
using Campaigns.Core.Jobs;
using Campaigns.Core.Primitives;
using Campaigns.Core.Profiles;
using Campaigns.Core.Storage;

namespace Campaigns.Core.Segments;

/// <summary>First stage of a recompute: one scan of a bucket's histories; merged, the shop's parameters.</summary>
public sealed class SurveyStep : IJobStage
{
    /// <summary>Name of the stage; its result is <see cref="SegmentParameters"/>.</summary>
    public const string Stage = "survey";

    /// <summary>Queue of both stages.</summary>
    public const string SegmentQueue = "segment";

    /// <inheritdoc/>
    public string Kind => RecomputeInputs.JobKind;

    /// <inheritdoc/>
    public string Name => Stage;

    /// <inheritdoc/>
    public int Order => 0;

    /// <inheritdoc/>
    public string Queue => SegmentQueue;

    /// <inheritdoc/>
    public bool PerBucket => true;

    /// <inheritdoc/>
    public async ValueTask<PartOutcome> RunAsync(JobContext context, int part, CancellationToken cancellation)
    {
        var survey = NewSurvey(context, context.Settings.Buckets);
        using var histories = new RowCursor(context.Rows, Bucketing.Partition(part), "h|");
        while (await histories.NextAsync(cancellation) is { } row)
        {
            survey.Add(RowCodec.Decode<PurchaseHistory>(row.Payload));
            context.Advance(1);
        }

        return new PartOutcome.Done(RowCodec.Encode(survey.ToSummary()));
    }

    /// <inheritdoc/>
    public async ValueTask<ReadOnlyMemory<byte>> MergeAsync(JobContext context, IAsyncEnumerable<ReadOnlyMemory<byte>> summaries, CancellationToken cancellation)
    {
        var survey = NewSurvey(context, 1);
        await foreach (var summary in summaries.WithCancellation(cancellation))
        {
            survey.Merge(RowCodec.Decode<SurveySummary>(summary));
        }

        var charges = new HashSet<string>(StringComparer.Ordinal);
        await foreach (var row in context.Rows.ScanAsync(Tables.Products, Tables.All, " ", "~~~", cancellation))
        {
            var product = RowCodec.Decode<ProductRow>(row.Payload);
            if (ChargeNames.IsCharge(product.Name) || ChargeNames.IsCharge(product.Sku))
            {
                charges.Add(product.Sku);
            }
        }

        return RowCodec.Encode(survey.ToSummary().ToParameters(context.Head.Job, context.Head.AsOf, context.Inputs<RecomputeInputs>(), charges));
    }

    private static Survey NewSurvey(JobContext context, int buckets) => new(context.Head.AsOf, context.Inputs<RecomputeInputs>().ModelSettings, buckets);
}
