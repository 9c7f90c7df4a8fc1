using Campaigns.Functions.Hosting;

namespace Campaigns.Functions;

/// <summary>Queue "import". Parses an import's file into spill blobs.</summary>
public sealed class ImportDue(QueueWork work) : IQueueFunction
{
    /// <inheritdoc/>
    public string Name => nameof(ImportDue);

    /// <inheritdoc/>
    public Task RunAsync(string message, CancellationToken cancellation) => work.WakeAsync(message, cancellation);
}
