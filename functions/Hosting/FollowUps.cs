using Campaigns.Core.Ingest;
using Campaigns.Core.Jobs;
using Campaigns.Core.Measurement;
using Campaigns.Core.Privacy;
using Campaigns.Core.Segments;
using Campaigns.Core.Storage;

namespace Campaigns.Functions.Hosting;

/// <summary>
/// What follows when a job has ended: an import is followed by a recompute, a recompute by a measurement, so that new orders
/// show without waiting for the night. Names derive from the ended job, so a repeated call is the same job. A crash in
/// between loses nothing but time: the timers do the same.
/// </summary>
public sealed class FollowUps(Recompute recompute, Measure measure, Workspace workspace, CampaignsOptions options)
{
    /// <summary>The messages of what follows.</summary>
    public async ValueTask<IReadOnlyList<Outgoing>> AfterAsync(JobHead head, CancellationToken cancellation)
    {
        if (head.Status != JobStatus.Done || !options.FollowUps)
        {
            return [];
        }

        return head.Kind switch
        {
            // The time of the end, which is stored: "now" would make another recompute of every repeated message.
            "import" when RowCodec.Decode<ImportInputs>(head.Inputs).Small => [],
            "import" => await recompute.StartAsync(
                await workspace.SimulatedNowAsync(cancellation) ?? head.EndedAt ?? head.AsOf, head.Job, cancellation),
            // What the last recompute holds of a customer who is gone, is gone with the next one.
            ErasureInputs.JobKind => await recompute.StartAsync(
                await workspace.SimulatedNowAsync(cancellation) ?? head.EndedAt ?? head.AsOf, head.Job, cancellation),
            "recompute" => await measure.StartAsync(head.AsOf, head.Job, cancellation),
            _ => [],
        };
    }
}
