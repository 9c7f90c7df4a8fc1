using Campaigns.Core.Jobs;
using Campaigns.Core.Planning;
using Campaigns.Core.Primitives;
using Campaigns.Core.Storage;

namespace Campaigns.Core.Measurement.Control;

/// <summary>Stage "compare": what the group and all others brought since the quarter began. The newest result of a quarter is kept under it.</summary>
public sealed class ControlCompareStep : IJobStage
{
    /// <inheritdoc/>
    public string Kind => ControlInputs.JobKind;

    /// <inheritdoc/>
    public string Name => "compare";

    /// <inheritdoc/>
    public int Order => 1;

    /// <inheritdoc/>
    public string Queue => MeasureInputs.Queue;

    /// <inheritdoc/>
    public bool PerBucket => true;

    /// <inheritdoc/>
    public async ValueTask<PartOutcome> RunAsync(JobContext context, int part, CancellationToken cancellation)
    {
        var (inputs, partition) = (context.Inputs<ControlInputs>(), Bucketing.Partition(part));
        var cap = RowCodec.Decode<ControlCap>(await context.ResultAsync(ControlCapStep.StageName, cancellation)).CapMinor;
        var salt = Convert.ToHexStringLower(context.Settings.Salt);
        var until = inputs.Until < context.Head.AsOf ? inputs.Until : context.Head.AsOf;
        var (group, others) = (default(ControlArm), default(ControlArm));
        await foreach (var batch in KnownCustomers.ScanAsync(context.Rows, partition, inputs.From, cancellation))
        {
            var spent = await QuarterActivity.SpendAsync(context.Rows, partition, batch, inputs, until, cancellation);
            var costs = await QuarterActivity.CostsAsync(context.Rows, partition, batch, inputs, cancellation);
            foreach (var customer in batch.Customers)
            {
                var one = ControlArm.Of(spent.GetValueOrDefault(customer.Key), costs.GetValueOrDefault(customer.Key), inputs.MicrosPerMinor, cap);
                (group, others) = inputs.Group.Holds(salt, customer.Key) ? (group + one, others) : (group, others + one);
            }

            context.Advance(batch.Passed);
        }

        return new PartOutcome.Done(RowCodec.Encode(Summary(context, cap, group, others)));
    }

    /// <inheritdoc/>
    public async ValueTask<ReadOnlyMemory<byte>> MergeAsync(JobContext context, IAsyncEnumerable<ReadOnlyMemory<byte>> summaries, CancellationToken cancellation)
    {
        var (group, others, cap) = (default(ControlArm), default(ControlArm), (long?)null);
        await foreach (var payload in summaries)
        {
            var part = RowCodec.Decode<ControlSummary>(payload);
            (group, others, cap) = (group + part.Group, others + part.Others, part.SpendCapMinor);
        }

        var all = Summary(context, cap, group, others);
        await context.Rows.UpdateAsync<ControlSummary>(
            Tables.Work,
            ControlSummary.Partition,
            ControlSummary.Key(Quarter.OfIndex(all.Inputs.Group.QuarterIndex)),
            found => found is not null && found.MeasuredAt > all.MeasuredAt ? null : all,
            cancellation);
        return RowCodec.Encode(all);
    }

    private static ControlSummary Summary(JobContext context, long? cap, ControlArm group, ControlArm others) =>
        new() { Inputs = context.Inputs<ControlInputs>(), MeasuredAt = context.Head.AsOf, SpendCapMinor = cap, Group = group, Others = others };
}
