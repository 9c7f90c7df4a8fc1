using Campaigns.Core.Storage;

namespace Campaigns.Core.Jobs;

/// <summary>The leases of parts that this process works on: renewed with their progress, given back after an error.</summary>
internal sealed class PartLeases(IRowStore rows, TimeProvider time, TimeSpan lease)
{
    /// <summary>A lease is renewed at a third; more often where it is long, because progress bars read it.</summary>
    private static readonly TimeSpan LongestBetweenReports = TimeSpan.FromSeconds(1);

    /// <summary>Renews until stopped.</summary>
    public async Task RenewAsync(JobContext context, string key, CancellationToken stop)
    {
        try
        {
            while (true)
            {
                await Task.Delay(lease / 3 < LongestBetweenReports ? lease / 3 : LongestBetweenReports, time, stop);
                var row = new JobPart { LeaseUntil = time.GetUtcNow() + lease, Progress = context.Progress };
                await rows.UpdateAsync<JobPart>(Tables.Work, context.Head.Job, key, found => found is { Done: true } ? null : row, stop);
            }
        }
        catch (OperationCanceledException)
        {
            // The part's run is over.
        }
        catch (IOException)
        {
            // The store is out of reach: the run itself will fail or go on; a lost lease costs only repeated work.
        }
    }

    /// <summary>Gives a part back after an error, so that it can be tried again at once.</summary>
    public async ValueTask ReleaseAsync(JobContext context, string key)
    {
        try
        {
            await rows.UpdateAsync<JobPart>(
                Tables.Work, context.Head.Job, key, found => found is { Done: true } ? null : new JobPart { Progress = context.Progress }, CancellationToken.None);
        }
        catch (IOException)
        {
            // The lease then runs out by itself; the first error is the one to report.
        }
    }
}
