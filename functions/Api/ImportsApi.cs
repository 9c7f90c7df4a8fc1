using Campaigns.Core.Ingest;
using Campaigns.Functions.Hosting;
using Microsoft.AspNetCore.Http.Features;

namespace Campaigns.Functions.Api;

/// <summary>Orders and customers in: JSON arrays, NDJSON, or CSV files, gzipped or not. Answers 202 with the import's id.</summary>
public static class ImportsApi
{
    /// <summary>Maps <c>/api/orders</c>, <c>/api/customers</c>, <c>/api/products</c> (POST) <c>/api/imports</c> and <c>/api/inbox</c>.</summary>
    public static void MapImports(this IEndpointRouteBuilder api)
    {
        api.MapPost("/orders", (HttpContext context, Imports imports, WorkQueues queues, CancellationToken c) => StartAsync(context, ImportSubject.Orders, imports, queues, c));
        api.MapPost("/customers", (HttpContext context, Imports imports, WorkQueues queues, CancellationToken c) => StartAsync(context, ImportSubject.Customers, imports, queues, c));
        api.MapPost("/products", (HttpContext context, Imports imports, WorkQueues queues, CancellationToken c) => StartAsync(context, ImportSubject.Products, imports, queues, c));
        api.MapPost("/imports", (HttpContext context, Imports imports, WorkQueues queues, CancellationToken c) => StartAsync(context, ImportSubject.Detect, imports, queues, c));
        api.MapGet("/imports", async (Imports imports, CancellationToken c) => Results.Json((await imports.ListAsync(c)).Select(ImportView.Of), CampaignsApi.Json));
        api.MapGet("/inbox", async (InboxStep inbox, CancellationToken c) => Results.Json(new { place = inbox.Description, files = await inbox.ListAsync(c) }, CampaignsApi.Json));
        api.MapGet("/imports/{id}", async (string id, Imports imports, CancellationToken c) =>
            await imports.FindAsync(id, c) is { } found
                ? Results.Json(ImportView.Of(found), CampaignsApi.Json)
                : ApiRoutes.Refuse(StatusCodes.Status404NotFound, "There is no such import."));
        api.MapGet("/imports/{id}/rejects", async (string id, Imports imports, CancellationToken c) =>
            await imports.OpenRejectsAsync(id, c) is { } rejects
                ? Results.Stream(rejects, "text/csv; charset=utf-8", $"rejected-{id}.csv")
                : ApiRoutes.Refuse(StatusCodes.Status404NotFound, "This import rejected no rows."));
    }

    /// <summary>Stores the body and starts the import. The size is not limited: the body is streamed into a blob.</summary>
    public static async Task<IResult> StartAsync(HttpContext context, ImportSubject subject, Imports imports, WorkQueues queues, CancellationToken cancellation)
    {
        if (context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } limit)
        {
            limit.MaxRequestBodySize = null;
        }

        var query = context.Request.Query;
        var started = await imports.StartAsync(
            new ImportRequest
            {
                // Its own id each time: content that failed once is tried anew; what was imported already changes nothing.
                Id = "import-" + Guid.NewGuid().ToString("N"),
                Subject = subject,
                Name = query["name"].ToString(),
                DateFormat = query["dateFormat"] is { Count: 1 } format ? format.ToString() : null,
                Currency = query["currency"] is { Count: 1 } currency ? currency.ToString() : null,
            },
            context.Request.Body,
            cancellation);
        await queues.SendAsync(started.Messages, cancellation);
        return Results.Json(new { import = started.Id }, statusCode: StatusCodes.Status202Accepted);
    }
}
