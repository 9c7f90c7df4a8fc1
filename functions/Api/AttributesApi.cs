using Campaigns.Core.Ingest;
using Campaigns.Core.Jobs;
using Campaigns.Core.Segments;
using Campaigns.Functions.Access;

namespace Campaigns.Functions.Api;

/// <summary>The attributes that imports brought with customers, and how their values are read.</summary>
public static class AttributesApi
{
    /// <summary>Maps <c>/api/attributes</c>.</summary>
    public static void MapAttributes(this IEndpointRouteBuilder api)
    {
        api.MapGet("/attributes", async (Workspace workspace, CancellationToken c) =>
            Results.Json(new { attributes = (await workspace.AttributesAsync(c)).All }, CampaignsApi.Json));
        api.MapPut("/attributes/{name}", ChangeAsync);
    }

    private static async Task<IResult> ChangeAsync(string name, HttpContext context, Workspace workspace, SchemeCatalog schemes, CancellationToken cancellation)
    {
        var asked = await ApiRoutes.ReadAsync<AttributeChange>(context, CampaignsApi.Json, cancellation);
        if (asked.Type is not { } type || !Enum.IsDefined(type))
        {
            return ApiRoutes.Refuse(StatusCodes.Status400BadRequest, "type is one of Text, Number, YesNo, Date.");
        }

        if (await schemes.FaultsWithAsync(name, type, cancellation) is { Count: > 0 } faults)
        {
            return Results.Json(
                new { error = $"The segment scheme rests on the present type ({faults[0]}): change the scheme first.", faults }, CampaignsApi.Json, statusCode: StatusCodes.Status409Conflict);
        }

        var (now, by) = (await workspace.NowAsync(cancellation), await Caller.NameAsync(context, cancellation));
        return await workspace.ChangeAttributeAsync(name, type, now, by, cancellation) is { } changed
            ? Results.Json(changed, CampaignsApi.Json)
            : ApiRoutes.Refuse(StatusCodes.Status404NotFound, "No import brought an attribute of that name.");
    }

    private sealed record AttributeChange(AttributeKind? Type);
}
