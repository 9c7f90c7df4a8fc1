using Campaigns.Core.Jobs;
using Campaigns.Core.Storage;
using Campaigns.Functions.Hosting;

namespace Campaigns.Functions;

/// <summary>Timer. Sends the wake-ups of all that is due and not under way: deferred sends, lost messages, work of a process that died.</summary>
public sealed class WakeJobs(JobRunner runner, IQueueStore store, WorkQueues queues) : ITimerFunction
{
    /// <inheritdoc/>
    public string Name => nameof(WakeJobs);

    /// <inheritdoc/>
    public async Task RunAsync(CancellationToken cancellation)
    {
        await foreach (var message in runner.WakeAsync(store.CountAsync, cancellation))
        {
            await queues.SendAsync([message], cancellation);
        }
    }
}
