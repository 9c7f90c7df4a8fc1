using Campaigns.Core.Jobs;
using Campaigns.Core.Measurement;
using Campaigns.Functions.Hosting;

namespace Campaigns.Functions;

/// <summary>Timer. Folds what every run and the shop earned into the summaries that pages and reports read.</summary>
public sealed class MeasureResults(Measure measure, Workspace workspace, WorkQueues queues) : ITimerFunction
{
    /// <inheritdoc/>
    public string Name => nameof(MeasureResults);

    /// <inheritdoc/>
    public async Task RunAsync(CancellationToken cancellation) =>
        await queues.SendAsync(await measure.StartAsync(await workspace.NowAsync(cancellation), "", cancellation), cancellation);
}
