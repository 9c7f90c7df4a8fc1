using System.Globalization;
using Campaigns.Core.Jobs;
using Campaigns.Core.Offers;
using Campaigns.Core.Offers.Learning;
using Campaigns.Core.Planning.Brakes;
using Campaigns.Core.Planning.Constraints;
using Campaigns.Core.Planning.Coordination;
using Campaigns.Core.Planning.Forecast;
using Campaigns.Core.Planning.Terms;
using Campaigns.Core.Primitives;
using Campaigns.Core.Segments;
using Campaigns.Core.Segments.Rules;
using Campaigns.Core.Storage;
using MemoryPack;

namespace Campaigns.Core.Planning;

/// <summary>A run in lists. Partition <c>runs</c> of table campaigns; see <see cref="Runs"/>.</summary>
[MemoryPackable]
public sealed partial record RunRow : IStoredRow
{
    /// <inheritdoc/>
    public static byte Version => 1;

    /// <summary>Run: id of its job.</summary>
    public required string Run { get; init; }

    /// <summary>Campaign.</summary>
    public required string Campaign { get; init; }

    /// <summary>The campaign's name at launch.</summary>
    public required string CampaignName { get; init; }

    /// <summary>Which run of the campaign, from 0.</summary>
    public required int Occurrence { get; init; }

    /// <summary>Business time of launch.</summary>
    public required DateTimeOffset LaunchedAt { get; init; }

    /// <summary>End of the outcome window.</summary>
    public required DateTimeOffset WindowEnd { get; init; }
}

/// <summary>Some runs, newest first, and where the next page begins; null at the end.</summary>
public sealed record RunPage(IReadOnlyList<RunRow> Runs, string? Next);

/// <summary>A run with what it froze.</summary>
public sealed record FrozenRun(JobHead Head, RunInputs Inputs);

/// <summary>
/// The runs of campaigns. Table campaigns, partition <c>runs</c>, each run twice; {age} falls with time, so that key order is
/// newest first:
/// <code>
/// a|{age}|{run}                 all runs
/// c|{campaign}|{age}|{run}      runs of a campaign
/// d|{day number}                runs of a business day, in the order in which they choose: see Coordination/RunOrder
/// </code>
/// </summary>
public sealed class Runs(IRowStore rows, IBlobStore blobs, Workspace workspace)
{
    private readonly EvidenceRows evidence = new(rows);

    private const string Partition = "runs";

    /// <summary>All runs, newest first. <paramref name="from"/> is a page's <see cref="RunPage.Next"/>.</summary>
    public ValueTask<RunPage> ListAsync(int limit, string? from, CancellationToken cancellation) => PageAsync("a|", limit, from, cancellation);

    /// <summary>A campaign's runs, newest first.</summary>
    public ValueTask<RunPage> OfCampaignAsync(string campaign, int limit, string? from, CancellationToken cancellation) =>
        PageAsync($"c|{campaign}|", limit, from, cancellation);

    /// <summary>The run with its frozen inputs, or null where there is no such run. Both never change but for the job's state.</summary>
    public async ValueTask<FrozenRun?> FindAsync(string run, CancellationToken cancellation) =>
        await rows.FindAsync<JobHead>(Tables.Work, run, JobRows.Head, cancellation) is { Value: { Kind: RunInputs.JobKind } head }
            ? new FrozenRun(head, RowCodec.Decode<RunInputs>(head.Inputs))
            : null;

    /// <summary>Puts a run into the lists. Again: no change.</summary>
    public async ValueTask RecordAsync(FrozenRun run, CancellationToken cancellation)
    {
        var campaign = run.Inputs.Campaign;
        var payload = RowCodec.Encode(new RunRow
        {
            Run = run.Head.Job,
            Campaign = campaign.Id,
            CampaignName = campaign.Name,
            Occurrence = run.Inputs.Occurrence,
            LaunchedAt = run.Head.AsOf,
            WindowEnd = run.Inputs.WindowEnd,
        });
        var age = (DateTimeOffset.MaxValue.UtcTicks - run.Head.AsOf.UtcTicks).ToString("D19", CultureInfo.InvariantCulture);
        await rows.CommitAsync(
            Tables.Campaigns,
            Partition,
            [new RowOperation.Upsert($"a|{age}|{run.Head.Job}", payload), new RowOperation.Upsert($"c|{campaign.Id}|{age}|{run.Head.Job}", payload)],
            cancellation);
    }

    /// <summary>What the campaign's next run would freeze now, or null where no recompute of segments has finished yet.</summary>
    public async ValueTask<RunInputs?> FreezeAsync(Campaign campaign, DateTimeOffset now, CancellationToken cancellation) =>
        await OutlineAsync(campaign, now, cancellation) is not { } outline ? null
        : outline.HoldoutIsFixed ? await WithPolicyAsync(outline.Inputs, outline.Evidence, cancellation)
        : await FreezeAsync(outline, await SurveyAsync(outline.Inputs, now, cancellation), cancellation);

    /// <summary>The same, with a survey of the audience and what the campaign's closed runs taught: what a forecast rests on.</summary>
    internal async ValueTask<(RunInputs Inputs, AudienceSurvey Survey, IReadOnlyList<RunEvidence> Evidence)?> SurveyedAsync(Campaign campaign, DateTimeOffset now, CancellationToken cancellation)
    {
        if (await OutlineAsync(campaign, now, cancellation) is not { } outline)
        {
            return null;
        }

        var survey = await SurveyAsync(outline.Inputs, now, cancellation);
        return (await FreezeAsync(outline, survey, cancellation), survey, outline.Evidence);
    }

    /// <summary>What the campaign's next run is expected to earn per customer, minor units: what a day's runs are put in order by. It does not look at the audience.</summary>
    internal async ValueTask<double> ExpectedProfitMinorAsync(Campaign campaign, DateTimeOffset now, CancellationToken cancellation) =>
        await OutlineAsync(campaign, now, cancellation) is { } outline
            ? LaunchOrder.ExpectedProfitMinor((await WithPolicyAsync(outline.Inputs, outline.Evidence, cancellation)).Policy)
            : 0;

    /// <summary>What somebody must look at before the campaign sends by itself, or null: see <see cref="AutomaticLaunch"/>.</summary>
    internal async ValueTask<string?> QuestionAsync(Campaign campaign, DateTimeOffset now, CancellationToken cancellation)
    {
        if (await workspace.LatestAsync("segments", cancellation) is not { } segments)
        {
            return null;
        }

        var survey = await ParametersAsync(segments.Job, cancellation);
        var last = campaign.Occurrences > 0 ? await FindAsync(Campaign.RunId(campaign.Id, campaign.Occurrences - 1), cancellation) : null;
        return AutomaticLaunch.Question(
            (await workspace.SettingsAsync(cancellation)).Brakes,
            survey?.NewestOrderAt,
            last is null ? [] : [.. last.Inputs.Campaign.Segments.Zip(last.Inputs.SegmentSizes)],
            [.. campaign.Segments.Zip(await SizesAsync(campaign, segments.Job, cancellation))],
            now);
    }

    /// <summary>A run before its control group and its probabilities are chosen.</summary>
    private sealed record Outline(RunInputs Inputs, IReadOnlyList<RunEvidence> Evidence, bool HoldoutIsFixed);

    private async ValueTask<AudienceSurvey> SurveyAsync(RunInputs inputs, DateTimeOffset now, CancellationToken cancellation)
    {
        var settings = await workspace.SettingsAsync(cancellation);
        var run = Campaign.RunId(inputs.Campaign.Id, inputs.Occurrence);
        var frame = new RunFrame(run, now, inputs, Convert.ToHexStringLower(settings.Salt))
        {
            Buckets = settings.Buckets,
            Before = await RunOrder.BeforeAsync(rows, run, inputs, cancellation),
            Rules = await OfferRules.LoadAsync(rows, blobs, inputs, now, cancellation),
        };
        return await AudienceSurveys.OfAsync(rows, settings.Buckets, frame, await ParametersAsync(inputs.SegmentsJob, cancellation), cancellation);
    }

    /// <summary>What a recompute learnt; null where it is gone.</summary>
    private async ValueTask<SegmentParameters?> ParametersAsync(string job, CancellationToken cancellation) =>
        await JobRows.ResultAsync(rows, blobs, job, SurveyStep.Stage, cancellation) is { } known ? RowCodec.Decode<SegmentParameters>(known) : null;

    private async ValueTask<RunInputs> FreezeAsync(Outline outline, AudienceSurvey survey, CancellationToken cancellation)
    {
        var inputs = outline.Inputs;
        if (!outline.HoldoutIsFixed)
        {
            var micros = Money.MicrosPerMinor((await workspace.SettingsAsync(cancellation)).Currency);
            var chosen = HoldoutChoice.Of(inputs, survey, outline.Evidence, micros);
            inputs = inputs with { HoldoutPartsPerMillion = chosen.PartsPerMillion, Holdout = chosen };
        }

        return await WithPolicyAsync(inputs, outline.Evidence, cancellation);
    }

    private async ValueTask<RunInputs> WithPolicyAsync(RunInputs inputs, IReadOnlyList<RunEvidence> known, CancellationToken cancellation) =>
        Array.Exists(inputs.Campaign.Segments, s => inputs.StrategyOf(s) == Strategy.Adaptive)
            ? inputs with { Policy = RunPolicy.Of(inputs, known, Money.MicrosPerMinor((await workspace.SettingsAsync(cancellation)).Currency)) }
            : inputs;

    private async ValueTask<Outline?> OutlineAsync(Campaign campaign, DateTimeOffset now, CancellationToken cancellation)
    {
        if (await workspace.LatestAsync("segments", cancellation) is not { } segments)
        {
            return null;
        }

        var settings = await workspace.ReadSettingsAsync(cancellation);
        var scheme = await SegmentReader.SchemeOfAsync(rows, segments.Job, cancellation);
        var micros = Money.MicrosPerMinor(settings.Currency);
        var total = await TotalBudget.OfAsync(rows, blobs, campaign, settings.Currency, cancellation);
        var fixedShare = campaign.IsPromised ? 0 : campaign.HoldoutShare ?? settings.HoldoutShare;
        var inputs = new RunInputs
        {
            Campaign = campaign,
            Occurrence = campaign.Occurrences,
            SegmentsJob = segments.Job,
            SegmentsAsOf = segments.AsOf,
            SegmentOrder = scheme?.SegmentIds.ToArray() ?? [],
            SilentSegments = scheme is null ? null : [.. SilenceRule.SegmentsOf(scheme)],
            HoldoutPartsPerMillion = fixedShare is { } share
                ? (int)Math.Round(Math.Clamp(share, 0, CampaignValidation.MaxHoldoutShare) * StableHash.Million, MidpointRounding.AwayFromZero)
                : HoldoutChoice.UsualPartsPerMillion,
            Margin = new MarginPolicy { Share = settings.MarginShare, ShareByCategory = settings.MarginShareByCategory },
            WindowEnd = now.AddDays(campaign.OutcomeWindowDays),
            EmailCostMicros = settings.EmailCostMicros,
            SmsCostMicros = settings.SmsCostMicros,
            MaxSendCostMicros = campaign.MaxSendCostMinor is { } minor ? (long)Math.Floor(minor * micros) : null,
            BudgetMicros = campaign.BudgetMinor is { } budget ? (long)Math.Min(Math.Floor(budget * micros), total?.LeftMicros ?? long.MaxValue) : total?.LeftMicros,
            Total = total,
            OpenRuns = await OpenRunsAsync(campaign, now, cancellation),
            Strategy = campaign.StrategyWith(settings.MarginShare is not null),
            SegmentStrategies = campaign.SegmentStrategiesWith(settings.MarginShare is not null),
            // A promise is kept whatever other campaigns do that day, and to the control group too.
            Day = campaign.IsPromised ? 0 : RunOrder.DayOf(now, settings.TimeZone),
            Discounts = CeilingOf(campaign, settings),
            Control = campaign.IsPromised ? null : ControlGroup.Now(settings, now),
            Brakes = settings.Brakes,
            Caps = settings.Contact.Caps,
            SegmentSizes = await SizesAsync(campaign, segments.Job, cancellation),
        };
        return new Outline(inputs, await evidence.BeforeAsync(campaign.Id, campaign.Occurrences, cancellation), fixedShare is not null);
    }

    /// <summary>Sizes of the campaign's segments; empty where the newest point of the series is another recompute's.</summary>
    private async ValueTask<long[]> SizesAsync(Campaign campaign, string job, CancellationToken cancellation) =>
        await SegmentSeries.LastAsync(rows, 1, cancellation) is [var point] && string.Equals(point.Job, job, StringComparison.Ordinal)
            ? [.. campaign.Segments.Select(s => Array.Find(point.Segments, p => string.Equals(p.Segment, s, StringComparison.Ordinal)).Customers)]
            : [];

    private static DiscountCeiling? CeilingOf(Campaign campaign, WorkspaceSettings settings) =>
        campaign.IsPromised || (settings.MaxDiscounts is null && settings.MaxDiscountDepth is null)
            ? null
            : new DiscountCeiling(settings.DiscountDays, settings.MaxDiscounts, settings.MaxDiscountDepth is { } depth ? (long)Math.Round(depth * StableHash.Million) : null);

    private async ValueTask<string[]> OpenRunsAsync(Campaign campaign, DateTimeOffset now, CancellationToken cancellation)
    {
        var open = new List<string>();
        for (var occurrence = campaign.Occurrences - 1; occurrence >= 0; occurrence--)
        {
            var run = Campaign.RunId(campaign.Id, occurrence);
            if (await FindAsync(run, cancellation) is not { } found)
            {
                continue;
            }

            if (found.Inputs.WindowEnd > now)
            {
                open.Add(run);
            }
            else if (found.Head.AsOf.AddDays(CampaignValidation.MaxDays) <= now)
            {
                break; // Earlier runs ended before this one could have: no window is longer.
            }
        }

        return [.. open];
    }

    private async ValueTask<RunPage> PageAsync(string prefix, int limit, string? from, CancellationToken cancellation)
    {
        var page = new List<RunRow>(limit);
        var start = from is not null && from.StartsWith(prefix, StringComparison.Ordinal) ? from : prefix;
        await foreach (var row in rows.ScanAsync(Tables.Campaigns, Partition, start, Keys.After(prefix), cancellation))
        {
            if (page.Count == limit)
            {
                return new RunPage(page, row.Key);
            }

            page.Add(RowCodec.Decode<RunRow>(row.Payload));
        }

        return new RunPage(page, null);
    }
}
