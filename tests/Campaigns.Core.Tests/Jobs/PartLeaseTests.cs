using Campaigns.Core.Jobs;
using Campaigns.Core.Storage;
using Campaigns.Core.Tests.Faults;

namespace Campaigns.Core.Tests.Jobs;

/// <summary>The lease of a part is a courtesy to others: where it cannot be renewed, the part's work counts all the same.</summary>
public class PartLeaseTests
{
    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_part_whose_lease_could_not_be_renewed_is_done_once_its_work_is()
    {
        await using var store = TempStore.Create(buckets: 1);
        var rows = new UnrenewableRows(store.Rows);
        var stage = new WaitingStage(rows.Failed);
        var runner = new JobRunner(rows, store.Blobs, store.Workspace, TimeProvider.System, [stage], TimeSpan.FromMilliseconds(30));
        var now = await store.Workspace.NowAsync(Cancelled);
        var messages = await runner.CreateAsync(new JobHead { Job = "j", Kind = stage.Kind, Status = JobStatus.Running, AsOf = now, CreatedAt = now, Inputs = [] }, Cancelled);

        await new JobDriver(runner).RunAsync(messages, Cancelled);

        Assert.Equal(JobStatus.Done, (await runner.FindAsync("j", Cancelled))!.Status);
        Assert.Equal(1, stage.Runs);
    }

    /// <summary>Works until renewals of its lease have failed.</summary>
    private sealed class WaitingStage(Task until) : IJobStage
    {
        public int Runs { get; private set; }

        public string Kind => "waiting";

        public string Name => "wait";

        public int Order => 0;

        public string Queue => "measure";

        public bool PerBucket => false;

        public async ValueTask<PartOutcome> RunAsync(JobContext context, int part, CancellationToken cancellation)
        {
            Runs++;
            await until.WaitAsync(cancellation);
            return new PartOutcome.Done(ReadOnlyMemory<byte>.Empty);
        }

        public ValueTask<ReadOnlyMemory<byte>> MergeAsync(JobContext context, IAsyncEnumerable<ReadOnlyMemory<byte>> summaries, CancellationToken cancellation) =>
            new(ReadOnlyMemory<byte>.Empty);
    }

    /// <summary>Takes everything but renewals: rows of parts that are replaced. Says so by an exception of its own kind, as each store does.</summary>
    private sealed class UnrenewableRows(IRowStore rows) : IRowStore
    {
        private readonly TaskCompletionSource failed = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private int failures;

        /// <summary>Two renewals have failed: one that failed does not end the others.</summary>
        public Task Failed => failed.Task;

        public ValueTask<Row?> GetAsync(string table, string partition, string key, CancellationToken cancellation) => rows.GetAsync(table, partition, key, cancellation);

        public ValueTask<RowPage> RangeAsync(string table, string partition, string from, string before, int limit, string? continuation, CancellationToken cancellation) =>
            rows.RangeAsync(table, partition, from, before, limit, continuation, cancellation);

        public ValueTask<CommitResult> CommitAsync(string table, string partition, IReadOnlyList<RowOperation> operations, CancellationToken cancellation)
        {
            if (operations is not [RowOperation.Replace { Key: ['p', '|', ..] }])
            {
                return rows.CommitAsync(table, partition, operations, cancellation);
            }

            if (Interlocked.Increment(ref failures) == 2)
            {
                failed.TrySetResult();
            }

            throw new StoreFailedException("Simulated: the store is busy.");
        }

        public IAsyncEnumerable<string> PartitionsAsync(string table, CancellationToken cancellation) => rows.PartitionsAsync(table, cancellation);
    }
}
