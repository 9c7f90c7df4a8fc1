using Campaigns.Core.Jobs;
using Campaigns.Core.Measurement;
using Campaigns.Core.Measurement.Replay;
using Campaigns.Core.Planning;
using Campaigns.Functions.Console.Pages;
using Campaigns.Functions.Console.Parts;

namespace Campaigns.Functions.Console;

/// <summary>What somebody asks for on the replay page.</summary>
/// <param name="Campaign">Campaign, or null before one is chosen.</param>
/// <param name="Runs">Sends; empty = all closed ones.</param>
/// <param name="Everyone">Variant for everyone, <see cref="ReplayLimits.None"/>, or <see cref="BySegment"/>; null before anything is asked.</param>
/// <param name="Segments">Variant by segment.</param>
public sealed record ReplayQuestion(string? Campaign, IReadOnlyList<string> Runs, string? Everyone, IReadOnlyDictionary<string, string> Segments)
{
    /// <summary>Each segment has a choice of its own. No variant's id: ids have no underscore.</summary>
    public const string BySegment = "_by_segment";

    /// <summary>Beginning of the names of the segments' fields.</summary>
    public const string SegmentField = "segment-";

    /// <summary>The question in an address.</summary>
    public static ReplayQuestion Of(IQueryCollection query) => new(
        query["campaign"] is { Count: > 0 } campaign && campaign.ToString().Length > 0 ? campaign.ToString() : null,
        [.. query["run"].OfType<string>()],
        query["everyone"] is { Count: > 0 } everyone ? everyone.ToString() : null,
        query.Where(q => q.Key.StartsWith(SegmentField, StringComparison.Ordinal))
            .ToDictionary(q => q.Key[SegmentField.Length..], q => q.Value.ToString(), StringComparer.Ordinal));
}

/// <summary>The replay page.</summary>
/// <param name="Question">What was asked.</param>
/// <param name="Campaigns">Campaigns with closed sends, id and name.</param>
/// <param name="Closed">Closed sends of the campaign, oldest first.</param>
/// <param name="Variants">Its variants, id and name.</param>
/// <param name="Segments">Segments that they went to.</param>
/// <param name="Currency">ISO 4217 currency.</param>
public sealed record ReplayModel(
    ReplayQuestion Question,
    IReadOnlyList<(string Id, string Name)> Campaigns,
    IReadOnlyList<RunSummary> Closed,
    IReadOnlyList<(string Id, string Name)> Variants,
    IReadOnlyList<string> Segments,
    string Currency)
{
    /// <summary>The answer, or null.</summary>
    public PolicyReplay? Replay { get; init; }

    /// <summary>What it was read from.</summary>
    public StoredLog? Log { get; init; }

    /// <summary>Why there is no answer and what to do, or null.</summary>
    public string? Problem { get; init; }
}

/// <summary>Whether choosing by segment pays in a campaign; null before one of its sends is over.</summary>
public sealed record ChoiceModel(Campaign Campaign, ChoiceGate? Gate);

/// <summary>What another choice would have brought, from the decisions of closed sends.</summary>
public static class ReplayRoutes
{
    /// <summary>Maps <c>/replay</c>.</summary>
    public static void MapReplayPages(this IEndpointRouteBuilder app)
    {
        app.MapGet("/replay", ShowAsync);
        app.MapGet("/campaigns/{id}/choice", ChoiceAsync);
    }

    /// <summary>Whether choosing by segment pays: part of a campaign's page that is fetched after it.</summary>
    private static async Task<IResult> ChoiceAsync(string id, HttpContext context, PageFrames frames, CampaignCatalog catalog, ChoiceGates gates, CancellationToken cancellation)
    {
        if (await catalog.FindAsync(id, cancellation) is not { Value: var campaign })
        {
            return await Page.MissingAsync(context, frames, "campaign", cancellation);
        }

        var (frame, gate) = (await frames.OfAsync(context, cancellation), await gates.OfAsync(id, NamesOf(campaign), cancellation));
        return context.Request.Headers.ContainsKey("HX-Request")
            ? Page.Part<ChoiceView>(("Frame", frame), ("Gate", gate))
            : Page.Show<ChoicePage>(frame, new ChoiceModel(campaign, gate));
    }

    private static async Task<IResult> ShowAsync(HttpContext context, PageFrames frames, Kpis kpis, CampaignCatalog catalog, StoredDecisions decisions, CancellationToken cancellation)
    {
        var frame = await frames.OfAsync(context, cancellation);
        var question = ReplayQuestion.Of(context.Request.Query);
        var report = await kpis.LatestAsync(cancellation);
        var closed = report?.Runs.Where(r => r.Closed).ToList() ?? [];
        var campaigns = closed.GroupBy(r => r.Campaign, StringComparer.Ordinal).Select(g => (g.Key, g.Last().CampaignName)).ToList();
        var own = closed.Where(r => string.Equals(r.Campaign, question.Campaign, StringComparison.Ordinal)).OrderBy(r => r.Occurrence).ToList();
        var campaign = own.Count > 0 ? (await catalog.FindAsync(own[0].Campaign, cancellation))?.Value : null;
        var names = NamesOf(campaign);
        var model = new ReplayModel(
            question,
            campaigns,
            own,
            [.. own.SelectMany(r => r.Cells).Select(c => c.Key.Treatment).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal).Select(t => (t, names.GetValueOrDefault(t, t)))],
            [.. own.SelectMany(r => r.Cells).Select(c => c.Key.Segment).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)],
            report?.Currency ?? frame.Currency);
        return Page.Show<ReplayPage>(frame, question.Everyone is null || own.Count == 0 ? model : await AnswerAsync(model, names, decisions, cancellation));
    }

    /// <summary>Offers' names by variant, where no two variants share one.</summary>
    internal static Dictionary<string, string> NamesOf(Campaign? campaign) => (campaign?.Treatments ?? [])
        .GroupBy(t => t.Offer.Name, StringComparer.Ordinal).Where(g => g.Count() == 1 && g.Key.Length <= ReplayLimits.TextLength)
        .ToDictionary(g => g.Single().Id, g => g.Key, StringComparer.Ordinal);

    private static async ValueTask<ReplayModel> AnswerAsync(ReplayModel model, Dictionary<string, string> names, StoredDecisions decisions, CancellationToken cancellation)
    {
        var question = model.Question;
        var runs = model.Closed.Where(r => question.Runs.Count == 0 || question.Runs.Contains(r.Run, StringComparer.Ordinal)).ToList();
        try
        {
            var log = await decisions.ReadAsync(runs, names, cancellation);
            var valued = log.Decisions.CheckedFor(ChoiceGates.Folds);
            string NameOf(string treatment) => names.GetValueOrDefault(treatment, treatment);
            var policy = question.Everyone == ReplayQuestion.BySegment
                ? log.BySegment("your choice by segment", s => NameOf(question.Segments.GetValueOrDefault(s, ReplayLimits.None)))
                : ReplayPolicy.ForEveryone(valued, valued.IndexOf(NameOf(question.Everyone!), "The choice"), log.Possible);
            return model with { Log = log, Replay = PolicyReplay.Of(valued, policy, ChoiceGates.Folds, log.Possible) };
        }
        catch (JobFailedException refused)
        {
            return model with { Problem = Words.Sentence(refused.Message) };
        }
    }
}
