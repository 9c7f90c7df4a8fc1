using Campaigns.Core.Jobs;
using Campaigns.Core.Planning;
using Campaigns.Core.Primitives;
using Campaigns.Core.Storage;

namespace Campaigns.Core.Dispatch;

/// <summary>
/// Stage "dispatch" of a run: goes once through a bucket's sending records, closes claims whose holder died, sends what is
/// due in batches per channel, and counts. What must wait makes the part come back. Memory holds a page and a batch.
/// </summary>
public sealed class DispatchStep(
    Workspace workspace, IEnumerable<IMessageChannel> channels, IRecommendations recommendations, MessageRenderer renderer, Func<WorkspaceSettings, IMessageLinks> links, TimeProvider time, Func<string> attemptIds, TimeSpan claimLease) : IJobStage
{
    /// <summary>Name of the stage.</summary>
    public const string StageName = "dispatch";

    /// <summary>The default of how long a claim is held: well above the longest call of any channel (its time-out is a minute at most).</summary>
    public static readonly TimeSpan DefaultClaimLease = TimeSpan.FromMinutes(3);

    private readonly SendPaces paces = new(workspace, time);

    /// <summary>
    /// Batches that are being prepared at once. More than there are processors are not faster, and the texts of all of them are alive together:
    /// the collector then copied them from generation to generation. Calls to providers are not counted in.
    /// </summary>
    private readonly SemaphoreSlim turns = new(Environment.ProcessorCount);
    private readonly Dictionary<Channel, IMessageChannel> channels = channels.ToDictionary(c => c.Channel);

    /// <inheritdoc/>
    public string Kind => RunInputs.JobKind;

    /// <inheritdoc/>
    public string Name => StageName;

    /// <inheritdoc/>
    public int Order => 3;

    /// <inheritdoc/>
    public string Queue => "dispatch";

    /// <inheritdoc/>
    public bool PerBucket => true;

    /// <inheritdoc/>
    public async ValueTask<PartOutcome> RunAsync(JobContext context, int part, CancellationToken cancellation)
    {
        var partition = Bucketing.Partition(part);
        var run = context.Head.Job;
        var pass = new DispatchPass(context, partition, workspace, recommendations, renderer, links(context.Settings), time, attemptIds, claimLease, paces, turns);
        if (await pass.OpensAtAsync(cancellation) is { } opens)
        {
            return new PartOutcome.Later(opens);
        }

        var waiting = channels.Keys.ToDictionary(c => c, _ => new List<Stored<AssignmentRow>>());
        await foreach (var row in context.Rows.ScanPrefixAsync(Tables.Customers, partition, Tables.Assignments(run), cancellation))
        {
            context.Advance(1);
            var record = new Stored<AssignmentRow>(row.Key, row.ETag, RowCodec.Decode<AssignmentRow>(row.Payload));
            if (RunDispatch.IsSettled(record.Value))
            {
                pass.Settle(record.Value);
                continue;
            }

            if (!channels.TryGetValue(record.Value.Channel, out var channel))
            {
                await pass.SkipAsync(record, SendReasons.NoChannel, cancellation);
                continue;
            }

            if (await pass.ReadyAsync(record, channel, cancellation) is not { } ready)
            {
                continue;
            }

            var batch = waiting[channel.Channel];
            batch.Add(ready);
            if (batch.Count >= pass.BatchSizeOf(channel))
            {
                await pass.SendAsync(channel, batch, cancellation);
                batch.Clear();
            }
        }

        foreach (var (channel, batch) in waiting)
        {
            await pass.SendAsync(channels[channel], batch, cancellation);
        }

        return pass.ComeBackAt is { } due ? new PartOutcome.Later(due) : new PartOutcome.Done(RowCodec.Encode(pass.Counts.Sorted()));
    }

    /// <inheritdoc/>
    public async ValueTask<ReadOnlyMemory<byte>> MergeAsync(JobContext context, IAsyncEnumerable<ReadOnlyMemory<byte>> summaries, CancellationToken cancellation)
    {
        var sum = new RunDispatch();
        await foreach (var summary in summaries.WithCancellation(cancellation))
        {
            sum = sum.Plus(RowCodec.Decode<RunDispatch>(summary));
        }

        return sum.AddsUp
            ? RowCodec.Encode(sum.Sorted())
            : throw new InvalidOperationException($"The sendings of run {context.Head.Job} do not add up: {sum}.");
    }
}
