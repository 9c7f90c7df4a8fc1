using Campaigns.Core.Jobs;
using Campaigns.Core.Measurement;
using Campaigns.Core.Segments;
using Campaigns.Functions.Console.Pages;
using Campaigns.Functions.Hosting;

namespace Campaigns.Functions.Console;

/// <summary>A segment with the shop's figures for it.</summary>
public sealed record SegmentModel(SegmentCount Count, SegmentReport Report, KpiRow? Row);

/// <summary>Segments and one segment.</summary>
public static class SegmentRoutes
{
    /// <summary>Maps <c>/segments</c>.</summary>
    public static void MapSegmentPages(this IEndpointRouteBuilder app)
    {
        app.MapGet("/segments", async (HttpContext context, PageFrames frames, SegmentReader segments, CancellationToken c) =>
            Page.Show<SegmentsPage>(await frames.OfAsync(context, c), (await segments.LatestAsync(c))?.Report));
        app.MapGet("/segments/{name}", async (string name, HttpContext context, PageFrames frames, SegmentReader segments, Kpis kpis, CancellationToken c) =>
        {
            if (await segments.LatestAsync(c) is not { Report: var report } || report.Segments.FirstOrDefault(s => s.Segment == name) is not { } count)
            {
                return await Page.MissingAsync(context, frames, "segment", c);
            }

            var row = (await kpis.LatestAsync(c))?.Rows(KpiGrouping.Segment).FirstOrDefault(r => r.Scope == "shop" && r.Segment == name);
            return Page.Show<SegmentPage>(await frames.OfAsync(context, c), new SegmentModel(count, report, row));
        });
        app.MapPost("/segments/recompute", async (Recompute recompute, Workspace workspace, WorkQueues queues, CancellationToken c) =>
        {
            await queues.SendAsync(await recompute.StartAsync(await workspace.NowAsync(c), "", c), c);
            return Page.GoTo("/segments", "recompute");
        });
    }
}
