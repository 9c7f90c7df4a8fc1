using Campaigns.Functions.Hosting;

namespace Campaigns.Functions;

/// <summary>Queue "measure". Folds a bucket's results into its summaries.</summary>
public sealed class MeasureDue(QueueWork work) : IQueueFunction
{
    /// <inheritdoc/>
    public string Name => nameof(MeasureDue);

    /// <inheritdoc/>
    public Task RunAsync(string message, CancellationToken cancellation) => work.WakeAsync(message, cancellation);
}
