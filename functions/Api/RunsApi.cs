using Campaigns.Core.Dispatch;
using Campaigns.Core.Jobs;
using Campaigns.Core.Measurement;
using Campaigns.Core.Planning;
using Campaigns.Core.Storage;

namespace Campaigns.Functions.Api;

/// <summary>Runs of campaigns: what was planned, what became of it, and whether the stored outcomes follow from the orders.</summary>
public static class RunsApi
{
    /// <summary>Runs per page.</summary>
    private const int PageSize = 100;

    /// <summary>Maps <c>/api/runs</c>.</summary>
    public static void MapRuns(this IEndpointRouteBuilder api)
    {
        api.MapGet("/runs", async (string? from, Runs runs, CancellationToken c) => Results.Json(await runs.ListAsync(PageSize, from, c), CampaignsApi.Json));
        api.MapGet("/runs/{id}", FindAsync);
        api.MapPost("/runs/{id}/recount", async (string id, Recount recount, CancellationToken c) =>
            await recount.RunAsync(id, c) is { } report ? Results.Json(report, CampaignsApi.Json) : Missing());
    }

    private static async Task<IResult> FindAsync(string id, Runs runs, IRowStore rows, IBlobStore blobs, CancellationToken cancellation)
    {
        if (await runs.FindAsync(id, cancellation) is not { } run)
        {
            return Missing();
        }

        var plan = await JobRows.ResultAsync(rows, blobs, id, AssignStep.StageName, cancellation) is { } planned ? RowCodec.Decode<RunPlan>(planned) : null;
        var dispatch = await JobRows.ResultAsync(rows, blobs, id, DispatchStep.StageName, cancellation) is { } sent ? RowCodec.Decode<RunDispatch>(sent) : null;
        return Results.Json(
            new
            {
                run = id,
                campaign = run.Inputs.Campaign.Id,
                campaignName = run.Inputs.Campaign.Name,
                occurrence = run.Inputs.Occurrence,
                launchedAt = run.Head.AsOf,
                windowEnd = run.Inputs.WindowEnd,
                status = run.Head.Status,
                problem = run.Head.Problem,
                strategy = run.Inputs.Strategy,
                policy = run.Inputs.Policy,
                plan = plan is null ? null : PlanOf(plan),
                dispatch = dispatch is null ? null : DispatchOf(dispatch),
            },
            CampaignsApi.Json);
    }

    /// <summary>Null until every customer of the audience is treated, held out or skipped.</summary>
    private static object PlanOf(RunPlan plan) => new
    {
        audience = plan.AudienceCustomers,
        treated = plan.Treated,
        heldOut = plan.HeldOut,
        skipped = plan.SkippedByReason(),
        cells = plan.Cells,
    };

    /// <summary>Null until nothing is left to send. Every assigned customer is in exactly one count.</summary>
    private static object DispatchOf(RunDispatch dispatch) => new
    {
        assigned = dispatch.Assigned,
        heldOut = dispatch.HeldOut,
        sent = dispatch.Sent,
        sentByEmail = dispatch.SentByEmail,
        sentBySms = dispatch.Sent - dispatch.SentByEmail,
        unknown = dispatch.Unknown,
        rejected = dispatch.Rejected,
        skipped = dispatch.Skipped,
        sendCostMicros = dispatch.SendCostMicros,
        addsUp = dispatch.AddsUp,
    };

    private static IResult Missing() => ApiRoutes.Refuse(StatusCodes.Status404NotFound, "There is no such run.");
}
