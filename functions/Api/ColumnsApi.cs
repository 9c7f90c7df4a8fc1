using Campaigns.Core.Ingest;
using Campaigns.Functions.Hosting;

namespace Campaigns.Functions.Api;

/// <summary>Files whose headers say too little: what their columns are.</summary>
public static class ColumnsApi
{
    /// <summary>Maps <c>/api/imports/{id}/columns</c> and <c>/api/columns</c>.</summary>
    public static void MapColumns(this IEndpointRouteBuilder api)
    {
        api.MapGet("/imports/{id}/columns", async (string id, ColumnsStep columns, CancellationToken c) =>
            await columns.FindAsync(id, c) is { } question ? Results.Json(question, CampaignsApi.Json) : Missing());
        api.MapPost("/imports/{id}/columns/check", async (string id, HttpContext context, ColumnsStep columns, CancellationToken c) =>
            await columns.CheckAsync(id, await ReadAsync(context, c), c) is { } check ? Results.Json(check, CampaignsApi.Json) : Missing());
        api.MapPost("/imports/{id}/columns", AnswerAsync);
        api.MapGet("/columns", async (ColumnsStep columns, CancellationToken c) =>
            Results.Json((await columns.ListAsync(c)).Select(k => new { k.Id, k.Said.Name, k.Said.SaidAt, k.Said.Columns, k.Said.DateFormat }), CampaignsApi.Json));
        api.MapDelete("/columns/{id}", async (string id, ColumnsStep columns, CancellationToken c) =>
        {
            await columns.ForgetAsync(id, c);
            return Results.NoContent();
        });
    }

    private static async Task<IResult> AnswerAsync(string id, HttpContext context, ColumnsStep columns, WorkQueues queues, CancellationToken cancellation)
    {
        var answer = await ReadAsync(context, cancellation);
        var check = await columns.CheckAsync(id, answer, cancellation);
        if (check?.Problem is { } problem)
        {
            return ApiRoutes.Refuse(StatusCodes.Status422UnprocessableEntity, problem);
        }

        if (await columns.AnswerAsync(id, answer, cancellation) is not { } started)
        {
            return Missing();
        }

        await queues.SendAsync(started.Messages, cancellation);
        return Results.Json(new { import = started.Id }, statusCode: StatusCodes.Status202Accepted);
    }

    private static async ValueTask<ColumnAnswer> ReadAsync(HttpContext context, CancellationToken cancellation)
    {
        var asked = await ApiRoutes.ReadAsync<Asked>(context, CampaignsApi.Json, cancellation);
        return new ColumnAnswer(asked.Columns ?? new Dictionary<string, string>(StringComparer.Ordinal), asked.DateFormat);
    }

    private static IResult Missing() => ApiRoutes.Refuse(StatusCodes.Status404NotFound, "There is no such import, or it does not ask what its columns are.");

    private sealed record Asked(Dictionary<string, string>? Columns, string? DateFormat);
}
