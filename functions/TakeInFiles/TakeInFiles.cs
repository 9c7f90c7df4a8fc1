using Campaigns.Core.Ingest;
using Campaigns.Functions.Hosting;

namespace Campaigns.Functions;

/// <summary>Timer. Imports the files that were put into the inbox since the last tick.</summary>
public sealed class TakeInFiles(InboxStep step, WorkQueues queues) : ITimerFunction
{
    /// <inheritdoc/>
    public string Name => nameof(TakeInFiles);

    /// <inheritdoc/>
    public async Task RunAsync(CancellationToken cancellation) => await step.TakeInAsync(queues.SendAsync, cancellation);
}
