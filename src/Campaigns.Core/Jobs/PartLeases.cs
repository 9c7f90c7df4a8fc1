using Campaigns.Core.Storage;

namespace Campaigns.Core.Jobs;

/// <summary>The leases of parts that this process works on: renewed with their progress, given back after an error.</summary>
internal sealed class PartLeases(IRowStore rows, TimeProvider time, TimeSpan lease)
{
    /// <summary>A lease is renewed at a third; more often where it is long, because progress bars read it.</summary>
    private static readonly TimeSpan LongestBetweenReports = TimeSpan.FromSeconds(1);

    /// <summary>
    /// Renews until stopped. Never throws, whatever the store does: the part's run itself fails or goes on, a renewal that
    /// failed is tried again at its next time, and a lost lease costs only repeated work.
    /// </summary>
    public async Task RenewAsync(JobContext context, string key, CancellationToken stop)
    {
        while (!stop.IsCancellationRequested)
        {
            // A store out of reach says so by exceptions of its own kind; the end of the part's run is one, too.
            await RenewOnceAsync(context, key, stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <summary>Gives a part back after an error, so that it can be tried again at once. Never throws: the lease then runs out by itself, and the first error is the one to report.</summary>
    public async ValueTask ReleaseAsync(JobContext context, string key) =>
        await ReleaseOnceAsync(context, key).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);

    private async Task RenewOnceAsync(JobContext context, string key, CancellationToken stop)
    {
        await Task.Delay(lease / 3 < LongestBetweenReports ? lease / 3 : LongestBetweenReports, time, stop);
        var row = new JobPart { LeaseUntil = time.GetUtcNow() + lease, Progress = context.Progress };
        await rows.UpdateAsync<JobPart>(Tables.Work, context.Head.Job, key, found => found is { Done: true } ? null : row, stop);
    }

    private async Task ReleaseOnceAsync(JobContext context, string key) =>
        await rows.UpdateAsync<JobPart>(
            Tables.Work, context.Head.Job, key, found => found is { Done: true } ? null : new JobPart { Progress = context.Progress }, CancellationToken.None);
}
