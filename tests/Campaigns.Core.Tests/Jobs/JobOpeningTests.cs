using Campaigns.Core.Jobs;
using Campaigns.Core.Storage;
using Campaigns.Core.Tests.Faults;
using Campaigns.Core.Tests.Ingest;

namespace Campaigns.Core.Tests.Jobs;

/// <summary>A job that is being created is found by the timer that wakes jobs, whenever that looks.</summary>
public class JobOpeningTests
{
    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_job_is_woken_where_the_timer_looked_while_it_was_created()
    {
        await using var rig = ImportRig.Create();
        var seen = new List<Outgoing>();
        var timer = RunnerOn(rig, rig.Store.Rows, TimeProvider.System);
        var creator = RunnerOn(rig, new HookedRows(rig.Store.Rows, beforeHead: async () => seen.AddRange(await WokenAsync(timer))), TimeProvider.System);

        var first = await creator.CreateAsync(await HeadAsync(rig), Cancelled);

        Assert.Empty(seen);
        Assert.Equal(Assert.Single(first), Assert.Single(await WokenAsync(timer)));
    }

    [Fact]
    public async Task What_a_creator_left_that_died_between_the_two_rows_is_cleared_an_hour_later()
    {
        await using var rig = ImportRig.Create();
        var time = new SimulatedTime(DateTimeOffset.UtcNow);
        var timer = RunnerOn(rig, rig.Store.Rows, time);
        var creator = RunnerOn(rig, new HookedRows(rig.Store.Rows, beforeHead: () => throw new IOException("died")), time);
        await Assert.ThrowsAsync<IOException>(async () => await creator.CreateAsync(await HeadAsync(rig), Cancelled));

        Assert.Empty(await WokenAsync(timer));
        Assert.NotNull(await rig.Store.Rows.GetAsync(Tables.Work, JobRows.Open, "j", Cancelled));
        time.Advance(JobRunner.HeadFollows);
        Assert.Empty(await WokenAsync(timer));
        Assert.Null(await rig.Store.Rows.GetAsync(Tables.Work, JobRows.Open, "j", Cancelled));
    }

    private static JobRunner RunnerOn(ImportRig rig, IRowStore rows, TimeProvider time) =>
        new(rows, rig.Store.Blobs, rig.Store.Workspace, time, rig.Stages, TimeSpan.FromSeconds(30));

    private static async Task<JobHead> HeadAsync(ImportRig rig)
    {
        var now = await rig.Store.Workspace.NowAsync(Cancelled);
        return new JobHead { Job = "j", Kind = rig.Stages[0].Kind, Status = JobStatus.Running, AsOf = now, CreatedAt = now, Inputs = [] };
    }

    private static async Task<List<Outgoing>> WokenAsync(JobRunner timer)
    {
        var woken = new List<Outgoing>();
        await foreach (var message in timer.WakeAsync(null, Cancelled))
        {
            woken.Add(message);
        }

        return woken;
    }

    /// <summary>A store on which something happens just before a job's head is written.</summary>
    private sealed class HookedRows(IRowStore rows, Func<Task> beforeHead) : IRowStore
    {
        public ValueTask<Row?> GetAsync(string table, string partition, string key, CancellationToken cancellation) => rows.GetAsync(table, partition, key, cancellation);

        public ValueTask<RowPage> RangeAsync(string table, string partition, string from, string before, int limit, string? continuation, CancellationToken cancellation) =>
            rows.RangeAsync(table, partition, from, before, limit, continuation, cancellation);

        public async ValueTask<CommitResult> CommitAsync(string table, string partition, IReadOnlyList<RowOperation> operations, CancellationToken cancellation)
        {
            if (operations is [RowOperation.Insert { Key: JobRows.Head }])
            {
                await beforeHead();
            }

            return await rows.CommitAsync(table, partition, operations, cancellation);
        }

        public IAsyncEnumerable<string> PartitionsAsync(string table, CancellationToken cancellation) => rows.PartitionsAsync(table, cancellation);
    }
}
