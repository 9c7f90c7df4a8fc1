using Campaigns.Core.Jobs;
using Campaigns.Core.Offers.Codes;
using Campaigns.Core.Planning.Coordination;
using Campaigns.Core.Storage;

namespace Campaigns.Core.Planning;

/// <summary>What became of a launch.</summary>
public abstract record LaunchResult
{
    private LaunchResult()
    {
    }

    /// <summary>The run is under way, by this call or an earlier one; the messages wake it.</summary>
    public sealed record Launched(string Run, IReadOnlyList<Outgoing> Messages) : LaunchResult;

    /// <summary>Not launched, and what to do; it stands on the campaign as well.</summary>
    public sealed record Refused(string Reason) : LaunchResult;
}

/// <summary>
/// Starts the runs of active campaigns that are due (timer <c>LaunchCampaigns</c>), or one by hand. The run's id follows from
/// campaign and occurrence, and the occurrence advances only after the job exists: a crash between the two leads to the same
/// run again, neither skipped nor doubled.
/// </summary>
public sealed class LaunchStep(IRowStore rows, Workspace workspace, JobRunner jobs, CampaignCatalog catalog, Runs runs, TimeProvider time)
{
    /// <summary>Launches what is due now, and ends campaigns whose last window has closed.</summary>
    public async ValueTask<IReadOnlyList<Outgoing>> RunAsync(CancellationToken cancellation)
    {
        var now = await workspace.NowAsync(cancellation);
        var messages = new List<Outgoing>();
        var due = new List<Campaign>();
        foreach (var campaign in await catalog.ActiveAsync(cancellation))
        {
            if (Schedule.IsOver(campaign, now))
            {
                await catalog.FinishAsync(campaign.Id, cancellation);
            }
            else if (Schedule.NextDueAt(campaign) <= now)
            {
                due.Add(campaign);
            }
        }

        foreach (var campaign in await InOrderAsync(due, now, cancellation))
        {
            if (await LaunchAsync(campaign, now, byItself: true, cancellation) is LaunchResult.Launched launched)
            {
                messages.AddRange(launched.Messages);
            }
        }

        return messages;
    }

    /// <summary>Who chooses first. What runs are expected to earn is only worked out where the marketer's priority does not decide.</summary>
    private async ValueTask<IReadOnlyList<Campaign>> InOrderAsync(List<Campaign> due, DateTimeOffset now, CancellationToken cancellation)
    {
        var expected = new Dictionary<string, double>(StringComparer.Ordinal);
        foreach (var campaign in due.GroupBy(c => c.Priority).Where(g => g.Count() > 1).SelectMany(g => g))
        {
            expected[campaign.Id] = await runs.ExpectedProfitMinorAsync(campaign, now, cancellation);
        }

        return LaunchOrder.Of(due, c => expected.GetValueOrDefault(c.Id));
    }

    /// <summary>
    /// Launches the campaign's next run now, whatever its schedule says; a draft is activated first. With the
    /// <paramref name="occurrence"/> that the caller saw, a second press of the button gives the run of the first.
    /// </summary>
    public async ValueTask<LaunchResult> LaunchNowAsync(string campaign, int? occurrence, CancellationToken cancellation)
    {
        var now = await workspace.NowAsync(cancellation);
        var found = (await catalog.FindAsync(campaign, cancellation))?.Value;
        if (found is not null && occurrence < found.Occurrences)
        {
            return new LaunchResult.Launched(Campaign.RunId(campaign, occurrence.Value), []);
        }

        if (found?.Status == CampaignStatus.Draft)
        {
            // It would be refused after activation, and stay active: ask first.
            if ((await RefusalAsync(cancellation) ?? await NoCodesAsync(found, cancellation)) is { } refusal)
            {
                return new LaunchResult.Refused(refusal);
            }

            if (await catalog.ActivateAsync(campaign, cancellation) is StateChange.Refused refused)
            {
                return new LaunchResult.Refused(refused.Reason);
            }

            found = (await catalog.FindAsync(campaign, cancellation))?.Value;
        }

        return found switch
        {
            null => new LaunchResult.Refused($"There is no campaign '{campaign}'."),
            { Status: CampaignStatus.Active } => await LaunchAsync(found, now, byItself: false, cancellation),
            { Status: CampaignStatus.Paused } => new LaunchResult.Refused("The campaign is paused: resume it first."),
            _ => new LaunchResult.Refused("The campaign is finished: copy it to run it again."),
        };
    }

    private async ValueTask<LaunchResult> LaunchAsync(Campaign campaign, DateTimeOffset now, bool byItself, CancellationToken cancellation)
    {
        var refusal = await RefusalAsync(cancellation) ?? await catalog.BarredAsync(campaign, cancellation)
            ?? await NoCodesAsync(campaign, cancellation)
            ?? (byItself ? await runs.QuestionAsync(campaign, now, cancellation) : null);
        var inputs = refusal is null ? await runs.FreezeAsync(campaign, now, cancellation) : null;
        if (inputs is null || (refusal = inputs.Total?.Refusal(inputs, (await workspace.SettingsAsync(cancellation)).Currency)) is not null)
        {
            refusal ??= await RefusalAsync(cancellation) ?? NoSegments;
            await ChangeAsync(campaign.Id, c => string.Equals(c.LaunchProblem, refusal, StringComparison.Ordinal) ? null : c with { LaunchProblem = refusal }, cancellation);
            return new LaunchResult.Refused(refusal);
        }

        var run = Campaign.RunId(campaign.Id, campaign.Occurrences);
        var messages = await jobs.CreateAsync(
            new JobHead
            {
                Job = run,
                Kind = RunInputs.JobKind,
                AsOf = now,
                CreatedAt = time.GetUtcNow(),
                Inputs = RowCodec.Encode(inputs).ToArray(),
            },
            cancellation);
        // What stands there may be an earlier, interrupted launch's.
        var stands = await runs.FindAsync(run, cancellation) ?? throw new IOException($"Run {run} was created and cannot be read back; try again.");
        await RunOrder.RegisterAsync(rows, run, stands.Inputs, cancellation);
        await runs.RecordAsync(stands, cancellation);
        await ChangeAsync(
            campaign.Id,
            c => c.Occurrences == campaign.Occurrences ? c with { Occurrences = c.Occurrences + 1, LastRunAt = stands.Head.AsOf, LaunchProblem = null } : null,
            cancellation);
        return new LaunchResult.Launched(run, messages);
    }

    private const string NoSegments = "There are no segments yet: import orders, then let segments be computed (it happens every night, or press Recompute).";

    private async ValueTask<string?> RefusalAsync(CancellationToken cancellation) =>
        await workspace.IsStoppedAsync(cancellation) ? "All sending is stopped: lift the stop first."
        : await workspace.LatestAsync("segments", cancellation) is null ? NoSegments
        : null;

    /// <summary>Whether there are codes enough shows when the run is counted; none at all is told at once.</summary>
    private ValueTask<string?> NoCodesAsync(Campaign campaign, CancellationToken cancellation) =>
        new CodePools(rows).EmptyAsync(campaign.Treatments.Select(t => t.Offer.CodePool).OfType<string>(), cancellation);

    private async ValueTask ChangeAsync(string id, Func<Campaign, Campaign?> change, CancellationToken cancellation) =>
        await rows.UpdateAsync<Campaign>(Tables.Campaigns, Tables.All, id, found => found is null ? null : change(found), cancellation);
}
