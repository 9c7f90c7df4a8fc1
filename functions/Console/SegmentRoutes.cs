using System.Globalization;
using Campaigns.Core.Jobs;
using Campaigns.Core.Segments;
using Campaigns.Core.Storage;
using Campaigns.Functions.Console.Pages;
using Campaigns.Functions.Hosting;

namespace Campaigns.Functions.Console;

/// <summary>Segments and one segment.</summary>
public static class SegmentRoutes
{
    /// <summary>Maps <c>/segments</c>.</summary>
    public static void MapSegmentPages(this IEndpointRouteBuilder app)
    {
        app.MapGet("/segments", async (HttpContext context, PageFrames frames, SegmentQuery query, CancellationToken c) =>
            Page.Show<SegmentsPage>(await frames.OfAsync(context, c), await query.ListAsync(c)));
        app.MapGet("/segments/{name}", async (string name, HttpContext context, PageFrames frames, SegmentQuery query, CancellationToken c) =>
            await query.ReadAsync(name, c) is { } segment
                ? Page.Show<SegmentPage>(await frames.OfAsync(context, c), segment)
                : await Page.MissingAsync(context, frames, "segment", c));
        app.MapPost("/segments/recompute", async (Recompute recompute, Workspace workspace, SchemeCatalog schemes, WorkQueues queues, CancellationToken c) =>
        {
            await ComputeAnewAsync(recompute, workspace, schemes, queues, c);
            return Page.GoTo("/segments", "recompute");
        });
        app.MapGet("/chart/segments", SeriesAsync);
    }

    /// <summary>Everybody is classified by the scheme in force: once for each of its versions at the same business time.</summary>
    public static async ValueTask ComputeAnewAsync(Recompute recompute, Workspace workspace, SchemeCatalog schemes, WorkQueues queues, CancellationToken cancellation)
    {
        var number = (await schemes.CurrentAsync(cancellation)).Number;
        var generation = number == 0 ? "" : "scheme-" + number.ToString(CultureInfo.InvariantCulture);
        await queues.SendAsync(await recompute.StartAsync(await workspace.NowAsync(cancellation), generation, cancellation), cancellation);
    }

    /// <summary>Customers by segment over time, for the chart: seconds since 1970, and for each segment of the scheme in force its customers, null where it was not there.</summary>
    private static async Task<IResult> SeriesAsync(string? segment, IRowStore rows, SchemeCatalog schemes, CancellationToken cancellation)
    {
        var points = await SegmentSeries.LastAsync(rows, SegmentQuery.SeriesLength, cancellation);
        var scheme = (await schemes.CurrentAsync(cancellation)).Scheme;
        return Results.Json(new
        {
            days = points.Select(p => p.AsOf.ToUnixTimeSeconds()),
            lines = scheme.Segments.Where(s => segment is null || s.Id == segment).Select(s => new
            {
                name = s.Name,
                values = points.Select(p => Array.FindIndex(p.Segments, c => c.Segment == s.Id) is >= 0 and var at ? p.Segments[at].Customers : (long?)null),
            }),
        });
    }
}
