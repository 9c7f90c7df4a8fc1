using Campaigns.Core.Ingest;
using Campaigns.Core.Jobs;
using Campaigns.Core.Planning;
using Campaigns.Core.Storage;
using Campaigns.Functions.LocalTriggers;

namespace Campaigns.Functions.Console;

/// <summary>Something that went wrong: what, why and what to do, where to look.</summary>
public sealed record ProblemLine(string What, string Why, DateTimeOffset? At, string? Link = null);

/// <summary>What went wrong lately: nothing fails in silence.</summary>
public sealed class ProblemQuery(Imports imports, Runs runs, CampaignCatalog catalog, CampaignQuery campaigns, JobRunner jobs, IQueueStore queues, LocalTriggerSettings triggers, TimeProvider time)
{
    /// <summary>Sends looked at, newest first.</summary>
    private const int RunsRead = 50;

    /// <summary>An import or computation that takes longer than this is told of: the largest take minutes.</summary>
    private static readonly TimeSpan Long = TimeSpan.FromHours(1);

    /// <summary>Reads them, by kind.</summary>
    public async ValueTask<IReadOnlyList<ProblemLine>> ReadAsync(CancellationToken cancellation)
    {
        var problems = new List<ProblemLine>();
        foreach (var import in (await imports.ListAsync(cancellation)).Where(i => i.Status == JobStatus.Failed))
        {
            problems.Add(new ProblemLine($"Import of {Named(import.Name)} failed", import.Problem ?? "", import.CreatedAt, "/imports/" + import.Id));
        }

        foreach (var campaign in (await catalog.ActiveAsync(cancellation)).Where(c => c.LaunchProblem is not null))
        {
            problems.Add(new ProblemLine($"Campaign “{campaign.Name}” could not be launched", campaign.LaunchProblem!, null, "/campaigns/" + campaign.Id));
        }

        await AddSendsAsync(problems, cancellation);
        foreach (var job in (await jobs.OpenAsync(cancellation)).Where(j => j.Kind != RunInputs.JobKind && time.GetUtcNow() - j.CreatedAt > Long))
        {
            problems.Add(new ProblemLine($"Job {job.Job} has been running for long", "It goes on by itself; where it does not, see the failed messages below and the app's log.", job.CreatedAt));
        }

        await AddMessagesAsync(problems, cancellation);
        return problems;
    }

    private async ValueTask AddSendsAsync(List<ProblemLine> problems, CancellationToken cancellation)
    {
        foreach (var run in (await runs.ListAsync(RunsRead, null, cancellation)).Runs)
        {
            var progress = await campaigns.ProgressAsync(run, cancellation);
            if (progress.Status == JobStatus.Failed)
            {
                problems.Add(new ProblemLine($"A send of “{run.CampaignName}” failed", progress.Problem ?? "", run.LaunchedAt, "/campaigns/" + run.Campaign));
            }

            if (progress.Dispatch is { Unknown: > 0 } dispatch)
            {
                problems.Add(new ProblemLine(
                    $"Of “{run.CampaignName}”, it is unclear whether {Show.Count(dispatch.Unknown, "message")} went out",
                    "The provider's answer was lost. They are never sent again by themselves; the provider's reports may still tell.",
                    run.LaunchedAt,
                    "/campaigns/" + run.Campaign));
            }
        }
    }

    private async ValueTask AddMessagesAsync(List<ProblemLine> problems, CancellationToken cancellation)
    {
        foreach (var queue in triggers.Functions.Where(f => f.Queue is not null).Select(f => f.Queue!))
        {
            foreach (var message in await queues.PeekAsync(LocalQueues.Poison(queue), QueueLimits.PerReceive, cancellation))
            {
                problems.Add(new ProblemLine(
                    $"A message of queue “{queue}” failed again and again", $"The app's log says why. Message {message.Id} waits in {LocalQueues.Poison(queue)}.", message.InsertedAt));
            }
        }
    }

    private static string Named(string name) => name.Length == 0 ? "a file" : $"“{name}”";
}
