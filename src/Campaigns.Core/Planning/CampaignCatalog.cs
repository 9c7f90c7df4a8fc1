using Campaigns.Core.Jobs;
using Campaigns.Core.Planning.Terms;
using Campaigns.Core.Segments;
using Campaigns.Core.Storage;

namespace Campaigns.Core.Planning;

/// <summary>Some campaigns by id, and where the next page begins; null at the end.</summary>
public sealed record CampaignPage(IReadOnlyList<Stored<Campaign>> Campaigns, string? Next);

/// <summary>What became of saving a campaign.</summary>
public abstract record SaveResult
{
    private SaveResult()
    {
    }

    /// <summary>Saved, with the ETag under which it can be changed again.</summary>
    public sealed record Saved(Stored<Campaign> Campaign) : SaveResult;

    /// <summary>Not saved: what to put right.</summary>
    public sealed record Invalid(IReadOnlyList<Problem> Problems) : SaveResult;

    /// <summary>Not saved: somebody else changed or deleted it since it was read.</summary>
    public sealed record ChangedByOthers : SaveResult;
}

/// <summary>What became of a change of state.</summary>
public abstract record StateChange
{
    private StateChange()
    {
    }

    /// <summary>Done, or already so.</summary>
    public sealed record Changed(Campaign Campaign) : StateChange;

    /// <summary>Not done, and what to do.</summary>
    public sealed record Refused(string Reason) : StateChange;
}

/// <summary>
/// The campaigns: partition <c>all</c> of table campaigns, a row per id. A form changes what a campaign is; its state and its
/// count of runs change only here and at launch.
/// <code>
/// Draft → Active ⇄ Paused;  Active, Paused → Finished;  Draft → deleted
/// </code>
/// </summary>
public sealed class CampaignCatalog(IRowStore rows, Workspace workspace, TemplateProblems templates, SchemeCatalog schemes)
{
    /// <summary>Active campaigns at once: each is looked at by every tick of the launch timer.</summary>
    public const int MaxActive = 500;

    /// <summary>Campaigns by id. <paramref name="from"/> is a page's <see cref="CampaignPage.Next"/>.</summary>
    public async ValueTask<CampaignPage> ListAsync(int limit, string? from, CancellationToken cancellation)
    {
        var page = new List<Stored<Campaign>>(limit);
        await foreach (var row in rows.ScanAsync(Tables.Campaigns, Tables.All, from ?? " ", "~", cancellation))
        {
            if (page.Count == limit)
            {
                return new CampaignPage(page, row.Key);
            }

            page.Add(new Stored<Campaign>(row.Key, row.ETag, RowCodec.Decode<Campaign>(row.Payload)));
        }

        return new CampaignPage(page, null);
    }

    /// <summary>The active campaigns, by priority and then id.</summary>
    public async ValueTask<IReadOnlyList<Campaign>> ActiveAsync(CancellationToken cancellation)
    {
        var active = new List<Campaign>();
        await foreach (var row in rows.ScanAsync(Tables.Campaigns, Tables.All, " ", "~", cancellation))
        {
            var campaign = RowCodec.Decode<Campaign>(row.Payload);
            if (campaign.Status == CampaignStatus.Active)
            {
                active.Add(campaign);
            }
        }

        return [.. active.OrderBy(c => c.Priority).ThenBy(c => c.Id, StringComparer.Ordinal)];
    }

    /// <summary>The campaign with its ETag, or null.</summary>
    public async ValueTask<Stored<Campaign>?> FindAsync(string id, CancellationToken cancellation) =>
        IsKey(id) ? await rows.FindAsync<Campaign>(Tables.Campaigns, Tables.All, id, cancellation) : null;

    /// <summary>
    /// Saves what a form made: a new draft where <paramref name="etag"/> is null, else a change of the campaign that was read with
    /// it. State, runs and launch times stay as they are stored. Runs under way keep what they froze.
    /// </summary>
    public async ValueTask<SaveResult> SaveAsync(Campaign campaign, string? etag, CancellationToken cancellation)
    {
        var problems = await ProblemsAsync(campaign, cancellation);
        if (problems.Count > 0)
        {
            return new SaveResult.Invalid(problems);
        }

        var stands = await FindAsync(campaign.Id, cancellation);
        if (etag is null && stands is not null)
        {
            return new SaveResult.Invalid([new Problem("id", $"Id: there is a campaign '{campaign.Id}' already; choose another.")]);
        }

        if (etag is not null && (stands is null || !string.Equals(stands.ETag, etag, StringComparison.Ordinal)))
        {
            return new SaveResult.ChangedByOthers();
        }

        if (stands?.Value.Status == CampaignStatus.Finished)
        {
            return new SaveResult.Invalid([new Problem("status", "Status: the campaign is finished; copy it to run it again.")]);
        }

        var saved = campaign with
        {
            Status = stands?.Value.Status ?? CampaignStatus.Draft,
            ActivatedAt = stands?.Value.ActivatedAt,
            Occurrences = stands?.Value.Occurrences ?? 0,
            LastRunAt = stands?.Value.LastRunAt,
            LaunchProblem = stands?.Value.LaunchProblem,
        };
        var result = await rows.CommitAsync(Tables.Campaigns, Tables.All, [RowOperation.Write(campaign.Id, RowCodec.Encode(saved), etag)], cancellation);
        return result is CommitResult.Committed done
            ? new SaveResult.Saved(new Stored<Campaign>(campaign.Id, done.ETags[0]!, saved))
            : new SaveResult.ChangedByOthers();
    }

    /// <summary>Everything that must be put right before the campaign can be saved, by itself and by what the workspace asks of offers.</summary>
    public async ValueTask<IReadOnlyList<Problem>> ProblemsAsync(Campaign campaign, CancellationToken cancellation)
    {
        var problems = CampaignValidation.Problems(campaign, templates, (await schemes.CurrentAsync(cancellation)).Scheme);
        return problems.Count > 0 ? problems : (await TermsAsync(cancellation)).Problems(campaign);
    }

    private async ValueTask<WorkspaceTerms> TermsAsync(CancellationToken cancellation)
    {
        var newest = await SegmentSeries.LastAsync(rows, 1, cancellation);
        return new WorkspaceTerms((await schemes.CurrentAsync(cancellation)).Compiled, await workspace.SettingsAsync(cancellation), newest is [var point] ? point.OrderValueMinor : null);
    }

    /// <summary>Deletes a draft. Anything else has runs, whose results refer to it: finish it instead. A missing one is no error.</summary>
    public async ValueTask<StateChange?> DeleteAsync(string id, CancellationToken cancellation)
    {
        if (await FindAsync(id, cancellation) is not { } stands)
        {
            return null;
        }

        if (stands.Value.Status != CampaignStatus.Draft)
        {
            return new StateChange.Refused("Only drafts can be deleted; the results of this campaign refer to it. Finish it instead.");
        }

        return await rows.CommitAsync(Tables.Campaigns, Tables.All, [new RowOperation.Delete(id, stands.ETag)], cancellation) is CommitResult.Committed
            ? new StateChange.Changed(stands.Value)
            : new StateChange.Refused("Somebody else changed the campaign just now: look at it again.");
    }

    /// <summary>
    /// Why the campaign may not run by the scheme and the settings in force, in a sentence; null where it may. Fields can be
    /// barred, and ceilings lowered, after it was saved.
    /// </summary>
    public async ValueTask<string?> BarredAsync(Campaign campaign, CancellationToken cancellation)
    {
        var scheme = (await schemes.CurrentAsync(cancellation)).Scheme;
        return campaign.Segments.Select(s => CampaignValidation.BarredIn(scheme, s)).FirstOrDefault(b => b is not null)
            ?? ((await TermsAsync(cancellation)).Problems(campaign) is [var problem, ..] ? problem.Sentence : null);
    }

    /// <summary>Draft → Active: its runs start when they are due. Refused while something in it must be put right.</summary>
    public async ValueTask<StateChange> ActivateAsync(string id, CancellationToken cancellation)
    {
        var now = await workspace.NowAsync(cancellation);
        if (await FindAsync(id, cancellation) is { Value: { Status: CampaignStatus.Draft } draft } && await ProblemsAsync(draft, cancellation) is { Count: > 0 } problems)
        {
            return new StateChange.Refused(string.Join(' ', problems));
        }

        if ((await ActiveAsync(cancellation)).Count >= MaxActive)
        {
            return new StateChange.Refused($"{MaxActive} campaigns are active, the most at once: finish one first.");
        }

        return await MoveAsync(id, CampaignStatus.Active, [CampaignStatus.Draft], c => c with { ActivatedAt = c.ActivatedAt ?? now }, cancellation);
    }

    /// <summary>Active → Paused: nothing further is claimed or launched.</summary>
    public ValueTask<StateChange> PauseAsync(string id, CancellationToken cancellation) =>
        MoveAsync(id, CampaignStatus.Paused, [CampaignStatus.Active], c => c, cancellation);

    /// <summary>Paused → Active.</summary>
    public ValueTask<StateChange> ResumeAsync(string id, CancellationToken cancellation) =>
        MoveAsync(id, CampaignStatus.Active, [CampaignStatus.Paused], c => c, cancellation);

    /// <summary>Active or Paused → Finished, for good: no further runs.</summary>
    public ValueTask<StateChange> FinishAsync(string id, CancellationToken cancellation) =>
        MoveAsync(id, CampaignStatus.Finished, [CampaignStatus.Active, CampaignStatus.Paused], c => c, cancellation);

    private async ValueTask<StateChange> MoveAsync(
        string id, CampaignStatus to, CampaignStatus[] from, Func<Campaign, Campaign> change, CancellationToken cancellation)
    {
        if (!IsKey(id))
        {
            return new StateChange.Refused("There is no such campaign.");
        }

        string? refusal = null;
        var stands = await rows.UpdateAsync<Campaign>(
            Tables.Campaigns,
            Tables.All,
            id,
            found =>
            {
                refusal = found is null || found.Status == to || from.Contains(found.Status)
                    ? null
                    : $"The campaign is {Word(found.Status)}; only one that is {string.Join(" or ", from.Select(Word))} can become {Word(to)}.";
                return found is null || found.Status == to || refusal is not null ? null : change(found) with { Status = to };
            },
            cancellation);
        return stands is null ? new StateChange.Refused($"There is no campaign '{id}'.")
            : refusal is null ? new StateChange.Changed(stands)
            : new StateChange.Refused(refusal);
    }

    private static string Word(CampaignStatus status) => status switch
    {
        CampaignStatus.Draft => "a draft",
        CampaignStatus.Active => "active",
        CampaignStatus.Paused => "paused",
        _ => "finished",
    };

    /// <summary>Ids come from addresses, too: what cannot be a key is no campaign.</summary>
    private static bool IsKey(string id) => id.Length is > 0 and <= CampaignValidation.MaxIdLength && id.All(c => char.IsAsciiLetterOrDigit(c) || c == '-');
}
