using Campaigns.Functions.Hosting;

namespace Campaigns.Functions;

/// <summary>Queue "segment". Surveys and classifies the customers of a bucket.</summary>
public sealed class SegmentDue(QueueWork work) : IQueueFunction
{
    /// <inheritdoc/>
    public string Name => nameof(SegmentDue);

    /// <inheritdoc/>
    public Task RunAsync(string message, CancellationToken cancellation) => work.WakeAsync(message, cancellation);
}
