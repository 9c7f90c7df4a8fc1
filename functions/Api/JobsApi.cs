using Campaigns.Core.Jobs;
using Campaigns.Core.Storage;
using Campaigns.Functions.Hosting;
using Campaigns.Functions.LocalTriggers;

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
        api.MapGet("/failed-messages", async (IQueueStore queues, LocalTriggerSettings triggers, CancellationToken c) =>
        {
            var failed = new List<object>();
            foreach (var file in triggers.Functions.Where(f => f.Queue is not null))
            {
                var messages = await queues.PeekAsync(LocalQueues.Poison(file.Queue!), QueueLimits.PerReceive, c);
                failed.AddRange(messages.Select(m => new { queue = file.Queue, id = m.Id, insertedAt = m.InsertedAt, job = JobIn(m.Body) }));
            }

            return Results.Json(failed);
        });
    }

    /// <summary>The job that a message names; null where the body is none of ours, which may be why it failed.</summary>
    private static string? JobIn(string body)
    {
        try
        {
            return Envelope.Parse(body).Work?.Job;
        }
        catch (InvalidDataException)
        {
            return null;
        }
    }
}
