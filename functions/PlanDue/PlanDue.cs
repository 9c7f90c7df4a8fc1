using Campaigns.Functions.Hosting;

namespace Campaigns.Functions;

/// <summary>Queue "plan". Counts and assigns a bucket's share of a run's audience.</summary>
public sealed class PlanDue(QueueWork work) : IQueueFunction
{
    /// <inheritdoc/>
    public string Name => nameof(PlanDue);

    /// <inheritdoc/>
    public Task RunAsync(string message, CancellationToken cancellation) => work.WakeAsync(message, cancellation);
}
