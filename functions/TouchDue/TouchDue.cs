using Campaigns.Core.Jobs;
using Campaigns.Core.Tracking;
using Campaigns.Functions.Hosting;

namespace Campaigns.Functions;

/// <summary>Queue "touch". Applies what happened to messages: clicks, opens, deliveries, unsubscriptions.</summary>
public sealed class TouchDue(TouchStep touches) : IQueueFunction
{
    /// <summary>The queue.</summary>
    public const string Queue = "touch";

    /// <inheritdoc/>
    public string Name => nameof(TouchDue);

    /// <inheritdoc/>
    public async Task RunAsync(string message, CancellationToken cancellation) =>
        await touches.HandleAsync(Touch.Parse(Envelope.Parse(message).Content), cancellation);
}
