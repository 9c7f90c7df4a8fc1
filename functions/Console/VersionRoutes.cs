using System.Globalization;
using System.Text;
using Campaigns.Core.Jobs;
using Campaigns.Core.Segments;
using Campaigns.Core.Segments.Rules;
using Campaigns.Core.Storage;
using Campaigns.Functions.Access;
using Campaigns.Functions.Console.Editing;
using Campaigns.Functions.Console.Pages;
using Campaigns.Functions.Hosting;

namespace Campaigns.Functions.Console;

/// <summary>A saved version and what its first recompute did; null where that is not known.</summary>
public sealed record VersionLine(SchemeRow Version, long? In, long? Out);

/// <summary>The saved versions, newest first.</summary>
/// <param name="Lines">The versions.</param>
/// <param name="Current">Number of the one in force.</param>
/// <param name="Next">Number to go on from, or null at the end.</param>
public sealed record VersionListModel(IReadOnlyList<VersionLine> Lines, int Current, int? Next);

/// <summary>One version.</summary>
/// <param name="Line">The version.</param>
/// <param name="Current">Number of the one in force.</param>
/// <param name="Scheme">Its scheme; null where today's fields no longer fit it.</param>
/// <param name="Faults">What no longer fits.</param>
public sealed record VersionModel(VersionLine Line, int Current, SegmentScheme? Scheme, IReadOnlyList<SchemeFault> Faults);

/// <summary>Saved versions of the segments: list, view, restore.</summary>
public static class VersionRoutes
{
    /// <summary>Versions per page.</summary>
    private const int PageSize = 30;

    /// <summary>Maps <c>/segments/versions</c>.</summary>
    public static void MapVersionPages(this IEndpointRouteBuilder app)
    {
        app.MapGet("/segments/versions", ListAsync);
        app.MapGet("/segments/versions/{number:int:min(0)}", OneAsync);
        app.MapPost("/segments/versions/restore", RestoreAsync);
    }

    private static async Task<IResult> ListAsync(int? from, HttpContext context, PageFrames frames, SchemeCatalog schemes, IRowStore rows, CancellationToken cancellation)
    {
        var versions = await schemes.VersionsAsync(from, PageSize, cancellation);
        var points = await SegmentSeries.LastAsync(rows, SegmentSeries.MaxPoints, cancellation);
        var next = versions.Count == PageSize && versions[^1].Number > 0 ? versions[^1].Number - 1 : (int?)null;
        var current = (await schemes.CurrentAsync(cancellation)).Number;
        return Page.Show<VersionsPage>(await frames.OfAsync(context, cancellation), new VersionListModel([.. versions.Select(v => Line(v, points))], current, next));
    }

    private static async Task<IResult> OneAsync(int number, HttpContext context, PageFrames frames, SchemeCatalog schemes, IRowStore rows, CancellationToken cancellation) =>
        await ReadAsync(number, schemes, rows, cancellation) is { } model
            ? Page.Show<VersionPage>(await frames.OfAsync(context, cancellation), model)
            : await Page.MissingAsync(context, frames, "version", cancellation);

    /// <summary>An old version is saved as the newest, as if somebody wrote it anew: checked by today's fields, and only over the version that was looked at.</summary>
    private static async Task<IResult> RestoreAsync(
        HttpContext context, PageFrames frames, SchemeCatalog schemes, Recompute recompute, Workspace workspace, WorkQueues queues, IRowStore rows, CancellationToken cancellation)
    {
        var form = await context.Request.ReadFormAsync(cancellation);
        if (!int.TryParse(form["version"], NumberStyles.None, CultureInfo.InvariantCulture, out var version) || await schemes.FindAsync(version, cancellation) is not { } old)
        {
            return await Page.MissingAsync(context, frames, "version", cancellation);
        }

        var seen = int.TryParse(form["number"], NumberStyles.None, CultureInfo.InvariantCulture, out var n) ? n : -1;
        var path = string.Create(CultureInfo.InvariantCulture, $"/segments/versions/{version}");
        switch (await schemes.SaveAsync(old.Json, seen, await Caller.NameAsync(context, cancellation), cancellation))
        {
            case SchemeSaved.Saved { Changes.Count: 0 } same when same.Scheme.Number == seen:
                return Page.GoTo("/segments", "unchanged");
            case SchemeSaved.Saved:
                await SegmentRoutes.ComputeAnewAsync(recompute, workspace, schemes, queues, cancellation);
                return Page.GoTo("/segments", "restored");
            case SchemeSaved.ChangedByOthers other:
                var refusal = $"Not restored: somebody saved version {other.Number} since you looked. Look at what it changed, and restore again if you still want to.";
                return Page.Show<VersionPage>(
                    (await frames.OfAsync(context, cancellation)) with { Refusal = refusal, Path = path }, (await ReadAsync(version, schemes, rows, cancellation))!, StatusCodes.Status409Conflict);
            default:
                // It no longer fits: the editor shows what to put right.
                var current = await schemes.CurrentAsync(cancellation);
                var edit = SchemeForm.Of(Encoding.UTF8.GetString(old.Json), current.Number, -1, await schemes.FieldsAsync(cancellation));
                return Page.Show<SegmentEditPage>(
                    (await frames.OfAsync(context, cancellation)) with { Path = "/segments/edit" }, new SegmentEditModel(edit, current.Scheme.SegmentIds, Asked: true), StatusCodes.Status422UnprocessableEntity);
        }
    }

    private static async ValueTask<VersionModel?> ReadAsync(int number, SchemeCatalog schemes, IRowStore rows, CancellationToken cancellation)
    {
        if (await schemes.FindAsync(number, cancellation) is not { } version)
        {
            return null;
        }

        var reading = await schemes.ReadAsync(version.Json, cancellation);
        var points = await SegmentSeries.LastAsync(rows, SegmentSeries.MaxPoints, cancellation);
        return new VersionModel(Line(version, points), (await schemes.CurrentAsync(cancellation)).Number, reading.Scheme, reading.Faults);
    }

    /// <summary>The first recompute by a version says whom it moved.</summary>
    private static VersionLine Line(SchemeRow version, IReadOnlyList<SegmentPoint> points)
    {
        var first = points.FirstOrDefault(p => p.SchemeNumber == version.Number);
        return new VersionLine(version, first?.MembershipsIn, first?.MembershipsOut);
    }
}
