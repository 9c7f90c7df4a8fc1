using Campaigns.Core.Ingest;
using Campaigns.Core.Jobs;
using Campaigns.Core.Primitives;
using Campaigns.Core.Profiles;
using Campaigns.Core.Segments.Rules;
using Campaigns.Core.Storage;

namespace Campaigns.Core.Segments;

/// <summary>
/// Second stage of a recompute: one scan of a bucket's histories beside its memberships and customers; writes the
/// memberships that change and counts. Merged, the report and the related products; then "segments" points at it.
/// </summary>
public sealed class ClassifyStep(Workspace workspace) : IJobStage
{
    /// <summary>Name of the stage; its result is <see cref="SegmentReport"/>.</summary>
    public const string Stage = "classify";

    /// <summary>Purpose of the sample of customers whose pairs of products are counted.</summary>
    internal const string PairSample = "pairs";

    /// <summary>Name under which <see cref="Workspace.LatestAsync"/> finds the last finished recompute.</summary>
    public const string Latest = "segments";

    /// <summary>Customers whose pairs of products are counted, about: fewer in tests.</summary>
    internal int PairCustomers { get; init; } = PairCounts.Wanted;

    /// <inheritdoc/>
    public string Kind => RecomputeInputs.JobKind;

    /// <inheritdoc/>
    public string Name => Stage;

    /// <inheritdoc/>
    public int Order => 1;

    /// <inheritdoc/>
    public string Queue => SurveyStep.SegmentQueue;

    /// <inheritdoc/>
    public bool PerBucket => true;

    /// <inheritdoc/>
    public async ValueTask<PartOutcome> RunAsync(JobContext context, int part, CancellationToken cancellation)
    {
        var (partition, inputs) = (Bucketing.Partition(part), context.Inputs<RecomputeInputs>());
        var parameters = await ParametersAsync(context, cancellation);
        var classifier = new Classifier(inputs.Compile(), parameters, context.Head.AsOf);
        var (tally, pairs) = (TallyOf(classifier.Scheme, context, inputs), new PairCounts(parameters.TopProducts));
        var writes = new MembershipWrites(context.Rows, partition, classifier.Scheme, context.Head.AsOf);
        var conditions = new ConditionSample(classifier, parameters.Customers);
        var pairSample = new CustomerSample(PairSample, PairCustomers, parameters.Customers);
        var asksForProducts = classifier.AsksForProducts;
        using var scan = new CustomerScan(context.Rows, partition);
        while (await scan.NextAsync(cancellation) is { } rows)
        {
            var paired = pairSample.Holds(rows.Key);
            var history = Decode(rows.History, paired || asksForProducts);
            var customer = RowCodec.Decode<CustomerRow>(rows.Customer);
            var placements = RowCodec.Decode<PlacementRow>(rows.Placement);
            var facts = classifier.FactsOf(history, customer, placements);
            var set = classifier.Compiled.Classify(facts);
            conditions.Add(rows.Key, facts);
            var stands = await writes.ApplyAsync(rows.CustomerKey, set, rows.Membership, cancellation);
            tally.Add(new Classified(rows.Key, history, customer, set, stands));
            if (history is not null && paired)
            {
                pairs.Add(history);
            }

            context.Advance(1);
        }

        await writes.FlushAsync(cancellation);
        return new PartOutcome.Done(RowCodec.Encode(tally.ToSummary(pairs.ToBytes(), conditions.Counts.ToArray())));
    }

    /// <inheritdoc/>
    public async ValueTask<ReadOnlyMemory<byte>> MergeAsync(JobContext context, IAsyncEnumerable<ReadOnlyMemory<byte>> summaries, CancellationToken cancellation)
    {
        var inputs = context.Inputs<RecomputeInputs>();
        var parameters = await ParametersAsync(context, cancellation);
        var scheme = inputs.Compile();
        var (tally, pairs, conditions) = (TallyOf(scheme.Scheme, context, inputs), new PairCounts(parameters.TopProducts), new ConditionCounts(scheme));
        await foreach (var bytes in summaries.WithCancellation(cancellation))
        {
            var summary = RowCodec.Decode<TallySummary>(bytes);
            tally.Merge(summary);
            pairs.Merge(summary.Pairs);
            conditions.Merge(summary.Conditions);
        }

        await using (var blob = await context.Blobs.CreateAsync(RelatedProducts.BlobOf(context.Head.Job), cancellation))
        {
            await blob.Stream.WriteAsync(RowCodec.Encode(RelatedProducts.From(parameters.TopProducts, pairs)), cancellation);
            blob.Complete();
        }

        var report = tally.ToReport(context.Head.Job, inputs.SchemeNumber) with
        {
            Preliminary = [.. parameters.Model?.Preliminary.Select(p => p.Sentence) ?? []],
            IdleConditions = IdleCondition.Of(conditions),
            ConditionCustomers = conditions.ToArray()[0],
        };
        await SegmentSeries.AddAsync(context.Rows, SegmentPoint.Of(report) with { Orders = parameters.Orders }, cancellation);
        // The pointer may move a moment before the result row is inserted: readers then wait for the row (see SegmentReader).
        await workspace.SetLatestAsync(Latest, context.Head, cancellation);
        return RowCodec.Encode(report);
    }

    private static PurchaseHistory? Decode(BufferedRow? row, bool withProducts) =>
        withProducts || row is not { } found ? RowCodec.Decode<PurchaseHistory>(row) : PurchaseHistory.WithoutProducts(found.Payload);

    private static SegmentTally TallyOf(SegmentScheme scheme, JobContext context, RecomputeInputs inputs) =>
        new(scheme, context.Head.AsOf, inputs.Previous, inputs.Attributes);

    private static async ValueTask<SegmentParameters> ParametersAsync(JobContext context, CancellationToken cancellation) =>
        RowCodec.Decode<SegmentParameters>(await context.ResultAsync(SurveyStep.Stage, cancellation));
}
