using Campaigns.Core.Segments;
using Campaigns.Functions.Access;

namespace Campaigns.Functions.Api;

/// <summary>The segments of single customers: which and why, at any time; and what people decide by hand.</summary>
public static class CustomerSegmentsApi
{
    /// <summary>Maps <c>/api/customers/{id}/segments</c>.</summary>
    public static void MapCustomerSegments(this IEndpointRouteBuilder api)
    {
        api.MapGet("/customers/{customer}/segments", async (string customer, DateTimeOffset? at, CustomerSegments segments, CancellationToken c) =>
            await segments.ReadAsync(customer, at, c) is { } view ? Results.Json(Shown(view), CampaignsApi.Json) : Missing());
        api.MapPut("/customers/{customer}/segments/{segment}", PlaceAsync);
        api.MapDelete("/customers/{customer}/segments/{segment}", async (string customer, string segment, PlacementStep step, CancellationToken c) =>
            Answer(await step.RemoveAsync(customer, segment, c)));
    }

    private static async Task<IResult> PlaceAsync(string customer, string segment, HttpContext context, PlacementStep step, CancellationToken cancellation)
    {
        var asked = await ApiRoutes.ReadAsync<PlacementBody>(context, CampaignsApi.Json, cancellation);
        if (asked.Member is not { } member)
        {
            return ApiRoutes.Refuse(StatusCodes.Status400BadRequest, "member is true (in the segment) or false (kept out of it).");
        }

        var placement = new Placement(segment, member, asked.Reason ?? "", await Caller.NameAsync(context, cancellation), default, asked.Until?.ToUniversalTime());
        return Answer(await step.PlaceAsync(customer, placement, cancellation));
    }

    /// <summary>Values of conditions as text: numbers that are unknown are no JSON.</summary>
    private static object Shown(CustomerSegmentsView view) => new
    {
        view.CustomerId,
        view.At,
        view.Memberships,
        view.History,
        explanations = view.Explanations.Select(e => new
        {
            e.Segment,
            e.Member,
            e.Reason,
            conditions = e.Conditions.Select(c => new { c.Path, c.Depth, c.Text, actual = c.ActualText, value = c.Actual.IsKnown ? c.Actual.ToString() : null, c.Holds }),
        }),
        view.Placements,
        view.Preliminary,
    };

    private static IResult Answer(PlacementResult result) => result switch
    {
        PlacementResult.Done done => Results.Json(new { placements = done.Placements.All, memberships = done.Memberships?.Present ?? [] }, CampaignsApi.Json),
        PlacementResult.Refused refused => ApiRoutes.Refuse(StatusCodes.Status400BadRequest, refused.Sentence),
        PlacementResult.Missing missing => ApiRoutes.Refuse(StatusCodes.Status404NotFound, missing.Sentence),
        _ => throw new InvalidOperationException("A placement is done or refused."),
    };

    private static IResult Missing() => ApiRoutes.Refuse(StatusCodes.Status404NotFound, "There is no such customer.");

    private sealed record PlacementBody(bool? Member, string? Reason, DateTimeOffset? Until);
}
