using Campaigns.Core.Jobs;
using Campaigns.Core.Segments;
using Campaigns.Functions.Hosting;

namespace Campaigns.Functions;

/// <summary>Timer. Recomputes every customer's segments as of now.</summary>
public sealed class RecomputeSegments(Recompute recompute, Workspace workspace, WorkQueues queues) : ITimerFunction
{
    /// <inheritdoc/>
    public string Name => nameof(RecomputeSegments);

    /// <inheritdoc/>
    public async Task RunAsync(CancellationToken cancellation) =>
        await queues.SendAsync(await recompute.StartAsync(await workspace.NowAsync(cancellation), "", cancellation), cancellation);
}
