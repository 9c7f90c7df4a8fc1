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

    /// <summary>Name under which <see cref="Workspace.LatestAsync"/> finds the last finished recompute.</summary>
    public const string Latest = "segments";

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
        var (partition, asOf) = (Bucketing.Partition(part), context.Head.AsOf);
        var parameters = await ParametersAsync(context, cancellation);
        var scheme = RetailScheme.Compiled;
        var (tally, pairs) = (new SegmentTally(scheme.Scheme, asOf), new PairCounts(parameters.TopProducts));
        var writes = new MembershipWrites(context.Rows, partition, scheme.Scheme, asOf);
        await using var memberships = new RowCursor(context.Rows, partition, "m|", cancellation);
        await using var customers = new RowCursor(context.Rows, partition, "c|", cancellation);
        await foreach (var row in context.Rows.ScanPrefixAsync(Tables.Customers, partition, "h|", cancellation))
        {
            var (key, history) = (Tables.CustomerIn(row.Key), RowCodec.Decode<PurchaseHistory>(row.Payload));
            var customer = await KnownAsync(customers, key, tally);
            var set = scheme.Classify(new CustomerFacts { History = history, Customer = customer, Shop = parameters, AsOf = asOf });
            var stands = await writes.ApplyAsync(key, set, await memberships.FindAsync(key), cancellation);
            tally.Add(key, history, customer, set, stands);
            pairs.Add(history);
            context.Advance(1);
        }

        await KnownAsync(customers, null, tally);
        await writes.FlushAsync(cancellation);
        return new PartOutcome.Done(RowCodec.Encode(tally.ToSummary(pairs.ToBytes())));
    }

    /// <inheritdoc/>
    public async ValueTask<ReadOnlyMemory<byte>> MergeAsync(JobContext context, IAsyncEnumerable<ReadOnlyMemory<byte>> summaries, CancellationToken cancellation)
    {
        var parameters = await ParametersAsync(context, cancellation);
        var (tally, pairs) = (new SegmentTally(RetailScheme.Scheme, context.Head.AsOf), new PairCounts(parameters.TopProducts));
        await foreach (var bytes in summaries.WithCancellation(cancellation))
        {
            var summary = RowCodec.Decode<TallySummary>(bytes);
            tally.Merge(summary);
            pairs.Merge(summary.Pairs);
        }

        await using (var blob = await context.Blobs.CreateAsync(RelatedProducts.BlobOf(context.Head.Job), cancellation))
        {
            await blob.Stream.WriteAsync(RowCodec.Encode(RelatedProducts.From(parameters.TopProducts, pairs)), cancellation);
            blob.Complete();
        }

        // The pointer may move a moment before the result row is inserted: readers then wait for the row (see SegmentReader).
        await workspace.SetLatestAsync(Latest, context.Head, cancellation);
        return RowCodec.Encode(tally.ToReport(context.Head.Job));
    }

    private static async ValueTask<SegmentParameters> ParametersAsync(JobContext context, CancellationToken cancellation) =>
        RowCodec.Decode<SegmentParameters>(await context.ResultAsync(SurveyStep.Stage, cancellation));

    /// <summary>Counts the customer rows up to the key (all that are left where it is null), and gives the key's own.</summary>
    private static async ValueTask<CustomerRow?> KnownAsync(RowCursor customers, CustomerKey? key, SegmentTally tally)
    {
        while (await customers.NextAsync(key) is { } row)
        {
            var customer = RowCodec.Decode<CustomerRow>(row.Payload);
            tally.AddKnown(customer);
            if (key is { } wanted && row.Key.AsSpan(2).SequenceEqual(wanted.Text))
            {
                return customer;
            }
        }

        return null;
    }
}
