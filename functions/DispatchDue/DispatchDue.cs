using Campaigns.Functions.Hosting;

namespace Campaigns.Functions;

/// <summary>Queue "dispatch". Sends a bucket's share of a run.</summary>
public sealed class DispatchDue(QueueWork work) : IQueueFunction
{
    /// <inheritdoc/>
    public string Name => nameof(DispatchDue);

    /// <inheritdoc/>
    public Task RunAsync(string message, CancellationToken cancellation) => work.WakeAsync(message, cancellation);
}
