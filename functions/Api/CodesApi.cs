using System.Text;
using Campaigns.Core.Jobs;
using Campaigns.Core.Offers.Codes;
using Microsoft.AspNetCore.Http.Features;

namespace Campaigns.Functions.Api;

/// <summary>Pools of single-use codes: files in, what became of the codes out.</summary>
public static class CodesApi
{
    /// <summary>Maps <c>/api/codes</c>.</summary>
    public static void MapCodes(this IEndpointRouteBuilder api)
    {
        api.MapGet("/codes", async (CodePools pools, CancellationToken c) => Results.Json((await pools.ListAsync(c)).Select(PoolOf), CampaignsApi.Json));
        api.MapGet("/codes/{pool}", FindAsync);
        api.MapPost("/codes/{pool}", UploadAsync);
        api.MapGet("/codes/{pool}/given", async (string pool, string? run, CodePools pools, CodeOwners owners, CancellationToken c) =>
            await pools.FindAsync(pool, c) is null ? Missing() : Csv(pool, run, owners));
    }

    /// <summary>The codes that customers have, of one send or all, as a CSV file written while it is read.</summary>
    public static IResult Csv(string pool, string? run, CodeOwners owners) => Results.Stream(
        async stream =>
        {
            await using var writer = new StreamWriter(stream, new UTF8Encoding(false)) { NewLine = "\n" };
            await writer.WriteLineAsync(CodeReport.Header);
            await foreach (var code in owners.ListAsync(pool, CancellationToken.None))
            {
                if (run is null || code.Owner.Run == run)
                {
                    await writer.WriteLineAsync(CodeReport.Line(code));
                }
            }
        },
        "text/csv; charset=utf-8",
        $"codes-{pool}.csv");

    /// <summary>Takes the whole body; the size is not limited, as it is streamed.</summary>
    public static void Unlimited(HttpContext context)
    {
        if (context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } limit)
        {
            limit.MaxRequestBodySize = null;
        }
    }

    private static async Task<IResult> UploadAsync(string pool, HttpContext context, CodeUpload upload, Workspace workspace, CancellationToken cancellation)
    {
        if (!CodePool.IsId(pool))
        {
            return ApiRoutes.Refuse(StatusCodes.Status400BadRequest, $"The name of a pool has 1 to {CodePool.MaxIdLength} lower-case letters, digits and hyphens.");
        }

        Unlimited(context);
        var result = await upload.AddAsync(pool, context.Request.Body, await workspace.NowAsync(cancellation), cancellation);
        return result.Problem is { } problem
            ? Results.Json(new { error = problem, result.Added, result.Unchanged, result.Rejected, result.Rejects }, CampaignsApi.Json, statusCode: StatusCodes.Status400BadRequest)
            : Results.Json(new { result.Pool, result.Added, result.Unchanged, result.Rejected, result.Rejects }, CampaignsApi.Json);
    }

    private static async Task<IResult> FindAsync(string pool, CodePools pools, CodeOwners owners, CancellationToken cancellation)
    {
        if (await pools.FindAsync(pool, cancellation) is not { } found)
        {
            return Missing();
        }

        var report = await CodeReport.OfAsync(owners.ListAsync(pool, cancellation), cancellation);
        return Results.Json(
            new
            {
                pool = found.Id,
                codes = found.Codes,
                free = found.Free,
                reserved = found.Reserved,
                given = report.Given,
                redeemed = report.Redeemed,
                redeemedByOthers = report.ByOthers,
                inPart = report.InPart,
                runs = (await pools.ReservationsAsync(pool, cancellation)).Select(r => new { r.Campaign, r.Run, r.Treatment, r.First, r.Count }),
                others = report.Others.Select(o => new { o.Owner.Code, o.Owner.Run, customer = o.Owner.CustomerId, redeemedBy = o.Order.CustomerId, o.Order.Order, o.Order.At }),
            },
            CampaignsApi.Json);
    }

    private static object PoolOf(CodePool pool) => new { pool = pool.Id, codes = pool.Codes, free = pool.Free, reserved = pool.Reserved };

    private static IResult Missing() => ApiRoutes.Refuse(StatusCodes.Status404NotFound, "There is no such pool of codes: send a file of codes to this address to begin one.");
}
