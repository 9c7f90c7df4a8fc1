using Campaigns.Core.Jobs;
using Campaigns.Core.Measurement.Control;
using Campaigns.Core.Planning.Coordination;
using Campaigns.Core.Primitives;
using Campaigns.Functions.Console.Pages;

namespace Campaigns.Functions.Console;

/// <summary>The global control group.</summary>
/// <param name="Reports">What was measured, newest quarter first.</param>
/// <param name="Quarter">The present quarter.</param>
/// <param name="Until">Its end.</param>
/// <param name="ShareNow">Share of the group in it; 0 = none.</param>
/// <param name="ShareSet">Share that was set last; another than <paramref name="ShareNow"/> holds from the next quarter on.</param>
public sealed record ControlModel(IReadOnlyList<ControlReport> Reports, Quarter Quarter, DateTimeOffset Until, double ShareNow, double ShareSet);

/// <summary>Pages of the global control group.</summary>
public static class ControlRoutes
{
    /// <summary>Maps <c>/control</c> and <c>/control/{quarter}</c>.</summary>
    public static void MapControlPages(this IEndpointRouteBuilder app)
    {
        app.MapGet("/control", async (HttpContext context, PageFrames frames, ControlMeasure control, Workspace workspace, CancellationToken c) =>
            Page.Show<ControlPage>(await frames.OfAsync(context, c), await ModelAsync(await control.ListAsync(c), workspace, c)));
        app.MapGet("/control/{quarter}", async (string quarter, HttpContext context, PageFrames frames, ControlMeasure control, Workspace workspace, CancellationToken c) =>
            Quarter.Parse(quarter) is { } asked && await control.FindAsync(asked, c) is { } report
                ? Page.Show<ControlPage>(await frames.OfAsync(context, c), await ModelAsync([report], workspace, c))
                : await Page.MissingAsync(context, frames, "quarter", c));
    }

    private static async ValueTask<ControlModel> ModelAsync(IReadOnlyList<ControlReport> reports, Workspace workspace, CancellationToken cancellation)
    {
        var (settings, now) = (await workspace.SettingsAsync(cancellation), await workspace.NowAsync(cancellation));
        var zone = TimeZoneInfo.FindSystemTimeZoneById(settings.TimeZone);
        var quarter = Quarter.Of(now, zone);
        return new ControlModel(reports, quarter, quarter.EndIn(zone), (ControlGroup.Now(settings, now)?.PartsPerMillion ?? 0) / 1e6, ControlGroup.ShareSet(settings));
    }
}
