using Campaigns.Core.Planning;
using Campaigns.Functions.Hosting;

namespace Campaigns.Functions;

/// <summary>Timer. Starts the runs of active campaigns that are due.</summary>
public sealed class LaunchCampaigns(LaunchStep launch, WorkQueues queues) : ITimerFunction
{
    /// <inheritdoc/>
    public string Name => nameof(LaunchCampaigns);

    /// <inheritdoc/>
    public async Task RunAsync(CancellationToken cancellation) =>
        await queues.SendAsync(await launch.RunAsync(cancellation), cancellation);
}
