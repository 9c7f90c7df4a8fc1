using System.Text.Json;
using Campaigns.Core.Dispatch;
using Campaigns.Core.Jobs;
using Campaigns.Core.Planning;
using Campaigns.Core.Planning.Brakes;
using Campaigns.Functions.Console;
using Campaigns.Functions.Hosting;

namespace Campaigns.Functions.Api;

/// <summary>What was wrong with a send, in a person's words.</summary>
public sealed record MistakeNote(string? Note);

/// <summary>How a send begins and is held, and what people do about it.</summary>
public static class RunBrakesApi
{
    /// <summary>Maps <c>/api/runs/{id}/cancel</c>, <c>resume</c> and <c>mistake</c>.</summary>
    public static void MapRunBrakes(this IEndpointRouteBuilder api)
    {
        api.MapPost("/runs/{id}/cancel", async (string id, RunBrakeStep brakes, JobRunner jobs, WorkQueues queues, CancellationToken c) =>
            await DoneAsync(await brakes.CancelAsync(id, c), jobs, queues, c));
        api.MapPost("/runs/{id}/resume", async (string id, ComplaintStep complaints, JobRunner jobs, WorkQueues queues, CancellationToken c) =>
            await DoneAsync(await complaints.ResumeAsync(id, c) ? null : "The send has not paused itself.", jobs, queues, c));
        api.MapPost("/runs/{id}/mistake", async (string id, HttpContext context, RunBrakeStep brakes, JobRunner jobs, WorkQueues queues, CancellationToken c) =>
            await DoneAsync(await brakes.MarkAsync(id, (await ApiRoutes.ReadAsync<MistakeNote>(context, JsonSerializerOptions.Web, c)).Note ?? "", c), jobs, queues, c));
    }

    /// <summary>The brakes of a run as others see them.</summary>
    internal static object Of(FrozenRun run, RunBrakes brakes, long? messages) => new
    {
        opensAt = RunBrakes.OpensAt(run.Inputs.Brakes, run.Head.AsOf),
        firstShare = messages < RunBrakes.LeastStaged ? 1 : run.Inputs.Brakes?.FirstShare ?? 1,
        firstBegunAt = brakes.FirstBegunAt,
        restAt = brakes.RestAt(run.Inputs.Brakes, run.Head.AsOf, messages),
        pausedAt = brakes.PausedAt,
        pausedWhy = brakes.PausedWhy,
        cancelledAt = brakes.CancelledAt,
        mistakeAt = brakes.MistakeAt,
        mistakeNote = brakes.MistakeNote,
    };

    private static async Task<IResult> DoneAsync(string? refusal, JobRunner jobs, WorkQueues queues, CancellationToken cancellation)
    {
        if (refusal is not null)
        {
            return ApiRoutes.Refuse(refusal.StartsWith("There is no", StringComparison.Ordinal) ? StatusCodes.Status404NotFound : StatusCodes.Status409Conflict, refusal);
        }

        await Waking.AllAsync(jobs, queues, cancellation);
        return Results.Json(new { done = true });
    }
}
