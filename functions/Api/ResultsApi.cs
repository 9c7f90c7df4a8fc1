using Campaigns.Core.Jobs;
using Campaigns.Core.Measurement;
using Campaigns.Core.Measurement.Control;
using Campaigns.Core.Planning;
using Campaigns.Core.Segments;
using Campaigns.Functions.Hosting;

namespace Campaigns.Functions.Api;

/// <summary>Segments and KPIs, as the last jobs left them, and the buttons that compute them anew.</summary>
public static class ResultsApi
{
    /// <summary>Maps <c>/api/segments</c>, <c>/api/kpis</c>, <c>/api/campaigns/{id}/results</c>, <c>/api/recompute</c> and <c>/api/measure</c>.</summary>
    public static void MapResults(this IEndpointRouteBuilder api)
    {
        api.MapGet("/segments", async (SegmentReader segments, CancellationToken c) =>
            await segments.LatestAsync(c) is { } snapshot
                ? Results.Json(snapshot.Report, CampaignsApi.Json)
                : ApiRoutes.Refuse(StatusCodes.Status404NotFound, "There are no segments yet: import orders first."));
        api.MapGet("/kpis", KpisAsync);
        api.MapGet("/campaigns/{id}/results", async (string id, Kpis kpis, CampaignCatalog campaigns, CancellationToken c) =>
            await campaigns.FindAsync(id, c) is null ? ApiRoutes.Refuse(StatusCodes.Status404NotFound, "There is no such campaign.")
            : await kpis.LatestAsync(c) is not { } report ? ApiRoutes.Refuse(StatusCodes.Status404NotFound, "Nothing has been measured yet: import orders first.")
            : Results.Json(new { asOf = report.AsOf, currency = report.Currency, rows = OfferTable.Of(report, id).Select(RowOf), shares = DrawShares.Of(report, id) }, CampaignsApi.Json));
        api.MapPost("/recompute", async (Recompute recompute, Workspace workspace, WorkQueues queues, CancellationToken c) =>
            await StartedAsync(queues, await recompute.StartAsync(await workspace.NowAsync(c), "", c), c));
        api.MapPost("/measure", async (Measure measure, ControlMeasure control, Workspace workspace, WorkQueues queues, CancellationToken c) =>
        {
            var now = await workspace.NowAsync(c);
            return await StartedAsync(queues, [.. await measure.StartAsync(now, "", c), .. await control.StartAsync(now, again: true, c)], c);
        });
    }

    private static object RowOf(OfferRow row) => new
    {
        row.Segment,
        row.Treatment,
        row.Offer,
        row.Recipients,
        row.Control,
        row.Conversion,
        row.ConversionControl,
        profitPer1000Minor = row.Per1000,
        liftPer1000Minor = row.LiftPer1000,
        intervalLowMinor = row.FixedTime?.Low,
        intervalHighMinor = row.FixedTime?.High,
        alwaysValidLowMinor = row.AlwaysValid?.Low,
        alwaysValidHighMinor = row.AlwaysValid?.High,
        row.Batches,
        // JSON knows no infinity; beyond this, more evidence says nothing more.
        eValue = Math.Min(row.EValue, 1e12),
        verdict = Verdicts.Name(row.Verdict),
        row.Explanation,
        newestShare = row.NewestShare,
        // What is promised to everyone is not measured: there is nothing to advise.
        advice = row.Advice?.Kind.ToString().ToLowerInvariant(),
        row.Advice?.Sentence,
    };

    private static async Task<IResult> StartedAsync(WorkQueues queues, IReadOnlyList<Outgoing> messages, CancellationToken cancellation)
    {
        await queues.SendAsync(messages, cancellation);
        return Results.Json(new { job = Envelope.Parse(messages[0].Body).Work!.Job }, statusCode: StatusCodes.Status202Accepted);
    }

    private static async Task<IResult> KpisAsync(string? by, string? format, HttpContext context, Kpis kpis, CancellationToken cancellation)
    {
        if (KpiTable.ParseGrouping(by ?? "campaign") is not { } grouping)
        {
            return ApiRoutes.Refuse(StatusCodes.Status400BadRequest, "by is one of campaign, segment, offer, channel, day.");
        }

        if (await kpis.LatestAsync(cancellation) is not { } report)
        {
            return ApiRoutes.Refuse(StatusCodes.Status404NotFound, "Nothing has been measured yet: import orders first.");
        }

        if (format == "csv" || (format is null && context.Request.Headers.Accept.ToString().Contains("text/csv", StringComparison.OrdinalIgnoreCase)))
        {
            await using var text = new StringWriter();
            KpiCsv.Write(report.Rows(grouping), text);
            return Results.Text(text.ToString(), "text/csv; charset=utf-8");
        }

        return format is null or "json"
            ? Results.Json(new { asOf = report.AsOf, currency = report.Currency, rows = report.Rows(grouping) }, CampaignsApi.Json)
            : ApiRoutes.Refuse(StatusCodes.Status400BadRequest, "format is json or csv.");
    }
}
