using System.Text.Json;
using System.Text.Json.Serialization;
using Campaigns.Core.Jobs;
using Campaigns.Core.Planning;
using Campaigns.Functions.Hosting;

namespace Campaigns.Functions.Api;

/// <summary>Campaigns: list, edit, preview, launch, pause, resume, finish.</summary>
public static class CampaignsApi
{
    /// <summary>Campaigns per page.</summary>
    private const int PageSize = 100;

    /// <summary>How campaigns are written as JSON: enumerations by name.</summary>
    public static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web) { Converters = { new JsonStringEnumConverter() } };

    /// <summary>Maps <c>/api/campaigns</c>.</summary>
    public static void MapCampaigns(this IEndpointRouteBuilder api)
    {
        api.MapGet("/campaigns", ListAsync);
        api.MapGet("/campaigns/{id}", FindAsync);
        api.MapPut("/campaigns/{id}", SaveAsync);
        api.MapDelete("/campaigns/{id}", async (string id, CampaignCatalog catalog, CancellationToken c) =>
            await catalog.DeleteAsync(id, c) is { } change ? Answer(change) : ApiRoutes.Refuse(StatusCodes.Status404NotFound, "There is no such campaign."));
        api.MapPost("/campaigns/{id}/activate", async (string id, CampaignCatalog catalog, CancellationToken c) => Answer(await catalog.ActivateAsync(id, c)));
        api.MapPost("/campaigns/{id}/pause", async (string id, CampaignCatalog catalog, CancellationToken c) => Answer(await catalog.PauseAsync(id, c)));
        api.MapPost("/campaigns/{id}/resume", async (string id, CampaignCatalog catalog, CancellationToken c) => Answer(await catalog.ResumeAsync(id, c)));
        api.MapPost("/campaigns/{id}/finish", async (string id, CampaignCatalog catalog, CancellationToken c) => Answer(await catalog.FinishAsync(id, c)));
        api.MapPost("/campaigns/{id}/launch", LaunchAsync);
        api.MapGet("/campaigns/{id}/preview", PreviewAsync);
    }

    private static async Task<IResult> ListAsync(string? from, CampaignCatalog catalog, CancellationToken cancellation)
    {
        var page = await catalog.ListAsync(PageSize, from, cancellation);
        return Results.Json(new { campaigns = page.Campaigns.Select(c => c.Value), next = page.Next }, Json);
    }

    private static async Task<IResult> FindAsync(string id, HttpContext context, CampaignCatalog catalog, CancellationToken cancellation)
    {
        if (await catalog.FindAsync(id, cancellation) is not { } found)
        {
            return ApiRoutes.Refuse(StatusCodes.Status404NotFound, "There is no such campaign.");
        }

        context.Response.Headers.ETag = $"\"{found.ETag}\"";
        return Results.Json(found.Value, Json);
    }

    private static async Task<IResult> SaveAsync(string id, HttpContext context, CampaignCatalog catalog, CancellationToken cancellation)
    {
        var campaign = await ApiRoutes.ReadAsync<Campaign>(context, Json, cancellation);
        if (campaign.Id != id)
        {
            return ApiRoutes.Refuse(StatusCodes.Status400BadRequest, "Send the campaign as JSON; its id must be the one in the address.");
        }

        var etag = context.Request.Headers.IfMatch.ToString().Trim('"');
        return await catalog.SaveAsync(campaign, etag.Length == 0 ? null : etag, cancellation) switch
        {
            SaveResult.Saved saved => Saved(context, saved),
            SaveResult.Invalid invalid => Results.Json(new { error = "The campaign is not complete.", problems = invalid.Problems }, Json, statusCode: StatusCodes.Status400BadRequest),
            _ => ApiRoutes.Refuse(StatusCodes.Status412PreconditionFailed, "Somebody changed the campaign since you read it. Read it again and repeat your change (If-Match takes its ETag)."),
        };
    }

    private static async Task<IResult> LaunchAsync(string id, int? occurrence, LaunchStep launch, WorkQueues queues, CancellationToken cancellation)
    {
        switch (await launch.LaunchNowAsync(id, occurrence, cancellation))
        {
            case LaunchResult.Launched launched:
                await queues.SendAsync(launched.Messages, cancellation);
                return Results.Json(new { run = launched.Run }, statusCode: StatusCodes.Status202Accepted);
            case LaunchResult.Refused refused:
                return ApiRoutes.Refuse(StatusCodes.Status409Conflict, refused.Reason);
            default:
                throw new InvalidOperationException("A launch is launched or refused.");
        }
    }

    private static async Task<IResult> PreviewAsync(string id, CampaignCatalog catalog, AudiencePreviews previews, Workspace workspace, CancellationToken cancellation)
    {
        if (await catalog.FindAsync(id, cancellation) is not { } found)
        {
            return ApiRoutes.Refuse(StatusCodes.Status404NotFound, "There is no such campaign.");
        }

        return await previews.OfAsync(found.Value, cancellation) is { } preview
            ? Results.Json(
                new
                {
                    audience = preview.Plan.AudienceCustomers,
                    expectedSends = preview.ExpectedSends,
                    heldOut = preview.HeldOut,
                    skipped = preview.Plan.SkippedByReason(),
                    reachable = preview.Reachable,
                    sendCostMicros = preview.SendCostMicros,
                    estimated = preview.Estimated,
                    constraints = preview.Budget,
                    codesMissing = preview.CodesMissing,
                    budgetUsedUp = preview.BudgetUsedUp,
                    forecast = preview.Forecast is { } forecast ? ForecastView.Of(forecast, (await workspace.SettingsAsync(cancellation)).Currency) : null,
                },
                Json)
            : ApiRoutes.Refuse(StatusCodes.Status409Conflict, "There are no segments yet: import orders first.");
    }

    private static IResult Saved(HttpContext context, SaveResult.Saved saved)
    {
        context.Response.Headers.ETag = $"\"{saved.Campaign.ETag}\"";
        return Results.Json(saved.Campaign.Value, Json);
    }

    private static IResult Answer(StateChange change) => change switch
    {
        StateChange.Changed changed => Results.Json(changed.Campaign, Json),
        StateChange.Refused refused => ApiRoutes.Refuse(StatusCodes.Status409Conflict, refused.Reason),
        _ => throw new InvalidOperationException("A change of state is done or refused."),
    };
}
