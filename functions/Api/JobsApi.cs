using Campaigns.Core.Jobs;
using Campaigns.Functions.Hosting;

namespace Campaigns.Functions.Api;

/// <summary>Jobs under way and jobs that failed too often.</summary>
public static class JobsApi
{
    /// <summary>Maps <c>/api/jobs</c>.</summary>
    public static void MapJobs(this IEndpointRouteBuilder api)
    {
        api.MapGet("/jobs", async (JobRunner runner, CancellationToken c) =>
            Results.Json((await runner.OpenAsync(c)).Select(h => new { job = h.Job, kind = h.Kind, asOf = h.AsOf, createdAt = h.CreatedAt })));
        api.MapGet("/jobs/{job}", async (string job, JobRunner runner, CancellationToken c) =>
            await runner.FindAsync(job, c) is { } head
                ? Results.Json(new { job = head.Job, kind = head.Kind, status = head.Status.ToString(), problem = head.Problem, asOf = head.AsOf, createdAt = head.CreatedAt, endedAt = head.EndedAt })
                : ApiRoutes.Refuse(StatusCodes.Status404NotFound, "There is no such job."));
        api.MapGet("/failed-messages", async (FailedMessages failed, CancellationToken c) =>
            Results.Json((await failed.ListAsync(c)).Select(m => new { queue = m.Queue, id = m.Id, insertedAt = m.FailedAt, job = m.Job, error = m.Error })));
        api.MapPost("/failed-messages/requeue", async (FailedMessages failed, CancellationToken c) => Results.Json(new { requeued = await failed.RequeueAllAsync(c) }));
        api.MapPost("/failed-messages/{queue}/{id}/requeue", async (string queue, string id, FailedMessages failed, CancellationToken c) =>
            await failed.RequeueAsync(queue, id, c) ? Results.Json(new { requeued = 1 }) : NoMessage());
        api.MapDelete("/failed-messages/{queue}/{id}", async (string queue, string id, FailedMessages failed, CancellationToken c) =>
            await failed.DeleteAsync(queue, id, c) ? Results.NoContent() : NoMessage());
    }

    private static IResult NoMessage() => ApiRoutes.Refuse(StatusCodes.Status404NotFound, "There is no such failed message: list them anew, as their ids change when they fail again.");
}
