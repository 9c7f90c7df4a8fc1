using System.Globalization;
using Campaigns.Core.Jobs;
using Campaigns.Core.Measurement;
using Campaigns.Core.Planning;
using Campaigns.Core.Primitives;
using Campaigns.Core.Segments;
using Campaigns.Functions.Api;
using Campaigns.Functions.Console.Pages;
using Campaigns.Functions.Console.Parts;
using Campaigns.Functions.Hosting;

namespace Campaigns.Functions.Console;

/// <summary>The first screen, the example shop and the brake.</summary>
public static class HomeRoutes
{
    /// <summary>The example's clock moves by a day or a week per press.</summary>
    private const int MostDays = 7;

    /// <summary>Maps <c>/</c> and what belongs to it.</summary>
    public static void MapHome(this IEndpointRouteBuilder app)
    {
        app.MapGet("/", async (HttpContext context, PageFrames frames, HomeQuery query, CancellationToken c) =>
            Page.Show<HomePage>(await frames.OfAsync(context, c), await query.ReadAsync(c)));
        app.MapPost("/example", ExampleAsync);
        app.MapGet("/example", ExampleProgressAsync);
        app.MapGet("/chart/days", DaysAsync);
        app.MapPost("/stop", (HttpContext context, Workspace workspace, CancellationToken c) => SetStoppedAsync(context, workspace, true, c));
        app.MapPost("/resume", async (HttpContext context, Workspace workspace, JobRunner jobs, WorkQueues queues, CancellationToken c) =>
        {
            var back = await SetStoppedAsync(context, workspace, false, c);
            await Waking.AllAsync(jobs, queues, c);
            return back;
        });
        app.MapPost("/clock", ClockAsync);
    }

    private static async Task<IResult> ExampleAsync(HttpContext context, PageFrames frames, HomeQuery query, ExampleShop example, CancellationToken cancellation)
    {
        var refusal = await example.BeginAsync(cancellation);
        return refusal is null
            ? Page.GoTo("/")
            : Page.Show<HomePage>((await frames.OfAsync(context, cancellation)) with { Refusal = refusal }, await query.ReadAsync(cancellation), StatusCodes.Status409Conflict);
    }

    /// <summary>The progress bar; once the shop is ready, htmx is told to load the whole page.</summary>
    private static async Task<IResult> ExampleProgressAsync(HttpContext context, ExampleShop example, CancellationToken cancellation)
    {
        if (await example.ProgressAsync(cancellation) is { } progress)
        {
            return Page.Part<ExampleBar>(("Progress", progress));
        }

        context.Response.Headers["HX-Refresh"] = "true";
        return Results.Text("", "text/html");
    }

    /// <summary>Revenue and orders by day, for the chart: seconds since 1970, major units, counts.</summary>
    private static async Task<IResult> DaysAsync(Kpis kpis, CancellationToken cancellation)
    {
        if (await kpis.LatestAsync(cancellation) is not { } report)
        {
            return ApiRoutes.Refuse(StatusCodes.Status404NotFound, "Nothing has been measured yet.");
        }

        var shop = report.Shop;
        var first = Array.FindIndex(shop.Days, d => d.Orders > 0);
        var days = first < 0 ? [] : shop.Days[first..];
        var perMajor = (double)Money.MinorPerMajor(report.Currency);
        return Results.Json(new
        {
            currency = report.Currency,
            days = days.Select((_, i) => (DateOnly.FromDayNumber(shop.FirstDay + first + i).ToDateTime(TimeOnly.MinValue, DateTimeKind.Utc) - DateTime.UnixEpoch).TotalSeconds),
            revenue = days.Select(d => d.RevenueMinor / perMajor),
            orders = days.Select(d => d.Orders),
        });
    }

    private static async Task<IResult> SetStoppedAsync(HttpContext context, Workspace workspace, bool stopped, CancellationToken cancellation)
    {
        var form = await context.Request.ReadFormAsync(cancellation);
        await workspace.ChangeAsync(s => s with { Stopped = stopped }, cancellation);
        return Page.GoTo(Page.Back(form), stopped ? "stopped" : "resumed");
    }

    /// <summary>Moves the clock of a store that lives in a time of its own, and does what falls due.</summary>
    private static async Task<IResult> ClockAsync(
        HttpContext context, Workspace workspace, LaunchStep launch, Recompute recompute, JobRunner jobs, WorkQueues queues, CancellationToken cancellation)
    {
        var form = await context.Request.ReadFormAsync(cancellation);
        if (await workspace.SimulatedNowAsync(cancellation) is { } now && int.TryParse(form["days"], CultureInfo.InvariantCulture, out var days) && days is >= 1 and <= MostDays)
        {
            var then = now.AddDays(days);
            await workspace.SetNowAsync(then, cancellation);
            await queues.SendAsync(await launch.RunAsync(cancellation), cancellation);
            await Waking.AllAsync(jobs, queues, cancellation);
            await queues.SendAsync(await recompute.StartAsync(then, "", cancellation), cancellation);
        }

        return Page.GoTo(Page.Back(form), "clock");
    }
}
