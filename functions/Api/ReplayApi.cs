using System.Text.Json;
using Campaigns.Core.Jobs;
using Campaigns.Core.Measurement;
using Campaigns.Core.Measurement.Replay;
using Campaigns.Core.Planning;

namespace Campaigns.Functions.Api;

/// <summary>What another choice would have brought on a campaign's closed sends, and what is recommended from them.</summary>
public static class ReplayApi
{
    private static readonly Dictionary<string, string> ById = [];

    /// <summary>Maps <c>/api/campaigns/{id}/replay</c> and <c>/api/campaigns/{id}/recommendation</c>.</summary>
    public static void MapReplay(this IEndpointRouteBuilder api)
    {
        api.MapPost("/campaigns/{id}/replay", ReplayAsync);
        api.MapGet("/campaigns/{id}/recommendation", RecommendationAsync);
    }

    private static async Task<IResult> ReplayAsync(string id, HttpContext context, Kpis kpis, CampaignCatalog campaigns, StoredDecisions decisions, CancellationToken cancellation)
    {
        var asked = await ApiRoutes.ReadAsync<ReplayBody>(context, CampaignsApi.Json, cancellation);
        if (await campaigns.FindAsync(id, cancellation) is null)
        {
            return ApiRoutes.Refuse(StatusCodes.Status404NotFound, "There is no such campaign.");
        }

        if (asked.Problem is { } wrong)
        {
            return ApiRoutes.Refuse(StatusCodes.Status400BadRequest, wrong);
        }

        var report = await kpis.LatestAsync(cancellation);
        var closed = report?.Runs.Where(r => r.Closed && string.Equals(r.Campaign, id, StringComparison.Ordinal)).ToList() ?? [];
        var runs = closed.Where(r => asked.Runs is not { Length: > 0 } wanted || wanted.Contains(r.Run, StringComparer.Ordinal)).ToList();
        if (runs.Count == 0 || (asked.Runs is { Length: > 0 } named && runs.Count < named.Distinct(StringComparer.Ordinal).Count()))
        {
            return ApiRoutes.Refuse(StatusCodes.Status409Conflict, closed.Count == 0
                ? "No send of this campaign is over and measured yet."
                : "Not all of these runs are sends of this campaign that are over and measured: leave runs out for all that are.");
        }

        try
        {
            var log = await decisions.ReadAsync(runs, ById, cancellation);
            var valued = log.Decisions.CheckedFor(asked.Folds);
            var replay = asked.Learn
                ? PolicyReplay.Learn(valued, asked.Folds, log.Possible)
                : PolicyReplay.Of(valued, PolicyOf(asked, log), asked.Folds, log.Possible);
            var answer = ReplayReport.Of(replay, ReplayWords.In(report!.Currency, "this choice"));
            answer["customers"] = log.Customers;
            answer["currency"] = report.Currency;
            answer["figure"] = log.MarginKnown ? "profit" : "revenue";
            return Results.Json(answer);
        }
        catch (JobFailedException refused)
        {
            return ApiRoutes.Refuse(StatusCodes.Status400BadRequest, refused.Message);
        }
    }

    private static ReplayPolicy PolicyOf(ReplayBody asked, StoredLog log)
    {
        if (asked.Everyone is { } everyone)
        {
            return ReplayPolicy.ForEveryone(log.Decisions, log.Decisions.IndexOf(everyone, "everyone"), log.Possible);
        }

        if (asked.Segments is { } segments)
        {
            return log.BySegment("by segment", segment => segments.GetValueOrDefault(segment, ReplayLimits.None));
        }

        var rules = PolicyRules.Parse(JsonSerializer.SerializeToUtf8Bytes(asked.Policy!.Value));
        return rules.Columns.FirstOrDefault(c => !log.Decisions.Columns.Contains(c, StringComparer.OrdinalIgnoreCase)) is { } unknown
            ? throw new JobFailedException($"The policy asks for \"{unknown}\"; these decisions have {string.Join(" and ", log.Decisions.Columns)}.")
            : log.Reaching(rules.On(log.Decisions, "these rules"));
    }

    private static async Task<IResult> RecommendationAsync(string id, CampaignCatalog campaigns, ChoiceGates gates, CancellationToken cancellation) =>
        await campaigns.FindAsync(id, cancellation) is null ? ApiRoutes.Refuse(StatusCodes.Status404NotFound, "There is no such campaign.")
        : await gates.OfAsync(id, ById, cancellation) is not { } gate ? ApiRoutes.Refuse(StatusCodes.Status409Conflict, "No send of this campaign is over and measured yet.")
        : gate.Advice is not { } advice ? ApiRoutes.Refuse(StatusCodes.Status409Conflict, gate.Problem!)
        : Results.Json(
            new
            {
                recommended = advice.Recommended,
                recommendation = advice.Sentence,
                credible = gate.ByCell,
                bestSimple = advice.Best?.Against.Name,
                gain = advice.Best?.Difference.Value,
                lowerBound = advice.Best?.Difference.LowerBound,
                choices = gate.Choices,
            },
            CampaignsApi.Json);

    /// <summary>What is asked: one of everyone, segments, policy and learn.</summary>
    private sealed record ReplayBody(string[]? Runs, string? Everyone, Dictionary<string, string>? Segments, JsonElement? Policy, bool Learn = false, int Folds = ChoiceGates.Folds)
    {
        public string? Problem =>
            new[] { Everyone is not null, Segments is not null, Policy is not null, Learn }.Count(asked => asked) != 1
                ? "Send one of everyone (a variant, or none), segments (a variant by segment), policy (rules as in a policy file) and learn (true)."
            : Folds is < 2 or > ReplayLimits.MaximumFolds ? $"folds lies between 2 and {ReplayLimits.MaximumFolds}."
            : null;
    }
}
