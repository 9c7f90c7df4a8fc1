using Campaigns.Core.Jobs;
using Campaigns.Core.Segments;
using Campaigns.Core.Tracking;
using Campaigns.Functions.Hosting;

namespace Campaigns.Functions;

/// <summary>Timer, nightly. Recomputes every customer's segments as of now, and deletes requests for consent that nobody confirmed in time.</summary>
public sealed class RecomputeSegments(Recompute recompute, ConsentStep consents, Workspace workspace, WorkQueues queues) : ITimerFunction
{
    /// <inheritdoc/>
    public string Name => nameof(RecomputeSegments);

    /// <inheritdoc/>
    public async Task RunAsync(CancellationToken cancellation)
    {
        await queues.SendAsync(await recompute.StartAsync(await workspace.NowAsync(cancellation), "", cancellation), cancellation);
        await consents.SweepAsync(cancellation);
    }
}
