using Campaigns.Core.Ingest.Spill;
using Campaigns.Core.Jobs;
using Campaigns.Core.Primitives;
using Campaigns.Core.Storage;

namespace Campaigns.Core.Ingest;

/// <summary>Refunds among all of a customer's orders that no earlier line explains, in minor units, ≥ 0. Profiles know: <c>NetOrders</c>.</summary>
public delegate long UnmatchedRefunds(IReadOnlyList<OrderRow> orders);

/// <summary>
/// Second stage of an import, per bucket: merges the bucket's runs, and saves customer by customer, in key order, orders with
/// all that follows from them. Run again, it finds its own writes and ends in the same state with the same counts.
/// </summary>
public sealed class IngestStep(IEnumerable<ICustomerFold> folds, UnmatchedRefunds unmatchedRefunds) : IJobStage
{
    /// <summary>
    /// Buckets of one process at a time: one decides while the commits of the other are under way. More only hold memory,
    /// each up to 15 MiB.
    /// </summary>
    private const int AtOnce = 2;

    private readonly ICustomerFold[] folds = [.. folds];
    private readonly SemaphoreSlim free = new(AtOnce, AtOnce);

    /// <summary>Name of the stage.</summary>
    public const string StageName = "ingest";

    /// <inheritdoc/>
    public string Kind => ParseStep.ImportKind;

    /// <inheritdoc/>
    public string Name => StageName;

    /// <inheritdoc/>
    public int Order => 1;

    /// <inheritdoc/>
    public string Queue => "ingest";

    /// <inheritdoc/>
    public bool PerBucket => true;

    /// <inheritdoc/>
    public async ValueTask<PartOutcome> RunAsync(JobContext context, int part, CancellationToken cancellation)
    {
        await free.WaitAsync(cancellation);
        try
        {
            return await IngestAsync(context, part, cancellation);
        }
        finally
        {
            free.Release();
        }
    }

    private async ValueTask<PartOutcome> IngestAsync(JobContext context, int part, CancellationToken cancellation)
    {
        var parsed = RowCodec.Decode<ImportSummary>(await context.ResultAsync(ParseStep.StageName, cancellation));
        var summary = new ImportSummary();
        if (parsed.Records[part] > 0)
        {
            var bucket = await BucketIngest.OpenAsync(context, part, parsed.Records[part], folds, unmatchedRefunds, cancellation);
            await using var merge = await SpillMerge.OpenAsync(context.Blobs, Imports.RunPrefix(context.Head.Job, part), parsed.Runs[part], cancellation);
            summary = await bucket.RunAsync(merge, cancellation);
        }

        if (parsed.Subject == ImportSubject.Customers)
        {
            summary = await WithContactableAsync(context, part, summary, cancellation);
        }

        return new PartOutcome.Done(RowCodec.Encode(summary));
    }

    /// <inheritdoc/>
    public async ValueTask<ReadOnlyMemory<byte>> MergeAsync(JobContext context, IAsyncEnumerable<ReadOnlyMemory<byte>> summaries, CancellationToken cancellation)
    {
        var summary = RowCodec.Decode<ImportSummary>(await context.ResultAsync(ParseStep.StageName, cancellation));
        var runs = summary.Runs;
        await foreach (var part in summaries.WithCancellation(cancellation))
        {
            summary = summary.Plus(RowCodec.Decode<ImportSummary>(part));
        }

        // All parts are done and recorded: nobody reads the content or its sorted runs again, and they are full of personal data.
        await context.Blobs.DeleteAsync(Imports.SourceBlob(context.Head.Job), cancellation);
        for (var bucket = 0; bucket < runs.Length; bucket++)
        {
            for (var run = 0; run < runs[bucket]; run++)
            {
                await context.Blobs.DeleteAsync(SpillWriter.RunName(Imports.RunPrefix(context.Head.Job, bucket), run), cancellation);
            }
        }

        return RowCodec.Encode(summary);
    }

    /// <summary>Counts the bucket's customers who can be reached: of the whole store, as an import's own would mislead.</summary>
    private static async ValueTask<ImportSummary> WithContactableAsync(JobContext context, int part, ImportSummary summary, CancellationToken cancellation)
    {
        var (byEmail, bySms) = (0L, 0L);
        await foreach (var row in context.Rows.ScanPrefixAsync(Tables.Customers, Bucketing.Partition(part), "c|", cancellation))
        {
            var customer = RowCodec.Decode<CustomerRow>(row.Payload);
            byEmail += customer.ContactableOn(Channel.Email) ? 1 : 0;
            bySms += customer.ContactableOn(Channel.Sms) ? 1 : 0;
        }

        return summary with { ContactableByEmail = byEmail, ContactableBySms = bySms };
    }
}
