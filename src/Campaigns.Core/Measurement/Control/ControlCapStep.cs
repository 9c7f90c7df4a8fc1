using Campaigns.Core.Jobs;
using Campaigns.Core.Planning;
using Campaigns.Core.Primitives;
using Campaigns.Core.Profiles;
using Campaigns.Core.Storage;

namespace Campaigns.Core.Measurement.Control;

/// <summary>Stage "cap": fixes what of a customer's spending counts, unless an earlier measurement of the quarter did.</summary>
public sealed class ControlCapStep : IJobStage
{
    /// <summary>Name of the stage; its result is the <see cref="ControlCap"/>.</summary>
    public const string StageName = "cap";

    /// <inheritdoc/>
    public string Kind => ControlInputs.JobKind;

    /// <inheritdoc/>
    public string Name => StageName;

    /// <inheritdoc/>
    public int Order => 0;

    /// <inheritdoc/>
    public string Queue => MeasureInputs.Queue;

    /// <inheritdoc/>
    public bool PerBucket => true;

    /// <inheritdoc/>
    public async ValueTask<PartOutcome> RunAsync(JobContext context, int part, CancellationToken cancellation)
    {
        var inputs = context.Inputs<ControlInputs>();
        var bins = new SortedDictionary<int, long>();
        if (await FixedAsync(context, inputs, cancellation) is null)
        {
            await foreach (var batch in KnownCustomers.ScanAsync(context.Rows, Bucketing.Partition(part), inputs.From, cancellation))
            {
                foreach (var spent in batch.Customers.Select(c => PriorMinor(c.History, inputs)).Where(s => s > 0))
                {
                    var bin = OnePercentBins.Of(spent);
                    bins[bin] = bins.GetValueOrDefault(bin) + 1;
                }

                context.Advance(batch.Passed);
            }
        }

        return new PartOutcome.Done(RowCodec.Encode(new ControlCap { Prior = [.. bins.Select(b => new PriorBin(b.Key, b.Value))] }));
    }

    /// <inheritdoc/>
    public async ValueTask<ReadOnlyMemory<byte>> MergeAsync(JobContext context, IAsyncEnumerable<ReadOnlyMemory<byte>> summaries, CancellationToken cancellation)
    {
        var inputs = context.Inputs<ControlInputs>();
        if (await FixedAsync(context, inputs, cancellation) is { } stands)
        {
            return RowCodec.Encode(stands);
        }

        var bins = new SortedDictionary<int, long>();
        await foreach (var summary in summaries)
        {
            foreach (var bin in RowCodec.Decode<ControlCap>(summary).Prior)
            {
                bins[bin.Bin] = bins.GetValueOrDefault(bin.Bin) + bin.Customers;
            }
        }

        var cap = new ControlCap { CapMinor = SpendCap.Of([.. bins.Select(b => new PriorBin(b.Key, b.Value))]) };
        var fixedNow = await context.Rows.UpdateAsync<ControlCap>(
            Tables.Work, ControlSummary.Partition, KeyOf(inputs), found => found is null ? cap : null, cancellation);
        return RowCodec.Encode(fixedNow!);
    }

    private static string KeyOf(ControlInputs inputs) => ControlCap.Key(Quarter.OfIndex(inputs.Group.QuarterIndex));

    private static async ValueTask<ControlCap?> FixedAsync(JobContext context, ControlInputs inputs, CancellationToken cancellation) =>
        (await context.Rows.FindAsync<ControlCap>(Tables.Work, ControlSummary.Partition, KeyOf(inputs), cancellation))?.Value;

    /// <summary>Net revenue in the time before the quarter that is as long as it.</summary>
    private static long PriorMinor(PurchaseHistory? history, ControlInputs inputs)
    {
        var since = inputs.From - (inputs.Until - inputs.From);
        return history?.RecentOrders.Where(o => o.At >= since && o.At < inputs.From).Sum(o => o.AmountMinor) ?? 0;
    }
}
