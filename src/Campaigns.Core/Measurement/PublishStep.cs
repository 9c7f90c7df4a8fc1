using Campaigns.Core.Jobs;
using Campaigns.Core.Offers.Learning;
using Campaigns.Core.Planning.Constraints;
using Campaigns.Core.Storage;

namespace Campaigns.Core.Measurement;

/// <summary>
/// Stage "publish": keeps the summaries of runs that can no longer change, hands what closed runs taught to planning and what runs have
/// cost to dispatch and later runs, and points "kpis" at this measurement. A frozen run is never measured again, so its figures stay what people were told.
/// </summary>
public sealed class PublishStep(MeasuredRuns runs, Workspace workspace) : IJobStage
{
    /// <inheritdoc/>
    public string Kind => MeasureInputs.JobKind;

    /// <inheritdoc/>
    public string Name => "publish";

    /// <inheritdoc/>
    public int Order => 1;

    /// <inheritdoc/>
    public string Queue => MeasureInputs.Queue;

    /// <inheritdoc/>
    public bool PerBucket => false;

    /// <inheritdoc/>
    public async ValueTask<PartOutcome> RunAsync(JobContext context, int part, CancellationToken cancellation)
    {
        var inputs = context.Inputs<MeasureInputs>();
        var summary = RowCodec.Decode<MeasureSummary>(await context.ResultAsync(MeasureStep.StageName, cancellation));
        var evidence = new EvidenceRows(context.Rows);
        foreach (var measured in summary.Runs)
        {
            // Not before the window has closed: early buyers differ from late ones, and arms with them.
            if (measured.Closed)
            {
                await evidence.WriteAsync(measured.Campaign, measured.ToEvidence(), cancellation);
            }

            await RunSpend.WriteAsync(context.Rows, measured.Run, measured.ToSpend(), cancellation);
            var run = await runs.FindAsync(measured.Run, cancellation);
            if (run is not null && run.FreezesAt(inputs.ChurnDays) <= context.Head.AsOf)
            {
                // Insert: whoever froze it first, that holds.
                await context.Rows.CommitAsync(Tables.Work, RunSummary.Frozen, [new RowOperation.Insert(measured.Run, RowCodec.Encode(measured))], cancellation);
            }
        }

        await workspace.SetLatestAsync(MeasureInputs.Latest, context.Head, cancellation);
        return new PartOutcome.Done(ReadOnlyMemory<byte>.Empty);
    }

    /// <inheritdoc/>
    public ValueTask<ReadOnlyMemory<byte>> MergeAsync(JobContext context, IAsyncEnumerable<ReadOnlyMemory<byte>> summaries, CancellationToken cancellation) =>
        ValueTask.FromResult(ReadOnlyMemory<byte>.Empty);
}
