using Campaigns.Core.Jobs;
using Campaigns.Core.Measurement;
using Campaigns.Core.Measurement.Control;
using Campaigns.Functions.Hosting;

namespace Campaigns.Functions;

/// <summary>Timer. Folds what every run and the shop earned into the summaries that pages and reports read; once a day also what all campaigns together changed.</summary>
public sealed class MeasureResults(Measure measure, ControlMeasure control, Workspace workspace, WorkQueues queues) : ITimerFunction
{
    /// <inheritdoc/>
    public string Name => nameof(MeasureResults);

    /// <inheritdoc/>
    public async Task RunAsync(CancellationToken cancellation)
    {
        var now = await workspace.NowAsync(cancellation);
        await queues.SendAsync(await measure.StartAsync(now, "", cancellation), cancellation);
        await queues.SendAsync(await control.StartAsync(now, again: false, cancellation), cancellation);
    }
}
