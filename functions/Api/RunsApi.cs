using System.Text;
using Campaigns.Core.Dispatch;
using Campaigns.Core.Dispatch.Ledger;
using Campaigns.Core.Jobs;
using Campaigns.Core.Measurement;
using Campaigns.Core.Measurement.Replay;
using Campaigns.Core.Planning;
using Campaigns.Core.Planning.Brakes;
using Campaigns.Core.Planning.Constraints;
using Campaigns.Core.Planning.Decisions;
using Campaigns.Core.Storage;

namespace Campaigns.Functions.Api;

/// <summary>Runs of campaigns: what was planned, what became of it, and whether the stored outcomes follow from the orders.</summary>
public static class RunsApi
{
    /// <summary>Runs per page.</summary>
    private const int PageSize = 100;

    /// <summary>Maps <c>/api/runs</c> and what is below.</summary>
    public static void MapRuns(this IEndpointRouteBuilder api)
    {
        api.MapGet("/runs", async (string? from, Runs runs, CancellationToken c) => Results.Json(await runs.ListAsync(PageSize, from, c), CampaignsApi.Json));
        api.MapGet("/runs/{id}", FindAsync);
        api.MapPost("/runs/{id}/recount", async (string id, Recount recount, CancellationToken c) =>
            await recount.RunAsync(id, c) is { } report ? Results.Json(report, CampaignsApi.Json) : Missing());
        api.MapGet("/runs/{id}/decisions", DecisionsAsync);
        api.MapGet("/runs/{id}/decisions/{**customer}", async (string id, string customer, RunDecisions decisions, CancellationToken c) =>
            await decisions.FindAsync(id, customer, c) switch
            {
                DecisionAnswer.Found found => Results.Json(found.Decision, CampaignsApi.Json),
                DecisionAnswer.None none => ApiRoutes.Refuse(StatusCodes.Status404NotFound, none.Sentence),
                _ => Missing(),
            });
        api.MapGet("/runs/{id}/ledger", async (string id, RunLedger ledger, CancellationToken c) =>
            await ledger.CountAsync(id, c) is { } totals ? Results.Json(totals, CampaignsApi.Json) : Missing());
        api.MapGet("/runs/{id}/ledger/records", RecordsAsync);
        api.MapGet("/runs/{id}/messages/{**customer}", async (string id, string customer, SentMessages messages, CancellationToken c) =>
            await messages.FindAsync(id, customer, c) switch
            {
                SentMessage.Found { Message: var m } found => Results.Json(
                    new { to = m.To, channel = found.Row.Channel, subject = m.Subject, html = m.Html, text = m.Text, code = found.Row.Code, sentAt = m.At, same = found.Same }, CampaignsApi.Json),
                SentMessage.None none => ApiRoutes.Refuse(StatusCodes.Status404NotFound, none.Sentence),
                _ => Missing(),
            });
        api.MapRunBrakes();
        api.MapPost("/runs/{id}/redecide", async (string id, RunDecisions decisions, CancellationToken c) =>
            await decisions.CheckAsync(id, c) is { } check ? Results.Json(check, CampaignsApi.Json) : Missing());
    }

    /// <summary>Sending records, a page at a time. A page may hold fewer than were asked for, even none, and still have a next.</summary>
    private static async Task<IResult> RecordsAsync(string id, string? state, string? reason, string? from, int? limit, Runs runs, RunLedger ledger, CancellationToken cancellation)
    {
        if (state is not null && !Enum.TryParse<SendState>(state, ignoreCase: true, out _))
        {
            return ApiRoutes.Refuse(StatusCodes.Status400BadRequest, $"state is one of {string.Join(", ", Enum.GetNames<SendState>())}.");
        }

        var filter = new LedgerFilter(state is null ? null : Enum.Parse<SendState>(state, ignoreCase: true), reason);
        return await runs.FindAsync(id, cancellation) is null
            ? Missing()
            : Results.Json(await ledger.ListAsync(id, filter, from ?? "", limit ?? PageSize, cancellation), CampaignsApi.Json);
    }

    /// <summary>The decision log as CSV, streamed: what <c>./campaigns replay</c> reads.</summary>
    private static async Task<IResult> DecisionsAsync(string id, DecisionCsv decisions, CancellationToken cancellation)
    {
        if (await decisions.OfAsync(id, cancellation) is not { } chunks)
        {
            return Missing();
        }

        return Results.Stream(
            async body =>
            {
                await using var text = new StreamWriter(body, new UTF8Encoding(encoderShouldEmitUTF8Identifier: false), leaveOpen: true);
                await foreach (var chunk in chunks.WithCancellation(cancellation))
                {
                    await text.WriteAsync(chunk.AsMemory(), cancellation);
                }
            },
            "text/csv; charset=utf-8",
            $"decisions-{id}.csv");
    }

    private static async Task<IResult> FindAsync(string id, Runs runs, IRowStore rows, IBlobStore blobs, CancellationToken cancellation)
    {
        if (await runs.FindAsync(id, cancellation) is not { } run)
        {
            return Missing();
        }

        var plan = await JobRows.ResultAsync(rows, blobs, id, AssignStep.StageName, cancellation) is { } planned ? RowCodec.Decode<RunPlan>(planned) : null;
        var dispatch = await JobRows.ResultAsync(rows, blobs, id, DispatchStep.StageName, cancellation) is { } sent ? RowCodec.Decode<RunDispatch>(sent) : null;
        var weighing = await JobRows.ResultAsync(rows, blobs, id, WeighStep.StageName, cancellation) is { } weighed ? RowCodec.Decode<Weighing>(weighed) : null;
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
                segmentStrategies = run.Inputs.SegmentStrategies,
                policy = weighing?.Policy ?? run.Inputs.Policy,
                constraints = weighing?.Report,
                holdout = new { share = run.Inputs.HoldoutPartsPerMillion / 1e6, reason = run.Inputs.Holdout?.Reason },
                brakes = RunBrakesApi.Of(run, await RunBrakes.FindAsync(rows, id, cancellation), plan?.Treated),
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
