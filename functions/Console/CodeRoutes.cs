using Campaigns.Core.Jobs;
using Campaigns.Core.Offers.Codes;
using Campaigns.Functions.Api;
using Campaigns.Functions.Console.Pages;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Net.Http.Headers;

namespace Campaigns.Functions.Console;

/// <summary>A pool with what became of its codes.</summary>
/// <param name="Pool">The pool.</param>
/// <param name="Report">Its codes that customers have.</param>
/// <param name="Reservations">What belongs to sends.</param>
/// <param name="Upload">What became of a file that was just sent, or null.</param>
public sealed record CodePoolModel(CodePool Pool, CodeReport Report, IReadOnlyList<CodeReservation> Reservations, CodeUploadResult? Upload);

/// <summary>Pools of single-use codes: upload a file, see what became of the codes, download the list.</summary>
public static class CodeRoutes
{
    /// <summary>Bytes of the form's field before the file: the pool's name.</summary>
    private const int FieldBytes = 200;

    /// <summary>Maps <c>/codes</c>.</summary>
    public static void MapCodePages(this IEndpointRouteBuilder app)
    {
        app.MapGet("/codes", async (HttpContext context, PageFrames frames, CodePools pools, CancellationToken c) =>
            Page.Show<CodesPage>(await frames.OfAsync(context, c), await pools.ListAsync(c)));
        app.MapPost("/codes", UploadAsync);
        app.MapGet("/codes/{pool}", async (string pool, HttpContext context, PageFrames frames, CodePools pools, CodeOwners owners, CancellationToken c) =>
            await ShowAsync(pool, null, context, frames, pools, owners, c));
        app.MapGet("/codes/{pool}/given", async (string pool, string? run, HttpContext context, PageFrames frames, CodePools pools, CodeOwners owners, CancellationToken c) =>
            await pools.FindAsync(pool, c) is null ? await Page.MissingAsync(context, frames, "pool of codes", c) : CodesApi.Csv(pool, run, owners));
    }

    private static async Task<IResult> ShowAsync(
        string pool, CodeUploadResult? upload, HttpContext context, PageFrames frames, CodePools pools, CodeOwners owners, CancellationToken cancellation)
    {
        var frame = (await frames.OfAsync(context, cancellation)) with { Path = "/codes/" + pool, Refusal = upload?.Problem };
        if (await pools.FindAsync(pool, cancellation) is not { } found)
        {
            return upload is null ? await Page.MissingAsync(context, frames, "pool of codes", cancellation)
                : Page.Show<CodesPage>(
                    frame with { Path = "/codes", Refusal = upload.Problem ?? "The file held no code that is fit: use 1 to 40 letters, digits and signs without spaces, one code per line." },
                    await pools.ListAsync(cancellation),
                    StatusCodes.Status422UnprocessableEntity);
        }

        var model = new CodePoolModel(
            found, await CodeReport.OfAsync(owners.ListAsync(pool, cancellation), cancellation), await pools.ReservationsAsync(pool, cancellation), upload);
        return Page.Show<CodePoolPage>(frame, model, upload?.Problem is null ? StatusCodes.Status200OK : StatusCodes.Status422UnprocessableEntity);
    }

    /// <summary>Streams the file of a form into the pool that stands before it.</summary>
    private static async Task<IResult> UploadAsync(
        HttpContext context, PageFrames frames, CodePools pools, CodeOwners owners, CodeUpload upload, Workspace workspace, CancellationToken cancellation)
    {
        CodesApi.Unlimited(context);
        if (!MediaTypeHeaderValue.TryParse(context.Request.ContentType, out var type) || HeaderUtilities.RemoveQuotes(type.Boundary).Value is not { Length: > 0 } boundary)
        {
            return Results.BadRequest();
        }

        var reader = new MultipartReader(boundary, context.Request.Body);
        var pool = "";
        while (await reader.ReadNextSectionAsync(cancellation) is { } section)
        {
            if (!ContentDispositionHeaderValue.TryParse(section.ContentDisposition, out var disposition))
            {
                continue;
            }

            if (disposition.IsFormDisposition() && disposition.Name == "pool")
            {
                pool = await TextAsync(section.Body, cancellation);
            }
            else if (disposition.IsFileDisposition() && CodePool.IsId(pool))
            {
                var result = await upload.AddAsync(pool, section.Body, await workspace.NowAsync(cancellation), cancellation);
                return await ShowAsync(pool, result, context, frames, pools, owners, cancellation);
            }
        }

        return Page.Show<CodesPage>(
            (await frames.OfAsync(context, cancellation)) with
            {
                Path = "/codes",
                Refusal = CodePool.IsId(pool) ? "Choose a file first: one code per line." : $"Name the pool with 1 to {CodePool.MaxIdLength} lower-case letters, digits and hyphens.",
            },
            await pools.ListAsync(cancellation),
            StatusCodes.Status422UnprocessableEntity);
    }

    private static async ValueTask<string> TextAsync(Stream body, CancellationToken cancellation)
    {
        var buffer = new byte[FieldBytes];
        var read = await body.ReadAtLeastAsync(buffer, FieldBytes, throwOnEndOfStream: false, cancellation);
        return System.Text.Encoding.UTF8.GetString(buffer, 0, read).Trim();
    }
}
