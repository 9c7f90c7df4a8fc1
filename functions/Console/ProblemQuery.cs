using Campaigns.Core.Ingest;
using Campaigns.Core.Jobs;
using Campaigns.Core.Planning;
using Campaigns.Functions.Hosting;

namespace Campaigns.Functions.Console;

/// <summary>Something that went wrong: what, why and what to do, where to look.</summary>
/// <param name="What">What went wrong.</param>
/// <param name="Why">Why, and what to do.</param>
/// <param name="At">When, or null.</param>
/// <param name="Link">Where to look, or null.</param>
/// <param name="Failed">The failed message that can be tried again, or null.</param>
public sealed record ProblemLine(string What, string Why, DateTimeOffset? At, string? Link = null, FailedMessage? Failed = null);

/// <summary>What went wrong lately: nothing fails in silence.</summary>
public sealed class ProblemQuery(Imports imports, Runs runs, CampaignCatalog catalog, CampaignQuery campaigns, JobRunner jobs, FailedMessages failed, TimeProvider time)
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
        foreach (var message in await failed.ListAsync(cancellation))
        {
            problems.Add(new ProblemLine($"A job of queue “{message.Queue}” failed again and again", message.Error, message.FailedAt, Failed: message));
        }
    }

    private static string Named(string name) => name.Length == 0 ? "a file" : $"“{name}”";
}
