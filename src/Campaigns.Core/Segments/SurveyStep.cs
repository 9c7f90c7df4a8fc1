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

    private const string HistoryPrefix = "h|";

    /// <summary>Purpose of the sample of customers whose products are counted.</summary>
    internal const string ProductSample = "products";

    /// <summary>
    /// Customers whose products are counted, about, where only the most bought are asked for: a product that one in 1,000 bought is
    /// counted 100 times, held to 10 %. How many there are is not known before the scan: the recompute
    /// before tells, and the first one counts all.
    /// </summary>
    internal int ProductCustomers { get; init; } = PairCounts.Wanted;

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
        var inputs = context.Inputs<RecomputeInputs>();
        // Usual prices are of every line.
        var products = new CustomerSample(ProductSample, inputs.DiscountsKnown ? ProductCustomers : int.MaxValue, inputs.Previous?.Customers ?? 0);
        using var histories = new RowCursor(context.Rows, Bucketing.Partition(part), HistoryPrefix);
        while (await histories.NextAsync(cancellation) is { } row)
        {
            survey.Add(products.Holds(row.Key[HistoryPrefix.Length..]) ? RowCodec.Decode<PurchaseHistory>(row.Payload) : PurchaseHistory.WithoutProducts(row.Payload));
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
