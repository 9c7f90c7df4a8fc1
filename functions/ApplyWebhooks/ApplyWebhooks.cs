using Campaigns.Core.Ingest;
using Campaigns.Core.Tracking;
using Campaigns.Functions.Api;
using Campaigns.Functions.Hosting;

namespace Campaigns.Functions;

/// <summary>Timer. Imports the orders that shop systems have posted since the last tick, and applies what providers have reported. What cannot be applied goes to queue "touch", which tries again and puts it among the failed jobs in the end.</summary>
public sealed class ApplyWebhooks(TouchSpool spool, ShopSpool orders, WorkQueues queues, ILogger<ApplyWebhooks> log) : ITimerFunction
{
    /// <inheritdoc/>
    public string Name => nameof(ApplyWebhooks);

    /// <inheritdoc/>
    public async Task RunAsync(CancellationToken cancellation)
    {
        await orders.ImportAsync(queues.SendAsync, cancellation);
        await spool.ApplyAsync(
            async (touches, error) =>
            {
                log.LogWarning(error, "Reports of a provider could not be applied; they are tried again through queue {Queue}.", TouchDue.Queue);
                await queues.SendAsync(WebhooksApi.MessagesOf(touches), cancellation);
            },
            cancellation);
    }
}
