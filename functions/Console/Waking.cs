using Campaigns.Core.Jobs;
using Campaigns.Functions.Hosting;

namespace Campaigns.Functions.Console;

/// <summary>Wakes what a button made due, so that nobody waits for the timer.</summary>
public static class Waking
{
    /// <summary>Sends the wake-ups of all that is due.</summary>
    public static async ValueTask AllAsync(JobRunner jobs, WorkQueues queues, CancellationToken cancellation)
    {
        var messages = new List<Outgoing>();
        await foreach (var message in jobs.WakeAsync(null, cancellation))
        {
            messages.Add(message);
        }

        await queues.SendAsync(messages, cancellation);
    }
}
