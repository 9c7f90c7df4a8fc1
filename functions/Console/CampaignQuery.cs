using Campaigns.Core.Dispatch;
using Campaigns.Core.Jobs;
using Campaigns.Core.Measurement;
using Campaigns.Core.Offers.Learning;
using Campaigns.Core.Planning;
using Campaigns.Core.Planning.Brakes;
using Campaigns.Core.Planning.Constraints;
using Campaigns.Core.Storage;

namespace Campaigns.Functions.Console;

/// <summary>A campaign's page.</summary>
/// <param name="Campaign">The campaign.</param>
/// <param name="Row">Its figures, or null before it was measured.</param>
/// <param name="Segments">Figures by segment.</param>
/// <param name="Results">What each variant earned in each segment.</param>
/// <param name="Shares">What customers drew from send to send, by segment.</param>
/// <param name="Runs">Its sends, newest first.</param>
/// <param name="HoldoutShare">Share of the control group: the campaign's, else the shop's; null = each send chooses it.</param>
public sealed record CampaignModel(
    Campaign Campaign, KpiRow? Row, IReadOnlyList<KpiRow> Segments, IReadOnlyList<OfferRow> Results, IReadOnlyList<DrawShares> Shares, IReadOnlyList<RunProgress> Runs, double? HoldoutShare);

/// <summary>How far a send is. Read from its job, never from the customers.</summary>
/// <param name="Run">The send.</param>
/// <param name="Status">State of its job.</param>
/// <param name="Problem">Why it failed, or null.</param>
/// <param name="Plan">Who was assigned and left out; null until that is known.</param>
/// <param name="Dispatch">What became of the messages; null until none is left to do.</param>
/// <param name="PartsDone">Parts of the sending that are done.</param>
/// <param name="Parts">Parts of the sending.</param>
/// <param name="NextAt">Business time at which more goes out, or null.</param>
/// <param name="Inputs">What the send froze; null where its job is gone.</param>
/// <param name="Weighing">What its constraints came to; null until that is known.</param>
public sealed record RunProgress(RunRow Run, JobStatus Status, string? Problem, RunPlan? Plan, RunDispatch? Dispatch, int PartsDone, int Parts, DateTimeOffset? NextAt, RunInputs? Inputs = null, Weighing? Weighing = null)
{
    /// <summary>How it is held, by itself or by hand.</summary>
    public RunBrakes Brakes { get; init; } = new();

    /// <summary>Business time at which the first message may go out; null where the wait is over or the send cancelled.</summary>
    public DateTimeOffset? WaitsUntil(DateTimeOffset now) =>
        Status == JobStatus.Running && !Brakes.IsCancelled && RunBrakes.OpensAt(Inputs?.Brakes, Run.LaunchedAt) is var opens && opens > now ? opens : null;

    /// <summary>The probabilities that were drawn with; null = all variants alike.</summary>
    public PolicyTable? Policy => Weighing?.Policy ?? Inputs?.Policy;
}

/// <summary>Reads campaigns with their figures and sends.</summary>
public sealed class CampaignQuery(IRowStore rows, IBlobStore blobs, CampaignCatalog catalog, Runs runs, JobRunner jobs, Kpis kpis, Workspace workspace)
{
    /// <summary>Sends shown on a campaign's page.</summary>
    public const int RunsShown = 20;

    /// <summary>Campaigns on a page of the list.</summary>
    public const int PageSize = 50;

    /// <summary>A page of the list, with figures.</summary>
    public async ValueTask<(IReadOnlyList<CampaignLine> Lines, string? Next)> ListAsync(string? from, CancellationToken cancellation)
    {
        var page = await catalog.ListAsync(PageSize, from, cancellation);
        var report = await kpis.LatestAsync(cancellation);
        var byId = report?.Rows(KpiGrouping.Campaign).ToDictionary(r => r.Campaign!, StringComparer.Ordinal);
        return ([.. page.Campaigns.Select(c => new CampaignLine(c.Value, byId?.GetValueOrDefault(c.Value.Id)))], page.Next);
    }

    /// <summary>The page of a campaign.</summary>
    public async ValueTask<CampaignModel> ReadAsync(Campaign campaign, CancellationToken cancellation)
    {
        var report = await kpis.LatestAsync(cancellation);
        var sends = await runs.OfCampaignAsync(campaign.Id, RunsShown, null, cancellation);
        var progress = new List<RunProgress>();
        foreach (var run in sends.Runs)
        {
            progress.Add(await ProgressAsync(run, cancellation));
        }

        return new CampaignModel(
            campaign,
            report?.Campaign(campaign.Id),
            Rows(KpiGrouping.Segment),
            report is null ? [] : OfferTable.Of(report, campaign.Id),
            report is null ? [] : DrawShares.Of(report, campaign.Id),
            progress,
            campaign.HoldoutShare ?? (await workspace.SettingsAsync(cancellation)).HoldoutShare);

        IReadOnlyList<KpiRow> Rows(KpiGrouping by) => [.. (report?.Rows(by) ?? []).Where(r => string.Equals(r.Campaign, campaign.Id, StringComparison.Ordinal))];
    }

    /// <summary>How far a send is.</summary>
    public async ValueTask<RunProgress> ProgressAsync(RunRow run, CancellationToken cancellation)
    {
        var head = await jobs.FindAsync(run.Run, cancellation);
        var plan = await JobRows.ResultAsync(rows, blobs, run.Run, AssignStep.StageName, cancellation);
        var dispatch = await JobRows.ResultAsync(rows, blobs, run.Run, DispatchStep.StageName, cancellation);
        IReadOnlyList<JobPart?> parts = head is null || plan is null || dispatch is not null ? [] : await jobs.PartsAsync(head, jobs.StagesOf(head.Kind)[^1], cancellation);
        return new RunProgress(
            run,
            head?.Status ?? JobStatus.Failed,
            head is null ? "The send's job is gone." : head.Problem,
            plan is { } p ? RowCodec.Decode<RunPlan>(p) : null,
            dispatch is { } d ? RowCodec.Decode<RunDispatch>(d) : null,
            parts.Count(part => part is { Done: true }),
            parts.Count,
            parts.Where(part => part is { Done: false }).Min(part => part!.DueAt),
            head is { Kind: RunInputs.JobKind } ? RowCodec.Decode<RunInputs>(head.Inputs) : null,
            await JobRows.ResultAsync(rows, blobs, run.Run, WeighStep.StageName, cancellation) is { } weighed ? RowCodec.Decode<Weighing>(weighed) : null)
        {
            Brakes = await RunBrakes.FindAsync(rows, run.Run, cancellation),
        };
    }
}
