using Campaigns.Core.Ingest;
using Campaigns.Core.Jobs;
using Campaigns.Functions.Console.Pages;
using Campaigns.Functions.Console.Parts;
using Campaigns.Functions.Hosting;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Net.Http.Headers;

namespace Campaigns.Functions.Console;

/// <summary>The latest imports, and files that were put into the inbox.</summary>
/// <param name="Latest">Imports, newest first.</param>
/// <param name="Inbox">The inbox for people; null where none is set.</param>
/// <param name="Files">What became of its files, newest first.</param>
/// <param name="Kinds">Kinds of files whose columns somebody explained, by id.</param>
public sealed record ImportsModel(IReadOnlyList<ImportProgress> Latest, string? Inbox, IReadOnlyList<InboxRow> Files, IReadOnlyList<(string Id, ColumnsRow Said)> Kinds)
{
    /// <summary>Reads them.</summary>
    public static async ValueTask<ImportsModel> ReadAsync(Imports imports, InboxStep inbox, ColumnsStep columns, CancellationToken cancellation) =>
        new(await imports.ListAsync(cancellation), inbox.Description, await inbox.ListAsync(cancellation), await columns.ListAsync(cancellation));
}

/// <summary>Imports: drop a file, watch it, download what was rejected.</summary>
public static class ImportRoutes
{
    /// <summary>Bytes of a form's text field before the file: a date format.</summary>
    private const int FieldBytes = 200;

    /// <summary>Characters of a file's name that are kept.</summary>
    private const int NameLength = 120;

    /// <summary>Maps <c>/imports</c>.</summary>
    public static void MapImportPages(this IEndpointRouteBuilder app)
    {
        app.MapGet("/imports", async (HttpContext context, PageFrames frames, Imports imports, InboxStep inbox, ColumnsStep columns, CancellationToken c) =>
            Page.Show<ImportsPage>(await frames.OfAsync(context, c), await ImportsModel.ReadAsync(imports, inbox, columns, c)));
        app.MapPost("/imports", UploadAsync);
        app.MapGet("/imports/{id}", PageAsync);
        app.MapGet("/imports/{id}/rejects", async (string id, HttpContext context, PageFrames frames, Imports imports, CancellationToken c) =>
            await imports.OpenRejectsAsync(id, c) is { } rejects
                ? Results.Stream(rejects, "text/csv; charset=utf-8", $"rejected-{id}.csv")
                : await Page.MissingAsync(context, frames, "file of rejected rows", c));
    }

    private static async Task<IResult> PageAsync(string id, HttpContext context, PageFrames frames, Imports imports, ColumnsStep columns, CancellationToken cancellation)
    {
        if (await imports.FindAsync(id, cancellation) is not { } found)
        {
            return await Page.MissingAsync(context, frames, "import", cancellation);
        }

        if (!context.Request.Headers.ContainsKey("HX-Request"))
        {
            if (found.AsksColumns && await columns.FindAsync(id, cancellation) is not null)
            {
                return Page.GoTo($"/imports/{id}/columns");
            }

            return Page.Show<ImportPage>(await frames.OfAsync(context, cancellation), found);
        }

        if (found.Status != JobStatus.Running)
        {
            context.Response.Headers["HX-Refresh"] = "true";
        }

        return Page.Part<ImportBar>(("Import", found));
    }

    /// <summary>Streams the file of a form straight into the import: its size is not limited, and memory stays flat.</summary>
    private static async Task<IResult> UploadAsync(
        HttpContext context, PageFrames frames, Imports imports, InboxStep inbox, ColumnsStep columns, WorkQueues queues, CancellationToken cancellation)
    {
        if (context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } limit)
        {
            limit.MaxRequestBodySize = null;
        }

        if (!MediaTypeHeaderValue.TryParse(context.Request.ContentType, out var type) || HeaderUtilities.RemoveQuotes(type.Boundary).Value is not { Length: > 0 } boundary)
        {
            return Results.BadRequest();
        }

        var reader = new MultipartReader(boundary, context.Request.Body);
        string? dateFormat = null;
        while (await reader.ReadNextSectionAsync(cancellation) is { } section)
        {
            if (!ContentDispositionHeaderValue.TryParse(section.ContentDisposition, out var disposition))
            {
                continue;
            }

            if (disposition.IsFormDisposition())
            {
                dateFormat = disposition.Name == "dateFormat" ? await TextAsync(section.Body, cancellation) : dateFormat;
            }
            else if (disposition.IsFileDisposition() && NameOf(disposition) is { Length: > 0 } name)
            {
                var request = new ImportRequest { Name = name, DateFormat = dateFormat };
                var started = await imports.StartAsync(request, section.Body, cancellation);
                await queues.SendAsync(started.Messages, cancellation);
                return Page.GoTo("/imports/" + started.Id);
            }
        }

        return Page.Show<ImportsPage>(
            (await frames.OfAsync(context, cancellation)) with { Refusal = "Choose a file first: a CSV file of orders or customers, compressed or not." },
            await ImportsModel.ReadAsync(imports, inbox, columns, cancellation),
            StatusCodes.Status422UnprocessableEntity);
    }

    private static string NameOf(ContentDispositionHeaderValue disposition)
    {
        var name = HeaderUtilities.RemoveQuotes(disposition.FileNameStar.HasValue ? disposition.FileNameStar : disposition.FileName).Value ?? "";
        name = Path.GetFileName(name.Replace('\\', '/'));
        return name.Length > NameLength ? name[..NameLength] : name;
    }

    private static async ValueTask<string?> TextAsync(Stream body, CancellationToken cancellation)
    {
        var buffer = new byte[FieldBytes];
        var read = await body.ReadAtLeastAsync(buffer, FieldBytes, throwOnEndOfStream: false, cancellation);
        return System.Text.Encoding.UTF8.GetString(buffer, 0, read).Trim() is { Length: > 0 } text ? text : null;
    }
}
